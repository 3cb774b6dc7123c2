"""A condition as one sentence: «статус равняется «Записан» и телефон есть, или сумма больше 1000»."""

from typing import Any

from django.utils.translation import gettext as _

from actions.conditions.names import Labels, alone, readable
from actions.conditions.operators import LIST, OPERATORS
from actions.conditions.reading import elements
from actions.conditions.rules import ANY, is_group
from actions.values import short

LONGEST = 600
MOST_LISTED = 6


def sentence(group: Any, labels: Labels | None = None) -> str:
    """labels: what people call fields, by the field's name; None leaves placeholders as they are written."""
    return short(_group(group, labels, 0), LONGEST)


def _group(group: Any, labels: Labels | None, depth: int) -> str:
    parts = []
    rules = group.get("rules") or []
    any_of = group.get("match") == ANY
    for rule in rules:
        if not is_group(rule):
            parts.append(phrase(rule, labels))
            continue
        inner = _group(rule, labels, depth + 1)
        # «a и b, или c» needs no brackets; everything else would be read two ways.
        plain = len(rule.get("rules") or []) < 2 or (any_of and not depth and rule.get("match") != ANY)
        parts.append(inner if plain else f"({inner})")
    if not any_of:
        return str(_(" and ")).join(parts)
    commas = any(is_group(rule) for rule in rules)
    return str(_(", or ") if commas else _(" or ")).join(parts)


def phrase(rule: Any, labels: Labels | None = None) -> str:
    """One rule."""
    operator = OPERATORS.get(rule.get("operator", ""))
    left = rule.get("name") or readable(rule.get("left", rule.get("field", "")), labels)
    if operator is None:
        return str(left)
    right, to = (_right(rule.get(side), operator, labels) for side in ("right", "to"))
    return operator.phrase(left=left, right=right, to=to)


def _right(value: Any, operator: Any, labels: Labels | None) -> str:
    if operator.takes == LIST and not alone(value):
        listed = elements(value)
        shown = ", ".join(_quoted(one, labels) for one in listed[:MOST_LISTED])
        return shown if len(listed) <= MOST_LISTED else f"{shown}…"
    if operator.family != "text":
        return readable(value, labels)
    return _quoted(value, labels)


def _quoted(value: Any, labels: Labels | None) -> str:
    shown = readable(value, labels)
    return shown if alone(value) else _("“%(text)s”") % {"text": shown}
