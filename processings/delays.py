"""Lengths of time as people write them: «10 с, 1 мин, 1 ч 30 мин»."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from webjack.templatetags.webjack import duration

MINUTE, HOUR, DAY = 60, 3600, 86400
# By the beginnings of the words, so that «сек», «минуты» and «hours» are understood as well.
_UNITS = (
    (1, re.compile(r"с|сек(унд\w*)?|s|sec(ond)?s?")),
    (MINUTE, re.compile(r"м|мин(ут\w*)?|m|min(ute)?s?")),
    (HOUR, re.compile(r"ч|час\w*|h|hours?")),
    (DAY, re.compile(r"д|дн|дн\w+|день|сут\w*|d|days?")),
)
_SEPARATORS = re.compile(r"[,;\n]+")
_PART = re.compile(r"(\d{1,9})\s*([^\W\d_]+)\.?\s*")


def written(seconds: int) -> str:
    """10 s, 5 min, 1 h 30 min."""
    return duration(seconds * 1000)


def written_list(delays: Iterable[int]) -> str:
    return ", ".join(written(delay) for delay in delays)


def parse(text: str) -> int:
    """Seconds. Raises ValueError with a sentence that says how to write it."""
    tidy = " ".join(text.lower().split())
    parts = list(_PART.finditer(tidy))
    if not parts or "".join(part[0] for part in parts) != tidy:
        raise ValueError(_not_understood(text, bare=tidy.isascii() and tidy.isdigit()))
    return sum(int(part[1]) * _unit(part[2], text) for part in parts)


def parse_list(text: str) -> list[int]:
    """Divided by commas, semicolons or lines."""
    return [parse(part) for part in _SEPARATORS.split(text) if part.strip()]


def _unit(word: str, text: str) -> int:
    for seconds, pattern in _UNITS:
        if pattern.fullmatch(word):
            return seconds
    raise ValueError(_not_understood(text))


def _not_understood(text: str, bare: bool = False) -> str:
    shown = {"text": text.strip()[:40]}
    if bare:
        return _("“%(text)s” lacks its unit: write “%(text)s s”, “%(text)s min” or “%(text)s h”") % shown
    return _("“%(text)s” is not understood: write a number and a unit, for example 30 s, 5 min or 2 h") % shown
