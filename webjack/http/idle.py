"""Idle connections to all hosts: a process keeps the ones used last, wherever they lead, and none for long."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from queue import Empty

from urllib3.connection import HTTPConnection

MOST = 256  # as many as a worker has threads; open files are few
LONGEST_SECONDS = 50.0  # servers and the networks before them forget silent connections after a minute or more


class Idle:
    """All shelves of a process, and what lies on them in the order in which it was put there."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        # Reentrant: the collector may end a pool, and so take its connections, while this thread is in here.
        self.lock = threading.RLock()
        self.kept: OrderedDict[HTTPConnection, tuple[Shelf, float]] = OrderedDict()

    def put(self, shelf: Shelf, connection: HTTPConnection) -> None:
        with self.lock:
            shelf.connections.append(connection)
            self.kept[connection] = shelf, time.monotonic()
            dropped = self._dropped()
        for one in dropped:
            one.close()

    def take(self, shelf: Shelf) -> HTTPConnection | None:
        with self.lock:
            dropped = self._dropped()
            found = shelf.connections.pop() if shelf.connections else None
            if found:
                del self.kept[found]
        for one in dropped:
            one.close()
        return found

    def _dropped(self) -> list[HTTPConnection]:
        """Takes away what is too much or too old. What was put down first of all is the lowest of its shelf."""
        dropped: list[HTTPConnection] = []
        now = time.monotonic()
        for connection, (shelf, since) in self.kept.items():
            if len(self.kept) - len(dropped) <= self.most and now - since < LONGEST_SECONDS:
                break
            shelf.connections.popleft()
            dropped.append(connection)
        for connection in dropped:
            del self.kept[connection]
        return dropped


class Shelf:
    """The idle connections of one of urllib3's pools, which takes it for its queue: the one used last comes first."""

    def __init__(self, idle: Idle) -> None:
        self.idle = idle
        self.connections: deque[HTTPConnection] = deque()

    def put(self, connection: HTTPConnection | None, block: bool = True, timeout: float | None = None) -> None:
        if connection is None:
            return
        if getattr(connection, "for_once", False):
            connection.close()
        else:
            self.idle.put(self, connection)

    def get(self, block: bool = True, timeout: float | None = None) -> HTTPConnection:
        """Raises queue.Empty: then the pool opens a new one."""
        found = self.idle.take(self)
        if found is None:
            raise Empty
        return found
