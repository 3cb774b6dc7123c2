r"""Names of rows that say where a value goes in an object: ``client.phone``, ``items[].name``, ``a\.b``."""

import re
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

Segment = str | int | None
"""A key of an object, an index of a list, or None: one more element of a list."""

_DEEPEST = 32
_LONGEST = 500  # characters
_MISSING: Any = object()
_INDEX = re.compile(r"\[(\d*)\]")
_ESCAPED = re.compile(r"\\([.\[\]\\])")


class _Object(dict[str, Any]):
    """An object that rows made: a dict that came as a value is somebody else's and is never added to."""


class _List(list[Any]):
    """A list that rows made."""


def segments(name: str) -> list[Segment]:
    r"""Split a row's name; ``\.``, ``\[`` and ``\\`` stand for themselves. Raises ValueError with a sentence."""
    if len(name) > _LONGEST:
        raise ValueError(_("the name is too long"))
    found: list[Segment] = []
    for piece in _pieces(name):
        key, indexes = _key_and_indexes(piece)
        if not key:
            raise ValueError(_("the name is empty, or has an empty part between dots"))
        found.append(_ESCAPED.sub(r"\1", key))
        found += [int(index) if index else None for index in _INDEX.findall(indexes)]
        if len(found) > _DEEPEST:
            raise ValueError(_("the name is nested too deeply"))
    return found


def put(target: dict[str, Any], path: list[Segment], value: Any) -> None:
    """Put a value into nested dicts and lists, making what is missing. Raises ValueError with a sentence."""
    here: Any = target
    for segment, following in pairwise(path):
        here = _enter(here, segment, _Object() if isinstance(following, str) else _List())
    _place(here, path[-1], value)


def _pieces(name: str) -> list[str]:
    pieces, start, position = [], 0, 0
    while position < len(name):
        if name[position] == "\\":
            position += 1
        elif name[position] == ".":
            pieces.append(name[start:position])
            start = position + 1
        position += 1
    return [*pieces, name[start:]]


def _key_and_indexes(piece: str) -> tuple[str, str]:
    indexes = re.search(r"(?<!\\)(?:\[\d{0,9}\])+\Z", piece)
    at = indexes.start() if indexes else len(piece)
    return piece[:at], piece[at:]


def _enter(here: Any, segment: Segment, fresh: Any) -> Any:
    inner = _existing(here, segment)
    if inner is _MISSING:
        _place(here, segment, fresh)
        return fresh
    if type(inner) is not type(fresh):
        raise ValueError(_("an earlier row already gave this name another value"))
    return inner


def _existing(here: Any, segment: Segment) -> Any:
    if isinstance(here, dict):
        return here.get(segment, _MISSING)
    return here[segment] if isinstance(segment, int) and segment < len(here) else _MISSING


def _place(here: Any, segment: Segment, value: Any) -> None:
    if _existing(here, segment) is not _MISSING:
        raise ValueError(_("an earlier row already gave this name another value"))
    if isinstance(here, dict):
        here[segment] = value
    elif segment is None or segment == len(here):
        here.append(value)
    else:
        raise ValueError(_("the list has only %(size)s elements so far: give them in order") % {"size": len(here)})
