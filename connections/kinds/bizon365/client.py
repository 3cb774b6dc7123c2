"""Calls Bizon365 (https://blog.bizon365.ru/api/v1/ and /api/v2/, read in May 2026).

An account without a project is one of version 1; a project makes it version 2, with the same methods for webinars.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from webjack.config import Config
from webjack.http import Answer, Failed, Http
from webjack.services import base

POLLS, POLL_SECONDS = 8, 3.0
UNDER_WAY = {"in_queue", "queued", "running"}


def address(config: Config, path: str) -> str:
    """Of a method: `webinars/subpages/getSubpages`; one that begins with a slash belongs to no project."""
    site = base("BIZON365_URL", "https://online.bizon365.ru")
    if path.startswith("/"):
        return f"{site}/api{path}"
    project = str(config.get("project") or "")
    return f"{site}/api/v2/{project}/{path}" if project else f"{site}/api/v1/{path}"


def get(http: Http, config: Config, path: str, query: Mapping[str, Any] | None = None) -> Any:
    """Raises Failed."""
    asked = [(name, str(value)) for name, value in (query or {}).items()]
    return result(http.request("GET", address(config, path), query=asked))


def post(http: Http, config: Config, path: str, told: dict[str, Any]) -> Any:
    """Raises Failed."""
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    return result(
        http.request("POST", address(config, path), headers=[("Content-Type", "application/json")], body=body)
    )


def saved(http: Http, config: Config, path: str, told: dict[str, Any]) -> dict[str, Any]:
    """The object that a method which changes something answers with. Raises Failed."""
    found = post(http, config, path, told)
    if not isinstance(found, dict):
        raise Failed(_("Bizon365 answered something else than its API says: look whether it was done"), unknown=True)
    return found


def result(answer: Answer) -> Any:
    """What a method gave. An error stands in the status, in `ok`, or in `errors` of an answer 200."""
    if answer.status == 401:
        raise Failed(_("Bizon365 does not know this token: make a new one in its settings"), denied=True)
    if answer.status == 403:
        raise Failed(_("Bizon365 denied access: the token lacks rights, or this part is off in the account"))
    if answer.status == 404:
        raise Failed(_("Bizon365 does not find it: check the project in the connection and the identifiers"))
    if answer.status >= 400 and answer.status != 400:
        raise answer.failure()
    told = answer.json()
    said = _complaint(told)
    if answer.status == 400 or said:
        raise Failed(_("Bizon365 did not accept it: %(said)s") % {"said": said or "—"})
    return told


def _complaint(told: Any) -> str:
    if not isinstance(told, dict):
        return ""
    errors = told.get("errors")
    texts = errors if isinstance(errors, list) else [errors] if errors else []
    if texts:
        return "; ".join(_words(each) for each in texts)
    if told.get("ok") in (False, 0) or told.get("error"):
        return str(told.get("details") or told.get("message") or told.get("error") or "—")
    return str(told.get("message") or "") if "ok" not in told and told.keys() == {"message"} else ""


def _words(error: Any) -> str:
    if isinstance(error, dict):
        return ": ".join(str(error[name]) for name in ("email", "error", "message") if error.get(name))
    return str(error)


def finished(http: Http, config: Config, task: str) -> bool:
    """Waits for a task, 24 seconds at most; whether it came to its end. Raises Failed when it failed.

    A finished task is no longer found; that another word may say so as well is not documented. A question that fails
    ends the waiting and nothing else: as an error it would have the task done again.
    """
    for _poll in range(POLLS):
        told = _told(http, config, task)
        if told is None:
            return False
        status = str(told.get("status") or "")
        if status == "failed":
            said = str(told.get("error") or told.get("message") or "")
            raise Failed(_("Bizon365 could not finish the task: %(said)s") % {"said": said or "—"})
        if status not in UNDER_WAY:
            return True
        http.pause(POLL_SECONDS)
    return False


def _told(http: Http, config: Config, task: str) -> dict[str, Any] | None:
    """What Bizon365 says of a task, nothing in it when it is not found; None where the question failed."""
    try:
        answer = http.request("GET", address(config, "student/checkTaskStatus"), query=[("task_id", task)])
        if answer.status == 404:
            return {}
        told = answer.json()
        if isinstance(told, dict) and told.get("status") == "failed":
            return told
        told = result(answer)
    except Failed:
        return None
    return told if isinstance(told, dict) else None
