"""A django-q broker whose queue is the operation table.

The pusher process waits here for due operations (LISTEN, with a poll behind it) and hands out `drain` tasks to free
workers. There is no queue table of its own and nothing to acknowledge: the lease in the operation's row is that.
"""

import logging
import os
import time
from typing import Any

import psycopg
from django.db import connection
from django_q.brokers import Broker
from django_q.conf import Conf

from history import lanes, prepared, pulse, warm, will
from history.claim import SUSPECT
from history.claim_sql import ABANDON, GIVE_BACK
from history.drain import AWAY_SECONDS, begun, fruitless, news
from history.repeat import CHANNEL
from history.standstill import Standstill
from history.turn import take_turn

logger = logging.getLogger(__name__)

DUE = """
SELECT 1 FROM history_operation WHERE status IN ('queued', 'running', 'waiting') AND due_at <= now()
ORDER BY due_at LIMIT 1
"""
COUNT_DUE = """
SELECT count(*) FROM history_operation WHERE status IN ('queued', 'running', 'waiting') AND due_at <= now()
"""
COUNT_RUNNING = "SELECT count(*) FROM history_operation WHERE status = 'running' AND due_at > now()"
PAUSE_SECONDS = 0.05  # lets the drain just handed out claim before the next is
FRUITLESS_SECONDS = 0.5  # the same where the last found nothing: what is due belongs to companies that have their share
BUSY_SECONDS = 0.02  # between looks whether a worker has become free
LOCK = "5s"  # waited for what others hold: else nobody would look whether they stand still


class OperationBroker(Broker):  # type: ignore[misc]
    listener: Any = None
    parent = 0  # of the pusher process, where alone this object works
    handed_out = 0  # number of the last task
    handed_out_at = 0.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        pulse.watch()
        self.standstill = Standstill()
        will.sweep()
        warm.up()

    def dequeue(self) -> list[tuple[None, str]] | None:
        """A `drain` task when something is due and a worker is free, now and then a beat; None after a poll's wait."""
        self.parent = self.parent or os.getppid()
        if os.getppid() != self.parent:
            raise SystemExit("the sentinel is gone: nobody would replace a worker that dies")
        try:
            return self._wait()
        except psycopg.Error as error:  # the database restarts: come back, do not die
            logger.warning("the database is away, waiting: %s", error)
            self.listener = None
            time.sleep(AWAY_SECONDS)
            return None

    def _wait(self) -> list[tuple[None, str]] | None:
        listener = self._listener()
        self.standstill.look(listener)
        _take_over(listener)
        # Handing out one that nobody takes would block the pusher, and with it the end of the whole cluster.
        if not self._last_is_begun(listener):
            return None
        if not due(listener):
            _listen(listener, Conf.POLL)
            if not due(listener):
                _release(listener)
        elif fruitless.value:
            _listen(listener, self.handed_out_at + FRUITLESS_SECONDS - time.monotonic())
        pause = self.handed_out_at + PAUSE_SECONDS - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        if due(listener):
            return [(None, self._task("drain", os.getpid()))]
        if time.monotonic() - self.handed_out_at >= pulse.EVERY:
            return [(None, self._task("beat"))]
        return None

    def _last_is_begun(self, listener: Any) -> bool:
        """Whether a worker took the drain handed out last; waits one poll for that."""
        until = time.monotonic() + Conf.POLL
        while begun.value < self.handed_out:
            if time.monotonic() >= until:
                return False
            _listen(listener, BUSY_SECONDS)
        return True

    def _listener(self) -> Any:
        if self.listener is None or self.listener.closed:
            self.listener = listener()
        return self.listener

    def _task(self, name: str, *told: int) -> str:
        self.handed_out = max(self.handed_out, begun.value) + 1
        self.handed_out_at = time.monotonic()
        return pulse.task(name, f"history.drain.{name}", self.handed_out, *told)

    def enqueue(self, task: str) -> None:
        raise TypeError("the operations cluster takes no tasks: insert a row into history_operation")

    def queue_size(self) -> int:
        return _count(COUNT_DUE)

    def lock_size(self) -> int:
        return _count(COUNT_RUNNING)

    def ping(self) -> bool:
        return True

    def info(self) -> str:
        return "operation table"


def listener() -> Any:
    """A connection that hears of what is accepted, and that reads the queue along its indexes (see turn.py)."""
    line = connection.get_new_connection(connection.get_connection_params())
    line.autocommit = True
    line.execute(f"LISTEN {CHANNEL}; SET enable_sort = off; SET lock_timeout = '{LOCK}'")
    return line


def _take_over(listener: Any) -> None:
    """Gives others what a killed worker of this machine held; of what it had begun, the outcome shows as unknown."""
    for held, begun_then in will.left():
        for statement, claims in ((GIVE_BACK, held), (ABANDON, begun_then)):
            told = {"ids": [id for id, _ in claims], "attempts": [attempts for _, attempts in claims]}
            listener.execute(statement, told | {"suspect": SUSPECT})


def _release(listener: Any) -> None:
    """Lets go on what waited for an account, when nobody claims meanwhile."""
    with listener.transaction():
        take_turn(listener)
        prepared.run(listener, lanes.RELEASE, lanes.limits())


def due(listener: Any) -> bool:
    """Whether any operation is."""
    return bool(prepared.run(listener, DUE))


def _listen(listener: Any, seconds: float) -> None:
    """Waits until something is accepted, at most so long, and passes it on to the drains that run."""
    if seconds > 0:
        for _ in listener.notifies(timeout=seconds, stop_after=1):
            news.value += 1


def _count(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
