"""What the operators of rules ask of a value: each a test of a rule whose values are filled.

A test raises Unreadable where a value is not what it compares.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django.utils.translation import gettext as _

from actions.conditions.reading import Reader, Unreadable, date, elements, flag, number
from actions.filters.bounds import blank
from actions.filters.moments import Moment
from actions.filters.patterns import compiled

MOST_DAYS = 36_500


@dataclass(frozen=True)
class Here:
    """Where and when a condition is judged. zone: the company's."""

    zone: tzinfo = UTC
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Asked:
    """One rule with its values filled. case: whether capitals count."""

    left: Any
    right: Any
    to: Any
    case: bool
    reader: Reader
    here: Here


Test = Callable[[Asked], bool]


def opposite(test: Test) -> Test:
    return lambda asked: not test(asked)


def _same(asked: Asked, left: Any, right: Any) -> bool:
    """Numbers by their value when the left is one: 1500.0 is “1500”. Else as texts."""
    if isinstance(left, int | float) and not isinstance(left, bool):
        try:
            return left == number(right)
        except Unreadable:
            return False
    return asked.reader.compared(left, asked.case) == asked.reader.compared(right, asked.case)


def equals(asked: Asked) -> bool:
    return _same(asked, asked.left, asked.right)


def contains(asked: Asked) -> bool:
    """A part of a text; an element of a list."""
    if isinstance(asked.left, list | tuple):
        return any(_same(asked, one, asked.right) for one in asked.left)
    read = asked.reader
    sought = read.compared(asked.right, asked.case)
    return bool(sought) and sought in read.compared(asked.left, asked.case)


def begins(asked: Asked) -> bool:
    sought = asked.reader.compared(asked.right, asked.case)
    return bool(sought) and asked.reader.compared(asked.left, asked.case).startswith(sought)


def ends(asked: Asked) -> bool:
    sought = asked.reader.compared(asked.right, asked.case)
    return bool(sought) and asked.reader.compared(asked.left, asked.case).endswith(sought)


def in_list(asked: Asked) -> bool:
    """One of the listed values; of a list on the left, any of its elements."""
    given = asked.left if isinstance(asked.left, list | tuple) else [asked.left]
    wanted = elements(asked.right)
    asked.reader.charge(len(given) * len(wanted))
    return any(_same(asked, one, other) for one in given for other in wanted)


def matches(asked: Asked) -> bool:
    read = asked.reader
    pattern, sought = read.text(asked.right), read.text(asked.left)
    if not pattern:
        raise Unreadable(_("The pattern is empty"))
    read.charge(len(sought))
    try:
        expression = compiled(pattern if asked.case else f"(?i){pattern}")
        return next(expression.finds(sought, read.charge), None) is not None
    except ValueError as bad:
        raise Unreadable(str(bad)) from bad


def numbers(compare: Callable[[Any, Any], bool]) -> Test:
    return lambda asked: compare(number(asked.left), number(asked.right))


def other_number(asked: Asked) -> bool:
    right = number(asked.right)
    try:
        return number(asked.left) != right
    except Unreadable:
        return True  # what is no number is surely not this one


def between(asked: Asked) -> bool:
    return number(asked.right) <= number(asked.left) <= number(asked.to)


def _dates(asked: Asked) -> tuple[Any, Any]:
    """Both sides to compare: days of the company's zone where one of them is only a day, else moments."""
    zone, now = asked.here.zone, asked.here.now
    left, right = date(asked.left, zone, now), date(asked.right, zone, now)
    if left.whole_day or right.whole_day:
        return _day(left, zone), _day(right, zone)
    return left.when, right.when


def before(asked: Asked) -> bool:
    left, right = _dates(asked)
    return bool(left < right)


def after(asked: Asked) -> bool:
    left, right = _dates(asked)
    return bool(left > right)


def _day(said: Moment, zone: tzinfo) -> Any:
    return said.when.date() if said.whole_day else said.when.astimezone(zone).date()


def same_day(asked: Asked) -> bool:
    zone, now = asked.here.zone, asked.here.now
    return bool(_day(date(asked.left, zone, now), zone) == _day(date(asked.right, zone, now), zone))


def within(way: int) -> Test:
    """Not more than so many days ago, or from now on; today is within both."""

    def test(asked: Asked) -> bool:
        zone, now = asked.here.zone, asked.here.now
        days = number(asked.right)
        if not 0 <= days <= MOST_DAYS:
            raise Unreadable(_("Expected a number of days"))
        left, far = date(asked.left, zone, now), timedelta(days=days) * way
        if left.whole_day:
            today = now.astimezone(zone).date()
            begin, end = sorted([today, today + far])
            return bool(begin <= left.when.date() <= end)
        begin, end = sorted([now, now + far])
        return bool(begin <= left.when <= end)

    return test


def true(asked: Asked) -> bool:
    return flag(asked.left)


def filled(asked: Asked) -> bool:
    return not blank(asked.left)
