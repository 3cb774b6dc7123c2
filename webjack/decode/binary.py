"""Telling bytes that are no text: a picture, a document, something packed."""

from . import content_type, files

UNKNOWN = "application/octet-stream"
COMPRESSED = (b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd")  # gzip, zstd
_LOOKED_AT = 1 << 16  # bytes from the start


def binary_type(header: str, body: bytes) -> str:
    """The media type of a body that nobody can read, "" of any other one. header: its Content-Type."""
    media, start = content_type.parse(header), body[:_LOOKED_AT]
    if media.kind == "binary":  # servers also answer errors in words under the type of what was asked for
        told = files.looks_binary(start) or not _is_utf8(start)
    elif media.kind in ("", "form"):
        told = not media.charset and files.looks_binary(start) and not content_type.BEGINS_LIKE_PAIRS.match(start)
    else:
        told = False
    return (media.type or UNKNOWN) if told or start.startswith(COMPRESSED) else ""


def _is_utf8(start: bytes) -> bool:
    try:
        start.decode()
    except UnicodeDecodeError as problem:
        return problem.start > len(start) - 4  # a letter that is cut in two
    return True
