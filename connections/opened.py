"""A connection as an action uses it: opened, with its secrets, for one attempt."""

import time
import uuid
from dataclasses import replace
from functools import cached_property

from connections import pace, seen, tokens
from connections.kind import ConnectionKind
from connections.models import Connection
from connections.renewing import SHORTEST, Held
from connections.seen import Sight
from webjack.config import Config
from webjack.http import Answer, Http, Outgoing
from webjack.http.signer import DIRECT

DENIED = (401, 403)
YOUNG_SECONDS = 10.0  # a token that was issued just now is not what a 401 is about


class Opened:
    """Signs requests (webjack.http.Signer): `http.through(opened)`. denied: the service let the last one not in."""

    def __init__(self, row: Connection, store: tokens.Store = tokens.here) -> None:
        self.row = row
        self.denied = False
        self.held = Held(row, store)
        self._store = store
        self._again = False

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
        """The secrets and what is made of them; tokens are hidden when they are taken."""
        secrets = [str(self.config.get(name) or "") for name in self.spec.secrets]
        return [text for text in [*secrets, *self.spec.hidden(self.config)] if len(text) >= SHORTEST]

    def note(self, sight: Sight) -> None:
        """Remembers something of the account that was met. Not for threads without the database."""
        seen.note(self.row.tenant_id, self.id, sight)

    def seen(self, what: str) -> list[Sight]:
        """What was met of this sort, the latest first; the same."""
        return seen.latest(self.id, what)

    def signed(self, asked: Outgoing, http: Http) -> Outgoing:
        if self.spec.per_second and not http.dry:
            reserve = tokens.turns if self._store is tokens.aside else self._store
            time.sleep(reserve(pace.wait, self.row.pk, self.spec.per_second, self.spec.burst, http.seconds))
        request = asked.again()
        token = self.held.good(http) if self.spec.uses_token(self.config) else None
        self.spec.authorise(self.config, request, token)
        if request.route != DIRECT:
            request.route = replace(request.route, owner=str(self.row.pk))
        return request

    def heard(self, answer: Answer, http: Http) -> bool:
        """After a 401 once more with a new token: it may have been taken back before its time."""
        self.denied = answer.status in DENIED
        token = self.held.token
        if answer.status != 401 or self._again or token is None:
            return False
        self._again = True
        old = time.time() >= token.issued + YOUNG_SECONDS
        return self.held.renew(http, renews=old).access != token.access
