"""The key file of a service account: what is refused before anybody tries to load it."""

import json
from typing import Any

import pytest

from connections.kinds.googlesheets import service_key
from connections.kinds.googlesheets.account import KeyForm
from webjack.config import bind, errors
from webjack.http import Failed


def file(private: str) -> str:
    told: dict[str, Any] = {"type": "service_account", "client_email": "a@example.com", "private_key": private}
    return json.dumps(told)


def test_a_private_key_that_would_take_minutes_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Any] = []
    monkeypatch.setattr(service_key, "load_pem_private_key", lambda *given: loaded.append(given))
    with pytest.raises(Failed, match="длиннее"):
        service_key.read(file("A" * (service_key.LONGEST + 1)))
    (sentence,) = errors(bind(KeyForm, {"key": file("A" * (service_key.LONGEST + 1))}))["key"]
    assert "длиннее" in sentence
    assert loaded == []
    assert len(service_key.read(file("A" * service_key.LONGEST)).private) == service_key.LONGEST


def test_a_file_that_is_longer_than_any_key_is_refused_unread() -> None:
    (sentence,) = errors(bind(KeyForm, {"key": file("A") + "A" * 10_000}))["key"]
    assert "10000" in sentence.replace("\xa0", "")
