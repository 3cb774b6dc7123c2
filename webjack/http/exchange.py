"""The record of one request with its answer, ready for JSON and masked.

Of a body that is no text only its size, its type and its hash are kept: ``{"body": None, "size": 12000, "binary":
"image/png", "sha256": "…"}``.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ..decode.binary import binary_type
from .headers import Headers, value_of
from .mask import Mask

REQUEST_KEPT = 256 * 1024
RESPONSE_KEPT = 1024 * 1024
_LONGEST_TYPE = 100


class Exchange:
    """Measures one request and writes it down."""

    def __init__(self, mask: Mask, method: str, url: str, headers: Headers, body: bytes | None) -> None:
        self._mask = mask
        self._started = time.monotonic()
        mask.learn(headers, url)
        self.record: dict[str, Any] = {
            "request": {
                "method": method,
                "url": mask.url(url),
                "headers": mask.headers(headers),
                **self._body(body, headers, REQUEST_KEPT, False),
            },
            "response": None,
            "error": None,
            "started_at": _now(),
            "duration_ms": 0,
        }

    def answered(
        self, status: int, reason: str, headers: Iterable[tuple[str, str]], body: bytes, truncated: bool
    ) -> None:
        """Write down the answer; body: the decoded bytes that were kept."""
        headers = list(headers)
        self.record["response"] = {
            "status": status,
            "reason": self._mask.text(reason),
            "headers": self._mask.headers(headers),
            **self._body(body, headers, RESPONSE_KEPT, truncated),
        }

    def failed(self, sentence: str) -> None:
        self.record["error"] = sentence

    def finished(self) -> None:
        self.record["duration_ms"] = round((time.monotonic() - self._started) * 1000)

    def _body(self, body: bytes | None, headers: Headers, limit: int, truncated: bool) -> dict[str, Any]:
        if body is None:
            return {"body": None, "size": 0, "truncated": False}
        binary = binary_type(value_of(headers, "content-type"), body)
        if binary:  # its bytes written as text would be of no use to anybody
            told = self._mask.text(binary)[:_LONGEST_TYPE]
            digest = hashlib.sha256(body).hexdigest()
            return {"body": None, "size": len(body), "truncated": truncated, "binary": told, "sha256": digest}
        text, cut = self._mask.body(body, value_of(headers, "content-type"), limit, truncated)
        return {"body": text, "size": len(body), "truncated": cut}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
