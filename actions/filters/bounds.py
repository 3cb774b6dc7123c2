"""What filters may take and give, and values read as texts, numbers and lists within these bounds."""

import math
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from actions import values

LONGEST_TEXT = 1 << 20
"""Characters a filter takes and gives at most (1 MiB of Latin text)."""

LONGEST_LIST = 10_000
_HEAVIEST = 4 << 20
_ELEMENT = 64  # what one value inside another weighs, beside its characters
LARGEST_NUMBER = 10**100
_OBJECTS = (dict, Mapping)  # to ask for Mapping costs ten times as much: last
_CONTAINERS = (list, tuple, *_OBJECTS)

Number = int | float


def size(value: Any) -> int:
    """Return how large a value is; raise ValueError when it is too large for a filter."""
    if isinstance(value, str):
        return fitting(len(value))
    if isinstance(value, int):
        if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            raise ValueError(_("the number is too large"))
        return 1
    return listed(len(value)) if isinstance(value, _CONTAINERS) else 1


def weigh(value: Any) -> int:
    """How much there is to read in a value with all that is inside it, in characters.

    Raises ValueError when it is too large for a filter.
    """
    length = size(value)
    if isinstance(value, str):
        return length
    return _inside(value) if length > 1 or isinstance(value, _CONTAINERS) else _ELEMENT


def _inside(value: Any) -> int:
    weight, pending = 0, [value]
    while pending:
        inner = pending.pop()
        weight += _ELEMENT * (1 + len(inner))
        if isinstance(inner, _OBJECTS):
            weight += sum(map(len, map(str, inner)))
            inner = inner.values()
        for one in inner:
            if isinstance(one, str):
                weight += len(one)
            elif not isinstance(one, int) and isinstance(one, _CONTAINERS):
                pending.append(one)
        if weight > _HEAVIEST:
            raise ValueError(_("the value is too large for a filter"))
    return weight


def fitting(length: int) -> int:
    """The length of a text that a filter may take or give. Raises ValueError."""
    if length > LONGEST_TEXT:
        raise ValueError(_("the text is too long for a filter"))
    return length


def listed(length: int) -> int:
    """The length of a list that a filter may take or give. Raises ValueError."""
    if length > LONGEST_LIST:
        raise ValueError(_("the list is too long for a filter"))
    return length


def text(value: Any) -> str:
    """A value as it stands in a longer text."""
    if isinstance(value, str):
        return value
    written = values.text(value)
    fitting(len(written))
    return written


def encoded(value: Any) -> bytes:
    """A value's text in UTF-8; half a surrogate pair becomes U+FFFD."""
    return values.encoded(text(value))


def empty(value: Any) -> bool:
    """Whether there is nothing to work on: no value, or an empty text, list or object."""
    return value is None or (isinstance(value, str | list | tuple | Mapping) and not value)


def blank(value: Any) -> bool:
    """Whether it is empty, or a text of nothing but spaces."""
    return empty(value) or (isinstance(value, str) and not value.strip())


def number(value: Any) -> Number:
    """A number, also written as people write it; nothing is 0. Raises ValueError."""
    if isinstance(value, str):
        return finite(values.number(value)) if not blank(value) else 0
    return 0 if value is None else finite(values.number(value))


def finite(value: Number) -> Number:
    """The number itself. Raises ValueError for one that is endless or too large."""
    size(value)
    if not math.isfinite(value):
        raise ValueError(_("the number is too large"))
    return value


def whole(value: Any, least: int = -(10**9), most: int = 10**9) -> int:
    """A whole number between bounds, cut to them."""
    return int(min(max(number(value), least), most))


def elements(value: Any) -> list[Any]:
    """A list's elements; any other value is a list of one, nothing an empty one."""
    if isinstance(value, list | tuple):
        return list(value)
    return [] if empty(value) else [value]
