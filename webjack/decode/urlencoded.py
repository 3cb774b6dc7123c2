"""Query strings and application/x-www-form-urlencoded bodies."""

import re
from urllib.parse import unquote_to_bytes

from . import brackets, charsets
from .limits import FIELDS
from .result import Part, Problem, Wish

AS_IT_SAYS = Wish()
# A sender that pastes a phone into an address without escaping it means "+", not a space. By then it looks like
# " 7 (916) 123-45-67"; a date after a space is no phone.
_PHONE = re.compile(rb" (?!\d{4}-\d\d-\d\d)\d[\d ()\-]{6,}(?:\Z|[,;/]|ext|" + "доб".encode() + rb")")


def read_query(query: str | bytes, wish: Wish = AS_IT_SAYS) -> Part:
    """A query string to fields. A second "?" before it (pasted twice by the customer) is dropped."""
    charset = charsets.known(wish.charset)
    declared = charset if charset and charsets.extends_ascii(charset) else ""
    return _read(_as_bytes(query).lstrip(b"?"), declared, wish.flat)


def read_body(body: bytes, declared: str = "", flat: bool = False) -> Part:
    """A form to fields. `declared` is a charset's name from charsets.known or ""; flat: see Wish."""
    mark, charset = charsets.byte_order_mark(body)
    if charset == "utf-8":
        return _read(body[len(mark) :], charset, flat)
    if charset or (declared and not charsets.extends_ascii(declared)):
        body = charsets.read_text(body, declared).text.encode("utf-8", "surrogatepass")
        declared = ""
    return _read(body.rstrip(b"\r\n"), declared, flat)


def _as_bytes(query: str | bytes) -> bytes:
    if isinstance(query, bytes):
        return query
    try:
        return query.encode("latin-1")
    except UnicodeEncodeError:
        return query.encode("utf-8", "surrogatepass")


def _read(raw: bytes, declared: str, flat: bool) -> Part:
    pieces = raw.split(b"&", FIELDS)
    problem = None
    if len(pieces) > FIELDS:
        problem = Problem("fields", {"limit": FIELDS})
        del pieces[FIELDS:]
    pairs = []
    charset = declared or "utf-8"
    for piece in pieces:
        if not piece:
            continue
        name, _, value = piece.partition(b"=")
        texts = [_text(name, declared), _text(value, declared)]
        pairs.append((texts[0].text, texts[1].text))
        for text in texts:
            if text.charset == charsets.FALLBACK:
                charset = text.charset
            if text.damaged:
                problem = problem or Problem("charset", {"charset": text.charset})
    fields, too_deep = brackets.nest(pairs, flat)
    return Part(fields, "form", charset, problem or too_deep)


def _text(piece: bytes, declared: str) -> charsets.Text:
    if b"%" not in piece and b"+" not in piece:
        return charsets.read_value(piece, declared)
    plain = unquote_to_bytes(piece.replace(b"+", b" "))
    if piece.startswith(b"+") and _PHONE.match(plain):
        plain = b"+" + plain[1:]
    return charsets.read_value(plain, declared)
