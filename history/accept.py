"""Takes a request in: one INSERT, committed, then a word to the workers outside of any transaction."""

import logging
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.http import Http404

from history import bell
from history.models import Status
from history.repeat import wake
from webjack.fields import dump

log = logging.getLogger(__name__)

INTO = """
INSERT INTO history_operation (
    id, tenant_id, processing_id, source_id, kind, status, received_at, method, query, headers, content_type, body,
    address, data, run, attempts, tries, losses, forced, order_key, due_at, started_at, finished_at, duration_ms,
    error
)
"""
# What a stopped processing gets is held, decided at the very moment of writing.
ONCE = f"""{INTO}
SELECT %(id)s, processing.tenant_id, processing.id, %(source)s, %(kind)s, state.status, now(), %(method)s, %(query)s,
    %(headers)s::json, %(content_type)s, %(body)s, %(address)s::inet, NULL, 1, 0, 0, 0, false,
    CASE processing.ordering WHEN 'strict' THEN processing.id WHEN 'key' THEN %(order_key)s::uuid END,
    CASE state.status WHEN 'queued' THEN now() END, NULL,
    CASE WHEN state.status IN ('rejected', 'filtered') THEN now() END, NULL, %(error)s::text || %(probe)s::text
FROM processings_processing processing,
    LATERAL (SELECT CASE
        WHEN %(error)s::text <> '' THEN 'rejected'
        WHEN %(probe)s::text <> '' THEN 'filtered'
        WHEN processing.state = 'running' THEN 'queued'
        ELSE 'held' END AS status) state
WHERE processing.id = %(processing)s AND processing.deleted_at IS NULL
"""  # noqa: S608 (our own constant)
# The same for who knows the rows of source and processing, and adds that they have not changed since: nothing is read.
AS_KNOWN = f"""{INTO}
SELECT $1, $2, $3, $4, $5, $6::text, now(), $7, $8, $9::json, $10, $11,
    $12::inet, NULL, 1, 0, 0, 0, false, $13, CASE $6 WHEN 'queued' THEN now() END, NULL, NULL, NULL,
    ''
"""
# The key is ours, so that writing twice (the connection broke and nobody knows whether the first try was committed)
# leaves one row.
AGAIN = "ON CONFLICT (id) DO UPDATE SET id = excluded.id "
INSERT = ONCE + AGAIN + "RETURNING status"


@dataclass(frozen=True)
class Call:
    """A request as it is kept. query: ASCII, without its "?". headers: without secrets. address: of the sender."""

    method: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = ""
    body: bytes = b""
    address: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a request arrived: the row of its source. kind: the kind's whole key."""

    source: uuid.UUID
    processing: uuid.UUID
    kind: str


class Gone(Http404):
    """The processing, or the source, was deleted meanwhile: pages and API answer as if it had never been."""


def accept(
    id: uuid.UUID,
    place: Place,
    call: Call,
    refusal: str = "",
    order_key: uuid.UUID | None = None,
    probe: str = "",
) -> Status:
    """Writes the operation and returns its status: queued or held; rejected where `refusal` gives the reason.

    order_key: what it goes in turn with, where a field of the request decides that. probe: why it is only kept, as
    filtered out, and never runs. May be repeated with the same id. Raises Gone, and the database's errors when nothing
    is known to be written.
    """
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values(id, place, call, refusal, order_key, probe))
        row = cursor.fetchone()
    if row is None:
        raise Gone
    return Status(row[0])


def tell(status: Status) -> None:
    """Wakes the workers; that this fails costs a second, since they also look by themselves."""
    if status == Status.QUEUED and not bell.ring():
        try:
            wake()
        except (DatabaseError, InterfaceError):
            log.warning("an operation was accepted but the workers could not be woken", exc_info=True)


def values(
    id: uuid.UUID,
    place: Place,
    call: Call,
    refusal: str = "",
    order_key: uuid.UUID | None = None,
    probe: str = "",
) -> dict[str, Any]:
    """What INSERT takes."""
    return {
        "id": id,
        "source": place.source,
        "processing": place.processing,
        "kind": place.kind,
        "method": call.method[:16],
        "query": call.query,
        "headers": dump(call.headers),
        "content_type": call.content_type,
        "body": call.body,
        "address": call.address,
        "error": refusal,
        "probe": probe,
        "order_key": order_key,
    }
