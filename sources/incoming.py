"""A request of the web server as it is kept: everything that came, without the secrets in its headers."""

import gzip
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from history.accept import Call
from sources.inflate import inflate
from webjack.http.charset import storable
from webjack.http.headers import from_wire
from webjack.http.mask import Mask, ordinary_header
from webjack.sender import sender

ENCODING = "Content-Encoding"
LONGEST = 1000  # characters of a text that is masked
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_is_printable = re.compile(r"[!-~]*").fullmatch
_is_plain = re.compile(r"[ -~]*").fullmatch
_mask = Mask(())


def incoming(environ: dict[str, Any], body: bytes) -> Call:
    """The query is kept letter by letter; bytes that are no printable ASCII are written with percent signs."""
    query = environ.get("QUERY_STRING", "")
    return Call(
        method=environ["REQUEST_METHOD"].upper(),
        query=query if _is_printable(query) else quote(_bytes(query), safe=_PRINTABLE),
        headers=_headers(environ),
        content_type=storable(environ.get("CONTENT_TYPE", "")),
        body=body,
        address=sender(environ),
    )


def without(call: Call, secrets: Iterable[str]) -> Call:
    """The call with a mask in place of these texts, wherever and however they stand in it, also in a packed body.

    Those of more than LONGEST characters stay: looking for them in a large body would take seconds.
    """
    mask = Mask(secret for secret in secrets if len(secret) <= LONGEST)
    headers = {name: mask.text(value) for name, value in call.headers.items()}
    query = quote(mask.text(call.query), safe=_PRINTABLE)
    unpacked = inflate(call.body, call.headers.get(ENCODING, ""))
    body = mask.raw(unpacked)
    if body == unpacked:
        return replace(call, query=query, headers=headers)
    if unpacked is not call.body:  # packed again: unpacked it may be a thousand times as large
        headers, body = headers | {ENCODING: "gzip"}, gzip.compress(body, compresslevel=1, mtime=0)
    return replace(call, query=query, headers=headers, body=body)


def _bytes(text: str) -> bytes:
    """What WSGI gives as text is bytes, one character each (PEP 3333)."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    found = {}
    for key, value in environ.items():
        if value and key.startswith(("HTTP_", "CONTENT_")):
            name, is_ordinary = _header(key)
            if is_ordinary and _is_plain(value):
                found[name] = value
            else:
                found |= {row["name"]: row["value"] for row in _mask.headers([(name, from_wire(value))])}
    return found


@lru_cache(maxsize=1024)
def _header(key: str) -> tuple[str, bool]:
    """The name of a header, and whether the mask leaves its value alone. key: as WSGI has it."""
    name = key.removeprefix("HTTP_").replace("_", "-").title()
    return _mask.text(name), ordinary_header(name)
