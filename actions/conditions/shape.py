"""Conditions as a JSON schema, for the catalogue of the API."""

from typing import Any

from actions.conditions.operators import OPERATORS
from actions.conditions.rules import DEEPEST, LONGEST, MOST_RULES

Schema = dict[str, Any]
_TEXT: Schema = {"type": ["string", "number", "boolean", "null"]}


def rule_schema(side: str = "left") -> Schema:
    properties: Schema = {
        side: {"type": "string", "minLength": 1, "maxLength": LONGEST},
        "operator": {"type": "string", "enum": list(OPERATORS), "default": "equals"},
        "right": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
        "to": _TEXT,
        "case": {"type": "boolean", "default": False},
    }
    return {"type": "object", "properties": properties, "required": [side], "additionalProperties": False}


def group_schema(side: str = "left") -> Schema:
    """A group that holds rules and groups; it names itself by `$anchor`, wherever it stands in a schema."""
    anchor = "rules" if side == "left" else "rules-of-fields"
    inner = {"anyOf": [rule_schema(side), {"$ref": f"#{anchor}"}]}
    return {
        "$anchor": anchor,
        "type": "object",
        "properties": {
            "match": {"type": "string", "enum": ["all", "any"], "default": "all"},
            "rules": {"type": "array", "items": inner, "maxItems": MOST_RULES},
        },
        "required": ["rules"],
        "additionalProperties": False,
        "x-deepest": DEEPEST,
    }
