"""The django-q task that works off the operation table.

The main thread is the only one that talks to the database; the pool's threads only run actions. Nothing is kept here
that the table does not know: whatever dies, the leases run out and another worker goes on.
"""

import logging
import os
import queue
import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from multiprocessing.sharedctypes import RawValue
from typing import Any, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _

from history import heartbeat
from history.claim import Claimer, give_back, journeys, renew
from history.finish import Claim, finish
from history.models import Status
from history.run import Journey, Progress, advance

logger = logging.getLogger(__name__)
Found = TypeVar("Found")

BATCH = 200  # results written at once
FLUSH_SECONDS = 0.1  # how long a result waits for company
AHEAD_SECONDS = 0.2  # fast operations are claimed this much work ahead; slow ones only into free threads
AHEAD_MOST = 300
LOOK_SECONDS = 0.1  # pause after a claim that found nothing, unless something was accepted
CLAIM_SECONDS = 0.03  # pause between claims, unless there is much to claim and room for it
TICK_SECONDS = 0.02  # how long to wait for the next result before looking at everything else
AWAY_SECONDS = 2.0  # after the database was away, results are written before anybody claims what they are of

# What the broker and the drains of a cluster know of each other: the number of the drain begun last, how many in a row
# found nothing to claim, how often something was accepted. Shared memory: django-q forks after this is loaded.
begun = RawValue("L", 0)
fruitless = RawValue("L", 0)
news = RawValue("L", 0)


@cache
def pool() -> ThreadPoolExecutor:
    """Lives as long as the worker process, and with it the keep-alive connections of its threads."""
    return ThreadPoolExecutor(settings.DRAIN_THREADS, thread_name_prefix="drain")


def drain(number: int = 0, pusher: int = 0) -> int:
    """Works off due operations until none is to be had or the time is over; returns how many it finished.

    number: of this drain, by the broker's count. pusher: the process of the broker; when it is gone the cluster stops.
    """
    if number:
        begun.value = number
    this = Drain(pusher)
    finished = this.work()
    fruitless.value = 0 if this.claimed else fruitless.value + 1
    return finished


class Drain:
    """One drain: `running` are the operations it holds, `results` what waits to be written."""

    def __init__(self, pusher: int = 0) -> None:
        self.claimer = Claimer()
        self.running: dict[Claim, Journey] = {}
        self.futures: dict[Claim, Future[None]] = {}
        self.finished_runs: queue.SimpleQueue[Progress] = queue.SimpleQueue()
        self.results: list[Progress] = []
        self.oldest = 0.0
        self.mean = 0.5  # seconds that one operation takes, moving average
        self.finished = 0
        self.pusher = pusher
        self.parent = os.getppid()
        now = time.monotonic()
        # Drains that began together do not end together: some worker is always there to claim.
        self.end = now + settings.DRAIN_SECONDS * random.uniform(0.5, 1)  # noqa: S311 (no secret)
        self.next_renewal = self.next_beat = now
        self.claimed = 0
        self.claimed_at = self.away_until = 0.0
        self.found, self.asked = 1, 1  # how many operations the last claim brought, and would have taken
        self.heard = 0  # of the news, by the last claim

    def work(self) -> int:
        try:
            while True:
                closing = self._closing()
                if closing:
                    self._give_back()
                else:
                    self._claim()
                self._keep()
                if not self.running and (closing or not self.found):
                    return self.finished
                self._collect()
                self._flush(closing)
        finally:  # whatever broke: what nobody watches must not begin
            for future in self.futures.values():
                future.cancel()

    def _closing(self) -> bool:
        """Whether to take no more: the time is over, or the cluster stops, or those who supervise us are gone."""
        gone = os.getppid() != self.parent or (self.pusher and not _lives(self.pusher))
        return bool(gone) or time.monotonic() >= self.end

    def _claim(self) -> None:
        """Claims into the free room, if it is time to."""
        free = self._room() - len(self.running)
        if not self._time_to_claim(free):
            return
        self.claimed_at, self.heard = time.monotonic(), news.value
        try:
            operations = self.claimer.claim(free)
        except (OperationalError, InterfaceError) as error:
            _database_away(error)
            self.found, self.away_until = 0, time.monotonic() + AWAY_SECONDS
            return
        self.found, self.asked = len(operations), free
        self.claimed += self.found
        for journey in patiently(journeys, operations):
            self.running[journey.claim] = journey
            self._submit(journey)

    def _time_to_claim(self, free: int) -> bool:
        """At once where much is due and there is room for it, so that claims are large; else now and then."""
        if not self.running:
            return True
        now, much_room = time.monotonic(), free >= self._room() // 3
        if now < self.away_until or not (much_room or len(self.running) < settings.DRAIN_THREADS):
            return False
        if much_room and self.found == self.asked:
            return True
        something = self.found or news.value != self.heard
        return now >= self.claimed_at + (CLAIM_SECONDS if something else LOOK_SECONDS)

    def _room(self) -> int:
        """How many operations to hold at once."""
        ahead = min(AHEAD_MOST, int(settings.DRAIN_THREADS * AHEAD_SECONDS / max(self.mean, 0.001)))
        return int(settings.DRAIN_THREADS) + ahead

    def _give_back(self) -> None:
        """Leaves to others what no thread has begun."""
        unbegun = [journey for claim, journey in self.running.items() if self.futures[claim].cancel()]
        if unbegun:
            patiently(give_back, unbegun)
            for journey in unbegun:
                self._forget(journey)

    def _keep(self) -> None:
        """Keeps what we hold, and says that we live."""
        now = time.monotonic()
        if now >= self.next_renewal:
            patiently(renew, list(self.running.values()))
            self.next_renewal = now + settings.LEASE_SECONDS / 3
        if now >= self.next_beat:
            patiently(heartbeat.beat)
            self.next_beat = now + heartbeat.SECONDS

    def _submit(self, journey: Journey) -> None:
        self.futures[journey.claim] = pool().submit(self._advance, journey)

    def _advance(self, journey: Journey) -> None:
        """In a thread of the pool."""
        try:
            self.finished_runs.put(advance(journey))
        except BaseException:
            logger.exception("operation %s broke its worker thread", journey.operation.pk)
            error = _("Something broke on our side. We have been told; repeat the operation later")
            self.finished_runs.put(Progress(journey, Status.FAILED, error=error, alarm=True))

    def _collect(self) -> None:
        """Takes over what the threads have finished, waiting a moment for the first."""
        try:
            result = self.finished_runs.get(timeout=TICK_SECONDS)
            while True:
                if not self.results:
                    self.oldest = time.monotonic()
                self.results.append(result)
                self.mean += 0.05 * (sum(step.duration_ms for step in result.steps) / 1000 - self.mean)
                result = self.finished_runs.get_nowait()
        except queue.Empty:
            return

    def _full(self) -> bool:
        """Whether to write: enough results, the oldest waited long enough, or nothing else is on its way."""
        if not self.results:
            return False
        late = time.monotonic() - self.oldest > FLUSH_SECONDS
        return late or len(self.results) >= BATCH or len(self.results) == len(self.running)

    def _flush(self, closing: bool) -> None:
        """Writes the results; what is not at its end goes on, here or elsewhere, unless the lease was lost."""
        if not self._full():
            return
        results, self.results = self.results, []
        ours = patiently(finish, results)
        unended = [one.journey for one in results if one.status == Status.RUNNING and one.journey.claim in ours]
        for result in results:
            self._forget(result.journey)
        if closing:
            patiently(give_back, unended)
        else:
            for journey in unended:
                self.running[journey.claim] = journey
                self._submit(journey)
        self.finished += len(ours)

    def _forget(self, journey: Journey) -> None:
        del self.running[journey.claim], self.futures[journey.claim]


def patiently(act: Callable[..., Found], *args: Any) -> Found:
    """Does it, again and again while the database is away; the fence decides whether it came too late."""
    while True:
        try:
            return act(*args)
        except (OperationalError, InterfaceError) as error:
            _database_away(error)


def _database_away(error: Exception) -> None:
    logger.warning("the database is away, trying again: %s", error)
    connection.close()
    time.sleep(0.5)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
