"""A stored request that settings are tried on instead of the sample."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from processings.models import Processing
from webjack import kinds

Data = dict[str, Any]

REQUEST, LINK, SAMPLE = "check-request", "check-link", "sample"
"""The inputs that choose one; no setting of an action is called so, since those are names in Python."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class NoSuchRequest(LookupError):
    """What was asked for is no request of this processing, or is no longer kept."""


@dataclass(frozen=True)
class Given:
    """What placeholders see of a stored request. outputs: what its actions brought then, by id."""

    source: Data
    operation: Data
    request: Data
    outputs: Mapping[uuid.UUID, Data] = field(default_factory=dict)


def chosen(processing: Processing, data: Mapping[str, Any]) -> Any:
    """The operation that a form names by its inputs; None: the sample. Raises NoSuchRequest."""
    told = str(data.get(LINK) or "").strip() or str(data.get(REQUEST) or "").strip()
    return find(processing, told) if told not in ("", SAMPLE) else None


def find(processing: Processing, told: str) -> Any:
    """The operation of an id, or of a link that ends in one. Raises NoSuchRequest."""
    ids = _ID.findall(told)
    found = processing.operations.filter(tenant_id=processing.tenant_id, pk=ids[0]).first() if ids else None
    if found is None:
        raise NoSuchRequest
    return found


def given(processing: Processing, operation: Any) -> Given:
    """operation: of this processing. Its request is read as a worker would read it now."""
    config = processing.sources.filter(pk=operation.source_id).values_list("config", flat=True).first()
    source: Data = {}
    request: Data = {"method": operation.method, "query": {}, "body": {}, "headers": operation.headers}
    try:
        decoded = kinds.get("source", operation.kind).read(operation, config or {})
    except kinds.UnknownKind:
        pass
    else:
        source = decoded.data
        request |= {"query": decoded.query, "body": decoded.body}
    about = {"id": str(operation.pk), "received_at": operation.received_at.isoformat()}
    return Given(source, about, request, outputs(operation))


def outputs(operation: Any) -> dict[uuid.UUID, Data]:
    """What the actions brought in its last run, by id; of those in a list what they brought for the first element."""
    steps = operation.steps.filter(run=operation.run, status="succeeded").order_by("started_at", "id")
    found = steps.values_list("action_id", "place", "output")
    ordered = sorted(found, key=lambda row: [-int(part) for part in row[1].split(".") if part])
    return {action: output for action, _place, output in ordered if isinstance(output, dict)}
