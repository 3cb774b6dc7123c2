"""Calls the Google Sheets API v4 (https://developers.google.com/workspace/sheets/api, read in May 2026)."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from webjack.http import Answer, Failed, Http
from webjack.services import base

if TYPE_CHECKING:
    from connections.opened import Opened

QUOTA_SECONDS = 20.0
"""After a 429: quotas are counted by the minute."""


def address(path: str = "") -> str:
    return f"{base('GOOGLE_SHEETS_URL', 'https://sheets.googleapis.com')}/v4/spreadsheets{path}"


def escaped(text: str) -> str:
    return quote(text, safe="")


def call(
    http: Http,
    method: str,
    path: str,
    query: list[tuple[str, str]] | None = None,
    told: dict[str, Any] | None = None,
) -> Any:
    """The JSON that a method answers. Raises Failed; NotShared, NotFound."""
    body = None if told is None else json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    headers = [("Content-Type", "application/json")] if body else []
    answer = http.request(method, address(path), query=query or [], headers=headers, body=body)
    if answer.status >= 400:
        raise failure(answer)
    return answer.json()


class NotShared(Failed):
    """The account may not do this with this table; the account itself is well."""


class NotFound(Failed):
    """There is no such table, or the account does not see it."""


def failure(answer: Answer) -> Failed:
    """Quotas and 5xx pass; everything else is wrong until somebody mends it."""
    said = message(answer)
    match answer.status:
        case 401:
            return Failed(_("Google does not let this account in any more: upload a new key"), denied=True)
        case 403 if "has not been used" in said or "is disabled" in said or "SERVICE_DISABLED" in answer.text:
            return Failed(
                _("The Google Sheets API is off in the project of the key: turn it on in Google's console"), denied=True
            )
        case 403:
            return NotShared(_("Google denies access to the table: %(said)s") % {"said": said})
        case 404:
            return NotFound(_("Google finds no such table: check its address"))
        case 400 if "Unable to parse range" in said:
            return Failed(_("There is no such sheet in the table: check its name"))
        case 400:
            return Failed(_("Google did not accept it: %(said)s") % {"said": said})
        case 429:
            after = answer.failure().after
            return Failed(
                _("Google asks for fewer requests"), retry=True, after=QUOTA_SECONDS if after is None else after
            )
    return answer.failure()


def message(answer: Answer) -> str:
    """What an error says of itself, shortened."""
    try:
        told = answer.json()
        return str(told["error"]["message"])[:300]
    except (Failed, KeyError, TypeError):
        return str(answer.status)


def shared(opened: "Opened", failed: Failed) -> Failed:
    """The same refusal with what to do: whom to share the table with."""
    if not isinstance(failed, NotShared | NotFound):
        return failed
    opened.denied = False  # one table is closed, and the account is in order
    told = {"reason": str(failed), "email": opened.config.get("email") or "?"}
    return Failed(_("%(reason)s. Share it with %(email)s as an editor") % told)
