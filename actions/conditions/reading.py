"""Values as conditions read them: texts, numbers as people write them, dates, lists, within a budget of work."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.utils.translation import gettext as _

from actions import values
from actions.filters.bounds import blank
from actions.filters.moments import Moment, is_moment, moment
from actions.values import short

WORK = 6 << 20
"""Characters that one condition may read; text in Cyrillic takes some 15 ns for each."""

_MEASURED = re.compile(r"(?P<number>.*\d)\s*(?:₽|руб(?:лей|ля|\.)?|р\.?|%|\$|€|шт\.?)", re.IGNORECASE | re.DOTALL)
_LONGEST_NUMBER = 200


class Unreadable(ValueError):
    """A value is not what the comparison needs; the sentence says what it is not."""


class Reader:
    """Reads the values of one condition, each text once, and counts the work. Raises ValueError when it is too much."""

    def __init__(self) -> None:
        self.work = WORK
        self._texts: dict[int, tuple[Any, str]] = {}
        self._folded: dict[str, str] = {}

    def charge(self, work: int) -> None:
        self.work -= work
        if self.work < 0:
            raise ValueError(_("The values are too large for a condition"))

    def text(self, value: Any) -> str:
        """A value as it stands in a longer text, without spaces around it."""
        if isinstance(value, str):
            return value.strip()
        known = self._texts.get(id(value))
        if known is None:
            try:
                written = values.text(value)
            except ValueError as bad:
                raise Unreadable(str(bad)) from bad
            self.charge(len(written))
            known = self._texts[id(value)] = (value, written)  # with the value, so that its id stays its own
        return known[1]

    def compared(self, value: Any, case: bool) -> str:
        """A value's text as it is compared: without capitals unless they count; «ё» is «е»."""
        written = self.text(value)
        if case:
            self.charge(len(written) // 8)
            return written
        if written not in self._folded:
            self.charge(len(written))
            self._folded[written] = written.casefold().replace("ё", "е")
        return self._folded[written]


def number(value: Any) -> int | float:
    """``1 234,50``, ``1500 ₽``, 15. Raises Unreadable."""
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and (found := _MEASURED.fullmatch(value.strip())):
        value = found["number"]
    if isinstance(value, list | tuple | Mapping):
        raise Unreadable(_("“%(value)s” is not a number") % {"value": short(value)})
    try:
        return values.number(value)
    except ValueError as bad:
        raise Unreadable(str(bad)) from bad


def flag(value: Any) -> bool:
    """Yes or no: «да», true, 1, on. Raises Unreadable for anything else."""
    try:
        return values.boolean(value)
    except ValueError as bad:
        raise Unreadable(str(bad)) from bad


def date(value: Any, zone: tzinfo = UTC, now: datetime | None = None) -> Moment:
    """A date or time. Raises Unreadable."""
    if isinstance(value, list | tuple | Mapping):
        raise Unreadable(_("“%(value)s” is not a date") % {"value": short(value)})
    try:
        found = moment(value, zone, (lambda: now) if now else None)
    except ValueError as bad:
        raise Unreadable(str(bad)) from bad
    if found is None:
        raise Unreadable(_("“%(value)s” is not a date") % {"value": short(value)})
    return found


def elements(value: Any) -> list[Any]:
    """A list's elements; of a text its lines, or what commas and semicolons part."""
    if isinstance(value, list | tuple):
        return list(value)
    if not isinstance(value, str):
        return [] if value is None else [value]
    pieces = value.splitlines() if "\n" in value.strip() else re.split("[,;]", value)
    return [piece.strip() for piece in pieces if piece.strip()]


def looks(value: Any) -> str:
    """What a sample looks like: "empty", "list", "flag", "number", "date" or "text"."""
    if blank(value):
        return "empty"
    if isinstance(value, list | tuple | Mapping):
        return "list"
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, str):
        if value.strip().lower() in ("да", "нет", "true", "false"):
            return "flag"
        if value.strip().startswith(("+", "8 ", "00")) or len(value) > _LONGEST_NUMBER:
            return "text"  # a phone is no amount
    try:
        number(value)
    except Unreadable:
        return "date" if is_moment(value) else "text"
    return "text" if len(str(value).strip()) > 10 else "number"
