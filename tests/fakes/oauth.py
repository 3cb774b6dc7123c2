"""A service with OAuth2 on a local target: gives tokens for client credentials and lets in who has the newest one."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from tests.fakes.target import Received, Target, target_server

CLIENT, SECRET = "client-7", "s3cr3t & more"


@dataclass
class Service:
    """issued: all tokens, the last one is good. lasts: expires_in. hold: set for tokens to be issued at once.
    refuses: lets nobody in, whatever the token. most_at_once: tokens that were asked for at the same time."""

    target: Target
    issued: list[str] = field(default_factory=list)
    lasts: int | None = 3600
    secret: str = SECRET
    hold: threading.Event = field(default_factory=threading.Event)
    let_in: int = 0
    most_at_once: int = 0
    refuses: bool = False
    asking: int = 0
    ends: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def config(self) -> dict[str, str]:
        """The plain settings of a connection to it."""
        return {
            "auth": "oauth2", "token_url": self.url("/token"), "client_id": CLIENT, "scope": "orders",
            "check_url": self.url("/me"),
        }  # fmt: skip

    def url(self, path: str) -> str:
        return self.target.url + path

    def answer(self, request: Received) -> tuple[int, bytes]:
        return self._token(request) if request.path == "/token" else self._resource(request)

    def _token(self, request: Received) -> tuple[int, bytes]:
        with self.lock:
            self.asking += 1
            self.most_at_once = max(self.most_at_once, self.asking)
        self.hold.wait(10)
        try:
            return self._issue(request)
        finally:
            with self.lock:
                self.asking -= 1

    def _issue(self, request: Received) -> tuple[int, bytes]:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        basic = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        known = request.headers.get("Authorization") == f"Basic {basic}"
        if not known and (form.get("client_id"), form.get("client_secret")) != (CLIENT, self.secret):
            return 401, b'{"error": "invalid_client"}'
        if form.get("grant_type") != "client_credentials" or form.get("scope") != "orders":
            return 400, b'{"error": "invalid_request"}'
        self.issued.append(f"access-token-number-{len(self.issued) + 1}")
        self.ends = time.monotonic() + (self.lasts or 1e9)
        told = {"access_token": self.issued[-1], "token_type": "bearer"}
        return 200, json.dumps(told | ({"expires_in": self.lasts} if self.lasts else {})).encode()

    def _resource(self, request: Received) -> tuple[int, bytes]:
        given = request.headers.get("Authorization")
        good = self.issued and given == f"Bearer {self.issued[-1]}" and time.monotonic() < self.ends
        if self.refuses or not good:
            return 401, b'{"error": "invalid_token"}'
        with self.lock:
            self.let_in += 1
        return 200, json.dumps({"hello": given}).encode()

    def revoke(self) -> None:
        """The token that was good is no more, before its time."""
        self.issued.append("nobody-has-this-one")


@contextmanager
def oauth_service() -> Iterator[Service]:
    with target_server() as target:
        service = Service(target)
        service.hold.set()
        target.answer = service.answer
        yield service
