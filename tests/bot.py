"""A company's bot, and the local Bot API that it lives at: for tests that import these fixtures."""

from collections.abc import Iterator
from typing import Any

import pytest

from connections import vault
from connections.models import Connection
from processings.models import Processing
from tenants.models import Tenant
from tests.factories import ConnectionFactory
from tests.fakes.telegram import TOKEN, Telegram, telegram


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Telegram]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    settings.PUBLIC_URL = "https://hooks.example.com"
    with telegram() as fake:
        monkeypatch.setenv("TELEGRAM_API_URL", fake.target.url)
        yield fake


@pytest.fixture
def bot(processing: Processing) -> Connection:
    return bot_of(processing.tenant)


def bot_of(tenant: Tenant) -> Connection:
    sealed = vault.seal({"token": TOKEN})
    return ConnectionFactory(tenant=tenant, kind="telegram", name="Бот", config={}, sealed=sealed)
