"""The django-q task that works off the operation table.

The main thread is the only one that talks to the database; the crew's threads only run actions. Nothing is kept here
that the table does not know: whatever dies, the leases run out and another worker goes on.
"""

import logging
import math
import os
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from multiprocessing.sharedctypes import RawValue
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from history import heartbeat
from history.claim import SUSPECT, Claimer, abandon, give_back, journeys, renew
from history.crew import Task, crew
from history.finish import Claim, finish
from history.models import Status
from history.run import Journey, Progress, advance
from history.will import will
from webjack.away import AWAY, was_away

logger = logging.getLogger(__name__)
Found = TypeVar("Found")

BATCH = 200  # results written at once
FLUSH_SECONDS = 0.1  # how long a result waits for company
AHEAD_SECONDS = 0.2  # fast operations are claimed this much work ahead; slow ones only into free threads
AHEAD_MOST = 300
OTHERS = 16  # claimed at once even when as many are held as may be: of companies that have room, so that these go on
USUAL_SECONDS = 0.5  # what an operation of a company takes of which nothing is known yet
LOOK_SECONDS = 0.1  # pause after a claim that found nothing, unless something was accepted
CLAIM_SECONDS = 0.03  # pause between claims, unless there is much to claim and room for it
TICK_SECONDS = 0.02  # how long to wait for the next result before looking at everything else
AWAY_SECONDS = 2.0  # after the database was away, results are written before anybody claims what they are of

# What the broker and the drains of a cluster know of each other: the number of the task begun last, how many in a row
# found nothing to claim, how often something was accepted. Shared memory: django-q forks after this is loaded.
begun = RawValue("L", 0)
fruitless = RawValue("L", 0)
news = RawValue("L", 0)
spent = threading.Event()  # this process left requests under way: it must end, not go on


def beat(number: int) -> None:
    """What a worker is given to do when there is nothing else: to say that it would do it."""
    begun.value = number
    _go_on()
    heartbeat.beat()


def drain(number: int = 0, pusher: int = 0) -> int:
    """Works off due operations until none is to be had or the time is over; returns how many it finished.

    number: of this task, by the broker's count. pusher: the process of the broker; when it is gone the cluster stops.
    """
    if number:
        begun.value = number
    _go_on()
    will().clear()
    this = Drain(pusher)
    finished = this.work()
    fruitless.value = 0 if this.claimed else fruitless.value + 1
    return finished


def _go_on() -> None:
    """Ends a process that has left requests behind when it is to do more: another takes its place."""
    if spent.is_set():
        raise SystemExit("its requests are others' by now")


class Overdue(Exception):
    """The cluster stops, and what is under way may go on no longer."""


class Drain:
    """One drain: `running` are the operations it holds, `results` what waits to be written."""

    def __init__(self, pusher: int = 0) -> None:
        self.claimer = Claimer()
        self.running: dict[Claim, Journey] = {}
        self.tasks: dict[Claim, Task] = {}
        self.finished_runs: queue.SimpleQueue[Progress] = queue.SimpleQueue()
        self.expired: queue.SimpleQueue[Journey] = queue.SimpleQueue()
        self.results: list[Progress] = []
        self.oldest = 0.0
        self.means: dict[UUID, float] = {}  # seconds that an operation of each company takes, moving averages
        self.finished = 0
        self.pusher = pusher
        self.parent = os.getppid()
        now = time.monotonic()
        # Drains that began together do not end together: some worker is always there to claim.
        self.end = now + settings.DRAIN_SECONDS * random.uniform(0.5, 1)  # noqa: S311 (no secret)
        self.next_renewal = self.next_beat = now
        self.overdue_at = math.inf  # of a cluster that stops
        self.claimed = 0
        self.claimed_at = self.away_until = 0.0
        self.found = 1  # how many operations the last claim brought
        self.freed = False  # results were written since: that may have made room for what was parked
        self.heard = 0  # of the news, by the last claim

    def work(self) -> int:
        """Returns how many operations it finished."""
        try:
            return self._work()
        except Overdue:
            self._leave()
            return self.finished
        finally:  # whatever broke: what nobody watches must not begin
            crew().withdraw(self.tasks.values())

    def _work(self) -> int:
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

    def _closing(self) -> bool:
        """Whether to take no more: the time is over, or the cluster stops, or those who supervise us are gone.

        Raises Overdue when the cluster stops and what is under way had its time to end.
        """
        now = time.monotonic()
        gone = os.getppid() != self.parent or (self.pusher and not _lives(self.pusher))
        if gone:
            self.overdue_at = min(self.overdue_at, now + settings.STOP_SECONDS)
        if now >= self.overdue_at:
            raise Overdue
        return bool(gone) or now >= self.end

    def _leave(self) -> None:
        """Writes what has come and leaves the rest to others at once: its requests end with this process."""
        spent.set()
        crew().withdraw(self.tasks.values())
        try:
            while self.running:
                self._collect()
                if not self.results:
                    break
                self._write(closing=True)
            abandon(list(self.running.values()))
        except (Overdue, *AWAY) as error:  # then their leases run out
            logger.warning("the database is away: %s", error)
        logger.warning("left %s operations that were under way", len(self.running))

    def _claim(self) -> None:
        """Claims into the free room, if it is time to."""
        held = Counter(journey.operation.tenant_id for journey in self.running.values())
        free = max(settings.DRAIN_THREADS + AHEAD_MOST - held.total(), OTHERS)
        if not self._time_to_claim():
            return
        self.claimed_at, self.heard, self.freed = time.monotonic(), news.value, False
        rooms = {company: self._room(company) - count for company, count in held.items()}
        suspects = not any(journey.operation.losses >= SUSPECT for journey in self.running.values())
        try:
            operations = self.claimer.claim(free, rooms, self._room(None), suspects)
        except AWAY as error:
            _database_away(error)
            self.found, self.away_until = 0, time.monotonic() + AWAY_SECONDS
            return
        self.found = len(operations)
        self.claimed += self.found
        claims = [(operation.pk, operation.attempts) for operation in operations]
        for claim in claims:
            will().hold(claim)
        for journey in self._patiently(journeys, operations):
            journey.lease = self.claimed_at + settings.LEASE_SECONDS
            self.running[journey.claim] = journey
            self._submit(journey)
        for orphan in (claim for claim in claims if claim not in self.running):
            will().forget(orphan)

    def _time_to_claim(self) -> bool:
        """At once where nothing is under way, else now and then: seldom, so that claims are large."""
        if not self.running:
            return True
        now = time.monotonic()
        if now < self.away_until:
            return False
        something = self.found or self.freed or news.value != self.heard
        return now >= self.claimed_at + (CLAIM_SECONDS if something else LOOK_SECONDS)

    def _room(self, company: UUID | None) -> int:
        """How many operations of a company to hold: its share of the threads, and some ahead if they are fast."""
        share = crew().share(company)
        mean = self.means.get(company, USUAL_SECONDS) if company else USUAL_SECONDS
        return share + min(AHEAD_MOST, int(share * AHEAD_SECONDS / max(mean, 0.001)))

    def _give_back(self) -> None:
        """Leaves to others what no thread has begun."""
        withdrawn = {id(task) for task in crew().withdraw(self.tasks.values())}
        unbegun = [journey for claim, journey in self.running.items() if id(self.tasks[claim]) in withdrawn]
        if unbegun:
            self._patiently(give_back, unbegun)
            for journey in unbegun:
                self._forget(journey)

    def _keep(self) -> None:
        """Keeps what we hold, and says that we live."""
        now = time.monotonic()
        if now >= self.next_renewal:
            self._patiently(renew, list(self.running.values()))
            self.next_renewal = now + settings.LEASE_SECONDS / 3
        if now >= self.next_beat:
            self._patiently(heartbeat.beat)
            self.next_beat = now + heartbeat.SECONDS

    def _submit(self, journey: Journey) -> None:
        will().hold(journey.claim)
        self.tasks[journey.claim] = crew().submit(journey.operation.tenant_id, partial(self._advance, journey))

    def _advance(self, journey: Journey) -> None:
        """In a thread of the crew. What may be another worker's by now is not begun: we may have stood still."""
        if time.monotonic() >= journey.lease:
            self.expired.put(journey)
            return
        will().begin(journey.claim)
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
                self._learn(result)
                result = self.finished_runs.get_nowait()
        except queue.Empty:
            crew().stir()
        self._let_go()

    def _let_go(self) -> None:
        """Gives back what was not begun because its lease had run out, as far as nobody has taken it."""
        expired = [self.expired.get() for _ in range(self.expired.qsize())]
        self._patiently(give_back, expired)
        for journey in expired:
            self._forget(journey)

    def _learn(self, result: Progress) -> None:
        """How long operations of its company take."""
        company = result.journey.operation.tenant_id
        mean = self.means.get(company, USUAL_SECONDS)
        self.means[company] = mean + 0.1 * (sum(step.duration_ms for step in result.steps) / 1000 - mean)

    def _full(self) -> bool:
        """Whether to write: enough results, the oldest waited long enough, or nothing else is on its way."""
        if not self.results:
            return False
        late = time.monotonic() - self.oldest > FLUSH_SECONDS
        return late or len(self.results) >= BATCH or len(self.results) == len(self.running)

    def _flush(self, closing: bool) -> None:
        """Writes the results, if it is time to."""
        if self._full():
            self._write(closing)

    def _write(self, closing: bool) -> None:
        """Writes the results; what is not at its end goes on, here or elsewhere, unless the lease was lost."""
        results, self.results = self.results, []
        ours = self._patiently(finish, results)
        unended = [one.journey for one in results if ours.get(one.journey.claim) == Status.RUNNING]
        self.freed = True
        for result in results:
            self._forget(result.journey)
        if closing:
            self._patiently(give_back, unended)
        else:
            for journey in unended:
                self.running[journey.claim] = journey
                self._submit(journey)
        self.finished += len(ours)

    def _forget(self, journey: Journey) -> None:
        del self.running[journey.claim], self.tasks[journey.claim]
        will().forget(journey.claim)

    def _patiently(self, act: Callable[..., Found], *args: Any) -> Found:
        """Does it, again and again while the database is away; the fence decides whether it came too late."""
        while True:
            try:
                return act(*args)
            except AWAY as error:
                _database_away(error)
                self._closing()


def _database_away(error: Exception) -> None:
    if not was_away(error):
        raise error
    logger.warning("the database is away, trying again: %s", error)
    connection.close()
    time.sleep(0.5)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
