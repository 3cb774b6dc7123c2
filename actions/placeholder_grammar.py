"""Values inside a text that has a grammar, JSON or XML: whatever they hold, the text stays what it is.

While such a text is filled, marks stand for the values; then each value is written as its place demands.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from actions import values
from actions.placeholder_pipes import Scope
from actions.placeholder_templates import Template

JSON, XML = "json", "xml"

_QUOTES = re.compile(r'\\.|"', re.DOTALL)
_SECTIONS = re.compile(r"<!\[CDATA\[|\]\]>")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}


def fill(template: Template, scope: Scope, grammar: str) -> str:
    """The filled text of a grammar. Raises BadTemplate; ValueError with a sentence when a value cannot be written."""
    scope.kept, scope.mark = [], f"\ue000{secrets.token_hex(8)}:"
    pieces = re.split(re.escape(scope.mark) + "([0-9]+);", template.text(scope))
    written = []
    for text, place, number in _places(pieces, _WALKS[grammar]):
        written.append(text)
        if number is not None:
            value = _WRITERS[grammar](scope.kept[number], place)
            scope.charge(len(value))
            written.append(value)
    return "".join(written)


def _places(pieces: list[str], walk: Callable[[str, bool], bool]) -> Iterator[tuple[str, bool, int | None]]:
    """Each constant text, whether its end is inside a special place, and the number of the value behind it."""
    inside = False
    for index in range(0, len(pieces), 2):
        inside = walk(pieces[index], inside)
        yield pieces[index], inside, int(pieces[index + 1]) if index + 1 < len(pieces) else None


def _in_string(text: str, inside: bool) -> bool:
    return inside != bool(sum(found[0] == '"' for found in _QUOTES.finditer(text)) % 2)


def _in_section(text: str, inside: bool) -> bool:
    for found in _SECTIONS.finditer(text):
        inside = found[0] != "]]>"
    return inside


def _as_json(value: Any, in_string: bool) -> str:
    """Inside quotes a text; outside them a value, and a text that is JSON itself is that JSON."""
    if in_string:
        return values.json_text(values.text(value))[1:-1]
    if isinstance(value, str):
        try:
            values.read_json(value)
            return value.strip()
        except ValueError:
            pass
    return values.json_text(value)


def _as_xml(value: Any, in_section: bool) -> str:
    text = _NOT_IN_XML.sub("", values.text(value))
    if in_section:
        return text.replace("]]>", "]]]]><![CDATA[>")
    return re.sub("[&<>\"']", lambda found: _ENTITIES[found[0]], text)


_WALKS = {JSON: _in_string, XML: _in_section}
_WRITERS = {JSON: _as_json, XML: _as_xml}
