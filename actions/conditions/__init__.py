"""Conditions as data: rules in nested groups, judged on values that are filled already, told as a sentence.

A group is `{"match": "all" | "any", "rules": [rule or group, …]}`, a rule `{"left", "operator", "right", "to", "case"}`:
left and right are texts with placeholders, `to` the upper end of «between», `case` whether capitals count. Where only
the right side is filled beforehand, `"field": "body.status"` instead of `left` names a value of `holds`'s own.
"""

from actions.conditions.judge import Seen, Verdict, holds, judge, why
from actions.conditions.names import named, readable
from actions.conditions.operators import OPERATORS, Here, Operator
from actions.conditions.rules import DEEPEST, MOST_RULES, BadRules, checked, count, leaves, texts
from actions.conditions.sentence import sentence

__all__ = [
    "DEEPEST",
    "MOST_RULES",
    "OPERATORS",
    "BadRules",
    "Here",
    "Operator",
    "Seen",
    "Verdict",
    "checked",
    "count",
    "holds",
    "judge",
    "leaves",
    "named",
    "readable",
    "sentence",
    "texts",
    "why",
]
