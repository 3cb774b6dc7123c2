"""Bytes to text: the declared charset, else UTF-8, else windows-1251."""

import codecs
from encodings.aliases import aliases
from functools import lru_cache
from typing import NamedTuple

FALLBACK = "windows-1251"

# Only names of this set reach codecs.lookup: it remembers every unknown name for ever.
_NOT_TEXT = {"rot_13", "utf_7", "mbcs"}
_KNOWN = {
    name
    for name in {*aliases, *aliases.values(), "koi8_u", "cp874"}
    if not aliases.get(name, name).endswith("_codec") and aliases.get(name, name) not in _NOT_TEXT
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins the same
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What libraries declare when nobody told them a charset.
_CARELESS = {"ascii", "iso8859-1"}
_ASCII = bytes(range(128))
# Python leaves 0x98 undefined, browsers read it as U+0098: https://encoding.spec.whatwg.org/#windows-1251
_FALLBACK_SIGNS = "\x98".join(piece.decode(FALLBACK) for piece in bytes(range(256)).split(b"\x98"))


class Text(NamedTuple):
    text: str
    charset: str
    damaged: bool = False  # some bytes became U+FFFD


@lru_cache(maxsize=256)
def known(name: str) -> str:
    """Python's name of a charset, "" for one that it does not know or that is no charset of texts."""
    key = name.strip().lower().replace("-", "_")
    return codecs.lookup(key).name if key in _KNOWN else ""


@lru_cache(maxsize=256)
def extends_ascii(charset: str) -> bool:
    """Whether ASCII bytes mean themselves in it (so that "&" and "=" can be found before decoding)."""
    try:
        return _ASCII.decode(charset) == _ASCII.decode("ascii")
    except UnicodeDecodeError:
        return False


def byte_order_mark(raw: bytes) -> tuple[bytes, str]:
    """The mark that begins these bytes and its charset, or (b"", "")."""
    return next(((mark, charset) for mark, charset in _BOMS if raw.startswith(mark)), (b"", ""))


def read_text(raw: bytes, declared: str = "") -> Text:
    """A whole body as text, without its byte order mark (which outweighs the declared charset)."""
    mark, charset = byte_order_mark(raw)
    if charset == "utf-8":
        return read_value(raw[len(mark) :])
    if mark:
        return _forced(raw[len(mark) :], charset)
    return read_value(raw, declared)


def read_value(raw: bytes, declared: str = "") -> Text:
    """A piece of text, such as one field of a form. `declared` is a name from `known` or ""."""
    if declared and not (declared in _CARELESS and _is_utf8(raw)):
        try:
            return Text(raw.decode(declared), declared)
        except UnicodeDecodeError:
            pass  # a wrong header: go on guessing
    try:
        return Text(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _not_quite_utf8(raw)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _not_quite_utf8(raw: bytes) -> Text:
    """Damaged UTF-8 (a value cut in the middle of a letter) is told from another charset by its many good letters."""
    mended = raw.decode("utf-8", "replace")
    bad = mended.count("\ufffd")
    good = len(mended) - len(mended.encode("ascii", "ignore")) - bad
    if good > bad:
        return Text(mended, "utf-8", damaged=True)
    read, _length = codecs.charmap_decode(raw, "strict", _FALLBACK_SIGNS)  # type: ignore[arg-type]  # a text is one
    return Text(read, FALLBACK)


def _forced(raw: bytes, charset: str) -> Text:
    try:
        return Text(raw.decode(charset), charset)
    except UnicodeDecodeError:
        return Text(raw.decode(charset, "replace"), charset, damaged=True)
