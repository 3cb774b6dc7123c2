"""The SQL of the queue: take due operations, keep them, give them back with their results."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg import DataError
from psycopg.types.json import Json

from history import notices
from history.models import Operation, Status, Step
from history.recipe import load
from history.run import Journey, Progress
from webjack.fields import dump, storable

TENANTS = 200  # looked at by one claim; the cursor walks on to the others
TURN = 4711  # advisory lock: claims take turns, a few ms each, so that caps are exact and no two collide
COLUMNS = (
    "id tenant_id processing_id source_id kind received_at method query headers content_type body address "
    "run attempts losses forced"
).split()

# 1 walk the index of open operations from tenant to tenant, without scanning the backlog; 2 of each tenant take the
# oldest due ones, as many as its cap leaves; 3 the first of every tenant before the second of any; 4 lock and mark.
CLAIM = f"""
WITH RECURSIVE tenant AS (
    (SELECT tenant_id AS id, 1 AS n FROM history_operation
     WHERE status IN ('queued', 'running', 'waiting') AND tenant_id > %(cursor)s ORDER BY tenant_id LIMIT 1)
  UNION ALL
    SELECT (SELECT o.tenant_id FROM history_operation o
            WHERE o.status IN ('queued', 'running', 'waiting') AND o.tenant_id > tenant.id
            ORDER BY o.tenant_id LIMIT 1), n + 1
    FROM tenant WHERE tenant.id IS NOT NULL AND n < %(tenants)s
), due AS (
    SELECT picked.id FROM tenant CROSS JOIN LATERAL (
        SELECT id, row_number() OVER (ORDER BY due_at) AS rank FROM (
            SELECT id, due_at FROM history_operation
            WHERE status IN ('queued', 'running', 'waiting') AND tenant_id = tenant.id AND due_at <= now()
            ORDER BY due_at LIMIT least(%(free)s, greatest(0, %(cap)s - (
                SELECT count(*) FROM history_operation r
                WHERE r.status = 'running' AND r.tenant_id = tenant.id AND r.due_at > now())))
        ) oldest
    ) picked WHERE tenant.id IS NOT NULL ORDER BY picked.rank, random() LIMIT %(free)s
), locked AS (
    SELECT o.id, o.status AS was FROM history_operation o JOIN due USING (id)
    WHERE o.status IN ('queued', 'running', 'waiting') AND o.due_at <= now() FOR UPDATE OF o SKIP LOCKED
)
UPDATE history_operation o
SET status = 'running', attempts = attempts + 1, due_at = now() + %(lease)s * interval '1 second',
    losses = CASE WHEN locked.was = 'running' THEN losses + 1 ELSE 0 END,
    started_at = coalesce(started_at, now())
FROM locked WHERE o.id = locked.id
RETURNING {", ".join("o." + column for column in COLUMNS)},
    (SELECT max(id::text) FROM tenant)::uuid, (SELECT count(id) FROM tenant)
"""  # noqa: S608 (only our own column names)

RENEW = """
UPDATE history_operation SET due_at = now() + %s * interval '1 second'
WHERE id = ANY(%s) AND status = 'running'
"""

# `attempts` is the fence: a worker that lost its lease cannot overwrite what the next one does.
FINISH = """
UPDATE history_operation o
SET status = v.status, due_at = v.due_at, error = v.error, data = coalesce(v.data, o.data), losses = 0,
    duration_ms = v.duration_ms, finished_at = v.finished_at
FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::timestamptz[], %s::text[], %s::json[], %s::int[], %s::timestamptz[])
    AS v(id, attempts, status, due_at, error, data, duration_ms, finished_at)
WHERE o.id = v.id AND o.status = 'running' AND o.attempts = v.attempts
RETURNING o.id
"""

STEP_COLUMNS = (
    "id tenant_id operation_id run attempt position action_id kind alias title status started_at duration_ms "
    "config exchanges output error"
).split()
STEPS = f"COPY history_step ({', '.join(STEP_COLUMNS)}) FROM STDIN"

GIVE_BACK = """
UPDATE history_operation SET due_at = now(), status = 'queued', attempts = attempts - 1
WHERE id = ANY(%s) AND status = 'running'
"""

FIRST = "00000000-0000-0000-0000-000000000000"


class Claimer:
    """Takes due operations, fairly across tenants; remembers where the walk over the tenants stands."""

    def __init__(self) -> None:
        self.cursor: Any = FIRST

    def claim(self, free: int) -> list[Journey]:
        """Up to `free` operations, marked as running for one lease, with all that is needed to run them."""
        rows = self._take(free)
        if not rows and self.cursor != FIRST:
            self.cursor = FIRST
            rows = self._take(free)
        if not rows:
            return []
        last, walked = rows[0][-2:]
        self.cursor = last if walked >= TENANTS else FIRST
        return journeys([Operation(**dict(zip(COLUMNS, row, strict=False))) for row in rows])

    def _take(self, free: int) -> list[tuple[Any, ...]]:
        values = {
            "free": free,
            "cap": settings.TENANT_IN_FLIGHT,
            "lease": settings.LEASE_SECONDS,
            "cursor": self.cursor,
            "tenants": TENANTS,
        }
        with transaction.atomic(), connection.cursor() as cursor:
            # A claim lost in a crash is only a claim to make again, so it need not wait for the disk.
            cursor.execute("SELECT set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(%s)", [TURN])
            cursor.execute(CLAIM, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


def journeys(operations: list[Operation]) -> list[Journey]:
    """The operations with their recipes and with what earlier claims of the same run have finished."""
    recipes = load(operation.processing_id for operation in operations)
    earlier: dict[Any, list[Step]] = {}
    again = [operation.pk for operation in operations if operation.attempts > 1]
    if again:
        for step in Step.objects.filter(operation_id__in=again).only(
            "operation_id", "run", "attempt", "action_id", "alias", "status", "output", "duration_ms"
        ):
            earlier.setdefault(step.operation_id, []).append(step)
    found = []
    for operation in operations:
        journey = Journey(operation, recipes[operation.processing_id], interrupted=operation.losses > 0)
        journey.resume([step for step in earlier.get(operation.pk, []) if step.run == operation.run])
        found.append(journey)
    return found


def renew(running: Sequence[Any]) -> None:
    """Puts off the end of the leases of these operations."""
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [settings.LEASE_SECONDS, list(running)])


def give_back(running: Sequence[Any]) -> None:
    """Makes claimed operations that were not begun due again."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, [list(running)])


def finish(results: list[Progress]) -> set[Any]:
    """Writes results, their steps and alarms in one transaction; returns the operations that were still ours."""
    try:
        return _finish(results)
    except (DataError, UnicodeError):
        if len(results) > 1:  # one result that cannot be stored must not take the others with it
            return set().union(*(finish([result]) for result in results))
        return _finish([_unstorable(results[0])])


def _finish(results: list[Progress]) -> set[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FINISH, _columns(results))
        ours = {row[0] for row in cursor.fetchall()}
        kept = [result for result in results if result.journey.operation.pk in ours]
        with cursor.copy(STEPS) as copy:
            for result in kept:
                for step in result.steps:
                    copy.write_row(_step_row(step))
        notices.note(cursor, [result for result in kept if result.alarm])
    for result in kept:
        result.journey.written = result.journey.reading is not None
    return ours


def _columns(results: list[Progress]) -> list[list[Any]]:
    now = datetime.now(UTC)
    lease = now + timedelta(seconds=settings.LEASE_SECONDS)
    return [
        [result.journey.operation.pk for result in results],
        [result.journey.operation.attempts for result in results],
        [str(result.status) for result in results],
        [lease if result.status == Status.RUNNING else result.due_at for result in results],
        [result.error for result in results],
        [_data(result) for result in results],
        [result.journey.duration_ms for result in results],
        [now if result.status in FINAL else None for result in results],
    ]


FINAL = (Status.SUCCEEDED, Status.FAILED, Status.FILTERED, Status.CANCELLED)


def _data(result: Progress) -> str | None:
    """The decoded fields, once for each claim."""
    journey = result.journey
    return dump(journey.reading.data) if journey.reading and not journey.written else None


def _step_row(step: Step) -> list[Any]:
    return [
        Json(value, dumps=dump) if name in JSONS and value is not None else value
        for name, value in ((name, getattr(step, name)) for name in STEP_COLUMNS)
    ]


JSONS = {"config", "exchanges", "output"}


def _unstorable(result: Progress) -> Progress:
    """What is kept of a result that the database refused: that it happened, without its texts."""
    for step in result.steps:
        step.config, step.exchanges, step.output = {}, [], None
        step.error = storable(step.error)
    result.journey.reading = None
    return result
