"""Wakes the workers for a whole web process: one thread, however many requests come.

A NOTIFY is a transaction of its own, and nearly as dear as keeping the request. It need not be durable, and one of them
tells of all requests that were committed before it.
"""

import logging
import os
import threading
import time
from typing import Any

import psycopg
from django.db import connection

from history.repeat import CHANNEL

log = logging.getLogger(__name__)

PAUSE = 0.01  # seconds between two; the first one after a rest goes at once
LONG_PAUSE = 0.03  # the same while many requests come: drains that have work look that often by themselves
MANY = 5


class Bell:
    """Rung by any thread; its own thread lives as long as the process."""

    def __init__(self) -> None:
        self.rung = threading.Event()
        self.rings = 0  # since the last NOTIFY, about: threads count past each other
        self.process = os.getpid()
        threading.Thread(target=self.work, name="bell", daemon=True).start()

    def work(self) -> None:
        line: psycopg.Connection[Any] | None = None
        while True:
            self.rung.wait()
            self.rung.clear()
            pause, self.rings = LONG_PAUSE if self.rings > MANY else PAUSE, 0
            try:
                line = line or _line()
                line.execute(f"NOTIFY {CHANNEL}")
            except psycopg.Error:
                log.warning("the workers could not be woken", exc_info=True)
                line = None
            time.sleep(pause)


_bell: Bell | None = None
_hanging = threading.Lock()


def hang() -> None:
    """From now on this process has a bell; to be called after forking. May be called again."""
    global _bell
    if _bell is None or _bell.process != os.getpid():
        with _hanging:
            if _bell is None or _bell.process != os.getpid():
                _bell = Bell()


def ring() -> bool:
    """Lets the workers be woken soon; False where no bell hangs."""
    if _bell is None or _bell.process != os.getpid():
        return False
    _bell.rings += 1
    if not _bell.rung.is_set():
        _bell.rung.set()
    return True


def _line() -> psycopg.Connection[Any]:
    known = connection.get_connection_params()
    line: psycopg.Connection[Any] = psycopg.connect(**known, autocommit=True)
    line.execute("SET synchronous_commit TO off")
    return line
