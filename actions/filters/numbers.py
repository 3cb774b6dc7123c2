"""Numbers: read as people write them, counted with, rounded and written again."""

import decimal
import re
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.filters.bounds import Number, blank, finite, number, whole
from actions.filters.declared import Argument, Example, Theme
from actions.values import short

numbers = Theme("numbers", _("Number"))

_WIDEST_ROUNDING = 20  # digits
_LONGEST = 200  # characters of a text a number is looked for in
_INSIDE = re.compile(r"[-−–+]?[ \u00a0]?\d(?:[\d.,' \u00a0\u2009\u202f]{0,60}\d)?")
_SPACES = re.compile(r"[ '\u00a0\u2009\u202f]")
NUMBER = Argument(_("Number"), number=True)
DIGITS = Argument(_("Digits behind the comma"), number=True)


def read(value: Any) -> Number | None:
    """The number in a value: ``1 234,50``, ``1,234.50``, ``от 1500 руб.``; None when there is nothing to read.

    Raises ValueError with a sentence when there are words but no number.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None if blank(value) else finite(values.number(value))
    if isinstance(value, int | float):
        return finite(value)
    if blank(value):
        return None
    found = _INSIDE.search(value[:_LONGEST]) if len(value) <= 10 * _LONGEST else None
    if found is None:
        raise ValueError(gettext("there is no number in “%(value)s”") % {"value": short(value)})
    return finite(values.number(_plain(found[0])))


def _plain(written: str) -> str:
    """A number with one dot at most, and no sign but minus: of several marks the last one is the decimal one."""
    tidy = _SPACES.sub("", written).replace("−", "-").replace("–", "-")
    last = max(tidy.rfind("."), tidy.rfind(","))
    if last < 0:
        return tidy
    mark = tidy[last]
    thousands = tidy.count(mark) > 1
    rest = re.sub("[.,]", "", tidy[:last])
    return rest + ("" if thousands else ".") + tidy[last + 1 :]


def calculate(left: Any, right: Any, exact: Callable[[Any, Any], Any]) -> Number:
    """Whole numbers stay whole; others go through Decimal, so that 0.1 plus 0.2 is 0.3."""
    first, second = number(left), number(right)
    if isinstance(first, int) and isinstance(second, int):
        return finite(int(exact(first, second)))
    with decimal.localcontext(decimal.Context(prec=28)):
        return finite(float(exact(Decimal(str(first)), Decimal(str(second)))))


@numbers.filter(
    "number",
    _("Read a number"),
    _("A number of a text as people write it; nothing stays nothing"),
    Example("1 234,50 ₽", 1234.5),
    fits="number numeric",
)
def to_number(value: Any) -> Number | None:
    return read(value)


@numbers.filter(
    "plus", _("Add to it"), _("Adds a number"), Example("1 200,50", 1300.5, [100]), fits="number", other=NUMBER
)
def plus(value: Any, other: Any) -> Number:
    return calculate(value, other, lambda a, b: a + b)


@numbers.filter(
    "minus", _("Subtract"), _("Subtracts a number"), Example(1500, 1200, [300]), fits="number", other=NUMBER
)
def minus(value: Any, other: Any) -> Number:
    return calculate(value, other, lambda a, b: a - b)


@numbers.filter(
    "times", _("Multiply"), _("Multiplies by a number"), Example("0,2", 20.0, [100]), fits="number", other=NUMBER
)
def times(value: Any, other: Any) -> Number:
    return calculate(value, other, lambda a, b: a * b)


@numbers.filter(
    "divided_by",
    _("Divide"),
    _("Divides; by a whole number the result is whole, by 2.0 it has a fraction"),
    Example(7, 3.5, [2.0]),
    fits="number",
    by=NUMBER,
)
def divided_by(value: Any, by: Any) -> Number:
    """As in Liquid: whole numbers give a whole number, rounded down; ``divided_by: 2.0`` keeps the fraction."""
    if number(by) == 0:
        raise ValueError(gettext("a number cannot be divided by zero"))
    return calculate(value, by, lambda a, b: a // b if isinstance(a, int) else a / b)


@numbers.filter(
    "modulo", _("Remainder"), _("What is left after a division"), Example(17, 2, [5]), fits="number", by=NUMBER
)
def modulo(value: Any, by: Any) -> Number:
    if number(by) == 0:
        raise ValueError(gettext("a number cannot be divided by zero"))
    return calculate(value, by, lambda a, b: a % b)


@numbers.filter(
    "percent",
    _("Percent of it"),
    _("So many percent of the number"),
    Example(1500, 150, [10]),
    fits="number",
    rate=Argument(_("Percent"), number=True),
)
def percent(value: Any, rate: Any) -> Number:
    part = calculate(calculate(value, rate, lambda a, b: a * b), 100.0, lambda a, b: a / b)
    return int(part) if float(part).is_integer() else part


@numbers.filter(
    "round",
    _("Round"),
    _("Rounds as people do: half goes up"),
    Example("2,345", 2.35, [2]),
    fits="number",
    digits=DIGITS,
)
def round_(value: Any, digits: Any = 0) -> Number:
    """Round half away from zero."""
    return _rounded(value, digits, ROUND_HALF_UP)


@numbers.filter("ceil", _("Round up"), _("The next larger whole number"), Example("2,1", 3), fits="number")
def ceil(value: Any) -> Number:
    return _rounded(value, 0, ROUND_CEILING)


@numbers.filter("floor", _("Round down"), _("The next smaller whole number"), Example("2,9", 2), fits="number")
def floor(value: Any) -> Number:
    return _rounded(value, 0, ROUND_FLOOR)


@numbers.filter("abs", _("Without its sign"), _("A minus is dropped"), Example(-15, 15), fits="number")
def abs_(value: Any) -> Number:
    return abs(number(value))


@numbers.filter(
    "at_least",
    _("At least"),
    _("The number, or this one if it is less"),
    Example(3, 5, [5]),
    fits="number",
    least=NUMBER,
)
def at_least(value: Any, least: Any) -> Number:
    return max(number(value), number(least))


@numbers.filter(
    "at_most",
    _("At most"),
    _("The number, or this one if it is more"),
    Example(130, 100, [100]),
    fits="number",
    most=NUMBER,
)
def at_most(value: Any, most: Any) -> Number:
    return min(number(value), number(most))


def _rounded(value: Any, digits: Any, how: str) -> Number:
    read_number, places = number(value), whole(digits, -_WIDEST_ROUNDING, _WIDEST_ROUNDING)
    if isinstance(read_number, int) or abs(read_number) > 1e20:
        return read_number
    step = Decimal((0, (1,), -max(places, 0)))
    rounded = Decimal(str(read_number)).quantize(step, how, decimal.Context(prec=60))
    return float(rounded) if places > 0 else int(rounded)
