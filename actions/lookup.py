"""Finding a value in decoded data by the steps of a path: by keys and indexes, never by Python's attributes."""

from collections.abc import Mapping, Sequence
from typing import Any

MISSING: Any = object()
LONGEST_PATH = 32
"""Steps of a path; longer ones find nothing."""


def find(data: Any, path: Sequence[Any]) -> Any:
    """Return the value at a path, or MISSING.

    Steps are keys (str) and indexes (int, from the end when negative). Where no nested value exists,
    ``appointment.time`` reaches the flat field "appointment.time", and a key with dots reaches nested values.
    ``size``, ``first`` and ``last`` work on what has no such key.
    """
    if len(path) == 1 and isinstance(data, dict) and path[0] in data:  # nearly always
        return data[path[0]]
    return _find(data, tuple(path)) if len(path) <= LONGEST_PATH else MISSING


def _find(data: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return data
    value = _step(data, path[0])
    found = MISSING if value is MISSING else _find(value, path[1:])
    if found is MISSING and isinstance(data, Mapping):
        found = _find_joined(data, path)
        if found is MISSING and value is MISSING:
            found = _find_split(data, path)
    return found


def _step(data: Any, step: Any) -> Any:
    if isinstance(data, dict | Mapping):
        value = data.get(str(step), MISSING)
        return len(data) if value is MISSING and step == "size" else value
    if isinstance(data, str):
        return len(data) if step == "size" else MISSING
    return _element(data, step) if isinstance(data, list | tuple) else MISSING


def _element(data: Sequence[Any], step: Any) -> Any:
    if step == "size":
        return len(data)
    index = {"first": 0, "last": -1}.get(step, step) if isinstance(step, str) else step
    if isinstance(index, str):
        index = int(index) if index.isascii() and index.isdigit() and len(index) < 10 else None
    if not isinstance(index, int) or not -len(data) <= index < len(data):
        return MISSING
    return data[index]


def _find_joined(data: Mapping[str, Any], path: tuple[Any, ...]) -> Any:
    name = str(path[0])
    for count, step in enumerate(path[1:], start=2):
        name = f"{name}.{step}"
        if name in data:
            found = _find(data[name], path[count:])
            if found is not MISSING:
                return found
    return MISSING


def _find_split(data: Any, path: tuple[Any, ...]) -> Any:
    if not isinstance(path[0], str) or not 0 < path[0].count(".") < LONGEST_PATH:
        return MISSING
    for step in path[0].split("."):
        data = _step(data, step)
    return _find(data, path[1:]) if data is not MISSING else MISSING
