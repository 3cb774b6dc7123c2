"""Requests that came before: of calls with one key within a window, one makes an operation and all hear its number."""

import uuid
from typing import NamedTuple

from django.db import connection, transaction

from history.accept import AGAIN, ONCE, Call, Gone, Place, values
from history.models import Status

# One statement, so one transaction. Whoever comes while another with this key is being written waits at the unique
# constraint for its commit, and then finds its row; if that one is rolled back, the next is the first.
TAKE = """
WITH taken AS (
    INSERT INTO history_duplicate AS known (source_id, key, operation_id, expires_at)
    SELECT %(source)s, %(key)s, %(id)s, now() + make_interval(mins => %(minutes)s)
    FROM processings_processing processing WHERE processing.id = %(processing)s AND processing.deleted_at IS NULL
    ON CONFLICT (source_id, key) DO UPDATE SET
        operation_id = CASE WHEN known.expires_at <= now() THEN excluded.operation_id ELSE known.operation_id END,
        expires_at = CASE WHEN known.expires_at <= now() THEN excluded.expires_at ELSE known.expires_at END
    RETURNING operation_id
), written AS (
"""
TELL = """RETURNING status
)
SELECT taken.operation_id, (SELECT status FROM written) FROM taken
"""
INSERT = TAKE + ONCE + "AND %(id)s = (SELECT operation_id FROM taken) " + AGAIN + TELL  # noqa: S608 (constants)


class Taken(NamedTuple):
    """id: of the operation that stands for the call. status: None when an earlier call made it."""

    id: uuid.UUID
    status: Status | None


def accept_once(
    id: uuid.UUID, place: Place, call: Call, key: bytes, minutes: int, order_key: uuid.UUID | None = None
) -> Taken:
    """Like `accept`, but only the first call with this key within so many minutes is written. Raises Gone."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values(id, place, call, order_key=order_key) | {"key": key, "minutes": minutes})
        row = cursor.fetchone()
    if row is None:
        raise Gone
    return Taken(row[0], Status(row[1]) if row[1] else None)


def forget(step: int) -> int:
    """Deletes keys whose time is over, at most `step` of them; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FORGET, {"step": step})
        return int(cursor.rowcount)


# A key that is just being taken anew is locked and stays.
FORGET = """
DELETE FROM history_duplicate WHERE id IN (
    SELECT id FROM history_duplicate WHERE expires_at <= now()
    ORDER BY expires_at LIMIT %(step)s FOR UPDATE SKIP LOCKED
)
"""
