"""Finds whose address was called: one query, no model, and none where it is known from before."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from django.db import InterfaceError, OperationalError, connection

from history.accept import Place
from processings.models import Ordering
from sources.kind import SourceKind
from webjack import kinds
from webjack.config import Config

Result = TypeVar("Result")

MOST_KNOWN = 5000

FIND = """
SELECT source.id, processing.id, processing.tenant_id, source.kind, source.config, source.hook, processing.state,
    processing.ordering, processing.ordering_field, source.ctid::text, source.xmin::text, processing.ctid::text,
    processing.xmin::text
FROM sources_source source
JOIN processings_processing processing ON processing.id = source.processing_id
WHERE source.key = %s AND processing.deleted_at IS NULL
"""


@dataclass(frozen=True, eq=False)
class Door:
    """A source and its processing as far as the address needs them, as of when the door was found.

    ctid, xmin: of the source's row, then of the processing's; any change of a row changes them.
    """

    id: uuid.UUID
    processing_id: uuid.UUID
    tenant_id: uuid.UUID
    kind: str
    config: Config
    hook: Config
    state: str
    ordering: str
    ordering_field: str
    ctid: str
    xmin: str
    processing_ctid: str
    processing_xmin: str

    @property
    def spec(self) -> SourceKind:
        """The kind; raises UnknownKind."""
        return cast(SourceKind, kinds.get("source", self.kind))

    @property
    def place(self) -> Place:
        return Place(self.id, self.processing_id, self.kind)


known: dict[tuple[str, str], Door] = {}


def find(service: str, key: str) -> Door | None:
    """The source with this key, if its kind belongs to the service and its processing was not deleted."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, [key])
        row = cursor.fetchone()
    door = Door(*row) if row else None
    if door is None or door.kind.split(".")[0] != service:
        known.pop((service, key), None)
        return None
    if door.ordering == Ordering.KEY:  # each of its requests must be read
        known.pop((service, key), None)
    else:
        remember(service, key, door)
    return door


def remember(service: str, key: str, door: Door) -> None:
    """Whoever uses what is known lets the database check that the row has not changed since."""
    while len(known) >= MOST_KNOWN:
        known.pop(next(iter(known)), None)
    known[service, key] = door


def steadily(work: Callable[[], Result]) -> Result:
    """Does the work; if its connection turns out to be broken (the database was restarted), once more on a fresh one.

    So Django need not ask each connection whether it still lives before it is used.
    """
    connection.health_check_done = True  # type: ignore[attr-defined]  # missing in django-stubs
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
        return work()
