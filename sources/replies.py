"""«Ответить отправителю»: waits, for a short while, for the answer that an operation's actions make."""

import logging
import threading
import time
import uuid

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpResponse

from history.models import OPEN, Answer
from sources.answer import GUARD
from webjack.config import Config

LONGEST_WAIT = 25
"""Seconds: many senders give up after 30."""

USUAL_WAIT = 10
"""Seconds, where somebody switches it on by one click."""

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
MOST_KEPT = 20_000
"""Characters of an answer that the history keeps."""

log = logging.getLogger(__name__)
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


def keep(id: uuid.UUID, tenant_id: uuid.UUID, made: HttpResponse, *, in_time: bool, seconds: float) -> None:
    """Notes for the history what the sender is told; a sender who repeats a request changes nothing.

    Whatever happens here, the sender gets his answer.
    """
    body = made.content.decode("utf-8", "replace")
    told = {
        "status": made.status_code,
        "headers": [{"name": name, "value": value} for name, value in made.headers.items() if name not in GUARD],
        "body": body[:MOST_KEPT],
        "size": len(made.content),
    }
    row = Answer(operation_id=id, tenant_id=tenant_id, told=told, in_time=in_time, waited_ms=round(seconds * 1000))
    try:
        Answer.objects.bulk_create([row], ignore_conflicts=True)
    except (DatabaseError, InterfaceError):
        log.exception("an answer could not be kept")
