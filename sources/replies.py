"""«Ответить отправителю»: waits, for a short while, for the answer that an operation's actions make."""

import threading
import time
import uuid

from django.db import connection

from history.models import OPEN
from webjack.config import Config

LONGEST_WAIT = 25
"""Seconds: many senders give up after 30."""

MOST_AT_ONCE = 4
"""In one web process, half of its threads: those who wait must not take the others, which receive."""

FIRST_LOOK, LAST_LOOK = 0.02, 0.2  # seconds between looks: often at first, then more and more seldom

LOOK = """
SELECT operation.status, (
    SELECT step.output FROM history_step step
    WHERE step.operation_id = operation.id AND step.run = operation.run AND step.kind = 'flow.reply'
    AND step.status = 'succeeded' ORDER BY step.started_at LIMIT 1)
FROM history_operation operation WHERE operation.id = %s
"""
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


def wait(id: uuid.UUID, seconds: float) -> Config | None:
    """The first answer that the operation's actions make: status, headers, body.

    None when the operation ends without one, when it does not come in time, or when too many wait already.
    """
    if not _places.acquire(blocking=False):
        return None
    try:
        return _wait(id, time.monotonic() + min(seconds, LONGEST_WAIT))
    finally:
        _places.release()


def _wait(id: uuid.UUID, end: float) -> Config | None:
    pause = FIRST_LOOK
    while True:
        with connection.cursor() as cursor:
            cursor.execute(LOOK, [id])
            status, output = cursor.fetchone() or ("", None)
        if output is not None:
            found: Config = output
            return found
        if status not in OPEN or time.monotonic() >= end:
            return None
        time.sleep(min(pause, max(end - time.monotonic(), 0)))
        pause = min(pause * 1.5, LAST_LOOK)
