"""The operators of rules: how each is called, what it takes on its right, and what it asks of a value."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from actions.conditions.reading import Reader, Unreadable, blank, date, elements, flag, number
from actions.filters.moments import Moment
from actions.filters.patterns import compiled

NOTHING, ONE, TWO, LIST, DAYS, PATTERN, DATE = "nothing", "one", "two", "list", "days", "pattern", "date"
"""What stands on the right of an operator."""

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


@dataclass(frozen=True)
class Operator:
    """key: as stored, never changes. family: text, number, date or flag. said: the rule as a sentence.

    test raises Unreadable where a value is not what it compares.
    """

    key: str
    family: str
    takes: str
    title: Any
    said: Any
    test: Test

    def phrase(self, **parts: str) -> str:
        """The sentence of a rule. parts: left, right and to as people read them."""
        if self.takes == DAYS and parts["right"].isdecimal():
            return str(self.said) % (parts | {"right": _days(int(parts["right"]))})
        return str(self.said) % parts

    @property
    def cased(self) -> bool:
        """Whether capitals may count."""
        return self.family == "text" and self.takes in (ONE, LIST, PATTERN)


def _days(count: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", count) % {"n": count}


def _not(test: Test) -> Test:
    return lambda asked: not test(asked)


def _same(asked: Asked, left: Any, right: Any) -> bool:
    """Numbers by their value when the left is one: 1500.0 is “1500”. Else as texts."""
    if isinstance(left, int | float) and not isinstance(left, bool):
        try:
            return left == number(right)
        except Unreadable:
            return False
    return asked.reader.compared(left, asked.case) == asked.reader.compared(right, asked.case)


def _equals(asked: Asked) -> bool:
    return _same(asked, asked.left, asked.right)


def _contains(asked: Asked) -> bool:
    """A part of a text; an element of a list."""
    if isinstance(asked.left, list | tuple):
        return any(_same(asked, one, asked.right) for one in asked.left)
    read = asked.reader
    sought = read.compared(asked.right, asked.case)
    return bool(sought) and sought in read.compared(asked.left, asked.case)


def _begins(asked: Asked) -> bool:
    sought = asked.reader.compared(asked.right, asked.case)
    return bool(sought) and asked.reader.compared(asked.left, asked.case).startswith(sought)


def _ends(asked: Asked) -> bool:
    sought = asked.reader.compared(asked.right, asked.case)
    return bool(sought) and asked.reader.compared(asked.left, asked.case).endswith(sought)


def _in_list(asked: Asked) -> bool:
    """One of the listed values; of a list on the left, any of its elements."""
    given = asked.left if isinstance(asked.left, list | tuple) else [asked.left]
    wanted = elements(asked.right)
    asked.reader.charge(len(given) * len(wanted))
    return any(_same(asked, one, other) for one in given for other in wanted)


def _matches(asked: Asked) -> bool:
    read = asked.reader
    pattern, sought = read.text(asked.right), read.text(asked.left)
    if not pattern:
        raise Unreadable(str(_("The pattern is empty")))
    read.charge(len(sought))
    try:
        expression = compiled(pattern if asked.case else f"(?i){pattern}")
        return next(expression.finds(sought, read.charge), None) is not None
    except ValueError as bad:
        raise Unreadable(str(bad)) from bad


def _number(compare: Callable[[Any, Any], bool]) -> Test:
    return lambda asked: compare(number(asked.left), number(asked.right))


def _other_number(asked: Asked) -> bool:
    right = number(asked.right)
    try:
        return number(asked.left) != right
    except Unreadable:
        return True  # what is no number is surely not this one


def _between(asked: Asked) -> bool:
    return number(asked.right) <= number(asked.left) <= number(asked.to)


def _dates(asked: Asked) -> tuple[Any, Any]:
    """Both sides to compare: days of the company's zone where one of them is only a day, else moments."""
    zone, now = asked.here.zone, asked.here.now
    left, right = date(asked.left, zone, now), date(asked.right, zone, now)
    if left.whole_day or right.whole_day:
        return _day(left, zone), _day(right, zone)
    return left.when, right.when


def _before(asked: Asked) -> bool:
    left, right = _dates(asked)
    return bool(left < right)


def _after(asked: Asked) -> bool:
    left, right = _dates(asked)
    return bool(left > right)


def _day(said: Moment, zone: tzinfo) -> Any:
    return said.when.date() if said.whole_day else said.when.astimezone(zone).date()


def _same_day(asked: Asked) -> bool:
    zone, now = asked.here.zone, asked.here.now
    return bool(_day(date(asked.left, zone, now), zone) == _day(date(asked.right, zone, now), zone))


def _within(way: int) -> Test:
    """Not more than so many days ago, or from now on; today is within both."""

    def test(asked: Asked) -> bool:
        zone, now = asked.here.zone, asked.here.now
        days = number(asked.right)
        if not 0 <= days <= MOST_DAYS:
            raise Unreadable(str(_("Expected a number of days")))
        left, far = date(asked.left, zone, now), timedelta(days=days) * way
        if left.whole_day:
            today = now.astimezone(zone).date()
            begin, end = sorted([today, today + far])
            return bool(begin <= left.when.date() <= end)
        begin, end = sorted([now, now + far])
        return bool(begin <= left.when <= end)

    return test


def _true(asked: Asked) -> bool:
    return flag(asked.left)


def _filled(asked: Asked) -> bool:
    return not blank(asked.left)


_ALL = [
    Operator("equals", "text", ONE, _("equals"), _("%(left)s equals %(right)s"), _equals),
    Operator("not_equals", "text", ONE, _("does not equal"), _("%(left)s does not equal %(right)s"), _not(_equals)),
    Operator("contains", "text", ONE, _("contains"), _("%(left)s contains %(right)s"), _contains),
    Operator("not_contains", "text", ONE, _("does not contain"),
             _("%(left)s does not contain %(right)s"), _not(_contains)),
    Operator("begins", "text", ONE, _("begins with"), _("%(left)s begins with %(right)s"), _begins),
    Operator("ends", "text", ONE, _("ends with"), _("%(left)s ends with %(right)s"), _ends),
    Operator("in_list", "text", LIST, _("is one of"), _("%(left)s is one of: %(right)s"), _in_list),
    Operator("not_in_list", "text", LIST, _("is none of"), _("%(left)s is none of: %(right)s"), _not(_in_list)),
    Operator("filled", "text", NOTHING, _("is filled"), _("%(left)s is filled"), _filled),
    Operator("empty", "text", NOTHING, _("is empty"), _("%(left)s is empty"), _not(_filled)),
    Operator("matches", "text", PATTERN, _("matches a pattern"),
             _("%(left)s matches the pattern %(right)s"), _matches),
    Operator("not_matches", "text", PATTERN, _("does not match a pattern"),
             _("%(left)s does not match the pattern %(right)s"), _not(_matches)),
    Operator("number_equals", "number", ONE, "=", "%(left)s = %(right)s", _number(lambda a, b: a == b)),
    Operator("number_not_equals", "number", ONE, "≠", "%(left)s ≠ %(right)s", _other_number),
    Operator("less", "number", ONE, "<", _("%(left)s is less than %(right)s"), _number(lambda a, b: a < b)),
    Operator("at_most", "number", ONE, "≤", _("%(left)s is at most %(right)s"), _number(lambda a, b: a <= b)),
    Operator("greater", "number", ONE, ">", _("%(left)s is greater than %(right)s"), _number(lambda a, b: a > b)),
    Operator("at_least", "number", ONE, "≥", _("%(left)s is at least %(right)s"), _number(lambda a, b: a >= b)),
    Operator("between", "number", TWO, _("from … to …"), _("%(left)s is from %(right)s to %(to)s"), _between),
    Operator("before", "date", DATE, _("is earlier than"), _("%(left)s is earlier than %(right)s"), _before),
    Operator("after", "date", DATE, _("is later than"), _("%(left)s is later than %(right)s"), _after),
    Operator("same_day", "date", DATE, _("is on the day"), _("%(left)s is on the day %(right)s"), _same_day),
    Operator("within_last", "date", DAYS, _("within the last days"),
             _("%(left)s is within the last %(right)s"), _within(-1)),
    Operator("within_next", "date", DAYS, _("within the next days"),
             _("%(left)s is within the next %(right)s"), _within(1)),
    Operator("is_true", "flag", NOTHING, pgettext_lazy("answer", "yes"), _("%(left)s: yes"), _true),
    Operator("is_false", "flag", NOTHING, pgettext_lazy("answer", "no"), _("%(left)s: no"), _not(_true)),
]  # fmt: skip

OPERATORS: dict[str, Operator] = {one.key: one for one in _ALL}
FAMILIES = (("text", _("Text")), ("number", _("Number")), ("date", _("Date")), ("flag", _("Yes or no")))
