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
    """Does it in a thread of its own, the only one beside the drain's main thread that talks to the database.

    Seldom: when a token runs out. While the database is away it tries on: a new token must not be lost.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def __call__(self, act: Callable[..., Found], *args: Any) -> Found:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, "webjack-tokens")
        return self._pool.submit(_patiently, act, *args).result()

    def forget(self) -> None:
        """In a forked process: the thread is the parent's."""
        self._lock, self._pool = threading.Lock(), None


def _patiently(act: Callable[..., Found], *args: Any) -> Found:
    try:
        while True:
            try:
                return act(*args)
            except AWAY as error:
                if not was_away(error):
                    raise
                log.warning("the database is away, trying again: %s", error)
                connection.close()
                time.sleep(AWAY_SECONDS)
    finally:
        connection.close()


aside = Aside()
os.register_at_fork(after_in_child=aside.forget)
