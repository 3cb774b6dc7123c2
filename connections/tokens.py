"""Tokens of connections: kept encrypted, shared by all workers, renewed by one at a time.

Who finds a token missing, stale or refused asks here. A short transaction under the row's lock decides: whoever renewed
it meanwhile shares it, or somebody is just renewing and the asker waits, or the asker may renew. The request to the
service is made outside of any transaction, and its result is on disk before anybody uses it: a service that takes back
the old refresh token with the new one (amoCRM) loses none.
"""

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from connections import vault
from connections.kind import Token
from connections.models import Connection
from webjack.away import AWAY, was_away
from webjack.http import Failed

log = logging.getLogger(__name__)
Found = TypeVar("Found")

LEASE = timedelta(seconds=60)  # longer than any request may take: after that, whoever was renewing is dead
AWAY_SECONDS = 0.5
IDLE_SECONDS = 5.0
TRIES = 3
Store = Callable[..., Any]


@dataclass(frozen=True)
class Turn:
    """That the asker may renew. until: which turn it is; token: the one to renew by; settings: as of when.

    broken: whoever tried before never said how it ended, so the service may have given a token that is lost.
    """

    until: datetime
    token: Token | None
    settings: datetime
    broken: bool = False


def kept(row: Connection) -> Token | None:
    """The token in a row. Raises Failed."""
    found = vault.unseal(row.token)
    return Token(**found) if found else None


def ask(id: uuid.UUID, refused: str | None, renews: bool = True) -> Token | Turn | None:
    """A fresh token other than the refused one, or the turn to renew; None: somebody is just renewing, ask again.

    renews: else, where there is no other token and nobody is renewing, the refused one. Raises Failed when the
    connection is gone.
    """
    with transaction.atomic():
        row = Connection.objects.select_for_update().filter(pk=id).first()
        if row is None:
            raise Failed(_("The connection was deleted: choose another one in the action"))
        token = kept(row)
        if token and token.access != refused and token.fresh(time.time()):
            return token
        free = Connection.objects.filter(pk=id).exclude(renewing_until__gt=Now())
        if token and not renews:
            return token if free.exists() else None
        if not free.update(renewing_until=Now() + LEASE):
            return None
        until = Connection.objects.values_list("renewing_until", flat=True).get(pk=id)
        assert until is not None
        return Turn(until, token, row.updated_at, broken=row.renewing_until is not None)


def keep(id: uuid.UUID, turn: Turn, token: Token) -> Token:
    """Writes a new token down, as long as nobody has changed the settings since the turn was given.

    A refresh token that works once also where the database was away for so long that the turn went to another, who
    gets nothing for the old one.
    """
    token = replace(token, issued=time.time())
    sealed = vault.seal(asdict(token))
    with transaction.atomic():
        row = Connection.objects.select_for_update().filter(pk=id, updated_at=turn.settings).first()
        single = turn.token is not None and turn.token.refresh != ""
        if row and (row.renewing_until == turn.until or (single and kept(row) == turn.token)):
            Connection.objects.filter(pk=id).update(token=sealed, renewing_until=None)
    return token


def give_up(id: uuid.UUID, turn: Turn, unsure: bool = False) -> None:
    """Ends a turn in vain. unsure: the service may have given a token, and it did not arrive."""
    Connection.objects.filter(pk=id, renewing_until=turn.until).update(renewing_until=Now() if unsure else None)


def here(act: Callable[..., Found], *args: Any) -> Found:
    """Does it on this thread's connection to the database: for web requests and commands."""
    return act(*args)


class Aside:
    """Does it in a thread of its own, since the crew's threads have no connection to the database.

    It keeps its connection while it is asked again and again, and closes it after some idle seconds or an error.
    tries: while the database is away, None for as many as it takes.
    """

    def __init__(self, name: str, tries: int | None = None) -> None:
        self._name, self._tries = name, tries
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._used, self._watched = 0.0, False

    def __call__(self, act: Callable[..., Found], *args: Any) -> Found:
        """What it returns or raises. Raises Failed when the database was away for all tries."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, self._name)
        return self._pool.submit(self._patiently, act, *args).result()

    def forget(self) -> None:
        """In a forked process: the thread is the parent's."""
        self._lock, self._pool, self._watched = threading.Lock(), None, False

    def rest(self) -> None:
        """Closes the connection now."""
        if self._pool is not None:
            self._pool.submit(lambda: connection.close()).result()  # the thread's own, which is not ours

    def _patiently(self, act: Callable[..., Found], *args: Any) -> Found:
        failures = 0
        try:
            while True:
                try:
                    return act(*args)
                except AWAY as error:
                    if not was_away(error):
                        raise
                    log.warning("the database is away, trying again: %s", error)
                    connection.close()
                    failures += 1
                    if failures == self._tries:
                        raise Failed(_("Our own database was away for a moment"), retry=True) from None
                    time.sleep(AWAY_SECONDS)
        finally:
            self._used = time.monotonic()
            if not self._watched:
                self._watched = True
                self._look_in(IDLE_SECONDS)

    def _look_in(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._look)
        timer.daemon = True
        timer.start()

    def _look(self) -> None:
        with suppress(RuntimeError):  # the process ends, and its connections with it
            assert self._pool is not None
            self._pool.submit(self._close_if_idle)

    def _close_if_idle(self) -> None:
        left = self._used + IDLE_SECONDS - time.monotonic()
        if left > 0:
            self._look_in(left)
        else:
            self._watched = False
            connection.close()


aside = Aside("webjack-tokens")
"""For tokens, seldom: when one runs out. It tries on for ever: a new token must not be lost."""
turns = Aside("webjack-turns", TRIES)
"""For each request of an account with a rate (connections.pace). Apart, so that no token waits behind a lane's lock."""
for each in (aside, turns):
    os.register_at_fork(after_in_child=each.forget)
