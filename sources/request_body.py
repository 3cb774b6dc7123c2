"""Reads the body of a request from the web server: whole, within a limit, in whatever way it was sent."""

from typing import Any

STEP = 64 * 1024
# Whoever sends too much is heard out a little longer, else the connection breaks off before our answer is read.
PATIENCE = 16 * 1024 * 1024


class TooLarge(Exception):
    """The body is longer than the limit."""


class Broken(Exception):
    """The sender went away, or wrote something that is no body, before it was whole."""


class LengthRequired(Exception):
    """The web server cannot read a body that comes in chunks."""


def read(environ: dict[str, Any], limit: int) -> bytes:
    """The body's bytes. What Content-Length says is believed only where the web server does not know the end itself.

    Django's own reading takes a body without Content-Length (Transfer-Encoding: chunked) for an empty one.
    """
    chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    length = None if chunked else _length(environ)
    if chunked and not environ.get("wsgi.input_terminated"):
        raise LengthRequired
    if length is not None and length > limit:
        _take(environ, min(length, PATIENCE), keep=0)
        raise TooLarge
    body, size = _take(environ, PATIENCE if length is None else length, keep=limit)
    if size > limit:
        raise TooLarge
    if length is not None and size < length:
        raise Broken
    return body


def _length(environ: dict[str, Any]) -> int:
    try:
        return max(0, int(environ.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0


def _take(environ: dict[str, Any], most: int, keep: int) -> tuple[bytes, int]:
    """Reads up to `most` bytes; returns the first `keep` of them and how many there were."""
    piece = _read(environ["wsgi.input"], min(STEP, most)) if most else b""
    if len(piece) == most:  # nearly always
        return piece[:keep], most
    kept, size = bytearray(piece[:keep]), len(piece)
    while piece and size < most:
        piece = _read(environ["wsgi.input"], min(STEP, most - size))
        if not piece:
            break
        size += len(piece)
        kept += piece[: max(0, keep - len(kept))]
    return bytes(kept), size


def _read(stream: Any, size: int) -> bytes:
    try:
        piece: bytes = stream.read(size)
    except Exception as error:  # each web server has exceptions of its own for this
        raise Broken from error
    return piece
