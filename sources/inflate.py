"""Unpacks bodies that came compressed."""

import zlib

MOST = 16 * 1024 * 1024  # bytes unpacked; a megabyte of zeros packs into a kilobyte
MOST_JOINED = 1000  # gzip files in one body: after each of them the rest of the body is copied
_GZIP, _ZLIB, _BARE = 31, 15, -15  # "wbits" of zlib
_WAYS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _BARE)}  # "deflate" is both in practice


def inflate(body: bytes, encoding: str) -> bytes:
    """The body without the encodings that Content-Encoding names; as it came where it cannot be unpacked."""
    found = body
    for name in reversed([name.strip().lower() for name in encoding.split(",")]):
        if name in ("", "identity"):
            continue
        unpacked = _first(_WAYS.get(name, ()), found)
        if unpacked is None:
            return body
        found = unpacked
    return found


def _first(ways: tuple[int, ...], body: bytes) -> bytes | None:
    return next((found for bits in ways if (found := _unpack(body, bits)) is not None), None)


def _unpack(body: bytes, bits: int) -> bytes | None:
    """None where it is something else, broke off, becomes larger than MOST, or has more parts than MOST_JOINED."""
    found, parts = b"", 0
    while body:
        parts += 1
        if parts > MOST_JOINED:
            return None
        machine = zlib.decompressobj(bits)
        try:
            found += machine.decompress(body, MOST + 1 - len(found))
        except zlib.error:
            return None
        if not machine.eof or len(found) > MOST:
            return None
        body = machine.unused_data if bits == _GZIP else b""  # gzip files may be joined
    return found
