"""Judges a condition on values: whether it holds, and what each rule saw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from actions.conditions.asks import Asked, Here
from actions.conditions.names import readable
from actions.conditions.operators import OPERATORS
from actions.conditions.reading import Reader, Unreadable
from actions.conditions.rules import ANY, is_group
from actions.filters.bounds import blank
from actions.lookup import MISSING, find
from actions.values import short

MOST_TOLD = 5


@dataclass(frozen=True)
class Seen:
    """What one rule saw. name: of the left side, as people call it; note: why the values could not be compared."""

    name: str
    value: str
    met: bool
    note: str = ""

    def __str__(self) -> str:
        told = _("%(name)s = “%(value)s”") if self.value else _("%(name)s is empty")
        said = told % {"name": self.name, "value": self.value}
        return f"{said} ({self.note})" if self.note and self.value else said


@dataclass(frozen=True)
class Verdict:
    """seen: of all rules in reading order."""

    met: bool
    seen: tuple[Seen, ...]

    @property
    def why(self) -> str:
        """What decided: the rules that held where it is met, those that did not where it is not."""
        decisive = list(dict.fromkeys(str(one) for one in self.seen if one.met == self.met))
        shown = "; ".join(decisive[:MOST_TOLD])
        return shown if len(decisive) <= MOST_TOLD else f"{shown}…"


def holds(rules: Any, values: Mapping[str, Any] | None = None, here: Here | None = None) -> bool:
    """Whether a checked group, its texts filled, is met; values: where rules with `field` look.

    Values that cannot be compared meet no rule. Raises ValueError when there is too much to read.
    """
    return judge(rules, values, here).met


def why(rules: Any, values: Mapping[str, Any] | None = None, here: Here | None = None) -> str:
    """What decided it, such as «статус = «Отменён»». Raises ValueError."""
    return judge(rules, values, here).why


def judge(rules: Any, values: Mapping[str, Any] | None = None, here: Here | None = None) -> Verdict:
    """Both at once. Raises ValueError."""
    judging = _Judging(values or {}, here or Here())
    met = judging.group(rules)
    return Verdict(met, tuple(judging.seen))


class _Judging:
    def __init__(self, values: Mapping[str, Any], here: Here) -> None:
        self.values, self.here, self.reader = values, here, Reader()
        self.seen: list[Seen] = []

    def group(self, group: Any) -> bool:
        results = list(self._results(group.get("rules") or ()))
        return any(results) if group.get("match") == ANY else all(results)

    def _results(self, rules: Sequence[Any]) -> Iterator[bool]:
        for rule in rules:
            yield self.group(rule) if is_group(rule) else self._rule(rule)

    def _rule(self, rule: Any) -> bool:
        operator = OPERATORS.get(rule.get("operator", ""))
        left, note, met = self._left(rule), "", False
        asked = Asked(left, rule.get("right"), rule.get("to"), bool(rule.get("case")), self.reader, self.here)
        try:
            met = operator is not None and operator.test(asked)
        except Unreadable as bad:
            note = str(bad)
        except RecursionError:
            note = _("The data are nested too deeply")
        self.seen.append(Seen(rule.get("name") or _name(rule), self._shown(left, rule), met, note))
        return met

    def _left(self, rule: Any) -> Any:
        if "field" not in rule:
            return rule.get("left")
        found = find(self.values, [rule["field"]])
        return None if found is MISSING else found

    def _shown(self, value: Any, rule: Any) -> str:
        if blank(value):
            return ""
        try:
            return short(self.reader.text(value))
        except Unreadable:
            return "…"


def _name(rule: Any) -> str:
    """Of a rule that nobody named: its field; of a text that was filled nothing better than itself is known."""
    return readable(rule.get("field") or rule.get("left"))
