"""What a server answered."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import charset
from .failed import Failed

LONGEST_WAIT = 24 * 3600.0
_TRY_AGAIN = {408, 425, 429}


DEEPEST = 64  # containers inside each other, as in what a source takes


def loads(text: str) -> Any:
    """The JSON of an answer; ValueError also when it is nested so deeply that no page could carry it."""
    value = json.loads(text)
    level = [value]
    for _depth in range(DEEPEST):
        level = [inner for outer in level if isinstance(outer, dict | list) for inner in _inside(outer)]
        if not level:
            return value
    raise ValueError("nested too deeply")


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value


@dataclass(frozen=True, slots=True)
class Answer:
    """status 100 to 599; headers: names in any case; body: decoded, the first MiB at most; url: of the last hop."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    truncated: bool
    url: str

    @property
    def text(self) -> str:
        return charset.text(self.body, self.headers.get("Content-Type", ""))

    def json(self) -> Any:
        """The body as JSON. Raises Failed."""
        if self.truncated:
            raise Failed(_("The answer is longer than 1 MiB, so it cannot be read: ask the service for less data"))
        try:
            return loads(self.text)
        except (ValueError, RecursionError):
            pass
        if not self.body.strip():
            raise Failed(_("The server sent an empty answer where JSON was expected: check the address and the method"))
        raise Failed(_("The answer is not JSON: check the address, it may lead to a page and not to the API"))

    def failure(self) -> Failed:
        """The sentence for a bad status, whether the server itself is not up to it, and after how long it may be."""
        retry = self.status in _TRY_AGAIN or self.status >= 500
        return Failed(_sentence(self.status), retry, self._after(), status=self.status)

    def _after(self) -> float | None:
        """Retry-After in seconds (RFC 9110, section 10.2.3: a number or a date); nonsense is None."""
        value = self.headers.get("Retry-After", "").strip()
        seconds = _number(value) if value[:1].isdigit() else _until(value)
        return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT)


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _until(value: str) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


_DENIED = gettext_lazy("The server denied access (%(status)s): check the key or the password")
_NOTHING = gettext_lazy("The server found nothing at this address (%(status)s): check the address")
_NOT_READY = gettext_lazy("The server was not ready to take the request (%(status)s)")

_BY_STATUS = {
    401: _DENIED,
    403: _DENIED,
    404: _NOTHING,
    405: gettext_lazy("The server does not accept this method (%(status)s): choose another one"),
    408: _NOT_READY,
    410: _NOTHING,
    413: gettext_lazy("The request is too large for the server (%(status)s): send less data"),
    415: gettext_lazy("The server does not accept data of this kind (%(status)s): check the Content-Type header"),
    425: _NOT_READY,
    429: gettext_lazy("The server asks for fewer requests (%(status)s)"),
}
_BY_HUNDRED = {
    3: gettext_lazy("The server redirects elsewhere (%(status)s): enter that address or turn on following redirects"),
    4: gettext_lazy("The server did not accept the request (%(status)s): check the data that are sent"),
    5: gettext_lazy("There is an error on the server's side (%(status)s)"),
}
_UNEXPECTED = gettext_lazy("The server answered with the status %(status)s, which was not expected: check the settings")


def _sentence(status: int) -> str:
    """What happened and what to do."""
    hundred = min(status // 100, 5)
    return str(_BY_STATUS.get(status) or _BY_HUNDRED.get(hundred, _UNEXPECTED)) % {"status": status}
