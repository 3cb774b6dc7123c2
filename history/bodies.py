"""Bodies as people read them: cut to what a page can hold, JSON as a tree, forms as names and values."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from webjack.templatetags.webjack import bytesize

SHOWN = 20_000  # characters of a body on a page; the whole of what was kept can be downloaded
MOST_PAIRS = 200


@dataclass(frozen=True)
class Body:
    """text: its beginning. size: bytes of the whole. shortened: the page shows only a part of what was kept.

    cut: what was kept is not all of it. binary: the type of what is no text, of which nothing more is kept.
    tree: the decoded JSON, when `is_json`. pairs: names and values of a form.
    """

    text: str
    size: int
    shortened: bool = False
    cut: bool = False
    is_json: bool = False
    tree: Any = None
    pairs: list[tuple[str, str]] = field(default_factory=list)
    binary: str = ""


def body(text: str | None, size: int, content_type: str = "", cut: bool = False) -> Body | None:
    """The body for a page; None when there is none."""
    if not text:
        return None
    is_json, tree = _json(text)
    pairs = [] if is_json or cut else _pairs(text, content_type)
    return Body(text[:SHOWN], size, len(text) > SHOWN, cut, is_json, tree, pairs)


def binary(size: int, media_type: str, cut: bool = False) -> Body:
    """A body of which only the size and the type are known."""
    return Body("", size, cut=cut, binary=media_type)


def in_words(size: int, media_type: str) -> str:
    """The same as one line of text."""
    return _("binary data, %(size)s, %(type)s") % {"size": bytesize(size), "type": media_type}


def _json(text: str) -> tuple[bool, Any]:
    if text.lstrip()[:1] not in ("{", "["):
        return False, None
    try:
        return True, json.loads(text)
    except (ValueError, RecursionError):
        return False, None


def _pairs(text: str, content_type: str) -> list[tuple[str, str]]:
    if "x-www-form-urlencoded" not in content_type.lower():
        return []
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PAIRS)
    except ValueError:
        return []
