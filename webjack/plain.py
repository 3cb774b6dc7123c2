"""Texts, bytes and JSON as an operator can read them whatever they hold.

Control characters and bytes that are no UTF-8 are shown as escapes; what is too long for a page is cut and says so.
"""

import codecs
import json
import re
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

SHOWN = 20_000  # characters (of a body: bytes) that a page shows
# Control characters but tab and line feed, marks that turn the direction of writing, lone surrogates.
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def text(value: str) -> str:
    return _cut(_escaped(value[:SHOWN]), len(value))


def body(raw: bytes) -> str:
    whole = len(raw) <= SHOWN
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    return _cut(_escaped(decoder.decode(raw[:SHOWN], final=whole)), len(raw))


def pretty(value: Any) -> str:
    return text(json.dumps(value, ensure_ascii=False, indent=2))


def block(shown: str) -> str:
    """The text in a box of its own, spaces and lines kept."""
    return format_html('<pre class="plain" tabindex="0">{}</pre>', shown)


def _escaped(value: str) -> str:
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), value.replace("\r\n", "\n"))


def _cut(shown: str, size: int) -> str:
    return shown + "\n" + _("… (only the beginning of %(size)d)") % {"size": size} if size > SHOWN else shown
