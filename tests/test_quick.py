"""The good path of the webhook address: what one process knows of a source never outlives a change made by another.

Two servers, each a process of its own; the settings are changed from here, a third.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from history.models import Operation, Status
from processings.models import Ordering, Processing, State
from sources import door, quick
from sources.models import Source
from tests.factories import ProcessingFactory, SourceFactory
from tests.gunicorn_server import gunicorn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source(transactional_db: None) -> Source:
    return SourceFactory(processing=ProcessingFactory(state=State.RUNNING), fields=[], sample={})


@pytest.fixture
def ports(source: Source) -> Iterator[list[int]]:
    """Of two servers that both know the source."""
    with ExitStack() as servers:
        ports = [servers.enter_context(gunicorn()) for _ in range(2)]
        assert [call(port, source)[0] for port in ports * 2] == [200] * 4
        Operation.objects.all().delete()
        yield ports


def call(port: int, source: Source, method: str = "POST", body: bytes = b'{"a": 1}') -> tuple[int, Any, dict[str, str]]:
    asking = HTTPConnection("127.0.0.1", port, timeout=60)
    headers: dict[str, str | bytes] = {
        "X-Mine": "да".encode(),
        "X-Api-Key": "secret",
        "Referer": "https://a:secret@shop.example/?token=secret",
    }
    asking.request(method, f"/webhooks/http/{source.key}/?b=2", body, headers)
    answer = asking.getresponse()
    content = answer.read()
    asking.close()
    is_json = "json" in answer.headers["Content-Type"]
    return answer.status, json.loads(content) if is_json else content, dict(answer.headers)


def test_changes_hold_at_once_in_all_processes(ports: list[int], source: Source) -> None:
    """One pair of servers for all of these: starting them takes longer than they do."""
    both_ways_keep_and_answer_the_same(ports, source)
    other_methods_hold_at_once(ports, source)
    another_answer_holds_at_once(ports, source)
    a_change_past_the_models_holds_at_once(ports, source)
    an_order_by_a_field_holds_at_once(ports, source)
    a_stopped_processing_holds_requests_at_once(ports, source)
    a_new_key_takes_the_place_of_the_old(ports, source)
    a_deleted_processing_is_gone_at_once(ports, source)
    a_deleted_source_is_gone_at_once(ports, source)


def both_ways_keep_and_answer_the_same(ports: list[int], source: Source) -> None:
    """A server that calls for the first time since a change goes the long way."""
    for ordering in (Ordering.STRICT, Ordering.PARALLEL):
        Processing.objects.update(ordering=ordering)
        both_ways_are_one(ports, source)


def both_ways_are_one(ports: list[int], source: Source) -> None:
    long, quick = call(ports[0], source), call(ports[0], source)
    rows: list[dict[str, Any]] = [
        {**Operation.objects.filter(pk=told["id"]).values().get()} for _, told, _ in (long, quick)
    ]
    for row in rows:
        assert (row.pop("received_at"), row.pop("id")) != (None, None)
        assert row.pop("due_at")
        row["body"] = bytes(row["body"])
    assert rows[0] == rows[1]
    assert (rows[0]["query"], rows[0]["body"], rows[0]["status"]) == ("b=2", b'{"a": 1}', Status.QUEUED)
    assert "secret" not in str(rows[0]["headers"])
    assert rows[0]["headers"]["X-Mine"] == "да"
    assert sorted(set(long[2]) - {"Date"}) == sorted(set(quick[2]) - {"Date"})


def other_methods_hold_at_once(ports: list[int], source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(config={"methods": ["PUT"]})
    assert [call(port, source)[0] for port in ports * 2] == [405] * 4
    assert [call(port, source, "PUT")[0] for port in ports * 2] == [200] * 4


def another_answer_holds_at_once(ports: list[int], source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(config={"response": {"status": 201, "body": "{{ a }} {{ b }}"}})
    assert [call(port, source)[:2] for port in ports * 2] == [(201, b"1 2")] * 4
    Source.objects.filter(pk=source.pk).update(config={})
    assert [call(port, source)[0] for port in ports * 2] == [200] * 4


def a_change_past_the_models_holds_at_once(ports: list[int], source: Source) -> None:
    """Nobody has to remember to say that something changed."""
    with connection.cursor() as cursor:
        cursor.execute("""UPDATE sources_source SET config = '{"methods": ["PATCH"]}' WHERE id = %s""", [source.pk])
    assert [call(port, source)[0] for port in ports] == [405] * 2
    Source.objects.filter(pk=source.pk).update(config={})
    assert [call(port, source)[0] for port in ports * 2] == [200] * 4


def an_order_by_a_field_holds_at_once(ports: list[int], source: Source) -> None:
    Processing.objects.filter(pk=source.processing_id).update(ordering="key", ordering_field="a")
    kept = [call(port, source, body=body)[1]["id"] for port in ports for body in (b'{"a": 1}', b'{"a": 2}')]
    keys = [Operation.objects.get(pk=id).order_key for id in kept]
    assert keys[:2] == keys[2:]
    assert len({None, *keys}) == 3
    Processing.objects.filter(pk=source.processing_id).update(ordering="parallel")
    assert [Operation.objects.get(pk=call(port, source)[1]["id"]).order_key for port in ports] == [None, None]


def a_stopped_processing_holds_requests_at_once(ports: list[int], source: Source) -> None:
    Processing.objects.update(state=State.STOPPED)
    ids = [call(port, source)[1]["id"] for port in ports]
    assert set(Operation.objects.filter(pk__in=ids).values_list("status", flat=True)) == {Status.HELD}
    Processing.objects.update(state=State.RUNNING)
    ids = [call(port, source)[1]["id"] for port in ports]
    assert set(Operation.objects.filter(pk__in=ids).values_list("status", flat=True)) == {Status.QUEUED}


def a_new_key_takes_the_place_of_the_old(ports: list[int], source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(key="0" * 32)
    assert [call(port, source)[0] for port in ports] == [404] * 2
    source.key = "0" * 32
    assert [call(port, source)[0] for port in ports * 2] == [200] * 4


def a_deleted_processing_is_gone_at_once(ports: list[int], source: Source) -> None:
    kept = Operation.objects.count()
    Processing.objects.update(deleted_at=timezone.now())
    assert [call(port, source)[0] for port in ports] == [404] * 2
    assert Operation.objects.count() == kept
    Processing.everything.update(deleted_at=None)
    assert [call(port, source)[0] for port in ports * 2] == [200] * 4


def a_deleted_source_is_gone_at_once(ports: list[int], source: Source) -> None:
    kept = Operation.objects.count()
    source.delete()
    assert [call(port, source)[0] for port in ports] == [404] * 2
    assert Operation.objects.count() == kept


def test_a_commit_whose_answer_got_lost_leaves_one_row(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick way writes and hears nothing of it; the long way then finds the row under the same id."""
    from webjack.wsgi import behind

    written = quick.INSERT.run
    lost: list[int] = []

    def write_and_lose(*told: Any) -> int:
        lost.append(written(*told))
        raise psycopg.OperationalError("the connection is lost")

    monkeypatch.setattr(quick.INSERT, "run", write_and_lose)
    door.find("http", source.key)
    request = RequestFactory().post(f"/webhooks/http/{source.key}/", b'{"a": 1}', content_type="application/json")
    said: list[str] = []
    answer = b"".join(quick.Quick(behind)(request.environ, lambda status, headers: said.append(status)))
    only = Operation.objects.get()
    assert lost == [1]
    assert (said, json.loads(answer)["id"], bytes(only.body)) == (["200 OK"], str(only.pk), b'{"a": 1}')


def test_what_is_known_stays_bounded(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_KNOWN", 3)
    for _ in range(5):
        door.find("http", SourceFactory().key)
    assert len(door.known) == 3
