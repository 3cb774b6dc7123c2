"""XML bodies, decoded as xmltodict does, with the root element included."""

import re
from xml.parsers.expat import ExpatError

import xmltodict

from . import charsets
from .limits import check_size
from .result import Part, Problem, UndecodableError

_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")


def read_body(body: bytes, declared: str = "") -> Part:
    """An XML body to fields.

    A DOCTYPE is passed over and never fetched; one that declares entities is refused, so neither bombs nor files come
    in. Raises UndecodableError("xml", line, column), ("xml_entities"), ("depth", limit), ("values", limit).
    """
    text = charsets.read_text(body, declared or _own_charset(body))
    try:
        # Told "utf-8", expat ignores the declaration inside the document, which was heeded above.
        fields = xmltodict.parse(text.text.lstrip().encode("utf-8", "replace"), encoding="utf-8", disable_entities=True)
    except ExpatError as error:
        raise UndecodableError("xml", line=error.lineno, column=error.offset + 1) from error
    except ValueError as error:
        raise UndecodableError("xml_entities") from error
    check_size(fields)
    problem = Problem("charset", {"charset": text.charset}) if text.damaged else None
    return Part(fields, "xml", text.charset, problem)


def _own_charset(body: bytes) -> str:
    match = _ENCODING.match(body)
    charset = charsets.known(match[1].decode("ascii")) if match else ""
    return charset if charset and charsets.extends_ascii(charset) else ""
