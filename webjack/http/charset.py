"""Bytes of a body to text."""

from __future__ import annotations

import codecs
import re

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';,]+)", re.I)

# Charsets of texts only: the header is a stranger's, and Python's list also holds codecs such as unicode_escape.
_TEXTUAL = re.compile(
    r"ascii|utf-(7|8|8-sig|(16|32)(-[bl]e)?)|iso8859-\d+|cp\d+|koi8-\w|mac-\w+|gb\w+|big5\w*|euc_\w+|shift_jis\w*"
)


def declared(content_type: str) -> str:
    """The charset that a Content-Type names, if it is one we can read, else ""."""
    found = _CHARSET.search(content_type)
    if found is None:
        return ""
    try:
        name = codecs.lookup(found.group(1)).name
    except (LookupError, ValueError):
        return ""
    return name if _TEXTUAL.fullmatch(name) else ""


def text(body: bytes, content_type: str) -> str:
    """The body as text: by its charset, else UTF-8, else Windows-1251 (old services name none). Never raises."""
    charset = declared(content_type)
    if charset:
        return body.decode(charset, "replace").removeprefix("\ufeff")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1251", "replace")


def shown(body: bytes, content_type: str) -> str:
    r"""The body for people: what cannot be decoded, and NUL, which PostgreSQL's text cannot hold, as \xNN."""
    decoded = body.decode(declared(content_type) or "utf-8", "backslashreplace")
    return storable(decoded)


def storable(text: str) -> str:
    r"""Text that PostgreSQL takes: NUL as \x00, lone surrogates as \uNNNN."""
    if "\x00" in text:
        text = text.replace("\x00", "\\x00")
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
