"""A request of the web server as it is kept: everything that came, without the secrets in its headers."""

from typing import Any
from urllib.parse import quote

from history.accept import Call
from webjack.http.charset import storable
from webjack.http.headers import from_wire
from webjack.http.mask import Mask
from webjack.sender import sender

_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_mask = Mask(())


def incoming(environ: dict[str, Any], body: bytes) -> Call:
    """The query is kept letter by letter; bytes that are no printable ASCII are written with percent signs."""
    return Call(
        method=environ["REQUEST_METHOD"].upper(),
        query=quote(_bytes(environ.get("QUERY_STRING", "")), safe=_PRINTABLE),
        headers=_headers(environ),
        content_type=storable(environ.get("CONTENT_TYPE", "")),
        body=body,
        address=sender(environ),
    )


def _bytes(text: str) -> bytes:
    """What WSGI gives as text is bytes, one character each (PEP 3333)."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    names = ((key, key.removeprefix("HTTP_")) for key in environ if key.startswith(("HTTP_", "CONTENT_")))
    pairs = [(name.replace("_", "-").title(), from_wire(environ[key])) for key, name in names if environ[key]]
    return {row["name"]: row["value"] for row in _mask.headers(pairs)}
