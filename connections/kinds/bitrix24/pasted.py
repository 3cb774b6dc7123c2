"""The address of an incoming webhook in all the shapes in which people copy it.

https://example.bitrix24.ru/rest/1/abcdef0123456789/profile.json
"""

import re
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_BLANK = re.compile("[\\s\u00a0\u200b-\u200d\u2060\ufeff«»\"'<>]+")
_KEY = re.compile(r"\d{1,10}/[A-Za-z0-9]{6,100}")
_HOST = r"(?P<portal>[^/\s?#@:]+(?::\d{1,5})?)"
_ADDRESS = re.compile(rf"(?:https?://)?{_HOST}/rest/(?P<key>{_KEY.pattern})(?:[/?#].*)?", re.IGNORECASE)
_CUT = re.compile(rf"(?:https?://)?{_HOST}/rest/(?P<key>[A-Za-z0-9]{{6,100}})(?:[/?#].*)?", re.IGNORECASE)
_PORTAL = re.compile(rf"(?:https?://)?{_HOST}(?:/.*)?", re.IGNORECASE)


class Pasted(NamedTuple):
    """portal: the host, with its port where there is one. key: `<id of the user>/<secret>`."""

    portal: str
    key: str


def read(text: str, portal: str = "") -> Pasted:
    """The address, or the key alone, whose portal is then known. Raises ValidationError with what to correct."""
    written, portal = _BLANK.sub("", text), _portal(portal)
    if not written:
        raise ValidationError(_("Fill this in"))
    if _KEY.fullmatch(written) and portal:
        return Pasted(portal, written)
    found = _ADDRESS.fullmatch(written)
    if found:
        return Pasted(found["portal"].lower(), found["key"])
    if _CUT.fullmatch(written):
        raise ValidationError(_("The number of the user is missing in the address: copy it whole, …/rest/1/abcd…/"))
    raise ValidationError(
        _("This is no address of an inbound webhook: it looks like https://example.bitrix24.ru/rest/1/abcd…/")
    )


def _portal(text: str) -> str:
    found = _PORTAL.fullmatch(_BLANK.sub("", text))
    return found["portal"].lower() if found else ""
