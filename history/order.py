"""Operations that go in turn: of those with one `order_key` only the earliest that is not yet ended may run.

The claim parks the others; whatever ends one, or takes it out of the order, lets the next move up.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from history.models import Operation
from history.turn import take_turn

MOVE_UP = """
UPDATE history_operation o SET due_at = received_at FROM unnest(%(keys)s::uuid[]) AS line(key) CROSS JOIN LATERAL (
    SELECT id, waits_for, due_at FROM history_operation
    WHERE status IN ('queued', 'running', 'waiting', 'unknown') AND order_key >= line.key AND order_key <= line.key
    ORDER BY order_key, id LIMIT 1
) first
WHERE o.id >= first.id AND o.id <= first.id AND first.waits_for = line.key AND first.due_at IS NULL
"""
SKIP = """
WITH taken AS (
    SELECT id, order_key FROM history_operation
    WHERE id = %(id)s AND order_key IS NOT NULL AND status IN ('queued', 'running', 'waiting', 'unknown', 'held')
    FOR UPDATE
)
UPDATE history_operation o SET order_key = NULL, waits_for = nullif(o.waits_for, taken.order_key),
    due_at = CASE WHEN o.waits_for = taken.order_key THEN coalesce(o.due_at, now()) ELSE o.due_at END
FROM taken WHERE o.id = taken.id
RETURNING taken.order_key
"""


@contextmanager
def in_turn() -> Iterator[Any]:
    """A transaction, and its cursor, that frees places: no claim overlooks them, and no two wait for each other."""
    with transaction.atomic(), connection.cursor() as cursor:
        take_turn(cursor)
        yield cursor


def move_up(cursor: Any, keys: Iterable[UUID | None]) -> None:
    """Makes the first of each of these orders due, if it is parked. Inside the transaction that frees the place."""
    keys = [key for key in keys if key]
    if keys:
        take_turn(cursor)
        cursor.execute(MOVE_UP, {"keys": keys})


def skip(operation: Operation) -> bool:
    """Takes an operation out of its order: those behind it go on without it, and it waits for none of them.

    False when it is in no order or has ended.
    """
    with in_turn() as cursor:
        cursor.execute(SKIP, {"id": operation.pk})
        row = cursor.fetchone()
        move_up(cursor, row or ())
    return row is not None
