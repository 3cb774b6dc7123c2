"""Where in an answer a value is: `body.result.items`, or `result.items` inside the body, or as the picker writes it."""

import re
from typing import Any

from actions.lookup import MISSING, find

_ROOTS = ("status", "headers", "body", "text")
_STEP = re.compile(r"""[^.\[\]"']+""")
_PICKED = re.compile(r"\{\{\s*(?:steps\.\w+\.)?(.*?)\s*\}\}", re.DOTALL)


def tidy(path: str) -> str:
    """What was typed or picked without the braces of a placeholder and the action's short name."""
    picked = _PICKED.fullmatch(path.strip())
    return picked[1] if picked else path.strip()


def find_in(output: Any, path: str) -> Any:
    """The value at a path of an answer's output, None where there is none."""
    steps = _STEP.findall(tidy(path))
    if not steps:
        return None
    found = find(output, steps)
    if found is MISSING and steps[0] not in _ROOTS:
        found = find(output, ["body", *steps])
    return None if found is MISSING else found
