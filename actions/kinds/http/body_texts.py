"""Bodies that are typed as JSON or XML: whether they will be that once their placeholders are filled."""

import json
import re
from xml.parsers import expat

from django.utils.translation import gettext as _

from webjack.http import Failed

_PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_TAG = "{%"
_QUOTES = re.compile(r'\\.|"', re.DOTALL)


def check_json(text: str) -> None:
    """Raises ValueError with a sentence. What depends on conditions is known only when it is filled."""
    if _TAG not in text:
        _read_json(_with_values(text))


def check_xml(text: str) -> None:
    if _TAG not in text:
        _read_xml(_PLACEHOLDER.sub("x", text))


def json_bytes(text: str) -> bytes:
    """The filled text as it is sent. Raises Failed."""
    try:
        _read_json(text)
    except ValueError as bad:
        raise Failed(str(bad)) from bad
    return text.encode("utf-8", "replace")


def xml_bytes(text: str) -> bytes:
    """The filled document as it is sent: in UTF-8, whatever encoding it declares. Raises Failed."""
    try:
        _read_xml(text)
    except ValueError as bad:
        raise Failed(str(bad)) from bad
    declared = re.sub(r"""(\A\s*<\?xml[^>]*?\sencoding\s*=\s*)(["'])[^"']*\2""", r"\1\2UTF-8\2", text)
    return declared.lstrip().encode("utf-8", "replace")


def _with_values(text: str) -> str:
    """The text with something in place of each placeholder that fits there."""
    pieces, end, inside = [], 0, False
    for found in _PLACEHOLDER.finditer(text):
        before = text[end : found.start()]
        inside = inside != bool(sum(sign[0] == '"' for sign in _QUOTES.finditer(before)) % 2)
        # As long as what it stands for, so that an error's place is right.
        pieces += [before, "x" * len(found[0]) if inside else "0".ljust(len(found[0]))]
        end = found.end()
    return "".join([*pieces, text[end:]])


def _read_json(text: str) -> None:
    try:
        json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise ValueError(_("This is not JSON: see line %(line)s, sign %(column)s") % place) from None
    except (ValueError, RecursionError):
        raise ValueError(_("This is not JSON that every service reads")) from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _read_xml(text: str) -> None:
    parser = expat.ParserCreate("utf-8")

    def refuse(*_declared: object) -> None:
        raise ValueError(_("The document declares entities: write out what they stand for"))

    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text.lstrip().encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        place = {"line": error.lineno, "column": error.offset + 1}
        raise ValueError(_("This is not XML: see line %(line)s, sign %(column)s") % place) from None
