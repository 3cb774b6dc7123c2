"""The queue's SQL, first half: take due operations, keep them, give them back. The other half is finish.py."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from history import lanes
from history.models import Operation, Step
from history.recipe import load
from history.run import Journey
from history.turn import take_turn

PAIRS = 200  # processings looked at by one claim; the next goes on with the others
SUSPECT = 2  # workers lost with an operation in a row; a worker holds at most one such at a time
FIRST = (uuid.UUID(int=0), uuid.UUID(int=0))
COLUMNS = (
    "id tenant_id processing_id source_id kind received_at method query headers content_type body address "
    "run attempts losses forced lane_id order_key"
).split()

# Processings with open operations, one jump in the index for each, without scanning any backlog.
WALK = """
WITH RECURSIVE pair AS (
    (SELECT tenant_id, processing_id, 1 AS n FROM history_operation
     WHERE status IN ('queued', 'running', 'waiting') AND (tenant_id, processing_id) > (%(tenant)s, %(processing)s)
     ORDER BY tenant_id, processing_id LIMIT 1)
  UNION ALL
    SELECT following.tenant_id, following.processing_id, n + 1 FROM pair CROSS JOIN LATERAL (
        SELECT o.tenant_id, o.processing_id FROM history_operation o
        WHERE o.status IN ('queued', 'running', 'waiting')
        AND (o.tenant_id, o.processing_id) > (pair.tenant_id, pair.processing_id)
        ORDER BY o.tenant_id, o.processing_id LIMIT 1) following
    WHERE n < %(pairs)s
)
SELECT tenant_id, processing_id FROM pair ORDER BY n
"""

# How many more operations of each of these companies may be taken: what the caller has room for, and what an operator
# allowed less what runs anywhere.
COMPANIES = """
company AS (
    SELECT asked.id, least(
        coalesce(asked.room, %(usual)s),
        tenant.most_in_flight - CASE WHEN tenant.most_in_flight IS NOT NULL THEN (
            SELECT count(*) FROM history_operation r
            WHERE r.status = 'running' AND r.tenant_id = asked.id AND r.due_at > now()) END
    ) AS room
    FROM (SELECT DISTINCT pair.tenant_id AS id, known.room FROM pair
          LEFT JOIN unnest(%(companies)s::uuid[], %(rooms)s::int[]) AS known(id, room) ON known.id = pair.tenant_id
    ) asked LEFT JOIN tenants_tenant tenant ON tenant.id = asked.id
)
"""

# Of each processing the oldest due ones; the first of every processing before the second of any inside a company, and
# the first of every company before the second of any. Then they are locked, and each is told the account it goes to.
CHOICE = """
due AS (
    SELECT picked.id, company.room,
        row_number() OVER (PARTITION BY company.id ORDER BY picked.rank, picked.due_at) AS turn
    FROM pair JOIN company ON company.id = pair.tenant_id CROSS JOIN LATERAL (
        SELECT id, due_at, row_number() OVER (ORDER BY due_at) AS rank FROM (
            SELECT id, due_at FROM history_operation
            WHERE status IN ('queued', 'running', 'waiting') AND tenant_id = pair.tenant_id
            AND processing_id = pair.processing_id AND due_at <= now() AND (losses < %(suspect)s OR %(suspects)s)
            ORDER BY due_at LIMIT least(%(free)s, greatest(company.room, 0))) oldest
    ) picked
), fair AS (
    SELECT id FROM due WHERE turn <= room ORDER BY turn, random() LIMIT %(free)s
), locked AS (
    SELECT o.id, o.status AS was, o.order_key, o.losses, o.waits_for, coalesce(o.lane_id, (
        SELECT action.lane_id FROM actions_action action
        WHERE action.processing_id = o.processing_id AND action.enabled AND action.lane_id IS NOT NULL
        ORDER BY action.position LIMIT 1)) AS lane_id
    FROM history_operation o JOIN fair USING (id)
    WHERE o.status IN ('queued', 'running', 'waiting') AND o.due_at <= now() FOR UPDATE OF o SKIP LOCKED
)
"""

# Who must wait, and for what: for an earlier one of the same order, or for its account. Those parked for an account
# come before newcomers.
PARKING = f"""
lane AS (
    SELECT lane.id, lane.waiting, {lanes.ROOM} AS room FROM connections_lane lane
    WHERE lane.id IN (SELECT lane_id FROM locked)
), placed AS (
    SELECT behind.*, row_number() OVER (
        PARTITION BY lane_id, behind ORDER BY waits_for IS DISTINCT FROM lane_id, id) AS place
    FROM (
        SELECT locked.*, order_key IS NOT NULL AND EXISTS (
            SELECT FROM history_operation earlier
            WHERE earlier.order_key = locked.order_key AND earlier.id < locked.id
            AND earlier.status IN ('queued', 'running', 'waiting', 'unknown')) AS behind
        FROM (SELECT *, row_number() OVER (PARTITION BY losses >= %(suspect)s ORDER BY id) AS nth FROM locked) locked
        WHERE losses < %(suspect)s OR nth = 1
    ) behind
), decided AS (
    SELECT placed.id, was, lane_id, CASE
        WHEN behind THEN order_key
        WHEN place > lane.room OR (lane.waiting AND waits_for IS DISTINCT FROM lane_id) THEN lane_id
        END AS parked_for
    FROM placed LEFT JOIN lane ON lane.id = placed.lane_id
)
"""  # noqa: S608 (only our own constants)

# The accounts note what was taken of their rate, and that somebody waits for them.
ACCOUNTS = f"""
noted AS (
    UPDATE connections_lane lane SET
        waiting = lane.waiting OR taken.parked > 0,
        tokens = coalesce({lanes.TOKENS} - taken.running, 0), tokens_at = now()
    FROM (
        SELECT lane_id, count(*) FILTER (WHERE parked_for IS NULL) AS running,
            count(*) FILTER (WHERE parked_for = lane_id) AS parked
        FROM decided GROUP BY lane_id
    ) taken
    WHERE lane.id = taken.lane_id
    AND (lane.per_second IS NOT NULL AND taken.running > 0 OR taken.parked > 0 AND NOT lane.waiting)
)
"""  # noqa: S608

# Who finds an operation running knows that a worker was lost with it: that is what `losses` counts.
CLAIM = f"""
WITH pair AS (
    SELECT * FROM unnest(%(tenants)s::uuid[], %(processings)s::uuid[]) AS pair(tenant_id, processing_id)
), {COMPANIES}, {CHOICE}, {PARKING}, {ACCOUNTS}
UPDATE history_operation o SET
    status = CASE WHEN parked_for IS NULL THEN 'running' WHEN was = 'running' THEN 'queued' ELSE was END,
    attempts = attempts + CASE WHEN parked_for IS NULL THEN 1 ELSE 0 END,
    losses = losses + CASE WHEN was = 'running' THEN 1 ELSE 0 END,
    due_at = CASE WHEN parked_for IS NULL THEN now() + %(lease)s * interval '1 second' END,
    started_at = CASE WHEN parked_for IS NULL THEN coalesce(started_at, now()) ELSE started_at END,
    lane_id = decided.lane_id, waits_for = parked_for
FROM decided WHERE o.id = decided.id
RETURNING parked_for IS NULL, {", ".join("o." + column for column in COLUMNS)}
"""  # noqa: S608 (only our own constants)

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
        with transaction.atomic(), connection.cursor() as cursor:
            # A claim lost in a crash is only a claim to make again, so it need not wait for the disk.
            cursor.execute("SET LOCAL synchronous_commit TO off")
            take_turn(cursor)
            lanes.release(cursor)
            tenant, processing = self.cursor
            cursor.execute(WALK, {"tenant": tenant, "processing": processing, "pairs": PAIRS})
            pairs = cursor.fetchall()
            cursor.execute(
                CLAIM,
                {
                    "tenants": [pair[0] for pair in pairs],
                    "processings": [pair[1] for pair in pairs],
                    "companies": list(rooms),
                    "rooms": list(rooms.values()),
                    "usual": usual,
                    "free": free,
                    "suspect": SUSPECT,
                    "suspects": suspects,
                    "lease": settings.LEASE_SECONDS,
                }
                | lanes.limits(),
            )
            rows = cursor.fetchall()
        self.cursor = pairs[-1] if len(pairs) == PAIRS else FIRST
        return [Operation(**dict(zip(COLUMNS, row[1:], strict=True))) for row in rows if row[0]]


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
