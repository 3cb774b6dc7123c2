"""What people call the sides of a rule: a field by its label, other texts as they are."""

import re
from collections.abc import Mapping
from typing import Any

from actions.values import short

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_BRACKETED = re.compile(r"(?:source)?\[(?:\"([^\"]*)\"|'([^']*)')\]")
Labels = Mapping[str, str]


def readable(text: Any, labels: Labels | None = None) -> str:
    """A text with its placeholders as names: ``{{ source["Статус"] | upcase }}`` is «Статус | upcase».

    labels: what people call fields, by the field's name; None leaves placeholders as they are written.
    """
    if not isinstance(text, str) or labels is None:
        return short(text)
    return short(_PLACEHOLDER.sub(lambda found: _name(found[1], labels), text))


def alone(text: Any) -> bool:
    """Whether a text is exactly one placeholder."""
    found = _PLACEHOLDER.fullmatch(text.strip()) if isinstance(text, str) else None
    return bool(found) and "}}" not in str(found and found[1])


def named(raw: Any, filled: Any, labels: Labels | None = None) -> Any:
    """The filled rules with the `name` of what each one looks at."""
    if "rules" in raw:
        inner = zip(raw["rules"], filled["rules"], strict=True)
        return filled | {"rules": [named(one, other, labels) for one, other in inner]}
    return filled | {"name": readable(raw.get("left", raw.get("field", "")), labels or {})}


def _name(inner: str, labels: Labels) -> str:
    path, *filters = (piece.strip() for piece in inner.split("|"))
    bracketed = _BRACKETED.fullmatch(path)
    name = (bracketed[1] or bracketed[2]) if bracketed else path.removeprefix("source.").removeprefix("steps.")
    return " | ".join([labels.get(name, name), *filters])
