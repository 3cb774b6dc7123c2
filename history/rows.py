"""The rows of the history's list: one query for operations, one for what their processings and sources are called."""

import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BinaryField, Case, F, Func, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Left

from history.glance import Data, beginning, main
from history.models import Operation
from processings.models import Processing
from tenants.models import Tenant
from webjack import kinds
from webjack.fields import PlainJSONField

DATA_SHOWN = 8000  # characters of the data that are read for the three values
BODY_SHOWN = 4000  # bytes of a body that is decoded for the list, when no worker has done so
COLUMNS = (
    *("id", "tenant_id", "processing_id", "source_id", "kind", "status", "received_at", "method", "query"),
    *(
        "content_type",
        "run",
        "attempts",
        "tries",
        "due_at",
        "duration_ms",
        "error",
        "order_key",
        "waits_for",
        "test",
        "decoding",
    ),
)

SEEN = (
    "status",
    "run",
    "attempts",
    "due_at",
    "duration_ms",
    "order_key",
    "waits_for",
)  # what makes a row look different


@dataclass
class Names:
    """What the processings of a company are called, and the fields and settings of their sources by id."""

    processings: dict[uuid.UUID, str] = field(default_factory=dict)
    deleted: set[uuid.UUID] = field(default_factory=set)
    fields: dict[uuid.UUID, list[Data]] = field(default_factory=dict)
    configs: dict[uuid.UUID, Data] = field(default_factory=dict)

    def choices(self, chosen: str) -> list[tuple[uuid.UUID, str]]:
        """Processings to filter by, by name; a deleted one only while it is chosen."""
        live = [(id, name) for id, name in self.processings.items() if id not in self.deleted or str(id) == chosen]
        return sorted(live, key=lambda pair: pair[1].lower())


def names(tenant: Tenant, ids: Iterable[uuid.UUID] | None = None) -> Names:
    """Names of all processings of the company, or of these only; one query."""
    found = Processing.everything.filter(tenant=tenant)
    if ids is not None:
        found = found.filter(pk__in=set(ids))
    told = Names()
    for id, name, deleted_at, source, fields, config in found.values_list(
        "id", "name", "deleted_at", "sources__id", "sources__fields", "sources__config"
    ):
        told.processings[id] = name
        if deleted_at:
            told.deleted.add(id)
        if source:
            told.fields[source], told.configs[source] = fields or [], config or {}
    return told


@dataclass
class Row:
    """One line: the operation, its processing's name, the main values as pairs of label and value."""

    operation: Operation
    processing: str
    values: list[tuple[str, str]]


def light(operations: QuerySet[Operation]) -> QuerySet[Operation]:
    """Operations with what a row shows; bodies and data stay in the database but for their beginnings."""
    body = Func(F("body"), Value(1), Value(BODY_SHOWN + 1), function="substring", output_field=BinaryField())
    return operations.only(*COLUMNS).annotate(
        data_head=Left(Cast("data", TextField()), DATA_SHOWN),
        body_head=Case(When(data__isnull=True, then=body), default=None, output_field=BinaryField()),
        raw_headers=Case(When(data__isnull=True, then=F("headers")), default=None, output_field=PlainJSONField()),
    )


def rows(operations: Iterable[Operation], told: Names) -> list[Row]:
    """Rows of operations that `light` has read."""
    return [
        Row(one, told.processings.get(one.processing_id, ""), main(_data(one, told), _fields(one, told)))
        for one in operations
    ]


def version(operation: Operation) -> str:
    """Four hex digits that change when the row looks different."""
    seen = [getattr(operation, name) for name in SEEN]
    return f"{zlib.crc32(repr(seen).encode()) & 0xFFFF:04x}"


def _fields(operation: Operation, told: Names) -> list[Data]:
    return told.fields.get(operation.source_id, []) if operation.source_id else []


def _packed(operation: Any) -> bool:
    """Whether the body came compressed: four kilobytes may unpack to four megabytes, fifty times on a page."""
    return any(name.lower() == "content-encoding" for name in operation.raw_headers or {})


def _data(operation: Any, told: Names) -> Data:
    if operation.data_head is not None:
        return beginning(operation.data_head)
    body = bytes(operation.body_head or b"")
    # Half a body decodes to nonsense; the query still tells something.
    operation.body = body if len(body) <= BODY_SHOWN and not _packed(operation) else b""
    operation.headers = operation.raw_headers or {}
    try:
        kind = kinds.get("source", operation.kind)
    except kinds.UnknownKind:
        return {}
    config = told.configs.get(operation.source_id, {}) if operation.source_id else {}
    found: Data = kind.read(operation, config).data
    return found
