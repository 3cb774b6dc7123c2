"""The shape of conditions: what is stored, and what is wrong with what was given."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from actions.conditions.asks import MOST_DAYS
from actions.conditions.operators import DATE, DAYS, LIST, NOTHING, OPERATORS, PATTERN, TWO, Operator
from actions.conditions.reading import Unreadable, date, number
from actions.filters.bounds import blank
from actions.filters.patterns import compiled

ALL, ANY = "all", "any"
DEEPEST = 5
"""Groups inside groups."""

MOST_RULES = 50
LONGEST = 2_000
"""Characters of one side of a rule."""

Rules = dict[str, Any]
Path = tuple[int, ...]
_RULE = {"left", "field", "operator", "right", "to", "case"}


class BadRules(ValueError):
    """Sentences by the path of the rule: (0, 2) is the third rule of the first group; () the whole."""

    def __init__(self, problems: dict[Path, str]) -> None:
        super().__init__("; ".join(told(path, text) for path, text in problems.items()))
        self.problems = problems


def told(path: Path, sentence: str) -> str:
    """A problem with the place of its rule as people count: 1, 2.3."""
    if not path:
        return sentence
    place = ".".join(str(index + 1) for index in path)
    return _("Rule %(place)s: %(problem)s") % {"place": place, "problem": sentence}


def checked(given: Any, check: Callable[[str], None] = lambda text: None, *, fields: bool = False) -> Rules:
    """The rules as they are stored, without empty ones. Raises BadRules.

    check: raises ValueError with a sentence for a text whose placeholders are wrong. fields: the left side is `field`.
    """
    return _Checker(check, fields).group(given)


def is_group(rule: Any) -> bool:
    return isinstance(rule, dict) and "rules" in rule


def leaves(group: Any) -> Iterator[Rules]:
    """All rules of a checked group, in reading order."""
    for rule in group.get("rules") or ():
        if is_group(rule):
            yield from leaves(rule)
        else:
            yield rule


def count(group: Any) -> int:
    return sum(1 for _rule in leaves(group))


def texts(group: Any) -> Iterator[tuple[int, str]]:
    """The texts that may hold placeholders, each with the number of its rule from 1; nothing for what is no group."""
    for place, rule in enumerate(leaves(group if isinstance(group, dict) else {}), 1):
        for side in ("left", "right", "to"):
            for text in rule[side] if isinstance(rule.get(side), list) else [rule.get(side)]:
                if isinstance(text, str):
                    yield place, text


class _Checker:
    def __init__(self, check: Callable[[str], None], fields: bool) -> None:
        self.check, self.fields = check, fields
        self.problems: dict[Path, str] = {}
        self.count = 0

    def group(self, given: Any) -> Rules:
        found = self._group(given, ())
        if not self.problems and not count(found):
            self.problems[()] = _("Add at least one rule")
        if self.count > MOST_RULES:
            self.problems = {(): _("There may be at most %(count)s rules") % {"count": MOST_RULES}}
        if self.problems:
            raise BadRules(self.problems)
        return found

    def _group(self, given: Any, path: Path) -> Rules:
        if not isinstance(given, dict) or given.keys() - {"match", "rules"} or not isinstance(given.get("rules"), list):
            self._wrong(path, _("Expected a group: {“match”: “all” or “any”, “rules”: […]}"))
            return {"match": ALL, "rules": []}
        match = given.get("match") or ALL
        if match not in (ALL, ANY):
            self._wrong(path, _("“match” is “all” or “any”"))
        if len(path) > DEEPEST:
            self._wrong(path, _("Groups can stand at most %(count)s deep inside each other") % {"count": DEEPEST})
            return {"match": ALL, "rules": []}
        found = []
        for index, one in enumerate(given["rules"][: MOST_RULES + 1]):
            inner = self._group(one, (*path, index)) if is_group(one) else self._rule(one, (*path, index))
            if inner and not (is_group(inner) and not inner["rules"]):
                found.append(inner)
        return {"match": match, "rules": found}

    def _wrong(self, path: Path, sentence: str) -> None:
        self.problems.setdefault(path, sentence)

    def _rule(self, given: Any, path: Path) -> Rules | None:
        self.count += 1
        if not isinstance(given, dict) or given.keys() - _RULE:
            self._wrong(path, _("Expected a rule: {“left”, “operator”, “right”}"))
            return None
        side = "field" if self.fields else "left"
        left, right, to = given.get(side), given.get("right"), given.get("to")
        operator = OPERATORS.get(given.get("operator") or "equals") if _plain(given.get("operator")) else None
        if operator is None:
            self._wrong(path, _("There is no operator “%(key)s”") % {"key": str(given.get("operator"))[:40]})
            return None
        if blank(left) and blank(right) and blank(to) and operator.takes != NOTHING:
            return None  # a row that was added and not filled in
        problem = self._problem(side, left, right, to, operator, given.get("case"))
        if problem:
            self._wrong(path, problem)
        return _stored(side, left, right, to, operator, bool(given.get("case")))

    def _problem(self, side: str, left: Any, right: Any, to: Any, operator: Operator, case: Any) -> str:
        if not isinstance(left, str) or blank(left):
            return _("Choose what to compare")
        if not isinstance(case, bool | None):
            return _("“case” is true or false")
        for text in [left, *_sides(right), *_sides(to)]:
            if not _plain(text) or len(str(text)) > LONGEST:
                return _("Expected a text of at most %(count)s characters") % {"count": LONGEST}
            if isinstance(text, str) and (side == "left" or text is not left):
                try:
                    self.check(text)
                except ValueError as bad:
                    return str(bad)
        if operator.takes == NOTHING:
            return ""
        if blank(right) or (operator.takes == TWO and blank(to)):
            return _("Say what to compare with")
        return _unreadable(operator, right) or (_unreadable(operator, to) if operator.takes == TWO else "")


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | None)


def _sides(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _unreadable(operator: Operator, value: Any) -> str:
    """Why the right side, if no placeholder stands in it, can never be compared with."""
    if isinstance(value, list):
        return "" if operator.takes == LIST else _("A list fits “is one of” only")
    if isinstance(value, str) and ("{{" in value or "{%" in value):
        return ""
    try:
        if operator.takes == PATTERN:
            compiled(str(value))
        elif operator.takes == DATE:
            date(value)
        elif operator.takes == DAYS:
            if not 0 <= number(value) <= MOST_DAYS:
                return _("Expected a number of days")
        elif operator.family == "number":
            number(value)
    except (Unreadable, ValueError) as bad:
        return str(bad)
    return ""


def _stored(side: str, left: Any, right: Any, to: Any, operator: Operator, case: bool) -> Rules:
    found = {side: str(left).strip(), "operator": operator.key}
    if operator.takes != NOTHING:
        found["right"] = right
    if operator.takes == TWO:
        found["to"] = to
    return found | ({"case": True} if case and operator.cased else {})
