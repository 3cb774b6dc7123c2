"""Lets the requests of one account out at the rate that its service takes, all workers together.

Each request reserves the next free moment and waits for it: evenly spaced, so that no second holds more than the rate,
whatever many requests one action makes. What waits too long keeps others from beginning (history.lanes).
"""

import uuid
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from webjack.http import Failed

SPARE = 1.05
"""Times the interval: requests do not arrive as evenly as they are sent."""
LONGEST = 20.0
"""Seconds that a thread waits for its request's turn; more are waited for by the operation.

Fewer than STOP_SECONDS: what waits when the cluster stops is still sent, and not left as begun with nothing sent.
"""

# An account has one lane, but where a connection serves several hosts the oldest keeps the time for all. What would
# wait too long reserves nothing.
RESERVE = """
UPDATE connections_lane lane SET paced_until = CASE
    WHEN turn.moment > now() + %(longest)s * interval '1 second' THEN lane.paced_until
    ELSE turn.moment + turn.gap END
FROM (
    SELECT id, gap, greatest(paced_until, now() - %(ahead)s * gap) AS moment
    FROM (
        SELECT id, paced_until, %(spare)s * interval '1 second' / coalesce(per_second, %(usual)s) AS gap
        FROM connections_lane WHERE connection_id = %(id)s ORDER BY id LIMIT 1 FOR UPDATE
    ) oldest
) turn
WHERE lane.id = turn.id
RETURNING extract(epoch FROM turn.moment - now())
"""


def wait(id: uuid.UUID, usual: float, burst: int, longest: float = LONGEST) -> float:
    """Reserves the turn of one request of a connection; how many seconds to wait for it.

    usual: requests per second unless an operator set others. burst: how many may go at once after a rest. longest:
    seconds that the asker has for it. 0 where no action goes there yet. Raises Failed when the turn is too far off.
    """
    longest = min(longest, LONGEST)
    asked: dict[str, Any] = {"id": id, "usual": usual, "spare": SPARE, "ahead": burst - 1, "longest": longest}
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, asked)
        row = cursor.fetchone()
    seconds = max(float(row[0]), 0.0) if row else 0.0
    if seconds > longest:
        raise Failed(_("The service takes fewer requests than wait for it"), retry=True, after=seconds)
    return seconds
