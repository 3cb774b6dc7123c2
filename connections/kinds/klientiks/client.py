"""Calls the REST API of Klientiks (https://klientiks.zendesk.com/hc/ru/articles/214376945, public clients, May 2026).

The address holds the token: an `http` that goes through the connection hides it. Little is documented, so every form
of an answer that public clients were seen to expect is read.
"""

from typing import Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from connections.refusals import denies
from webjack.config import Config
from webjack.http import Answer, Failed, Http
from webjack.services import base

NO_DATA = "No data"

Pairs = list[tuple[str, str]]


def address(config: Config, action: str, method: str) -> str:
    """Of `list`, `add` or `edit` of a model: `Clients/`, `getClientByPhone/phone/79161234567`."""
    site = base("KLIENTIKS_URL", "https://klientiks.ru")
    account, user, token = (quote(str(config.get(name) or ""), safe="") for name in ("account", "user", "token"))
    return f"{site}/clientix/Restapi/{action}/a/{account}/u/{user}/t/{token}/m/{method}"


def found(http: Http, config: Config, method: str, query: Pairs | None = None) -> list[Any]:
    """The items of a list: none where Klientiks says «No data», one where it gives an object. Raises Failed."""
    told = result(http.request("GET", address(config, "list", method), query=query or []))
    items = told.get("items")
    if not items or items == NO_DATA:
        return []
    if isinstance(items, dict):
        # Free times come by day; one object is the only thing that was found.
        return [items] if "id" in items else [{"day": day, "items": inner} for day, inner in items.items()]
    return items if isinstance(items, list) else []


def saved(http: Http, config: Config, action: str, method: str, fields: Pairs) -> dict[str, Any]:
    """The object that was added or edited. Raises Failed."""
    headers = [("Content-Type", "application/x-www-form-urlencoded")]
    body = urlencode(fields, encoding="utf-8", errors="replace").encode()
    told = result(http.request("POST", address(config, action, method), headers=headers, body=body))
    made = told.get("object")
    return made if isinstance(made, dict) else {}


def result(answer: Answer) -> dict[str, Any]:
    """A whole answer. `status` may be true while `errors` is not empty: that is a failure."""
    if answer.status in (401, 403):
        raise Failed(
            _("Klientiks denied access: take the three keys anew from Settings → API (tariffs from PRO on)"),
            denied=True,
        )
    if answer.status >= 300:
        raise answer.failure()
    told = answer.json()
    if not isinstance(told, dict):
        raise Failed(_("Klientiks answered something else than its API says: check the connection"))
    said = complaint(told.get("errors"))
    if said or ("status" in told and told["status"] not in (True, "ok", "OK", "true", 1)):
        said = said or complaint(told.get("messages")) or str(told.get("message") or told.get("error") or "—")
        if denies(said):
            raise Failed(
                _(
                    "Klientiks denied access: %(said)s. Take the three keys anew from Settings → API (tariffs from PRO "
                    "on)"
                )
                % {"said": said},
                denied=True,
            )
        raise Failed(_("Klientiks did not accept it: %(said)s") % {"said": said})
    return told


def complaint(errors: Any) -> str:
    """`{"phone": ["…", "…"]}`, a list or a text, as one sentence; "" where there is none."""
    if isinstance(errors, dict):
        return "; ".join(f"{name}: {complaint(each)}" for name, each in errors.items() if each)
    if isinstance(errors, list):
        return ", ".join(complaint(each) for each in errors if each)
    return str(errors or "")
