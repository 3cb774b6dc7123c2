"""Calls SMSC.ru (https://smsc.ru/api/http/, read in May 2026). Errors come with the status 200."""

from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webjack.http import Failed, Http
from webjack.services import base

FREQUENT, REPEATED = 4, 9
BLOCKED_SECONDS, REPEATED_SECONDS = 1800.0, 60.0
ACCOUNT = {2, 3}
"""Codes with which the account itself is refused: nobody's message goes out."""

WORDS: dict[int, str | Promise] = {
    1: gettext_lazy("SMSC.ru does not understand the request: check the fields of the action"),
    2: gettext_lazy("SMSC.ru does not know this login and password or key, or lets in only other IP addresses"),
    3: gettext_lazy("There is not enough money on the account at SMSC.ru"),
    4: gettext_lazy("SMSC.ru does not take requests from this server for a while after many mistakes"),
    5: gettext_lazy("SMSC.ru does not understand the date"),
    6: gettext_lazy("SMSC.ru forbids this message: check the text and the sender's name"),
    7: gettext_lazy("SMSC.ru does not take this phone number"),
    8: gettext_lazy("A message cannot be delivered to this number"),
    9: gettext_lazy("SMSC.ru asks to wait: the same message went out a moment ago, or there are too many at once"),
}


class Refused(Failed):
    """An error that the service names. code: as in its documentation, 0 when it names none."""

    def __init__(self, code: int, said: str) -> None:
        after = {FREQUENT: BLOCKED_SECONDS, REPEATED: REPEATED_SECONDS}.get(code)
        super().__init__(sentence(code, said), retry=after is not None, after=after, denied=code in ACCOUNT)
        self.code = code


def address(script: str) -> str:
    return f"{base('SMSC_URL', 'https://smsc.ru')}/sys/{script}.php"


def call(http: Http, script: str, **asked: Any) -> dict[str, Any]:
    """What a script answers. http: through the connection, which adds who we are. Raises Failed, Refused."""
    form = {"fmt": "3", "charset": "utf-8"} | {name: str(value) for name, value in asked.items() if value != ""}
    headers = [("Content-Type", "application/x-www-form-urlencoded")]
    body = urlencode(form, errors="replace").encode()
    answer = http.request("POST", address(script), headers=headers, body=body)
    if answer.status >= 400:
        raise answer.failure()
    told = answer.json()
    if not isinstance(told, dict):
        raise Failed(_("SMSC.ru gave an unexpected answer"))
    if "error" in told or "error_code" in told:
        raise Refused(code_of(told), str(told.get("error") or ""))
    return told


def code_of(told: dict[str, Any]) -> int:
    code = str(told.get("error_code") or "")
    return int(code) if code.isascii() and code.isdigit() else 0


def sentence(code: int, said: str) -> str:
    known = WORDS.get(code)
    if known is None:
        return _("SMSC.ru answered with the error %(code)s: %(said)s") % {"code": code or "?", "said": said or "—"}
    return f"{known} ({said})" if said else str(known)
