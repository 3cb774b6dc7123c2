"""What the rules being edited mean and come to on the sample."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from actions import conditions
from actions.conditions.asks import Here
from actions.conditions.reading import looks
from actions.conditions.rules import ALL, ANY, DEEPEST, BadRules, is_group
from actions.filters.moments import zone_of
from actions.placeholders import BadTemplate, Context, fill
from actions.rules_field import RulesField
from actions.rules_shown import check_text, read, rules_of

Preview = dict[str, Any]


def rules_previews(field: RulesField, posted: str, context: Context) -> Preview:
    """`{"groups": [{"sentence", "met", "told"}], "rules": [{"looks", "met", "note"}], "chosen"}`.

    groups: each condition, of branches one for each; rules: all rules as they stand on the page. met is None where it
    cannot be told yet. chosen: the number of the first branch that holds, from 0.
    """
    try:
        value = read(posted)
    except ValidationError:
        value = None
    groups, rules = [], []
    for _title, group in field.groups(value):
        told = _group(group if isinstance(group, dict) else {}, context)
        groups.append(told)
        rules += [_rule(rule, context) for rule in rules_of(group)]
    chosen = next((number for number, one in enumerate(groups) if one["met"]), None)
    return {"groups": groups, "rules": rules, "chosen": chosen}


def _group(group: Any, context: Context) -> Preview:
    """Of the rules that are complete, whatever is wrong with the others."""
    try:
        checked = conditions.checked(_complete(group), check_text)
        filled = fill(checked, context)
        verdict = conditions.judge(conditions.named(checked, filled, context.labels), here=_here(context))
    except (BadRules, BadTemplate, ValueError) as bad:
        return {"sentence": "", "met": None, "told": "" if isinstance(bad, BadRules) else str(bad)}
    told = _("On the sample: met") if verdict.met else _("On the sample: not met, %(why)s") % {"why": verdict.why}
    return {"sentence": conditions.sentence(checked, context.labels), "met": verdict.met, "told": told}


def _complete(group: Any, depth: int = 0) -> Any:
    kept = []
    for rule in group["rules"] if isinstance(group.get("rules"), list) and depth <= DEEPEST else []:
        if is_group(rule):
            kept.append(_complete(rule, depth + 1))
        elif _problem(rule) == "":
            kept.append(rule)
    return {"match": ANY if group.get("match") == ANY else ALL, "rules": kept}


def _problem(rule: Any) -> str | None:
    """What is wrong with one rule; None where it is still empty."""
    try:
        return "" if conditions.checked({"rules": [rule]}, check_text)["rules"] else None
    except BadRules as bad:
        return next((text for path, text in bad.problems.items() if path), None)


def _rule(rule: Any, context: Context) -> Preview:
    problem = _problem(rule)
    try:
        seen = looks(fill(rule.get("left"), context))
        if problem != "":
            return {"looks": seen, "met": None, "note": ""}
        verdict = conditions.judge({"rules": [fill(rule, context)]}, here=_here(context))
    except (BadTemplate, ValueError):
        return {"looks": "empty", "met": None, "note": ""}
    return {"looks": seen, "met": verdict.met, "note": verdict.seen[0].note if verdict.seen else ""}


def _here(context: Context) -> Here:
    return Here(zone_of(context.company.get("time_zone")))
