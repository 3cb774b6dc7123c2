"""Headers of a request: what may be sent, and how it goes over the wire."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from .failed import Failed

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # token, RFC 9110, section 5.6.2
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

# They say how this one connection carries the body. A copied value (from a browser's tools, from curl) would contradict
# what is really sent and could let one request be read as two (RFC 9110, section 7.6.1; RFC 9112, section 6.3).
OWN = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)

Headers = list[tuple[str, str]]


def checked(headers: Sequence[tuple[str, str]]) -> Headers:
    """Headers as they will be sent, without those the client sets itself. Raises Failed naming the header.

    Space and line breaks around a name or a value are dropped: placeholders often bring them.
    """
    pairs = ((name.strip(), value.strip()) for name, value in headers)
    return [(_checked_name(name), _checked_value(name, value)) for name, value in pairs if name.lower() not in OWN]


def has(headers: Headers, name: str) -> bool:
    return any(each.lower() == name for each, _value in headers)


def value_of(headers: Headers, name: str) -> str:
    """The first value of a header, or "". name here and above: lower case."""
    return next((value for each, value in headers if each.lower() == name), "")


def _checked_name(name: str) -> str:
    if not name:
        raise Failed(_("One of the headers has no name: fill it in or delete the header"))
    if not _NAME.fullmatch(name):
        shown = _CONTROL.sub("?", name)[:100]
        raise Failed(
            _("The header name “%(name)s” is not valid: use Latin letters, digits and dashes") % {"name": shown}
        )
    return name


def _checked_value(name: str, value: str) -> str:
    if _CONTROL.search(value):
        raise Failed(
            _("There is a line break or another control character in the header “%(name)s”: remove it") % {"name": name}
        )
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Failed(
            _("The header “%(name)s” contains a character that cannot be sent: remove it") % {"name": name}
        ) from None
    return value


def to_wire(value: str) -> str:
    """Text whose Latin-1 bytes, which http.client sends, are value's UTF-8: what curl sends and RFC 9110 allows."""
    return value if value.isascii() else value.encode().decode("latin-1")


def from_wire(value: str) -> str:
    """A received value, which http.client read as Latin-1, as UTF-8 where it is that."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
