"""What operations tell of the connections they went through: which are refused and need attention, and which work.

Seldom anything is written: only what changes the state that was known when the operation was claimed.
"""

from typing import Any

from actions.perform import Outcome
from connections.models import Connection
from history.prepared import execute
from history.run import Progress

# A result of a request that went out with settings that were changed since tells nothing.
REFUSED = """
UPDATE connections_connection SET state = 'attention', since = now(), reason = %(reason)s, checked_at = now()
WHERE id = %(id)s AND updated_at = %(version)s AND state <> 'attention'
RETURNING id
"""
WORKS = """
UPDATE connections_connection SET
    since = CASE state WHEN 'works' THEN since ELSE now() END, state = 'works', reason = '', checked_at = now()
WHERE id = %(id)s AND updated_at = %(version)s
"""


def hear(results: list[Progress]) -> dict[int, bool]:
    """Notes what the results tell; which of them were refused (by id()), and whether that is news."""
    told = {id(one): one.sent[1] for one in results if one.sent and one.sent[1].connection}
    fresh = []
    for row, outcome in _last(told):  # in one order for all workers: two transactions never wait for each other
        values = {"id": row.pk, "version": row.updated_at, "reason": outcome.error}
        if not outcome.denied:
            execute(WORKS, values)
        elif execute(REFUSED, values):
            fresh.append(outcome)
    return {key: outcome in fresh for key, outcome in told.items() if outcome.denied}


def _last(told: dict[int, Outcome]) -> list[tuple[Connection, Outcome]]:
    """The last word on each connection, where it may be new."""
    last: dict[Any, tuple[Connection, Outcome]] = {}
    for outcome in told.values():
        assert outcome.connection is not None
        row = outcome.connection.row
        known = row.works and row.checked_at is not None
        if outcome.denied or (outcome.ok and not known):
            last[row.pk] = (row, outcome)
    return [last[key] for key in sorted(last)]
