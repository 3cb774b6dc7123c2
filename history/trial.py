"""What a processing is tried on, the sample or a stored request, and the trial that really sends."""

from typing import Any

from django.utils import timezone

from actions.preview import source_sample
from history.effects import KIND
from history.models import Operation, Status
from history.repeat import wake
from history.rows import Row, light, names, rows
from processings.models import Processing
from webjack.fields import dump, storable, uuid7

RECENT = 20
REQUEST = ("kind", "source_id", "method", "query", "headers", "content_type", "body", "address", "decoding")


def sample(processing: Processing) -> Operation:
    """An unsaved operation with the sample as its request; it is read whatever the kind of the source is."""
    source = processing.sources.first()
    return Operation(
        tenant_id=processing.tenant_id,
        processing=processing,
        source_id=source.pk if source else None,
        kind=KIND,
        method="POST",
        content_type="application/json",
        body=dump(source_sample(processing)).encode(),
        received_at=timezone.now(),
        due_at=None,
    )


def send(processing: Processing, request: Operation) -> Operation:
    """A real operation with this request, marked as a test, for the workers; it runs in a stopped processing too.

    It stands in no order: it waits for nobody, and nobody for it.
    """
    told: dict[str, Any] = {name: getattr(request, name) for name in REQUEST}
    fresh = Operation.objects.create(
        id=uuid7(),
        tenant_id=processing.tenant_id,
        processing=processing,
        status=Status.QUEUED,
        forced=True,
        test=True,
        **told,
    )
    wake()
    return fresh


def recent(processing: Processing) -> list[Row]:
    """The last requests with their main values, newest first; not those that were refused at the door."""
    found = processing.operations.filter(test=False).exclude(status=Status.REJECTED).order_by("-id")[:RECENT]
    return rows(light(found), names(processing.tenant, [processing.pk]))


def label(row: Row) -> str:
    """A request in one line."""
    moment = timezone.localtime(row.operation.received_at)
    day = "" if moment.date() == timezone.localdate() else f"{moment:%d.%m.%Y} "
    values = ", ".join(value for _label, value in row.values)
    return storable(f"{day}{moment:%H:%M:%S} · {values[:80] or '—'} · {row.operation.get_status_display()}")
