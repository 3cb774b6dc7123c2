"""The operators of rules: how each is called, what it takes on its right, and what it asks of a value."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from actions.conditions import asks
from actions.conditions.asks import Test

NOTHING, ONE, TWO, LIST, DAYS, PATTERN, DATE = "nothing", "one", "two", "list", "days", "pattern", "date"
"""What stands on the right of an operator."""


@dataclass(frozen=True)
class Operator:
    """key: as stored, never changes. family: text, number, date or flag. said: the rule as a sentence."""

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


_ALL = [
    Operator("equals", "text", ONE, _("equals"), _("%(left)s equals %(right)s"), asks.equals),
    Operator("not_equals", "text", ONE, _("does not equal"),
             _("%(left)s does not equal %(right)s"), asks.opposite(asks.equals)),
    Operator("contains", "text", ONE, _("contains"), _("%(left)s contains %(right)s"), asks.contains),
    Operator("not_contains", "text", ONE, _("does not contain"),
             _("%(left)s does not contain %(right)s"), asks.opposite(asks.contains)),
    Operator("begins", "text", ONE, _("begins with"), _("%(left)s begins with %(right)s"), asks.begins),
    Operator("ends", "text", ONE, _("ends with"), _("%(left)s ends with %(right)s"), asks.ends),
    Operator("in_list", "text", LIST, _("is one of"), _("%(left)s is one of: %(right)s"), asks.in_list),
    Operator("not_in_list", "text", LIST, _("is none of"),
             _("%(left)s is none of: %(right)s"), asks.opposite(asks.in_list)),
    Operator("filled", "text", NOTHING, _("is filled"), _("%(left)s is filled"), asks.filled),
    Operator("empty", "text", NOTHING, _("is empty"), _("%(left)s is empty"), asks.opposite(asks.filled)),
    Operator("matches", "text", PATTERN, _("matches a pattern"),
             _("%(left)s matches the pattern %(right)s"), asks.matches),
    Operator("not_matches", "text", PATTERN, _("does not match a pattern"),
             _("%(left)s does not match the pattern %(right)s"), asks.opposite(asks.matches)),
    Operator("number_equals", "number", ONE, "=", "%(left)s = %(right)s", asks.numbers(lambda a, b: a == b)),
    Operator("number_not_equals", "number", ONE, "≠", "%(left)s ≠ %(right)s", asks.other_number),
    Operator("less", "number", ONE, "<", _("%(left)s is less than %(right)s"), asks.numbers(lambda a, b: a < b)),
    Operator("at_most", "number", ONE, "≤", _("%(left)s is at most %(right)s"), asks.numbers(lambda a, b: a <= b)),
    Operator("greater", "number", ONE, ">", _("%(left)s is greater than %(right)s"), asks.numbers(lambda a, b: a > b)),
    Operator("at_least", "number", ONE, "≥", _("%(left)s is at least %(right)s"), asks.numbers(lambda a, b: a >= b)),
    Operator("between", "number", TWO, _("from … to …"), _("%(left)s is from %(right)s to %(to)s"), asks.between),
    Operator("before", "date", DATE, _("is earlier than"), _("%(left)s is earlier than %(right)s"), asks.before),
    Operator("after", "date", DATE, _("is later than"), _("%(left)s is later than %(right)s"), asks.after),
    Operator("same_day", "date", DATE, _("is on the day"), _("%(left)s is on the day %(right)s"), asks.same_day),
    Operator("within_last", "date", DAYS, _("within the last days"),
             _("%(left)s is within the last %(right)s"), asks.within(-1)),
    Operator("within_next", "date", DAYS, _("within the next days"),
             _("%(left)s is within the next %(right)s"), asks.within(1)),
    Operator("is_true", "flag", NOTHING, pgettext_lazy("answer", "yes"), _("%(left)s: yes"), asks.true),
    Operator("is_false", "flag", NOTHING, pgettext_lazy("answer", "no"), _("%(left)s: no"), asks.opposite(asks.true)),
]  # fmt: skip

OPERATORS: dict[str, Operator] = {one.key: one for one in _ALL}
FAMILIES = (("text", _("Text")), ("number", _("Number")), ("date", _("Date")), ("flag", _("Yes or no")))
