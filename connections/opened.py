"""A connection as an action uses it: opened, with its secrets, for one attempt."""

import threading
import time
import uuid
from collections import defaultdict
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from connections import tokens
from connections.kind import ConnectionKind, Token
from connections.models import Connection
from webjack.config import Config
from webjack.http import MASK, Answer, Failed, Http, Outgoing

DENIED = (401, 403)
SHORTEST = 4  # of a secret that is looked for in any text; a shorter one would mask half of it
LOOK_SECONDS = 0.1  # between looks whether another process has renewed a token
SPARE_SECONDS = 5.0  # how long operations take a service's refusal for the answer to all of them

# One thread of a process at a time asks for a connection's new token; the others take what it got.
_locks: defaultdict[uuid.UUID, threading.Lock] = defaultdict(threading.Lock)
_refusals: dict[uuid.UUID, tuple[float, datetime, Failed]] = {}


class Opened:
    """Signs requests (webjack.http.Signer). denied: the service refused the account itself."""

    def __init__(self, row: Connection, store: tokens.Store = tokens.here) -> None:
        self.row = row
        self.denied = False
        self._store = store
        self._token: Token | None = None
        self._renewed = False

    @property
    def id(self) -> uuid.UUID:
        return self.row.pk

    @property
    def spec(self) -> ConnectionKind:
        return self.row.spec

    @cached_property
    def config(self) -> Config:
        """The settings with their secrets. Raises Failed."""
        return self.row.whole

    @property
    def hidden(self) -> list[str]:
        secrets = [str(self.config.get(name) or "") for name in self.spec.secrets]
        tokens_ = [text for token in (self._token,) if token for text in (token.access, token.refresh)]
        return [text for text in [*secrets, *self.spec.hidden(self.config), *tokens_] if len(text) >= SHORTEST]

    def signed(self, asked: Outgoing, http: Http) -> Outgoing:
        request = asked.again()
        self.spec.authorise(self.config, request, self.token(http) if self.spec.uses_token(self.config) else None)
        return request

    def heard(self, answer: Answer, http: Http) -> bool:
        """After a 401 once more with a new token: it may have been taken back before its time."""
        self.denied = answer.status in DENIED
        if answer.status != 401 or self._renewed or not self.spec.uses_token(self.config):
            return False
        self.renew(http)
        return True

    def token(self, http: Http) -> Token:
        """The one that is kept, or a new one. Raises Failed."""
        token = self._token or tokens.kept(self.row)
        if http.dry:  # nothing is sent, so nothing is asked for
            token = token or Token(MASK)
        elif token is None or not token.fresh(time.time()):
            return self.renew(http)
        return self._take(token, http)

    def renew(self, http: Http) -> Token:
        """Another token than the one we have. Raises Failed."""
        stale = self._token or tokens.kept(self.row)
        ends = time.monotonic() + http.seconds
        lock = _locks[self.id]
        if not lock.acquire(timeout=http.seconds):
            raise _late()
        try:
            self._spare()
            while (found := self._store(tokens.ask, self.id, stale and stale.access)) is None:
                if time.monotonic() >= ends:
                    raise _late()
                time.sleep(LOOK_SECONDS)
            if isinstance(found, tokens.Turn):
                found = self._ask(found, http)
        finally:
            lock.release()
        self._renewed = True
        return self._take(found, http)

    def _spare(self) -> None:
        """A thousand operations with the same wrong secret ask once."""
        at, version, failed = _refusals.get(self.id, (0.0, None, None))
        recent = failed and version == self.row.updated_at and time.monotonic() < at + SPARE_SECONDS
        if failed and recent and self._store is not tokens.here:
            self.denied = failed.denied
            raise Failed(failed.message, failed.retry, failed.after, denied=failed.denied)

    def _ask(self, turn: tokens.Turn, http: Http) -> Token:
        """Asks the service. What the action itself does has not begun, so a failure leaves nothing uncertain."""
        try:
            fresh = self._request(turn, http)
        except BaseException as error:
            self._store(tokens.give_up, self.id, turn)
            if isinstance(error, Failed):
                error.unknown = False
                self.denied = error.denied
                _refusals[self.id] = (time.monotonic(), self.row.updated_at, error)
            raise
        kept: Token = self._store(tokens.keep, self.id, turn, fresh)
        return kept

    def _request(self, turn: tokens.Turn, http: Http) -> Token:
        bare, told = http.bare(), len(http.exchanges)
        if turn.token:
            http.hide([turn.token.access, turn.token.refresh])
        try:
            return self.spec.renew(self.config, turn.token, bare)
        finally:
            for record in http.exchanges[told:]:
                _without_tokens(record)

    def _take(self, token: Token, http: Http) -> Token:
        self._token = token
        http.hide([text for text in (token.access, token.refresh) if len(text) >= SHORTEST and text != MASK])
        return token


def _without_tokens(record: dict[str, Any]) -> None:
    """What came back when all went well is the token itself, and was recorded before anybody knew that."""
    response = record["response"]
    if response and response["status"] < 400 and response["body"]:
        response["body"] = MASK


def _late() -> Failed:
    return Failed(_("The service did not issue a new token in time"), retry=True)
