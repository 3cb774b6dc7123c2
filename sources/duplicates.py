"""Which requests count as one and the same: the source's setting «Повторные запросы».

Only a hash is kept: a header may hold a secret, and a body is long.
"""

import hashlib
from collections.abc import Mapping

from history.accept import Call
from sources import peek
from sources.kind import SourceKind
from webjack.config import Config

DAY = 24 * 60  # minutes


def asked(repeats: Config) -> bool:
    """Whether the source looks for repeated requests at all. repeats: of its kind (SourceKind.repeats)."""
    return bool(repeats.get("by", "off") != "off")


def minutes(repeats: Config) -> int:
    """For how long a request is remembered."""
    return int(repeats.get("minutes") or DAY)


def key(spec: SourceKind, config: Config, call: Call, headers: Mapping[str, str]) -> bytes | None:
    """32 bytes that are the same for repeated requests; None where the request holds nothing to know it by.

    headers: as they came, secrets included.
    """
    repeats = spec.repeats(config)
    by, name = repeats["by"], repeats.get("name") or ""
    if by == "field":
        return _hash(peek.field(spec, config, call, name))
    if by == "header":
        return _hash(headers.get(name.strip(), "").strip())
    return _hash(call.query, call.body) if call.query or call.body else None


def _hash(first: str, rest: bytes = b"") -> bytes | None:
    if not first and not rest:
        return None
    return hashlib.sha256(first.encode("utf-8", "surrogatepass") + b"\n" + rest).digest()
