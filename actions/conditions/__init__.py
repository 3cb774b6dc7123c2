"""Conditions as data: rules in nested groups, judged on values that are filled already, told as a sentence.

A group is `{"match": "all" | "any", "rules": […]}`, a rule `{"left", "operator", "right", "to", "case"}`. The sides are
texts with placeholders, `to` is the upper end of a range, `case` says whether capitals count. Where the left side is
not known before, `"field": "body.status"` instead of `left` names one of the values that are given to `holds`.
"""

from actions.conditions.asks import Here
from actions.conditions.judge import Seen, Verdict, holds, judge, why
from actions.conditions.names import named, readable
from actions.conditions.operators import OPERATORS, Operator
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
