"""The token of one opened connection: the one that is kept, one that others got meanwhile, or a new one."""

import threading
import time
import uuid
from collections import defaultdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from connections import tokens
from connections.kind import Token
from connections.models import Connection
from webjack.http import MASK, Failed, Http

LOOK_SECONDS = 0.1  # between looks whether another process has renewed a token
SPARE_SECONDS = 5.0  # how long operations take a service's refusal for the answer to all of them
SHORTEST = 4  # of a secret that is looked for in any text; a shorter one would mask half of it

# One thread of a process at a time asks for a connection's new token; the others take what it got, or its refusal.
# What was got by settings that were changed since (Connection.updated_at) counts for nothing.
_locks: defaultdict[uuid.UUID, threading.Lock] = defaultdict(threading.Lock)
_newest: dict[uuid.UUID, tuple[datetime, Token]] = {}
_refusals: dict[uuid.UUID, tuple[datetime, float, Failed]] = {}


class Held:
    """token: the one that this attempt goes by."""

    def __init__(self, row: Connection, store: tokens.Store) -> None:
        self.row = row
        self.token: Token | None = None
        self._store = store

    def good(self, http: Http) -> Token:
        """One to send a request with. Raises Failed."""
        token = self._stale()
        if http.dry:  # nothing is sent, so nothing is asked for
            token = token or Token(MASK)
        elif token is None or not token.fresh(time.time()):
            return self.renew(http)
        return self._take(token, http)

    def renew(self, http: Http, renews: bool = True) -> Token:
        """Another one than we have; not `renews`: one that somebody else got, else the same. Raises Failed."""
        stale, ends = self._stale(), time.monotonic() + http.seconds
        lock = _locks[self.row.pk]
        if not lock.acquire(timeout=http.seconds):
            raise _late()
        try:
            found = self._shared(stale) or self._found(stale, renews, ends, http)
        finally:
            lock.release()
        if stale is None or found.access != stale.access:
            _newest[self.row.pk] = (self.row.updated_at, found)
        return self._take(found, http)

    def _stale(self) -> Token | None:
        return self.token or tokens.kept(self.row)

    def _shared(self, stale: Token | None) -> Token | None:
        """What another operation of this process was told. Raises Failed when that was a refusal."""
        if self._store is tokens.here:  # a person asks, who may have mended it elsewhere
            return None
        version, at, failed = _refusals.get(self.row.pk, (None, 0.0, None))
        if failed and version == self.row.updated_at and time.monotonic() < at + SPARE_SECONDS:
            raise Failed(failed.message, failed.retry, failed.after, denied=failed.denied)
        known, token = _newest.get(self.row.pk, (None, None))
        if token is None or known != self.row.updated_at or not token.fresh(time.time()):
            return None
        return token if stale is None or token.access != stale.access else None

    def _found(self, stale: Token | None, renews: bool, ends: float, http: Http) -> Token:
        while True:
            found: Any = self._store(tokens.ask, self.row.pk, stale and stale.access, renews)
            if isinstance(found, tokens.Turn):
                return self._issued(found, http)
            if isinstance(found, Token):
                return found
            if time.monotonic() >= ends:
                raise _late()
            time.sleep(LOOK_SECONDS)

    def _issued(self, turn: tokens.Turn, http: Http) -> Token:
        """Asks the service. What the action itself does has not begun, so a failure leaves nothing uncertain."""
        told = len(http.exchanges)
        if turn.token:
            self._hide(turn.token, http)
        try:
            fresh = self.row.spec.renew(self.row.whole, turn.token, http.bare())
        except BaseException as error:
            self._store(tokens.give_up, self.row.pk, turn, isinstance(error, Failed) and error.unknown)
            if isinstance(error, Failed):
                error.unknown = False
                if error.denied and turn.broken and turn.token and turn.token.refresh:
                    error = _lost()
                _refusals[self.row.pk] = (self.row.updated_at, time.monotonic(), error)
            raise error from None
        finally:
            for record in http.exchanges[told:]:
                _without_tokens(record)
        kept: Token = self._store(tokens.keep, self.row.pk, turn, fresh)
        return kept

    def _take(self, token: Token, http: Http) -> Token:
        self.token = token
        self._hide(token, http)
        return token

    def _hide(self, token: Token, http: Http) -> None:
        http.hide(text for text in (token.access, token.refresh) if len(text) >= SHORTEST and text != MASK)


def _without_tokens(record: dict[str, Any]) -> None:
    """What came back when all went well is the token itself, and was recorded before anybody knew that."""
    response = record["response"]
    if response and response["status"] < 400 and response["body"]:
        response["body"] = MASK


def _lost() -> Failed:
    """A refresh token works once; what came for it went down with the process or the network."""
    return Failed(
        _("The new token was lost: we were cut off while the service gave it. Open the connection and connect anew"),
        denied=True,
    )


def _late() -> Failed:
    return Failed(_("The service did not issue a new token in time"), retry=True)
