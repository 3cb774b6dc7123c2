"""The django-q task that works off the operation table.

The main thread is the only one that talks to the database; the pool's threads only run actions. Nothing is kept here
that the table does not know: whatever dies, the leases run out and another worker goes on.
"""

import logging
import os
import queue
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from history import notices
from history.claim import Claimer, finish, renew
from history.models import Status
from history.run import Journey, Progress, advance

logger = logging.getLogger(__name__)
Found = TypeVar("Found")

BATCH = 200  # results written at once
FLUSH_SECONDS = 0.1  # how long a result waits for company
AHEAD_SECONDS = 0.2  # fast operations are claimed this much work ahead; slow ones only into free threads
AHEAD_MOST = 300
LINGER_SECONDS = 1.0  # how long an idle drain waits for more before it ends
LOOK_SECONDS = 0.1  # pause between claims that found nothing


@cache
def pool() -> ThreadPoolExecutor:
    """Lives as long as the worker process, and with it the keep-alive connections of its threads."""
    return ThreadPoolExecutor(settings.DRAIN_THREADS, thread_name_prefix="drain")


def drain() -> int:
    """Works off due operations until nothing is due for a moment or the time is over; returns how many it finished."""
    return Drain().work()


class Drain:
    """One drain: `running` are the operations it holds, `results` what waits to be written."""

    def __init__(self) -> None:
        self.claimer = Claimer()
        self.running: dict[Any, Journey] = {}
        self.waiting: queue.SimpleQueue[Progress] = queue.SimpleQueue()
        self.results: list[Progress] = []
        self.oldest = 0.0
        self.mean = 0.5  # seconds that one operation takes, moving average
        self.finished = 0
        self.parent = os.getppid()

    def work(self) -> int:
        end = time.monotonic() + settings.DRAIN_SECONDS
        next_claim = next_renewal = idle_since = time.monotonic()
        while True:
            now = time.monotonic()
            open_for_more = now < end and os.getppid() == self.parent
            if open_for_more and now >= next_claim and self._room() > 0:
                claimed = self._claim()
                next_claim = time.monotonic() + (0 if claimed else LOOK_SECONDS)
                idle_since = now if claimed else idle_since
            if now >= next_renewal:
                patiently(renew, list(self.running))
                next_renewal = now + settings.LEASE_SECONDS / 3
            self._collect(0.02 if self.results or not self.running else LOOK_SECONDS)
            if self._full():
                self._flush()
                idle_since = time.monotonic()
            over = not open_for_more or time.monotonic() - idle_since > LINGER_SECONDS
            if over and not self.running and not self.results:
                return self.finished

    def _room(self) -> int:
        """How many more operations to claim; nothing until a third of the room is free, so that claims are large."""
        ahead = min(AHEAD_MOST, int(settings.DRAIN_THREADS * AHEAD_SECONDS / max(self.mean, 0.001)))
        room = int(settings.DRAIN_THREADS) + ahead
        free = room - len(self.running)
        return free if free >= room // 3 else 0

    def _claim(self) -> int:
        journeys = patiently(self.claimer.claim, self._room())
        for journey in journeys:
            self.running[journey.operation.pk] = journey
            self._submit(journey)
        return len(journeys)

    def _submit(self, journey: Journey) -> None:
        pool().submit(self._advance, journey)

    def _advance(self, journey: Journey) -> None:
        """In a thread of the pool."""
        try:
            self.waiting.put(advance(journey))
        except BaseException as broken:
            logger.exception("operation %s broke its worker thread", journey.operation.pk)
            self.waiting.put(Progress(journey, Status.FAILED, error=f"{type(broken).__name__}", alarm=True))

    def _collect(self, seconds: float) -> None:
        """Takes over what the threads have finished, waiting this long for the first."""
        try:
            result = self.waiting.get(timeout=seconds)
            while True:
                if not self.results:
                    self.oldest = time.monotonic()
                self.results.append(result)
                self.mean += 0.05 * (sum(step.duration_ms for step in result.steps) / 1000 - self.mean)
                result = self.waiting.get_nowait()
        except queue.Empty:
            return

    def _full(self) -> bool:
        """Whether to write: enough results, the oldest waited long enough, or nothing else is on its way."""
        if not self.results:
            return False
        late = time.monotonic() - self.oldest > FLUSH_SECONDS
        return late or len(self.results) >= BATCH or len(self.results) == len(self.running)

    def _flush(self) -> None:
        """Writes the results; what is not at its end goes on, unless the lease was lost meanwhile."""
        results, self.results = self.results, []
        ours = patiently(finish, results)
        for result in results:
            journey = result.journey
            if result.status == Status.RUNNING and journey.operation.pk in ours:
                self._submit(journey)
            else:
                del self.running[journey.operation.pk]
        self.finished += len(ours)
        if any(result.alarm for result in results):
            patiently(notices.call)


def patiently(act: Callable[..., Found], *args: Any) -> Found:
    """Does it, again and again while the database is away; the fence decides whether it came too late."""
    while True:
        try:
            return act(*args)
        except (OperationalError, InterfaceError) as error:
            logger.warning("the database is away, trying again: %s", error)
            connection.close()
            time.sleep(0.5)
