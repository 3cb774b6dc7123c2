"""What placeholders and their filters see while texts are filled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from actions.filters.declared import Around


@dataclass(frozen=True)
class Context:
    """What placeholders see; all values are decoded data (JSON's types)."""

    source: Mapping[str, Any]
    """The fields of the incoming request."""
    steps: Mapping[str, Any]
    """The outputs of earlier actions, by their aliases."""
    operation: Mapping[str, Any]
    """id, received_at."""
    company: Mapping[str, Any]
    """name, time_zone."""
    request: Mapping[str, Any] = field(default_factory=dict)
    """method, query, body, headers of the incoming request."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What people call the source's fields; no placeholder sees it."""
    seed: str = ""
    """What random values come from, the same for every attempt of an action."""


def company(tenant: Any) -> dict[str, Any]:
    """What placeholders see of a company."""
    return {"name": tenant.name, "time_zone": tenant.time_zone}


def around(context: Context) -> Around:
    """What filters know of an operation: its company's zone, and what random values come from."""
    seed = context.seed or str(context.operation.get("id") or "")
    return Around(zone=_zone(context.company.get("time_zone")), seed=seed)


@lru_cache(maxsize=64)
def _zone(name: Any) -> tzinfo:
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else timezone.get_default_timezone()
    except (ZoneInfoNotFoundError, ValueError):
        return timezone.get_default_timezone()
