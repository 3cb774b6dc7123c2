"""Google's fake and an opened account at it, for the tests of all actions with tables."""

from collections.abc import Iterator
from typing import Any

import pytest

from connections.kinds.googlesheets.account import ServiceAccount
from connections.models import Connection
from connections.opened import Opened
from tests.fakes.google import EMAIL, Google, google, key_file
from webjack.http import Http


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with google() as fake:
        monkeypatch.setenv("GOOGLE_SHEETS_URL", fake.target.url)
        monkeypatch.setenv("GOOGLE_TOKEN_URI", f"{fake.target.url}/token")
        # Nobody else uses this account, so nobody has to be waited for.
        monkeypatch.setattr(ServiceAccount, "per_second", None)
        yield fake


class Account(Opened):
    """Keeps its token in memory, without a database."""

    def __init__(self) -> None:
        super().__init__(Connection(kind="googlesheets", config={"key": key_file(), "email": EMAIL}))
        self.held.good = self._good  # type: ignore[method-assign]
        self.held.renew = self._renew  # type: ignore[method-assign]

    def _good(self, http: Http) -> Any:
        return self.held.token or self._renew(http)

    def _renew(self, http: Http, renews: bool = True) -> Any:
        self.held.token = self.spec.renew(self.config, None, http.bare())
        return self.held.token


@pytest.fixture
def account(service: Google) -> Account:
    return Account()
