"""Who claims, parks or frees operations does it in turn, a few ms each: so caps are exact and nobody is overlooked."""

from typing import Any

# The only advisory lock of this number in the database. Whoever has the turn reads the queue along its indexes:
# PostgreSQL must not sort a million rows that it takes for a few (claim_sql.py). And it is given up sooner than others
# when it falls silent: of a host that stands still several workers may be waiting, to hold the turn one after another.
TURN = """
SELECT pg_advisory_xact_lock(4711), set_config('enable_sort', 'off', true),
    set_config('enable_incremental_sort', 'off', true), set_config('idle_in_transaction_session_timeout', '5s', true)
"""


def take_turn(cursor: Any) -> None:
    """Waits for the turn and keeps it until the transaction ends."""
    cursor.execute(TURN)
