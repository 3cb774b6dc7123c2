"""A django-q broker whose queue is the operation table.

The pusher process waits here for due operations (LISTEN, with a poll behind it) and hands out `drain` tasks to free
workers. There is no queue table of its own and nothing to acknowledge: the lease in the operation's row is that.
"""

import logging
import socket
import time
import uuid
from typing import Any

import psycopg
from django.db import connection
from django.utils import timezone
from django_q.brokers import Broker
from django_q.conf import Conf
from django_q.signing import SignedPackage

from history.repeat import CHANNEL

logger = logging.getLogger(__name__)

DUE = """
SELECT 1 FROM history_operation WHERE status IN ('queued', 'running', 'waiting') AND due_at <= now() LIMIT 1
"""
COUNT_DUE = """
SELECT count(*) FROM history_operation WHERE status IN ('queued', 'running', 'waiting') AND due_at <= now()
"""
COUNT_RUNNING = "SELECT count(*) FROM history_operation WHERE status = 'running' AND due_at > now()"
HEARTBEAT = """
INSERT INTO history_heartbeat (host, seen_at) VALUES (%s, now())
ON CONFLICT (host) DO UPDATE SET seen_at = excluded.seen_at
"""
HEARTBEAT_SECONDS = 5.0
PAUSE_SECONDS = 0.05  # lets the drain just handed out claim before the next is


class OperationBroker(Broker):  # type: ignore[misc]
    listener: Any = None
    handed_out = 0.0
    beat = 0.0

    def dequeue(self) -> list[tuple[None, str]] | None:
        """A `drain` task when something is due; None after one poll's wait."""
        try:
            return self._wait()
        except psycopg.Error as error:  # the database restarts: come back, do not die
            logger.warning("the database is away, waiting: %s", error)
            self.listener = None
            time.sleep(1)
            return None

    def _wait(self) -> list[tuple[None, str]] | None:
        listener = self._listener()
        self._show_life(listener)
        if not listener.execute(DUE).fetchone():
            for _ in listener.notifies(timeout=Conf.POLL, stop_after=1):
                pass
            if not listener.execute(DUE).fetchone():
                return None
        pause = self.handed_out + PAUSE_SECONDS - time.monotonic()
        if pause > 0:
            time.sleep(pause)
            if not listener.execute(DUE).fetchone():
                return None
        self.handed_out = time.monotonic()
        return [(None, _drain_task())]

    def _listener(self) -> Any:
        if self.listener is None or self.listener.closed:
            self.listener = connection.get_new_connection(connection.get_connection_params())
            self.listener.autocommit = True
            self.listener.execute(f"LISTEN {CHANNEL}")
        return self.listener

    def _show_life(self, listener: Any) -> None:
        if time.monotonic() - self.beat >= HEARTBEAT_SECONDS:
            listener.execute(HEARTBEAT, [socket.gethostname()])
            self.beat = time.monotonic()

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


def _count(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def _drain_task() -> str:
    task = {
        "id": uuid.uuid4().hex,
        "name": "drain",
        "func": "history.drain.drain",
        "args": (),
        "kwargs": {},
        "started": timezone.now(),
        "save": False,
    }
    return str(SignedPackage.dumps(task))
