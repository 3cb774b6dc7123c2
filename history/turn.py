"""Who claims, parks or frees operations does it in turn, a few ms each: so caps are exact and nobody is overlooked."""

from typing import Any

LOCK = 4711  # the only advisory lock of this number in the database


def take_turn(cursor: Any) -> None:
    """Waits for the turn and keeps it until the transaction ends."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
