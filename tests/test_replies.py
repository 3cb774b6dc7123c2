"""«Ответить отправителю»: the webhook's answer is made by the actions."""

import json
import threading
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from actions import arrange
from history.drain import drain
from history.models import Answer, Operation
from processings.models import Processing
from sources import replies
from tests.factories import ProcessingFactory, SourceFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def running() -> Processing:
    return ProcessingFactory(state="running")


def ask(processing: Processing, wait: float, body: bytes = b"{}") -> Any:
    """The sender's call, while a worker works beside it."""
    source = SourceFactory(processing=processing, config={"response": {"wait": wait, "status": 202, "body": "later"}})
    done = threading.Event()
    worker = threading.Thread(target=_work, args=(done,))
    worker.start()
    try:
        return Client().post(f"/webhooks/http/{source.key}/", body, content_type="application/json")
    finally:
        done.set()
        worker.join()


def _work(done: threading.Event) -> None:
    while not done.is_set():
        drain()
        time.sleep(0.01)
    connection.close()


def replying(processing: Processing, **config: Any) -> None:
    arrange.add(processing, "flow.reply", {"status": 201, "headers": [], "body": ""} | config)


def test_the_sender_gets_what_the_actions_say(running: Processing) -> None:
    rows = [{"name": "sum", "value": "{{ a | plus: b }}", "type": "auto"}]
    arrange.add(running, "data.json", {"fields": rows})
    replying(running, headers=[{"name": "X-Sum", "value": "{{ a }}"}], body="{{ steps.json.text }}")

    answer = ask(running, 20, b'{"a": 2, "b": 3}')

    assert (answer.status_code, json.loads(answer.content), answer["X-Sum"]) == (201, {"sum": 5}, "2")
    kept = Answer.objects.get()
    assert (kept.in_time, kept.told["status"], kept.told["body"]) == (True, 201, '{"sum":5}')
    assert {"name": "X-Sum", "value": "2"} in kept.told["headers"]
    assert answer["Content-Type"] == "application/json"


def test_data_in_an_answer_are_never_filled_again(running: Processing) -> None:
    replying(running, body="{{ text }}")

    answer = ask(running, 20, b'{"text": "{{ company.name }}"}')

    assert answer.content == b"{{ company.name }}"


def test_a_header_that_cannot_be_one_is_left_out(running: Processing) -> None:
    replying(running, headers=[{"name": "не то", "value": "1"}, {"name": "Set-Cookie", "value": "1"}], body="ok")

    answer = ask(running, 20)

    assert (answer.status_code, answer.content, "Set-Cookie" in answer) == (201, b"ok", False)


def test_without_an_answer_of_the_actions_the_usual_one_comes_when_the_operation_ends(running: Processing) -> None:
    answer = ask(running, 20)

    assert (answer.status_code, answer.content) == (202, b"later")


def test_nobody_waits_longer_than_was_asked(running: Processing) -> None:
    arrange.add(running, "flow.delay", {"amount": 1, "unit": "hours"})
    replying(running, body="late")

    answer = ask(running, 0.1)

    assert (answer.status_code, Operation.objects.get().status) == (202, "waiting")


def test_a_stopped_processing_lets_nobody_wait() -> None:
    answer = ask(ProcessingFactory(), 20)

    assert (answer.status_code, Operation.objects.get().status) == (202, "held")


def test_those_who_wait_leave_threads_to_the_others(running: Processing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "_places", threading.BoundedSemaphore(1))
    assert replies._places.acquire(blocking=False)
    replying(running, body="never seen")

    assert ask(running, 20).content == b"later"
