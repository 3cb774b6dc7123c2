"""Secrets that only a field's name reveals, in bodies and other data: ``{"access_token": "…"}``, ``password=…``."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_plus

MASK = "••••"

_LONGEST_NAME = 80
_HINTS = ("token", "secret", "passw", "pwd", "key", "auth", "sign", "sig", "pass", "cookie")  # in every secret name
_HINT = re.compile("|".join(_HINTS), re.IGNORECASE)
_MOST_HINTS = 10_000  # in one text; what stands behind them is hidden unread
_SECRET = re.compile(
    r"token|secret|passw|pwd|(?:api|access|auth|private|client)[-_ ]?key|^x-auth|authorization|signature"
    r"|^(?:set-)?cookie$",
    re.IGNORECASE,
)
# Numbers about tokens, and those by which a service gives the next page.
_PUBLIC = re.compile(
    r"(?:page|next|prev|previous|cursor|continuation|sync)[-_]?token|tokens$|expire|[-_]?(?:type|count|limit|usage)$"
    r"|^(?:is|has)_",
    re.IGNORECASE,
)
_DIGITS_TOO = re.compile(r"passw|pwd|secret", re.IGNORECASE)
# A body's `key` is mostly the name of a field: only a value that looks like a key makes it one.
_DOUBTFUL = frozenset(["key", "auth", "pass", "sig", "sign"])
_RANDOM = re.compile(r"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[A-Za-z0-9_.~+/=-]{16,}")

_NAME = rf"(?P<name>[^\"\\]{{1,{_LONGEST_NAME}}})"
# Of a value as much as it takes to judge it; the rest is read only of a secret, which is then done with.
_VALUE = r'(?:"(?P<value>(?:[^"\\]|\\.){0,200}+)|(?P<digits>\d{1,40}))'
_IN_JSON = re.compile(rf'("{_NAME}"\s{{0,20}}:\s{{0,20}}){_VALUE}', re.DOTALL)
_IN_QUOTED_JSON = re.compile(rf'("{_NAME}\\"\s{{0,20}}:\s{{0,20}}\\")(?P<value>[^"\\]{{1,200}})')
_IN_PARTS = re.compile(rf'("{_NAME}"[^\n]{{0,200}}\n(?:[^\r\n]{{1,200}}\r?\n){{0,4}}\r?\n)(?P<value>[^\r\n]{{1,200}})')
_IN_XML = re.compile(rf"(<(?P<name>[\w:.-]{{1,{_LONGEST_NAME}}})>)(?P<value>[^<>]{{1,200}})")
_IN_FORM = re.compile(rf"([?&;\n]?(?P<name>[^=&;#?\s\"'<>]{{1,{_LONGEST_NAME}}})=)(?P<value>[^&;#\s\"'<>]{{1,200}})")
_DIGITS = re.compile(r"\d*")
_REST = {
    _IN_JSON: re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL),
    _IN_QUOTED_JSON: re.compile(r'[^"\\]*'),
    _IN_PARTS: re.compile(r"[^\r\n]*"),
    _IN_XML: re.compile(r"[^<>]*"),
    _IN_FORM: re.compile(r"[^&;#\s\"'<>]*"),
}
_BEFORE_NAMES = '"<?&;\n'


def secret_field(name: str, value: Any) -> bool:
    """Whether a field's name says that its value, a text or a number, is a secret."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "" or len(name) > _LONGEST_NAME:
        return False
    if name.lower() in _DOUBTFUL:
        return isinstance(value, str) and _RANDOM.fullmatch(value[:200]) is not None
    if _SECRET.search(name) is None or _PUBLIC.search(name) is not None:
        return False
    return isinstance(value, str) or _DIGITS_TOO.search(name) is not None


def without_secrets(value: Any) -> Any:
    """A JSON value, or a text such as a body, with a mask in the place of each secret."""
    if isinstance(value, str):
        return in_text(value)
    if isinstance(value, list):
        return [without_secrets(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {name: MASK if secret_field(str(name), inner) else without_secrets(inner) for name, inner in value.items()}


def in_text(text: str) -> str:
    """The same for a text that may be JSON, a form, its parts or XML, perhaps cut off somewhere."""
    small = text.lower()
    if not any(hint in small for hint in _HINTS):
        return text
    pieces: list[str] = []
    at = 0
    for number, hint in enumerate(_HINT.finditer(text)):
        if hint.start() < at:
            continue
        if number == _MOST_HINTS:
            return "".join([*pieces, text[at : hint.start()], MASK])
        found = _field(text, at, hint.start())
        if found:
            pieces += [text[at : found.start()], _masked(found)]
            at = _end(text, found)
    return "".join([*pieces, text[at:]])


def _field(text: str, least: int, inside: int) -> re.Match[str] | None:
    """The field with its value's beginning, if a place is inside a secret one's name. least: where it may begin."""
    least = max(least, inside - _LONGEST_NAME)
    begin = max(text.rfind(sign, least, inside) for sign in _BEFORE_NAMES)
    if begin < 0:
        pattern, begin = _IN_FORM, least
    elif text[begin] == '"':
        quoted = text.endswith("\\", 0, begin)
        pattern = _IN_QUOTED_JSON if quoted else _IN_PARTS if text.endswith("name=", 0, begin) else _IN_JSON
    else:
        pattern = _IN_XML if text[begin] == "<" else _IN_FORM
    found = pattern.match(text, begin)
    if found is None:
        return None
    digits = found.groupdict().get("digits")
    return found if secret_field(unquote_plus(found["name"]), int(digits) if digits else found["value"]) else None


def _end(text: str, found: re.Match[str]) -> int:
    rest = (_DIGITS if found.groupdict().get("digits") else _REST[found.re]).match(text, found.end())
    return rest.end() if rest else found.end()


def _masked(found: re.Match[str]) -> str:
    if found.re is not _IN_JSON:
        return found[1] + MASK
    return found[1] + (f'"{MASK}"' if found["digits"] else f'"{MASK}')
