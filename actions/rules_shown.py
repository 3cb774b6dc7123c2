"""Groups of rules as the editor's templates show them, whatever was posted."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.conditions.operators import FAMILIES, OPERATORS
from actions.conditions.rules import DEEPEST, MOST_RULES, BadRules, Rules, checked, is_group
from actions.placeholders import BadTemplate, check

LONGEST = 300_000
"""Characters of what a page posts."""

EMPTY: Rules = {"match": "all", "rules": [{}]}


def check_text(text: str) -> None:
    """Raises ValueError with a sentence when its placeholders cannot be read."""
    try:
        check(text)
    except BadTemplate as bad:
        raise ValueError(str(bad.message)) from bad


def read(value: Any) -> Any:
    """What a page posted is JSON; the API gives it read already. Raises ValidationError."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value[: LONGEST + 1]) if value.strip() else None
    except (ValueError, RecursionError):
        raise ValidationError(_("The rules cannot be read")) from None


def tolerant(value: Any) -> Any:
    """What a page posted, None where it cannot be read."""
    try:
        return read(value)
    except ValidationError:
        return None


def rules_of(value: Any) -> Iterator[Any]:
    """All rules of what was posted, empty ones too, in the order of the page; nothing where it is no group."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict) and isinstance(one.get("rules"), list):
            pending += reversed(one["rules"][: MOST_RULES + 1])
        elif isinstance(one, dict):
            yield one


def problems_in(value: Any, invalid: bool) -> dict[tuple[int, ...], str]:
    """What is wrong with each rule, by its path; only where the field was refused."""
    try:
        if invalid:
            checked(value, check_text)
    except BadRules as bad:
        return bad.problems
    return {}


def group_shown(group: Any, problems: Mapping[tuple[int, ...], str], path: tuple[int, ...] = ()) -> dict[str, Any]:
    """A group for the template, whatever was posted; deeper than allowed it is cut."""
    inner = []
    for index, rule in enumerate(group.get("rules") or []) if isinstance(group.get("rules"), list) else ():
        place = (*path, index)
        if is_group(rule) and len(place) <= DEEPEST:
            inner.append(group_shown(rule, problems, place))
        elif isinstance(rule, dict) and not is_group(rule):
            inner.append(_rule_shown(rule, problems.get(place, "")))
    return {
        "is_group": True,
        "match": group.get("match") or "all",
        "rules": inner,
        "problem": problems.get(path, "") if path else "",
    }


def _rule_shown(rule: Any, problem: str) -> dict[str, Any]:
    right = rule.get("right")
    operator = OPERATORS.get(rule.get("operator") or "equals") if isinstance(rule.get("operator"), str | None) else None
    shown = {side: _input(rule.get(side)) for side in ("left", "right", "to")}
    return shown | {
        "operator": operator.key if operator else "equals",
        "takes": operator.takes if operator else "one",
        "cased": operator.cased if operator else True,
        "case": rule.get("case") is True,
        "kept": json.dumps(right, ensure_ascii=False) if right is not None and not isinstance(right, str) else "",
        "problem": problem,
        "fresh": not rule,
    }


def _input(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


EDITOR = {
    "families": [(title, [one for one in OPERATORS.values() if one.family == key], key) for key, title in FAMILIES],
    "deepest": DEEPEST,
    "most": MOST_RULES,
    "empty": _rule_shown({}, ""),
    "empty_branch": {"is_group": True, "match": "all", "rules": [_rule_shown({}, "")], "problem": ""},
    "empty_group": {"is_group": True, "match": "any", "rules": [_rule_shown({}, "")], "problem": ""},
}
"""What the editor's templates need whatever the rules."""
