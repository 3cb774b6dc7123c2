"""From a row in the operation table to a request at the target, by the real drain."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from history import drain as draining
from history.drain import drain
from history.models import Notice, Operation, Status, Step
from history.repeat import cancel, release, repeat
from processings.models import Processing, State
from tests.factories import ActionFactory, OperationFactory, ProcessingFactory, SourceFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    monkeypatch.setattr(draining, "LINGER_SECONDS", 0.0)


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
