"""The queue's SQL, first half: take due operations, keep them, give them back. The other half is finish.py."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from history.models import Operation, Step
from history.recipe import load
from history.run import Journey

TENANTS = 200  # looked at by one claim; the next goes on with the others
TURN = 4711  # advisory lock: claims take turns, a few ms each, so that caps are exact and no two collide
FIRST = uuid.UUID(int=0)
COLUMNS = (
    "id tenant_id processing_id source_id kind received_at method query headers content_type body address "
    "run attempts losses forced started_at"
).split()

# Tenants with open operations, one jump in the index for each, without scanning anyone's backlog.
WALK = """
WITH RECURSIVE tenant AS (
    (SELECT tenant_id AS id, 1 AS n FROM history_operation
     WHERE status IN ('queued', 'running', 'waiting') AND tenant_id > %(after)s ORDER BY tenant_id LIMIT 1)
  UNION ALL
    SELECT (SELECT o.tenant_id FROM history_operation o
            WHERE o.status IN ('queued', 'running', 'waiting') AND o.tenant_id > tenant.id
            ORDER BY o.tenant_id LIMIT 1), n + 1
    FROM tenant WHERE tenant.id IS NOT NULL AND n < %(tenants)s
)
SELECT id FROM tenant WHERE id IS NOT NULL ORDER BY n
"""

# 1 of each tenant the oldest due ones, as many as its cap leaves; 2 the first of every tenant before the second of any;
# 3 lock and mark. Who finds an operation running knows that a worker was lost with it: that is what `losses` counts.
CLAIM = f"""
WITH due AS (
    SELECT picked.id FROM unnest(%(tenants)s::uuid[]) AS tenant(id) CROSS JOIN LATERAL (
        SELECT id, row_number() OVER (ORDER BY due_at) AS rank FROM (
            SELECT id, due_at FROM history_operation
            WHERE status IN ('queued', 'running', 'waiting') AND tenant_id = tenant.id AND due_at <= now()
            ORDER BY due_at LIMIT least(%(free)s, greatest(0, %(cap)s - (
                SELECT count(*) FROM history_operation r
                WHERE r.status = 'running' AND r.tenant_id = tenant.id AND r.due_at > now())))
        ) oldest
    ) picked ORDER BY picked.rank, random() LIMIT %(free)s
), locked AS (
    SELECT o.id, o.status AS was FROM history_operation o JOIN due USING (id)
    WHERE o.status IN ('queued', 'running', 'waiting') AND o.due_at <= now() FOR UPDATE OF o SKIP LOCKED
)
UPDATE history_operation o
SET status = 'running', attempts = attempts + 1, due_at = now() + %(lease)s * interval '1 second',
    losses = losses + CASE WHEN locked.was = 'running' THEN 1 ELSE 0 END,
    started_at = coalesce(started_at, now())
FROM locked WHERE o.id = locked.id
RETURNING {", ".join("o." + column for column in COLUMNS)}
"""  # noqa: S608 (only our own column names)

# The fence: `attempts` grows with each claim, so a worker that lost its lease no longer finds what was its own.
# Rows are locked in one order, so that two writers never wait for each other.
OURS = """
WITH ours AS (
    SELECT o.id, o.attempts FROM history_operation o
    JOIN unnest(%(ids)s::uuid[], %(attempts)s::int[]) AS claimed(id, attempts) USING (id)
    WHERE o.status = 'running' AND o.attempts = claimed.attempts ORDER BY o.id FOR UPDATE OF o
)
"""
RENEW = f"""{OURS}
UPDATE history_operation o SET due_at = now() + %(lease)s * interval '1 second' FROM ours WHERE o.id = ours.id
"""  # noqa: S608
GIVE_BACK = f"""{OURS}
UPDATE history_operation o SET status = 'queued', due_at = now() FROM ours WHERE o.id = ours.id
"""  # noqa: S608
ORPHANED = f"""{OURS}
UPDATE history_operation o SET status = 'cancelled', due_at = NULL, finished_at = now(), losses = 0
FROM ours WHERE o.id = ours.id
"""  # noqa: S608


class Claimer:
    """Takes due operations, fairly across tenants; remembers where the walk over the tenants stands."""

    def __init__(self) -> None:
        self.cursor = FIRST

    def claim(self, free: int) -> list[Operation]:
        """Up to `free` operations, marked as running for one lease.

        Goes on where the last claim stopped; when nothing is to be had there, around to where it began.
        """
        for _round in (1, 2):
            from_the_first = self.cursor == FIRST
            while True:
                found = self._take(free)
                if found:
                    return found
                if self.cursor == FIRST:
                    break
            if from_the_first:
                break
        return []

    def _take(self, free: int) -> list[Operation]:
        """What the next tenants have; moves the cursor behind them, or to the first after the last."""
        with transaction.atomic(), connection.cursor() as cursor:
            # A claim lost in a crash is only a claim to make again, so it need not wait for the disk.
            cursor.execute("SELECT set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(%s)", [TURN])
            cursor.execute(WALK, {"after": self.cursor, "tenants": TENANTS})
            tenants = [row[0] for row in cursor.fetchall()]
            cursor.execute(
                CLAIM,
                {
                    "tenants": tenants,
                    "free": free,
                    "cap": settings.TENANT_IN_FLIGHT,
                    "lease": settings.LEASE_SECONDS,
                },
            )
            rows = cursor.fetchall()
        self.cursor = tenants[-1] if len(tenants) == TENANTS else FIRST
        return [Operation(**dict(zip(COLUMNS, row, strict=True))) for row in rows]


def journeys(operations: Sequence[Operation]) -> list[Journey]:
    """Claimed operations with all that is needed to run them, and with what earlier claims of the same run finished.

    Those whose processing is gone from the database are ended here: nothing says what to do with them.
    """
    recipes = load(operation.processing_id for operation in operations)
    orphans = [operation for operation in operations if operation.processing_id not in recipes]
    if orphans:
        _write(ORPHANED, [(operation.pk, operation.attempts) for operation in orphans])
    earlier = _earlier_steps([operation for operation in operations if operation.attempts > 1])
    found = []
    for operation in operations:
        if operation.processing_id in recipes:
            journey = Journey(operation, recipes[operation.processing_id], interrupted=operation.losses > 0)
            journey.resume(earlier.get(operation.pk, []))
            found.append(journey)
    return found


def _earlier_steps(again: list[Operation]) -> dict[Any, list[Step]]:
    """Steps of the present run by operation."""
    runs = {operation.pk: operation.run for operation in again}
    columns = ("operation_id", "run", "attempt", "action_id", "alias", "status", "output", "duration_ms")
    found: dict[Any, list[Step]] = {}
    for step in Step.objects.filter(operation_id__in=runs).only(*columns) if runs else ():
        if step.run == runs[step.operation_id]:
            found.setdefault(step.operation_id, []).append(step)
    return found


def renew(running: Sequence[Journey]) -> None:
    """Puts off the end of the leases of these operations, where they are still ours."""
    _write(RENEW, [journey.claim for journey in running], lease=settings.LEASE_SECONDS)


def give_back(unbegun: Sequence[Journey]) -> None:
    """Makes claimed operations due again, of which no action is under way."""
    _write(GIVE_BACK, [journey.claim for journey in unbegun])


def _write(statement: str, claims: Sequence[tuple[Any, int]], **values: Any) -> None:
    if claims:
        ids, attempts = zip(*claims, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(statement, {"ids": list(ids), "attempts": list(attempts), **values})
