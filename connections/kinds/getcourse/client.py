"""Calls GetCourse's import API (https://getcourse.ru/help/api and github.com/getcourse-ru/GetCourse-PHP-SDK)."""

import base64
import json
import os
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from connections.refusals import denies
from webjack.config import Config
from webjack.http import Answer, Failed, Http

HEADERS = [
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("Accept", "application/json; q=1.0, */*; q=0.1"),
]
NOT_READY = 909


def address(config: Config, path: str) -> str:
    scheme = os.environ.get("GETCOURSE_SCHEME") or "https"
    return f"{scheme}://{config.get('account') or ''}/pl/api/{path}"


def sent(http: Http, config: Config, what: str, action: str, params: dict[str, Any]) -> dict[str, Any]:
    """The `result` of a call to users, deals or messages. Raises Failed, also for one that is answered 200."""
    told = json.dumps(params, ensure_ascii=False).encode("utf-8", "replace")
    fields = {"action": action, "key": str(config["key"]), "params": base64.b64encode(told).decode()}
    answer = http.request("POST", address(config, what), headers=HEADERS, body=urlencode(fields).encode())
    whole = _read(answer)
    result = whole.get("result")
    result = result if isinstance(result, dict) else {}
    if not _true(whole.get("success")) or _true(result.get("error")) or _false(result.get("success")):
        raise failure(str(result.get("error_message") or whole.get("error_message") or "—"))
    return result


def asked(http: Http, config: Config, path: str, **query: str) -> Any:
    """The `info` of a call to the export API. Raises Failed; NotReady while GetCourse is still gathering it."""
    pairs = [*query.items(), ("key", str(config["key"]))]
    whole = _read(http.request("GET", address(config, f"account/{path}"), query=pairs))
    if not _true(whole.get("success")) or _true(whole.get("error")):
        if str(whole.get("error_code")) == str(NOT_READY):
            raise NotReady(_("GetCourse is still gathering the data"), retry=True, after=30)
        raise failure(str(whole.get("error_message") or "—"))
    return whole.get("info")


class NotReady(Failed):
    """An export is still being made."""


def failure(said: str) -> Failed:
    if denies(said):
        return Failed(_("GetCourse denied access: %(said)s. Check the secret key") % {"said": said}, denied=True)
    return Failed(_("GetCourse did not accept it: %(said)s") % {"said": said})


def _read(answer: Answer) -> dict[str, Any]:
    if answer.status in (401, 403):
        raise Failed(_("GetCourse denied access: check the school's address and the secret key"), denied=True)
    if answer.status >= 300:
        raise answer.failure()
    told = answer.json()
    if not isinstance(told, dict):
        raise Failed(_("GetCourse answered something else than its API says: check the school's address"))
    return told


def _true(value: Any) -> bool:
    """Booleans may come as such, as words or as numbers."""
    return value is True or str(value).lower() in ("true", "1")


def _false(value: Any) -> bool:
    return value is False or str(value).lower() in ("false", "0")
