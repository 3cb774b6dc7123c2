"""«Повторные запросы»: what counts as the same request, and that one operation comes of it."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from history import duplicates, retention
from history.models import Duplicate, Operation, Status
from processings.models import Processing, State
from sources.models import Source
from tests.factories import ProcessingFactory, SourceFactory
from tests.gunicorn_server import web

pytestmark = pytest.mark.django_db
CALLERS = 100


def source(by: str, name: str = "", processing: Processing | None = None, **response: Any) -> Source:
    config = {"duplicates": {"by": by, "name": name, "minutes": 10}} | ({"response": response} if response else {})
    return SourceFactory(processing=processing or ProcessingFactory(), config=config, fields=[], sample={})


def send(to: Source, body: Any = None, query: str = "", **headers: str) -> str:
    """The id that the sender hears."""
    content = b"" if body is None else json.dumps(body).encode()
    path = f"/webhooks/http/{to.key}/?{query}"
    answer = Client().generic("POST", path, content, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    return str(json.loads(answer.content)["id"])


def test_a_field_decides() -> None:
    orders = source("field", "order.id")
    first = send(orders, {"order": {"id": 7}, "price": 1})
    assert send(orders, {"order": {"id": 7}, "price": 2}) == first
    assert send(orders, {"order": {"id": 8}, "price": 1}) != first
    assert Operation.objects.count() == 2


def test_a_header_decides_even_if_it_is_kept_masked() -> None:
    events = source("header", "X-Event-Token")
    first = send(events, {"a": 1}, **{"X-Event-Token": "one"})
    assert send(events, {"a": 2}, **{"X-Event-Token": "one"}) == first
    assert send(events, {"a": 1}, **{"X-Event-Token": "two"}) != first
    assert "one" not in str(Operation.objects.get(pk=first).headers)


def test_all_data_decide() -> None:
    anything = source("body")
    first = send(anything, {"a": 1}, "b=2")
    assert send(anything, {"a": 1}, "b=2") == first
    assert len({send(anything, {"a": 1}, "b=3"), send(anything, {"a": 2}, "b=2"), first}) == 3


@pytest.mark.parametrize(("by", "name"), [("field", "order_id"), ("header", "Idempotency-Key"), ("body", "")])
def test_a_request_without_the_key_is_always_taken(by: str, name: str) -> None:
    some = source(by, name)
    assert send(some) != send(some)
    empty = {"order_id": ""} if by == "field" else None
    assert send(some, empty, **({name: " "} if by == "header" else {})) != send(some, empty)
    assert not Duplicate.objects.exists()


def test_sources_do_not_share_keys() -> None:
    assert send(source("body"), {"a": 1}) != send(source("body"), {"a": 1})


def test_after_the_window_the_same_request_runs_again() -> None:
    some = source("body")
    first = send(some, {"a": 1})
    Duplicate.objects.update(expires_at=timezone.now() - timedelta(days=1))
    second = send(some, {"a": 1})
    assert second != first
    assert send(some, {"a": 1}) == second
    assert Operation.objects.count() == 2


def test_without_the_setting_equal_requests_are_two() -> None:
    some = source("off")
    assert send(some, {"a": 1}) != send(some, {"a": 1})


def test_a_repeated_request_gets_the_answer_of_the_first() -> None:
    some = source("field", "id", body='{"id": "{{ operation.id }}", "name": "{{ name }}"}')
    body = [{"id": 1, "name": "Анна"}, {"id": 1, "name": "Пётр"}]
    path = f"/webhooks/http/{some.key}/"
    answers = [Client().post(path, one, content_type="application/json").content for one in body]
    assert answers[0] == answers[1]
    assert json.loads(answers[0])["name"] == "Анна"


def test_a_refused_request_takes_no_key() -> None:
    some = source("body")
    refused = Client().put(f"/webhooks/http/{some.key}/", {"a": 1}, content_type="application/json")
    assert refused.status_code == 405
    assert Operation.objects.get(pk=send(some, {"a": 1})).status == Status.HELD


def test_a_deleted_processing_takes_no_key() -> None:
    some = source("body")
    Processing.objects.update(deleted_at=timezone.now())
    answer = Client().post(f"/webhooks/http/{some.key}/", {"a": 1}, content_type="application/json")
    assert answer.status_code == 404
    assert not Duplicate.objects.exists()


def test_expired_keys_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "STEP", 2)
    some = source("body")
    for number in range(6):
        send(some, {"a": number})
    fresh = Duplicate.objects.order_by("-pk")[0]
    Duplicate.objects.exclude(pk=fresh.pk).update(expires_at=F("expires_at") - timedelta(days=1))
    retention.forget()
    assert list(Duplicate.objects.all()) == [fresh]
    assert duplicates.forget(10) == 0


@pytest.fixture
def port(transactional_db: None) -> Iterator[int]:
    with web() as server:
        server.start("--workers", "2")
        yield server.port


@pytest.mark.django_db(transaction=True)
def test_a_hundred_at_once_make_one_operation_and_hear_one_number(port: int) -> None:
    some = source("header", "Idempotency-Key", ProcessingFactory(state=State.RUNNING))
    starting = threading.Barrier(CALLERS)
    answers: list[tuple[int, bytes]] = []

    def call() -> None:
        asking = HTTPConnection("127.0.0.1", port, timeout=60)
        asking.connect()
        starting.wait()
        asking.request("POST", f"/webhooks/http/{some.key}/", b"{}", {"Idempotency-Key": "7f3e"})
        answer = asking.getresponse()
        answers.append((answer.status, answer.read()))
        asking.close()

    callers = [threading.Thread(target=call) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    only = Operation.objects.get()
    assert only.status == Status.QUEUED
    assert len(answers) == CALLERS
    assert {(status, json.loads(body)["id"]) for status, body in answers} == {(200, str(only.pk))}
