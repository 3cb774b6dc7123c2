"""From a row in the operation table to a request at the target, by the real drain."""

import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import DataError, connection
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from history import attention
from history import claim as claiming
from history import drain as draining
from history import finish as finishing
from history.claim import Claimer, give_back, journeys, renew
from history.crew import Crew
from history.drain import drain
from history.finish import finish
from history.models import Notice, Operation, Status, Step
from history.prepared import execute
from history.repeat import cancel, cancel_many, release, repeat
from history.run import Progress
from processings.models import Processing, State
from tests.factories import ActionFactory, OperationFactory, ProcessingFactory, SourceFactory
from tests.gunicorn_server import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def local_targets(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]


@pytest.fixture
def target() -> Iterator[HTTPServer]:
    with HTTPServer(host="127.0.0.1") as server:
        yield server


@pytest.fixture
def running() -> Processing:
    processing = ProcessingFactory(state=State.RUNNING)
    SourceFactory(processing=processing)
    return processing


def received(processing: Processing, **told: Any) -> Operation:
    """An operation as the webhook address leaves it."""
    fresh = {"status": Status.QUEUED, "due_at": timezone.now(), "data": None}
    source = processing.sources.first()
    return OperationFactory(processing=processing, source_id=source and source.pk, **fresh | told)


def sends(processing: Processing, target: HTTPServer, path: str = "/in", **config: Any) -> Any:
    return ActionFactory(
        processing=processing, config={"method": "POST", "url": target.url_for(path), "success_codes": "2**"} | config
    )


def test_a_request_runs_through_all_actions_in_turn(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_json({"id": 7})
    rows = [{"name": "client.name", "value": "{{ client_name }}", "type": "auto"}]
    ActionFactory(processing=running, kind="data.json", alias="json", config={"fields": rows})
    sends(running, target, body="{{ steps.json.text }}")
    operation = received(running, body='{"client_name": "Анна"}'.encode())

    assert drain() == 1

    operation.refresh_from_db()
    assert (operation.status, operation.error, operation.due_at) == (Status.SUCCEEDED, "", None)
    assert operation.data == {"client_name": "Анна"}
    request = target.log[0][0]
    assert json.loads(request.data) == {"client": {"name": "Анна"}}
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"]
    steps = list(operation.steps.order_by("position"))
    assert [(step.alias, step.status, step.attempt) for step in steps] == [
        ("json", "succeeded", 1),
        ("http_2", "succeeded", 1),
    ]
    assert steps[1].output["body"] == {"id": 7}
    assert steps[1].exchanges[0]["request"]["body"] == request.data.decode()


def test_a_value_full_of_signs_passes_unharmed(running: Processing, target: HTTPServer) -> None:
    nasty = "кавычки \" и ' \n\t{{ client_name }} {% if %} \\ \0 😀 \x7f"
    target.expect_request("/in").respond_with_data("ok")
    row = {"name": "текст", "value": "{{ text }}"}
    ActionFactory(processing=running, kind="data.json", alias="json", config={"fields": [row]})
    ActionFactory(processing=running, kind="data.form", alias="form", config={"fields": [row]})
    sends(running, target, body="{{ steps.json.text }}")
    sends(running, target, body="{{ steps.form.text }}")
    received(running, body=json.dumps({"text": nasty}).encode())

    drain()

    first, second = (request for request, _ in target.log)
    assert json.loads(first.data) == {"текст": nasty}
    assert second.form["текст"] == nasty
    assert Operation.objects.get().status == Status.SUCCEEDED
    assert Operation.objects.get().data == {"text": nasty}


def test_a_finished_step_is_on_disk_before_the_next_request_begins(running: Processing, target: HTTPServer) -> None:
    seen = []

    def look(request: Request) -> Response:
        seen.append(Step.objects.filter(status="succeeded").count())
        connection.close()
        return Response("ok")

    target.expect_request("/in").respond_with_data("ok")
    target.expect_request("/second").respond_with_handler(look)
    sends(running, target)
    sends(running, target, "/second")
    received(running)

    drain()

    assert seen == [1]


def test_a_dead_workers_operation_goes_on_at_its_first_unfinished_step(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/second").respond_with_data("ok")
    first = sends(running, target, "/first")
    second = sends(running, target, "/second", body="{{ steps.http.text }}")
    lost = received(running, status=Status.RUNNING, attempts=1)
    shared = {"tenant": lost.tenant, "run": 1, "kind": "http.request", "started_at": timezone.now(), "duration_ms": 5}
    Step.objects.create(
        operation=lost,
        action_id=first.pk,
        position=1,
        attempt=1,
        alias="http",
        status="succeeded",
        output={"text": "from before"},
        **shared,
    )

    drain()

    lost.refresh_from_db()
    assert lost.status == Status.SUCCEEDED
    assert [(request.path, request.data) for request, _ in target.log] == [("/second", b"from before")]
    repeated = lost.steps.filter(action_id=second.pk).order_by("attempt")
    assert [(step.attempt, step.status) for step in repeated] == [(1, "unknown"), (2, "succeeded")]


def test_a_result_of_a_worker_that_lost_its_lease_is_not_written(running: Processing, target: HTTPServer) -> None:
    def steal(request: Request) -> Response:
        Operation.objects.update(attempts=99)
        connection.close()
        return Response("ok")

    target.expect_request("/in").respond_with_handler(steal)
    sends(running, target)
    operation = received(running)

    drain()

    operation.refresh_from_db()
    assert (operation.status, operation.steps.count()) == (Status.RUNNING, 0)


def test_an_error_that_may_pass_is_tried_again_later(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("busy", status=503, headers={"Retry-After": "120"})
    sends(running, target)
    operation = received(running)

    drain()

    operation.refresh_from_db()
    assert operation.status == Status.WAITING
    assert operation.due_at is not None
    assert 100 < (operation.due_at - timezone.now()).total_seconds() <= 120
    assert "503" in operation.error
    notice = Notice.objects.get()
    assert (notice.pending, notice.final, notice.processing) == (1, False, running)


def test_an_error_that_will_not_pass_ends_the_operation_and_is_told(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("no", status=404)
    sends(running, target)
    received(running)
    received(running)

    drain()

    assert set(Operation.objects.values_list("status", flat=True)) == {Status.FAILED}
    notice = Notice.objects.get()
    assert (notice.pending, notice.total, notice.final) == (2, 2, True)


def test_keys_are_the_same_for_attempts_and_new_for_a_new_run(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("busy", status=503)
    sends(running, target)
    operation = received(running)
    drain()
    repeat(operation, start=False)
    drain()
    repeat(operation, start=True)
    drain()

    first, second, third = (request.headers["Idempotency-Key"] for request, _ in target.log)
    assert first == second != third
    assert list(operation.steps.values_list("run", "attempt")) == [(1, 1), (1, 2), (2, 1)]


def test_a_stopped_processing_holds_what_waits_and_releases_it(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    sends(running, target)
    operation = received(running)
    Processing.objects.update(state=State.STOPPED)
    drain()
    operation.refresh_from_db()
    assert operation.status == Status.HELD

    assert release(running) == 1
    drain()

    operation.refresh_from_db()
    assert operation.status == Status.SUCCEEDED


def test_a_cancelled_operation_is_not_run(running: Processing, target: HTTPServer) -> None:
    sends(running, target)
    operation = received(running)
    assert cancel(operation)

    assert drain() == 0
    operation.refresh_from_db()
    assert operation.status == Status.CANCELLED


def test_an_unreadable_request_fails_with_the_reason(running: Processing, target: HTTPServer) -> None:
    sends(running, target)
    operation = received(running, body=b'{"client_name": ', content_type="application/json")

    drain()

    operation.refresh_from_db()
    assert operation.status == Status.FAILED
    assert operation.error
    assert Notice.objects.get().cause == operation.error


def test_a_damaged_letter_does_not_stop_an_operation(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    sends(running, target, body="{{ name }}")
    body = "name=Анн".encode() + b"\xd0"
    operation = received(running, body=body, content_type="application/x-www-form-urlencoded; charset=utf-8")

    drain()

    operation.refresh_from_db()
    assert operation.status == Status.SUCCEEDED
    assert target.log[0][0].data.decode().startswith("Анн")


def test_a_broken_action_costs_one_operation_and_not_its_neighbours(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    sends(running, target)
    other = ProcessingFactory(state=State.RUNNING, tenant=running.tenant)
    ActionFactory(processing=other, kind="no.such.kind", config={})
    bad, good = received(other), received(running)

    drain()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status) == (Status.FAILED, Status.SUCCEEDED)


def test_every_tenant_gets_its_turn(target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    for _ in range(3):
        processing = ProcessingFactory(state=State.RUNNING)
        sends(processing, target)
        for _ in range(5):
            received(processing)

    assert drain() == 15
    assert Operation.objects.filter(status=Status.SUCCEEDED).count() == 15


# What must not happen: each of these once did, or could have.


def test_a_tenant_behind_hundreds_that_only_wait_gets_its_turn(
    running: Processing, target: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "PAIRS", 3)
    target.expect_request("/in").respond_with_data("ok")
    sends(running, target)
    due = received(running)
    later = timezone.now() + timedelta(hours=3)
    for number in range(7):  # their ids are smaller and greater than any real one
        tenant_id = uuid.UUID(int=number + 1 if number % 2 else 2**128 - 1 - number)
        OperationFactory(processing=running, tenant_id=tenant_id, status=Status.WAITING, due_at=later)

    assert drain() == 1

    due.refresh_from_db()
    assert due.status == Status.SUCCEEDED


def test_operations_of_a_processing_that_is_gone_end_and_harm_nobody(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    sends(running, target)
    gone = received(running)
    Operation.objects.update(processing_id=uuid.uuid4())
    good = received(running)

    drain()

    gone.refresh_from_db()
    good.refresh_from_db()
    assert (gone.status, good.status) == (Status.CANCELLED, Status.SUCCEEDED)


def test_numbers_that_json_has_no_word_for_are_kept(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data('{"ratio": NaN}', content_type="application/json")
    sends(running, target, body="{{ sum }}")
    operation = received(running, body=b'{"sum": 1e999}')
    other = received(running, body=b'{"sum": 1}')

    drain()

    operation.refresh_from_db()
    other.refresh_from_db()
    assert (operation.status, other.status) == (Status.SUCCEEDED, Status.SUCCEEDED)
    assert operation.data == {"sum": "1e999"}
    assert operation.steps.get().exchanges[0]["response"]["status"] == 200


def test_a_result_that_the_database_refuses_takes_no_other_with_it(
    running: Processing, target: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.expect_request("/in").respond_with_data("ok")
    sends(running, target, body="{{ name }}")
    bad, good = received(running, body=b'{"name": "bad"}'), received(running, body=b'{"name": "good"}')
    unbroken = finishing._step_row

    def broken(step: Step) -> list[Any]:
        row = unbroken(step)
        return ["\0" if step.config.get("body") == "bad" and value == step.title else value for value in row]

    monkeypatch.setattr(finishing, "_step_row", broken)

    drain()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status) == (Status.SUCCEEDED, Status.SUCCEEDED)
    assert bad.steps.get().exchanges == []
    assert good.steps.get().exchanges != []
    assert len(target.log) == 2


def test_a_result_too_large_for_its_column_stops_no_drain(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    sends(running, target)
    operation = received(running)
    journey = journeys(Claimer().claim(1))[0]
    journey.duration_ms = 2**40

    with pytest.raises(DataError):
        finish([Progress(journey, Status.SUCCEEDED)])

    # The database is usable after the error, and the lease decides what happens to the operation.
    assert Operation.objects.get(pk=operation.pk).status == Status.RUNNING


def test_what_was_cancelled_under_way_keeps_its_step_and_is_not_sent_again(
    running: Processing, target: HTTPServer
) -> None:
    def call_off(request: Request) -> Response:
        cancel_many(Operation.objects.all())
        connection.close()
        return Response("ok")

    target.expect_request("/in").respond_with_handler(call_off)
    target.expect_request("/second").respond_with_data("ok")
    sends(running, target)
    sends(running, target, "/second")
    operation = received(running)

    drain()

    operation.refresh_from_db()
    assert operation.status == Status.CANCELLED
    assert [step.status for step in operation.steps.all()] == ["succeeded"]
    repeat(operation, start=False)
    drain()
    assert [request.path for request, _ in target.log] == ["/in", "/second"]


def test_what_was_cancelled_and_repeated_under_way_is_shown_as_sent_twice(
    running: Processing, target: HTTPServer
) -> None:
    def change_ones_mind(request: Request) -> Response:
        if len(target.log) == 0:
            one = Operation.objects.get()
            cancel(one)
            repeat(one, start=False)
            connection.close()
        return Response("ok")

    target.expect_request("/in").respond_with_handler(change_ones_mind)
    sends(running, target)
    operation = received(running)

    drain()
    drain()

    operation.refresh_from_db()
    assert operation.status == Status.SUCCEEDED
    assert [(step.attempt, step.status) for step in operation.steps.all()] == [(1, "unknown"), (2, "succeeded")]
    assert len({request.headers["Idempotency-Key"] for request, _ in target.log}) == 1


def test_a_lost_lease_is_neither_renewed_nor_given_back(running: Processing) -> None:
    operation = received(running)
    lost = journeys(Claimer().claim(1))
    Operation.objects.update(due_at=timezone.now())
    journeys(Claimer().claim(1))
    held = Operation.objects.get()

    renew(lost)
    give_back(lost)

    operation.refresh_from_db()
    assert (operation.status, operation.attempts, operation.due_at) == (Status.RUNNING, 2, held.due_at)


def test_a_drain_that_ends_gives_back_what_it_has_not_begun(
    running: Processing, target: HTTPServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_target = threading.Event()

    def hang(request: Request) -> Response:
        release_target.wait(10)
        return Response("ok")

    target.expect_request("/in").respond_with_handler(hang)
    sends(running, target)
    for _ in range(5):
        received(running)
    settings.DRAIN_SECONDS = 0.4
    of_two_threads = Crew(3)  # less the one that is left for other companies
    monkeypatch.setattr(draining, "crew", lambda: of_two_threads)
    opener = threading.Timer(1.0, release_target.set)
    opener.start()
    assert drain() == 2
    opener.join()

    assert sorted(Operation.objects.values_list("status", flat=True)) == ["queued"] * 3 + ["succeeded"] * 2
    assert not Operation.objects.filter(losses__gt=0).exists()


def test_results_outlive_the_session_of_a_worker_that_stood_still(
    running: Processing, target: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL gives it up between two statements of the transaction that writes them."""
    target.expect_request("/in").respond_with_data("ok")
    sends(running, target)
    received(running)
    hear, first = attention.hear, [True]

    def stands_still(told: Any) -> Any:
        if first.pop() if first else False:
            (mine,) = execute(
                "SELECT pg_backend_pid() FROM set_config('idle_in_transaction_session_timeout', '1ms', true)"
            )[0]
            with psycopg.connect(database_url(), autocommit=True) as other:
                while other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [mine]).fetchone():
                    time.sleep(0.01)
        return hear(told)

    monkeypatch.setattr(attention, "hear", stands_still)
    assert drain() == 1
    assert Operation.objects.get().status == Status.SUCCEEDED
    assert Step.objects.count() == len(target.log) == 1


def test_a_drain_whose_broker_is_gone_claims_nothing(running: Processing) -> None:
    received(running)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    assert drain(pusher=gone.pid) == 0

    assert Operation.objects.get().status == Status.QUEUED
