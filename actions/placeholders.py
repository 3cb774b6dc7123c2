"""Placeholders: ``{{ client_phone }}`` in the texts of a config, filled with the data of an operation.

The first name of a path is a field of the source, unless it is one of `RESERVED`. ``{{ source["appointment.time"] }}``
reaches any field. A text that is exactly one placeholder keeps the value's type; None when there is no such value. In a
longer text None and missing values are empty, true is ``true``, objects and lists are JSON. Values are data: what looks
like a placeholder in them is never filled. No HTML is escaped.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from actions import placeholder_grammar
from actions.lookup import MISSING, find
from actions.placeholder_context import Context, around, company
from actions.placeholder_pipes import Scope
from actions.placeholder_syntax import BadTemplate
from actions.placeholder_templates import Cache
from actions.values import text as _written

__all__ = [
    "BadTemplate",
    "Context",
    "Field",
    "Unknown",
    "check",
    "company",
    "fields",
    "fill",
    "fill_text",
    "placeholder",
    "unknown",
]

RESERVED = frozenset(["steps", "source", "operation", "company", "request"])
MOST_FIELDS = 500

_DEEPEST = 50
_MOST_UNKNOWN = 20
_LONGEST_NAME = 100  # characters compared to find a similar name
_LONGEST_SAMPLE = 200
_WORDS = frozenset(["true", "false", "nil", "null", "empty", "blank", "and", "or", "contains"])
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_templates = Cache()


@dataclass(frozen=True)
class Unknown:
    """A name that the context does not have, with the line it stands in and the closest name that exists."""

    name: str
    line: int
    suggestion: str | None


@dataclass(frozen=True)
class Field:
    """A field to pick: its path for the reader, the text to insert, and its value as text, shortened."""

    name: str
    placeholder: str
    sample: str


def fill(config: Any, context: Context, grammars: Mapping[str, str] | None = None) -> Any:
    """Fill every text inside a config (str, list, dict, nested); keys and other values stay as they are.

    Values are put in as they are, not copied; the name of a row (a dict inside a list) becomes a text. grammars: the
    settings whose text is JSON or XML ("json", "xml"), by their name; values are written so that it stays that. Raises
    BadTemplate for a text that cannot be read, a filter that fails on the values, and a result that is too large.
    """
    scope = Scope(partial(_find, context), around(context))
    if grammars and isinstance(config, dict):
        plain = {name: value for name, value in config.items() if name not in grammars}
        special = {
            name: _fill_special(config[name], scope, grammars[name], (name,)) for name in grammars if name in config
        }
        return _fill(plain, scope, ()) | special
    return _fill(config, scope, ())


def fill_text(text: Any, context: Context, grammar: str) -> Any:
    """Fill one text of a grammar; other values stay as they are. Raises BadTemplate."""
    return _fill_special(text, Scope(partial(_find, context), around(context)), grammar, ())


def check(text: str) -> None:
    """Raise BadTemplate when a text cannot be filled whatever the data: syntax, unknown filter or tag, too long."""
    if _has_placeholders(text):
        _templates.get(text)


def unknown(text: str, context: Context) -> list[Unknown]:
    """Return the names of a text that the context does not have, each once. Raises BadTemplate like `check`."""
    if not _has_placeholders(text):
        return []
    found: dict[str, Unknown] = {}
    known: list[str] | None = None
    for path in _templates.get(text).paths():
        steps = [step for step in path.path if isinstance(step, str | int)]
        name = str(path)
        if len(steps) < len(path.path) or name in found or _find(context, steps) is not MISSING:
            continue
        if known is None:
            known = [path_text(steps) for steps, _value in _walk_context(context)]
        line = path.token.source.count("\n", 0, path.token.start_index) + 1
        found[name] = Unknown(name, line, _closest(name, known))
        if len(found) == _MOST_UNKNOWN:
            break
    return list(found.values())


def placeholder(name: str) -> str:
    """Return the text to insert for a field of the source, whatever its name."""
    return "{{ " + path_text(["source", name]) + " }}"


def fields(data: Mapping[str, Any], prefix: tuple[str, ...] = ("source",)) -> list[Field]:
    """Flatten data for the picker, at most `MOST_FIELDS`; lists show their first element.

    `prefix` is where the data are: ``("source",)``, ``("steps", "json")``, ``("operation",)`` and so on.
    """
    return [
        Field(path_text([*prefix, *steps]), "{{ " + path_text([*prefix, *steps]) + " }}", _sample(value))
        for steps, value in _walk(data, MOST_FIELDS)
    ]


def path_text(steps: list[Any]) -> str:
    """Write a path as it stands in a placeholder; a plain field of the source needs no ``source``."""
    if len(steps) > 1 and steps[0] == "source" and _is_plain_root(steps[1]):
        steps = steps[1:]
    return "".join(f".{step}" if _is_identifier(step) else _bracketed(step) for step in steps).removeprefix(".")


def _fill(config: Any, scope: Scope, place: tuple[Any, ...]) -> Any:
    if isinstance(config, str):
        return _fill_text(config, scope, place) if _has_placeholders(config) else config
    if not isinstance(config, list | dict):
        return config
    if len(place) > _DEEPEST:
        raise BadTemplate(_("The settings are nested too deeply"))
    if isinstance(config, list):
        return [_element(inner, scope, (*place, index)) for index, inner in enumerate(config)]
    return {name: _fill(inner, scope, (*place, name)) for name, inner in config.items()}


def _element(config: Any, scope: Scope, place: tuple[Any, ...]) -> Any:
    filled = _fill(config, scope, place)
    if isinstance(config, dict) and isinstance(config.get("name"), str) and not isinstance(filled["name"], str):
        try:
            filled["name"] = _written(filled["name"])
        except ValueError as problem:
            bad = BadTemplate(str(problem))
            bad.place = (*place, "name")
            raise bad from None
    return filled


def _fill_text(text: str, scope: Scope, place: tuple[Any, ...]) -> Any:
    scope.place = place
    try:
        return _templates.get(text).fill(scope)
    except BadTemplate as problem:
        problem.place = place
        raise


def _fill_special(text: Any, scope: Scope, grammar: str, place: tuple[Any, ...]) -> Any:
    if not isinstance(text, str) or not _has_placeholders(text):
        return text
    scope.place = place
    try:
        return placeholder_grammar.fill(_templates.get(text), scope, grammar)
    except BadTemplate as problem:
        problem.place = place
        raise
    except ValueError as problem:
        raise BadTemplate(str(problem)) from None
    finally:
        scope.kept = None


def _has_placeholders(text: str) -> bool:
    return "{{" in text or "{%" in text


def _find(context: Context, path: Sequence[Any]) -> Any:
    for step in path:
        if type(step) is not str and type(step) is not int:  # what stands in brackets may be anything
            return MISSING
    root = path[0]
    return find(getattr(context, root), path[1:]) if root in RESERVED else find(context.source, path)


def _is_identifier(step: Any) -> bool:
    return isinstance(step, str) and _IDENTIFIER.fullmatch(step) is not None


def _is_plain_root(step: Any) -> bool:
    return _is_identifier(step) and step not in RESERVED and step not in _WORDS


def _bracketed(step: Any) -> str:
    return f"[{step}]" if isinstance(step, int) else '["' + step.replace('"', '""') + '"]'


def _walk(data: Any, most: int) -> Iterator[tuple[list[Any], Any]]:
    """Walk the leaves of data with their paths, at most `most`; of a list the first element."""
    pending: list[tuple[list[Any], Any]] = [([], data)]
    given = 0
    while pending and given < most:
        steps, value = pending.pop()
        if isinstance(value, Mapping) and value and len(steps) < _DEEPEST:
            inner = [([*steps, str(name)], value[name]) for name, _i in zip(value, range(most), strict=False)]
            pending += reversed(inner)
        elif isinstance(value, list | tuple) and value and len(steps) < _DEEPEST:
            pending.append(([*steps, 0], value[0]))
        elif steps:
            given += 1
            yield steps, value


def _walk_context(context: Context) -> Iterator[tuple[list[Any], Any]]:
    for root in ("source", "steps", "operation", "company", "request"):
        for steps, value in _walk(getattr(context, root), MOST_FIELDS):
            yield [root, *steps], value


def _closest(name: str, known: list[str]) -> str | None:
    by_folded = {one.casefold(): one for one in known if len(one) <= _LONGEST_NAME}
    close = difflib.get_close_matches(name[:_LONGEST_NAME].casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else None


def _sample(value: Any) -> str:
    written = _written(value)
    return written if len(written) <= _LONGEST_SAMPLE else written[: _LONGEST_SAMPLE - 1] + "…"
