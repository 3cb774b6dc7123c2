"""Operations that go in turn: of those with one `order_key` only the earliest that is not yet ended may run.

The claim parks the others; whatever ends one, or takes it out of the order, lets the next move up.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from history.turn import take_turn

MOVE_UP = """
UPDATE history_operation o SET due_at = now() FROM unnest(%(keys)s::uuid[]) AS line(key) CROSS JOIN LATERAL (
    SELECT id, waits_for, due_at FROM history_operation
    WHERE order_key = line.key AND status IN ('queued', 'running', 'waiting', 'unknown') ORDER BY id LIMIT 1
) first
WHERE o.id = first.id AND first.waits_for = line.key AND first.due_at IS NULL
"""


def move_up(cursor: Any, keys: Iterable[UUID]) -> None:
    """Makes the first of each of these orders due, if it is parked. Inside the transaction that frees the place."""
    keys = list(keys)
    if keys:
        take_turn(cursor)
        cursor.execute(MOVE_UP, {"keys": keys})
