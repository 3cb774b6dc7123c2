"""The Content-Type header, and what a body looks like by itself."""

import json
import re
from functools import lru_cache
from typing import NamedTuple

from multipart import parse_options_header

from .charsets import known

_JSON = {"json", "x-json", "json-rpc", "jsonrequest"}
_BINARY_SUBTYPES = {"pdf", "zip", "gzip", "x-gzip", "zstd", "x-tar", "x-rar-compressed", "x-7z-compressed", "msword"}
_BINARY_TYPES = ("image/", "audio/", "video/", "font/", "application/vnd.openxmlformats")

_NAME = rb"[\w.\-\[\]%+~\x80-\xff]+"
BEGINS_LIKE_PAIRS = re.compile(_NAME + rb"=")
_ONE_PAIR = re.compile(_NAME + rb"=[^\s&]*")
_PAIRS = re.compile(_NAME + rb"=[^\r\n&]*(?:&" + _NAME + rb"(?:=[^\r\n&]*)?)+&?")
_SOME_VALUE = re.compile(rb"=[^&=\s]")


class Media(NamedTuple):
    kind: str  # how a body of this type is read: a form of Decoded, or "" if the type says nothing
    type: str
    charset: str  # Python's name or ""
    boundary: str


@lru_cache(maxsize=256)
def parse(header: str) -> Media:
    """The parts of a Content-Type header. Of several joined by commas the first counts."""
    value, options = parse_options_header(header)
    media_type = value.split(",")[0].strip()
    return Media(_kind(media_type), media_type, known(options.get("charset", "")), options.get("boundary", ""))


def _kind(media_type: str) -> str:
    family, _, subtype = media_type.partition("/")
    if media_type == "application/x-www-form-urlencoded":
        return "form"
    if family == "multipart":
        return "multipart"
    if subtype in _JSON or subtype.endswith("+json"):
        return "json"
    if subtype == "xml" or subtype.endswith("+xml"):
        return "xml"
    if family == "text":
        return "text"
    return "binary" if subtype in _BINARY_SUBTYPES or media_type.startswith(_BINARY_TYPES) else ""


def guess(body: bytes) -> str:
    """What a body looks like without its header: "json", "xml", "multipart", "form" or ""."""
    start = body[:64].decode(json.detect_encoding(body), "ignore").lstrip("\ufeff \t\r\n")
    if start.startswith(("{", "[")):
        return "json"
    if start.startswith("<"):
        return "xml"
    if start.startswith("--") and b"content-disposition: form-data" in body[:1024].lower():
        return "multipart"
    line = body.strip()
    looks_like_pairs = _ONE_PAIR.fullmatch(line) or _PAIRS.fullmatch(line)
    return "form" if looks_like_pairs and _SOME_VALUE.search(line) else ""
