"""The broker of the cluster for schedules and mails: django-q's own, handing out a beat when nothing else is due."""

import logging
import time
from multiprocessing.sharedctypes import RawValue
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from django_q.brokers.orm import ORM

from history import heartbeat, pulse
from webjack import life

logger = logging.getLogger(__name__)

CLUSTER = "app"
AWAY_SECONDS = 1.0  # until the next try while the database is away
taken = RawValue("L", 0)  # number of the beat taken last; shared memory: django-q forks after this is loaded


class AppBroker(ORM):  # type: ignore[misc]
    handed_out = 0  # number of the last beat
    beat_at = 0.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        pulse.watch()

    def dequeue(self) -> list[tuple[Any, str]] | None:
        """The tasks that are due, else now and then a beat, unless nobody has taken the last one."""
        try:
            tasks: list[tuple[Any, str]] | None = super().dequeue()
        except (OperationalError, InterfaceError) as error:  # come back, do not die: django-q would wait for 10 s
            logger.warning("the database is away, waiting: %s", error)
            time.sleep(AWAY_SECONDS)
            return None
        if time.monotonic() - self.beat_at < pulse.EVERY:
            return tasks
        self.beat_at = time.monotonic()
        if life.ours().busy():  # a long one: whether its worker hangs is for django-q's own timeout to say
            _beat()
            return tasks
        if tasks or taken.value < self.handed_out:
            return tasks
        self.handed_out = taken.value + 1
        return [(None, pulse.task("beat", "history.app_broker.beat", self.handed_out))]


def beat(number: int) -> None:
    """A worker has taken this beat."""
    taken.value = number
    _beat()


def _beat() -> None:
    try:
        heartbeat.beat(CLUSTER)
    except (DatabaseError, InterfaceError):  # away: whoever reads it sees that himself
        return
