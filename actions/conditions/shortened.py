"""Values in a sentence."""

from collections.abc import Mapping
from typing import Any

from actions import values


def short(value: Any, longest: int = 60) -> str:
    """A text cut to its beginning; of a list or an object only that it is one."""
    if isinstance(value, list | tuple | Mapping):
        shown = "{…}" if isinstance(value, Mapping) else "[…]"
    else:
        shown = value if isinstance(value, str) else _written(value)
    shown = " ".join(shown[: longest * 4].split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def _written(value: Any) -> str:
    try:
        return values.text(value)
    except ValueError:  # a number without end
        return "…"
