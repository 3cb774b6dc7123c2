"""A command of a batch: the method and its parameters as PHP reads them from an address."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote


def command(method: str, parameters: dict[str, Any]) -> str:
    """`crm.lead.add?fields[TITLE]=…`, percent-encoded once: the batch itself goes as JSON."""
    pairs = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in _pairs("", parameters))
    return f"{method}?{pairs}" if pairs else method


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _pairs(f"{name}[{key}]" if name else str(key), one)
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from _pairs(f"{name}[{number}]", one)
    elif value is not None:
        yield name, _written(value)


def _written(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value).encode("utf-8", "replace").decode()
