"""XML bodies, decoded as xmltodict does, with the root element included."""

import re
from collections.abc import Sized
from contextlib import suppress
from xml.parsers.expat import ExpatError, ParserCreate

import xmltodict

from . import charsets
from .limits import DEPTH, VALUES, check_size
from .result import Part, Problem, UndecodableError

_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")


def read_body(body: bytes, declared: str = "") -> Part:
    """An XML body to fields.

    A DOCTYPE is passed over and never fetched; one that declares entities is refused, so neither bombs nor files come
    in. Raises UndecodableError("xml", line, column), ("xml_entities"), ("depth", limit), ("values", limit).
    """
    text = charsets.read_text(body, declared or _own_charset(body))
    written = text.text.lstrip().encode("utf-8", "replace")
    if written.count(b"<") > DEPTH:
        _check(written)
    try:
        # Told "utf-8", expat ignores the declaration inside the document, which was heeded above.
        fields = xmltodict.parse(written, encoding="utf-8", disable_entities=True)
    except ExpatError as error:
        raise UndecodableError("xml", line=error.lineno, column=error.offset + 1) from error
    except ValueError as error:
        raise UndecodableError("xml_entities") from error
    check_size(fields)
    problem = Problem("charset", {"charset": text.charset}) if text.damaged else None
    return Part(fields, "xml", text.charset, problem)


def _check(written: bytes) -> None:
    """Refuses too much of it before any object is made, and entities. Raises UndecodableError like `read_body`."""
    depth = seen = 0

    def begin(_name: str, attributes: Sized) -> None:
        nonlocal depth, seen
        depth, seen = depth + 1, seen + 1 + len(attributes)
        if depth > DEPTH:
            raise UndecodableError("depth", limit=DEPTH)
        if seen > VALUES:
            raise UndecodableError("values", limit=VALUES)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def entity(*_declared: object) -> None:
        raise UndecodableError("xml_entities")

    parser = ParserCreate("utf-8")
    parser.EntityDeclHandler = entity
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    with suppress(ExpatError):  # what is wrong with it is said by the reading itself
        parser.Parse(written, True)


def _own_charset(body: bytes) -> str:
    match = _ENCODING.match(body)
    charset = charsets.known(match[1].decode("ascii")) if match else ""
    return charset if charset and charsets.extends_ascii(charset) else ""
