"""Who lets a request in: what an account at a service adds to a request, and which way the request takes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .answer import Answer
    from .client import Http

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Route:
    """proxy: `http://[user:password@]host:port`, or "". certificate: of the client with its key, PEM, or "".

    owner: whose way it is: two that go the same way never share a connection to the proxy or the server.
    """

    proxy: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    owner: str = ""


DIRECT = Route()


@dataclass
class Outgoing:
    """A request before it is sent. at: Unix time in seconds."""

    method: str
    url: str
    query: Pairs
    headers: Pairs
    body: bytes | None
    route: Route = DIRECT
    at: int = field(default_factory=lambda: int(time.time()))

    def again(self) -> Outgoing:
        """One like it that can be changed."""
        return replace(self, query=list(self.query), headers=list(self.headers), at=int(time.time()))


class Signer(Protocol):
    """hidden: texts that must not be recorded or shown."""

    @property
    def hidden(self) -> Iterable[str]: ...

    def signed(self, asked: Outgoing, http: Http) -> Outgoing:
        """The request as it goes out. Raises Failed."""

    def heard(self, answer: Answer, http: Http) -> bool:
        """Takes note of an answer; whether to sign and send once more. Raises Failed."""
