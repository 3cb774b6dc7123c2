"""Connections that keep a deadline.

requests' timeouts count per read, so a server that sends a byte now and then (of the headers as well) could hold a
thread for ever. Here each socket asks, before each operation, how much of the whole request's time is left.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from queue import Empty, SimpleQueue
from typing import Any

from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from .idle import Idle, Shelf

CONNECT_TIMEOUT = 10.0
ATTEMPTS = 3  # addresses of a host that are tried; ssrfguard's timeout is for each of them


class Wire(threading.local):
    """Each thread's time and traffic during one request; connections go from thread to thread.

    opened: a new connection was begun for it. connected: there is a connection. received: bytes that came.
    """

    def __init__(self) -> None:
        self.deadline = 0.0
        self.opened = False
        self.connected = False
        self.received = 0

    def begin(self, deadline: float) -> None:
        """deadline: by time.monotonic()."""
        self.deadline = deadline
        self.opened = False
        self.connected = False
        self.received = 0

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.deadline

    def left(self) -> float:
        """Seconds that remain; raises TimeoutError if none do."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline")
        return left

    def lookup(self, host: str, port: int, family: int, kind: int, proto: int, flags: int) -> list[Any]:
        """socket.getaddrinfo with a time limit, which it lacks. Raises socket.gaierror."""
        if flags & socket.AI_NUMERICHOST:
            return socket.getaddrinfo(host, port, family, kind, proto, flags)
        answers: SimpleQueue[list[Any] | OSError | UnicodeError] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put(list(socket.getaddrinfo(host, port, family, kind, proto, flags)))
            except (OSError, UnicodeError) as error:
                answers.put(error)

        # A thread, because a lookup cannot be interrupted; it ends by the system resolver's own timeout.
        threading.Thread(target=ask, name="webjack-dns", daemon=True).start()
        try:
            answer = answers.get(timeout=min(CONNECT_TIMEOUT, self.left()))
        except Empty:
            raise socket.gaierror(socket.EAI_AGAIN, "no answer in time") from None
        if isinstance(answer, OSError | UnicodeError):
            raise answer
        return answer


wire = Wire()


class PlainSocket(socket.socket):
    """A socket whose every operation ends by the wire's deadline."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(wire.left())
        count = super().recv_into(*args, **kwargs)
        wire.received += count
        return count

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(wire.left())  # for the whole of it, since Python 3.5
        super().sendall(*args, **kwargs)


class TlsSocket(ssl.SSLSocket):
    """The same under TLS. Its handshake is bounded by the timeout of the socket that it wraps."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(wire.left())
        count = super().recv_into(*args, **kwargs)
        wire.received += count
        return count

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(wire.left())  # sendall is a loop of sends
        return super().send(*args, **kwargs)


class TimedConnection(HTTPConnection):
    """Mixed in before a connection class of ssrfguard: makes its sockets keep the wire's deadline.

    for_once: it must not be used again, even if the server would not mind. _parts: of the request being put together.
    """

    for_once = False
    _parts: list[bytes] | None = None
    sock: socket.socket | None

    @property
    def timeout(self) -> float:
        # ssrfguard asks after the name is looked up, so this is what is left for connecting.
        return min(CONNECT_TIMEOUT, wire.left() / ATTEMPTS)

    @timeout.setter
    def timeout(self, _seconds: float | None) -> None:
        """urllib3 sets its own timeouts, which count per read; the wire's deadline replaces them."""

    def _new_conn(self) -> socket.socket:
        wire.opened = True
        connected = super()._new_conn()
        family, kind, proto = connected.family, connected.type, connected.proto
        plain = PlainSocket(family, kind, proto, fileno=connected.detach())
        plain.settimeout(wire.left())
        return plain

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Head and body go out at once: http.client would send them one by one, which costs both sides more."""
        self.for_once = (kwargs.get("headers") or {}).get("Connection") == "close"
        if self.sock is not None:  # kept from an earlier request
            wire.connected = True
        self._parts = []
        try:
            super().request(*args, **kwargs)
            whole = b"".join(self._parts)
        finally:
            self._parts = None
        self.send(whole)

    def send(self, data: Any) -> None:
        if self._parts is None:
            super().send(data)
        else:
            self._parts.append(data)

    def connect(self) -> None:
        super().connect()
        wire.connected = True


def timed(pool: type[HTTPConnectionPool], idle: Idle) -> type[HTTPConnectionPool]:
    """A pool class like pool whose connections keep the wire's deadline, and which leaves them with idle."""
    connection = type("TimedConnection", (TimedConnection, pool.ConnectionCls), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection, "QueueCls": lambda _self, _size: Shelf(idle)})
