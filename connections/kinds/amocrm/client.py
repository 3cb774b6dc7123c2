"""Calls the API v4 of amoCRM (reference: amocrm.ru/developers, read in January 2026; codes of errors: error-codes)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.kinds.amocrm.address import root
from webjack.config import Config
from webjack.http import Answer, Failed, Http

Query = Sequence[tuple[str, str]]
MOST_PAGES = 20


class Missing(Failed):
    """There is no such record, or no such method (404)."""


def call(
    http: Http, config: Config, method: str, path: str, told: Any = None, query: Query = (), names: Any = None
) -> Any:
    """What a method gave, None where nothing was found (204). http signs in the account's name.

    path: such as "leads/17". names: what people call the fields that were sent, by their path. Raises Failed.
    """
    body = None if told is None else json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    headers = [("Content-Type", "application/json")] if body is not None else []
    answer = http.request(method, f"{root(config['address'])}/api/v4/{path}", query=query, headers=headers, body=body)
    return result(answer, names)


def rows(http: Http, config: Config, path: str, name: str, query: Query = ()) -> Iterator[dict[str, Any]]:
    """All of a list, page by page."""
    for page in range(1, MOST_PAGES + 1):
        told = call(http, config, "GET", path, query=[*query, ("limit", "250"), ("page", str(page))])
        yield from embedded(told, name)
        if not isinstance(told, dict) or "next" not in (told.get("_links") or {}):
            return


def embedded(told: Any, name: str) -> list[dict[str, Any]]:
    """The rows of a HAL answer."""
    inside = told.get("_embedded") if isinstance(told, dict) else None
    found = inside.get(name) if isinstance(inside, dict) else None
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def result(answer: Answer, names: Mapping[str, str] | None = None) -> Any:
    if answer.status == 204 or (answer.status < 300 and not answer.body.strip()):
        return None
    if answer.status < 300:
        return answer.json()
    raise failure(answer, names or {})


def failure(answer: Answer, names: Mapping[str, str]) -> Failed:
    """429 and 5xx pass; everything else is wrong until somebody mends it. Errors may be pages and no JSON."""
    told = _told(answer)
    usual = answer.failure()
    if answer.status == 429:
        said = told.get("retry_after")
        after = usual.after if usual.after is not None else float(said) if isinstance(said, int | float) else None
        return Failed(_("amoCRM asks to wait: too many requests at once"), retry=True, after=after)
    if answer.status >= 500 or answer.status in (408, 425):
        sentence = _("There is an error on amoCRM's side (%(status)s)") % {"status": answer.status}
        return Failed(sentence, retry=True, after=usual.after)
    if 300 <= answer.status < 400:
        return Failed(_("amoCRM sends us to another address: the account may have been renamed. Check its address"))
    sentence = _sentence(answer.status, told, names)
    if answer.status == 404 and told.get("error_code") not in BY_CODE:
        return Missing(sentence)
    return Failed(sentence, denied=answer.status in (401, 402, 403))


def _sentence(status: int, told: Mapping[str, Any], names: Mapping[str, str]) -> str:
    problems = list(_problems(told, names))
    if problems:
        return _("amoCRM did not take the data. %(problems)s") % {"problems": "; ".join(problems)}
    code = told.get("error_code")
    words = BY_CODE.get(code) if isinstance(code, int) else None
    words = words or BY_STATUS.get(status)
    detail = str(told.get("detail") or told.get("title") or "").strip()
    if words:
        return str(words)
    return _("amoCRM answered %(status)s: %(said)s") % {"status": status, "said": detail or "—"}


def _problems(told: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    """«Field: what is wrong» for each."""
    entities = told.get("validation-errors")
    for entity in entities if isinstance(entities, list) else ():
        errors = entity.get("errors") if isinstance(entity, dict) else None
        for error in errors if isinstance(errors, list) else ():
            if isinstance(error, dict):
                path, code = str(error.get("path") or ""), str(error.get("code") or "")
                wrong = CODES.get(code)
                yield f"{named(path, names)}: {wrong or error.get('detail') or code}"


def named(path: str, names: Mapping[str, str]) -> str:
    """What people call a field: «custom_fields_values.0.values.0.value» is the first custom field that was sent."""
    place = path
    while place:
        if place in names:
            return f"{names[place]} ({path})"
        place = place.rpartition(".")[0]
    last = re.sub(r"^.*\.(?=[a-z_]+$)", "", path)
    return f"{PATHS[last]} ({path})" if last in PATHS else path or _("The request")


def _told(answer: Answer) -> dict[str, Any]:
    try:
        told = answer.json()
    except Failed:
        return {}
    if isinstance(told, dict) and isinstance(told.get("response"), dict):  # as version 2 wrapped its errors
        told = told["response"]
    return told if isinstance(told, dict) else {}


CODES = {
    "NotSupportedChoice": gettext_lazy("there is no such value in the account, choose one from the list"),
    "InvalidType": gettext_lazy("a value of another type is expected"),
    "NotBlank": gettext_lazy("must be filled in"),
    "DateTime": gettext_lazy("must be a date"),
    "NotExpected": gettext_lazy("there is no such field"),
    "NotFound": gettext_lazy("there is no such record in the account"),
}
PATHS = {
    "name": gettext_lazy("Name"),
    "price": gettext_lazy("Budget"),
    "pipeline_id": gettext_lazy("Pipeline"),
    "status_id": gettext_lazy("Stage"),
    "responsible_user_id": gettext_lazy("Responsible person"),
    "text": gettext_lazy("Text"),
    "complete_till": gettext_lazy("Deadline"),
    "task_type_id": gettext_lazy("Type of the task"),
    "entity_id": gettext_lazy("Record"),
    "field_id": gettext_lazy("Custom field"),
    "ip": gettext_lazy("IP address"),
    "form_page": gettext_lazy("Page of the form"),
}
_PAUSED = gettext_lazy(
    "amoCRM refused (403): the user has no rights to this, or the API is closed for this server's address "
    "or because of too many requests"
)
BY_STATUS = {
    401: gettext_lazy("amoCRM does not let us in: the token has run out or was taken back. Connect the account again"),
    402: gettext_lazy("The account at amoCRM is not paid: pay for it and repeat"),
    403: _PAUSED,
    404: gettext_lazy("There is no such record or method in amoCRM: check the number and the account's address"),
}
# Of version 2, which some answers still carry (amocrm.ru/developers, error-codes).
BY_CODE = {
    101: gettext_lazy("amoCRM knows no account at this address: check it in the connection"),
    110: BY_STATUS[401],
    111: BY_STATUS[401],
    112: gettext_lazy("The user is switched off in amoCRM: switch them on or connect as another one"),
    113: gettext_lazy("amoCRM lets only certain addresses in: add this server to the account's white list"),
}
