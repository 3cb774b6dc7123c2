"""Files as fields: name, size, type, content."""

import re
from base64 import b64encode
from typing import Any

from . import charsets
from .limits import FILE_SIZE

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def looks_binary(content: bytes) -> bool:
    """Whether these bytes hold characters that no text has."""
    mark, _ = charsets.byte_order_mark(content)
    return not mark and _CONTROL.search(content) is not None


def describe(content: bytes, media_type: str, charset: str = "", name: str | None = None) -> dict[str, Any]:
    """{"name", "size" in bytes, "type", "content"}.

    The content is text where it is text, else base64, which "encoding": "base64" says. "cut": True says that only the
    first FILE_SIZE characters or bytes are here.
    """
    file: dict[str, Any] = {"size": len(content), "type": media_type}
    if name is not None:
        file = {"name": name, **file}
    text = None if looks_binary(content) else _text(content, media_type, charset)
    if text is not None:
        file["content"] = text[:FILE_SIZE]
        cut = len(text) > FILE_SIZE
    else:
        file["content"] = b64encode(content[:FILE_SIZE]).decode("ascii")
        file["encoding"] = "base64"
        cut = len(content) > FILE_SIZE
    return {**file, "cut": True} if cut else file


def _text(content: bytes, media_type: str, charset: str) -> str | None:
    read = charsets.read_text(content, charset)
    declared_as_text = media_type.startswith("text/") or media_type.endswith(("json", "xml"))
    return read.text if declared_as_text or (read.charset.startswith("utf-") and not read.damaged) else None
