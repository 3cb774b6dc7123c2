"""Bracketed names to nested values, as PHP's http_build_query writes them: fields[PHONE][0][VALUE]."""

import re
from collections.abc import Iterable
from typing import Any

from .limits import DEPTH, VALUES
from .result import Problem

_BRACKETED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")


def nest(pairs: Iterable[tuple[str, Any]], flat: bool = False) -> tuple[dict[str, Any], Problem | None]:
    """Names and values to fields. No value is ever lost.

    A repeated name becomes a list. `a[]` and indexes 0..n-1 become a list, other keys an object. A name whose brackets
    do not match, or go too deep, or stand beyond VALUES keys in all, stays as it is. Where a name has both a value and
    keys (`a=1&a[b]=2`), the value stands under the key "": {"a": {"b": "2", "": "1"}}; beside a list it is one more
    item. Dots mean nothing. flat: brackets mean nothing either.
    """
    root = _Branch()
    problem = None
    keys = 0
    for name, value in pairs:
        path = _path(name) if "[" in name and not flat else [name]
        keys += len(path)
        if len(path) > DEPTH or (keys > VALUES and len(path) > 1):
            problem = Problem("depth", {"limit": DEPTH})
            path = [name]
        root.put(path, value)
    return {key: branch.result() for key, branch in root.keys.items()}, problem


def _path(name: str) -> list[str]:
    match = _BRACKETED.fullmatch(name)
    return [match[1], *match[2][1:-1].split("][")] if match else [name]


class _Branch:
    __slots__ = ("keys", "next_index", "values")

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.keys: dict[str, _Branch] = {}
        self.next_index = 0

    def put(self, path: list[str], value: Any) -> None:
        branch = self.child(path[0])
        for key in path[1:]:
            branch = branch.child(key or str(branch.next_index))
        branch.values.append(value)

    def child(self, key: str) -> "_Branch":
        if key not in self.keys:
            self.keys[key] = _Branch()
            if key.isascii() and key.isdigit() and len(key) < 10:
                self.next_index = max(self.next_index, int(key) + 1)
        return self.keys[key]

    def result(self) -> Any:
        if not self.keys:
            return _one_or_list(self.values)
        inner = {key: branch.result() for key, branch in self.keys.items()}
        indexes = [str(index) for index in range(len(inner))]
        if inner.keys() == set(indexes):
            return [inner[index] for index in indexes] + self.values
        return {**inner, "": _one_or_list(self.values)} if self.values else inner


def _one_or_list(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
