"""The queue, first half: take due operations, keep them, give them back. The other half is finish.py."""

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from history import lanes
from history.claim_sql import ABANDON, CLAIM, COLUMNS, GIVE_BACK, ORPHANED, RENEW, WALK
from history.cookbook import cookbook
from history.models import Operation, Step
from history.prepared import execute
from history.run import Journey
from history.turn import TURN

PAIRS = 200  # processings looked at by one claim; the next goes on with the others
SUSPECT = 2  # workers lost with an operation in a row; a worker holds at most one such at a time
EACH = 4  # times its equal part of what is asked for is looked at of each processing
FIRST = (uuid.UUID(int=0), uuid.UUID(int=0))


class Claimer:
    """Takes due operations, fairly across companies; remembers where the walk over the processings stands."""

    def __init__(self) -> None:
        self.cursor = FIRST

    def claim(
        self, free: int, rooms: Mapping[uuid.UUID, int] | None = None, usual: int | None = None, suspects: bool = True
    ) -> list[Operation]:
        """Up to `free` operations, marked as running for one lease.

        rooms: how many of these companies at most, `usual` of any other (no bound by default). suspects: whether one
        that took workers down may be among them. What must wait for its account or its order is parked on the way.
        Goes on where the last claim stopped; when nothing is to be had there, around to where it began.
        """
        for _round in (1, 2):
            from_the_first = self.cursor == FIRST
            while True:
                found = self._take(free, rooms or {}, free if usual is None else usual, suspects)
                if found:
                    return found
                if self.cursor == FIRST:
                    break
            if from_the_first:
                break
        return []

    def _take(self, free: int, rooms: Mapping[uuid.UUID, int], usual: int, suspects: bool) -> list[Operation]:
        """What the next processings have; moves the cursor behind them, or to the first after the last."""
        tenant, processing = self.cursor
        with transaction.atomic():
            execute(TURN)
            lanes.release()
            pairs = execute(WALK, {"tenant": tenant, "processing": processing, "pairs": PAIRS})
            asked = {
                "tenants": [pair[0] for pair in pairs],
                "processings": [pair[1] for pair in pairs],
                "companies": list(rooms),
                "rooms": list(rooms.values()),
                "usual": usual,
                "free": free,
                "each": EACH * free // max(len(pairs), 1) + EACH,
                "suspect": SUSPECT,
                "suspects": suspects,
                "lease": settings.LEASE_SECONDS,
            }
            rows = execute(CLAIM, asked | lanes.limits()) if pairs else []
        self.cursor = pairs[-1] if len(pairs) == PAIRS else FIRST
        return [Operation(**dict(zip(COLUMNS, row[1:], strict=True))) for row in rows if row[0]]


def journeys(operations: Sequence[Operation]) -> list[Journey]:
    """Claimed operations with all that is needed to run them, and with what earlier claims of the same run finished.

    Those whose processing is gone from the database are ended here: nothing says what to do with them.
    """
    recipes = cookbook.recipes(operation.processing_id for operation in operations)
    orphans = [operation for operation in operations if operation.processing_id not in recipes]
    if orphans:
        _write(ORPHANED, [(operation.pk, operation.attempts) for operation in orphans])
    earlier = _earlier_steps([operation for operation in operations if operation.attempts > 1])
    found = []
    for operation in operations:
        if operation.processing_id in recipes:
            journey = Journey(operation, recipes[operation.processing_id], interrupted=operation.losses)
            journey.resume(earlier.get(operation.pk, []))
            found.append(journey)
    return found


def _earlier_steps(again: list[Operation]) -> dict[Any, list[Step]]:
    """Steps of the present run by operation."""
    runs = {operation.pk: operation.run for operation in again}
    columns = (
        "operation_id",
        "run",
        "attempt",
        "action_id",
        "kind",
        "place",
        "status",
        "output",
        "duration_ms",
        "started_at",
    )
    found: dict[Any, list[Step]] = {}
    for step in Step.objects.filter(operation_id__in=runs).only(*columns) if runs else ():
        if step.run == runs[step.operation_id]:
            found.setdefault(step.operation_id, []).append(step)
    return found


def renew(running: Sequence[Journey]) -> None:
    """Puts off the end of the leases of these operations, where they are still ours."""
    began = time.monotonic()
    ours = _write(RENEW, [journey.claim for journey in running], lease=settings.LEASE_SECONDS)
    for journey in running:
        if journey.claim in ours:
            journey.lease = began + settings.LEASE_SECONDS


def give_back(unbegun: Sequence[Journey]) -> None:
    """Makes claimed operations due again, of which no action is under way."""
    _write(GIVE_BACK, [journey.claim for journey in unbegun])


def abandon(under_way: Sequence[Journey]) -> None:
    """Lets others go on with operations whose actions are under way here and will not be awaited."""
    _write(ABANDON, [journey.claim for journey in under_way], suspect=SUSPECT)


def _write(statement: str, claims: Sequence[tuple[Any, int]], **values: Any) -> set[Any]:
    """Returns what the statement returns."""
    if not claims:
        return set()
    ids, attempts = zip(*claims, strict=True)
    return set(execute(statement, {"ids": list(ids), "attempts": list(attempts), **values}))
