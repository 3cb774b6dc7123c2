"""«Исход неизвестен»: the request may have arrived and no answer came. It is repeated, or a person decides."""

import socket
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone, translation
from pytest_httpserver import HTTPServer

from history.drain import drain
from history.models import Notice, Operation, Status, Step
from history.repeat import accept, cancel, hurry, release, repeat, repeat_many
from processings.models import Processing, State
from tests.factories import ActionFactory, ProcessingFactory, StepFactory
from tests.raw_servers import RawServer, raw_server
from tests.test_engine import local_targets, received, running, sends, target

__all__ = ["local_targets", "running", "target"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def in_russian() -> Iterator[None]:
    """Decisions are written down in the language of who decides."""
    with translation.override("ru"):
        yield


def breaks_off(connection: socket.socket, _request: bytes) -> None:
    """Takes the request and hangs up: nobody knows what it did with it."""
    connection.shutdown(socket.SHUT_RDWR)


def posts(processing: Processing, url: str, method: str = "POST", **told: Any) -> Any:
    return ActionFactory(processing=processing, config={"method": method, "url": url}, **told)


def fresh(operation: Operation) -> Operation:
    return Operation.objects.get(pk=operation.pk)


def steps(operation: Operation) -> list[tuple[int, int, str]]:
    return list(operation.steps.order_by("started_at", "id").values_list("position", "attempt", "status"))


def keys(server: RawServer) -> set[bytes]:
    return {
        line
        for request in server.requests
        for line in request.splitlines()
        if line.lower().startswith(b"idempotency-key:")
    }


def asked(processing: Processing, target: HTTPServer) -> Operation:
    """An operation whose second action of three broke off, with a person to decide."""
    target.expect_request("/in").respond_with_json({"id": 7})
    target.expect_request("/third").respond_with_data("ok")
    sends(processing, target)
    with raw_server(breaks_off) as server:
        posts(processing, server.url, on_unknown="stop")
        sends(processing, target, "/third", body="[{{ steps.http_2.body.id }}]")
        operation = received(processing)
        drain()
    assert fresh(operation).status == Status.UNKNOWN
    return operation


def test_where_it_is_to_stop_it_stops_and_somebody_is_told(running: Processing) -> None:
    with raw_server(breaks_off) as server:
        action = posts(running, server.url, on_unknown="stop")
        operation = received(running)
        drain()
        drain()
        assert len(server.requests) == 1
    stopped = fresh(operation)
    assert (stopped.status, stopped.due_at, stopped.finished_at, stopped.losses) == (Status.UNKNOWN, None, None, 0)
    assert "оборвал соединение" in stopped.error
    assert steps(operation) == [(1, 1, "unknown")]
    notice = Notice.objects.get()
    assert (notice.final, notice.pending, notice.action_title) == (True, 1, action.title)


def test_as_usual_it_is_repeated_with_the_same_key(running: Processing) -> None:
    with raw_server(breaks_off) as server:
        posts(running, server.url)
        operation = received(running)
        drain()
        assert fresh(operation).status == Status.WAITING
        hurry(operation)
        drain()
        assert (len(server.requests), len(keys(server))) == (2, 1)
    assert steps(operation) == [(1, 1, "unknown"), (1, 2, "unknown")]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_does_no_harm_is_repeated_without_asking(running: Processing, method: str) -> None:
    with raw_server(breaks_off) as server:
        posts(running, server.url, method, on_unknown="stop")
        operation = received(running)
        drain()
    assert fresh(operation).status == Status.WAITING
    assert steps(operation) == [(1, 1, "failed")]


def test_what_was_refused_has_not_arrived(running: Processing) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    posts(running, nobody, on_unknown="stop")
    operation = received(running)

    drain()

    assert fresh(operation).status == Status.WAITING
    assert steps(operation) == [(1, 1, "failed")]


def test_an_answer_that_is_an_error_is_no_unknown_outcome(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("busy", status=503)
    action = sends(running, target)
    action.on_unknown = "stop"
    action.save()
    operation = received(running)

    drain()

    assert fresh(operation).status == Status.WAITING


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"])
def test_an_answer_that_cannot_be_understood_or_ends_too_early_leaves_it_open(
    running: Processing, answer: bytes
) -> None:
    def converse(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    with raw_server(converse) as server:
        posts(running, server.url, on_unknown="stop")
        operation = received(running)
        drain()
    assert fresh(operation).status == Status.UNKNOWN


def lost(processing: Processing, **told: Any) -> Operation:
    """An operation whose worker died."""
    return received(processing, status=Status.RUNNING, attempts=1, **told)


def test_after_a_dead_worker_it_asks_too_and_sends_nothing(running: Processing, target: HTTPServer) -> None:
    action = sends(running, target)
    action.on_unknown = "stop"
    action.save()
    operation = lost(running)

    drain()

    assert (fresh(operation).status, fresh(operation).losses, target.log) == (Status.UNKNOWN, 0, [])
    assert steps(operation) == [(1, 1, "unknown")]
    assert Notice.objects.get().final


def test_what_was_under_way_is_not_forgotten_while_the_processing_is_stopped(
    running: Processing, target: HTTPServer
) -> None:
    target.expect_request("/in").respond_with_data("ok")
    action = sends(running, target)
    careful, careless = lost(running), beside(running, target)
    action.on_unknown = "stop"
    action.save()
    Processing.objects.update(state=State.STOPPED)

    drain()

    assert fresh(careful).status == Status.UNKNOWN
    assert fresh(careless).status == Status.HELD
    release(careless.processing)
    drain()
    assert steps(careless) == [(1, 1, "unknown"), (1, 2, "succeeded")]


def beside(processing: Processing, target: HTTPServer) -> Operation:
    """The same in another processing, with the usual setting."""
    other = ProcessingFactory(state=State.RUNNING, tenant=processing.tenant)
    sends(other, target)
    return lost(other)


def test_considered_done_it_goes_on_with_the_next_action(running: Processing, target: HTTPServer) -> None:
    operation = asked(running, target)

    assert accept(operation, "anna@example.com")
    drain()

    assert fresh(operation).status == Status.SUCCEEDED
    assert [request.path for request, _ in target.log] == ["/in", "/third"]
    assert target.log[1][0].data == b"[]"  # of what is only taken for done nothing is known
    assert steps(operation) == [(1, 1, "succeeded"), (2, 1, "unknown"), (2, 1, "accepted"), (3, 1, "succeeded")]
    decided = operation.steps.get(status="accepted")
    assert (decided.output, decided.exchanges, decided.config) == ({}, [], {})
    assert "anna@example.com" in decided.error
    assert fresh(operation).tries == 1


def test_the_last_action_considered_done_ends_the_operation(running: Processing) -> None:
    with raw_server(breaks_off) as server:
        posts(running, server.url, on_unknown="stop")
        operation = received(running)
        drain()
        assert accept(operation)
        drain()
        assert len(server.requests) == 1
    assert fresh(operation).status == Status.SUCCEEDED


def test_only_what_is_unknown_can_be_considered_done_and_only_once(running: Processing, target: HTTPServer) -> None:
    operation = asked(running, target)
    assert [accept(operation), accept(operation)] == [True, False]
    assert operation.steps.filter(status="accepted").count() == 1
    for status in set(Status) - {Status.UNKNOWN}:
        Operation.objects.update(status=status)
        assert not accept(operation)


def test_repeated_by_hand_it_is_sent_again_with_the_same_key(running: Processing) -> None:
    with raw_server(breaks_off) as server:
        posts(running, server.url, on_unknown="stop")
        operation = received(running)
        drain()
        assert repeat(operation, start=False, by="anna@example.com")
        assert not repeat(operation, start=False)
        drain()
        assert (len(server.requests), len(keys(server))) == (2, 1)
    assert fresh(operation).status == Status.UNKNOWN
    assert steps(operation) == [(1, 1, "unknown"), (1, 2, "unknown")]
    first, second = operation.steps.order_by("attempt")
    assert "Решили повторить (anna@example.com)" in first.error
    assert "Решили" not in second.error


def test_repeated_from_the_start_it_is_a_new_run(running: Processing, target: HTTPServer) -> None:
    operation = asked(running, target)
    assert repeat(operation, start=True)
    assert fresh(operation).run == 2
    assert "Решили повторить" in operation.steps.get(status="unknown").error


def test_cancelled_nothing_more_is_done(running: Processing, target: HTTPServer) -> None:
    operation = asked(running, target)
    assert cancel(operation, "anna@example.com")
    assert not cancel(operation)
    drain()
    assert fresh(operation).status == Status.CANCELLED
    assert [request.path for request, _ in target.log] == ["/in"]
    assert "Решили отменить (anna@example.com)" in operation.steps.get(status="unknown").error


def test_of_many_only_those_that_were_asked_about_note_the_decision(running: Processing, target: HTTPServer) -> None:
    one = asked(running, target)
    other = received(running, status=Status.FAILED, due_at=None)
    noted = StepFactory(operation=other, status=Step.Status.UNKNOWN, error="Нет ответа", action_id=uuid.uuid4())
    assert repeat_many(Operation.objects.all()) == 2
    assert "Решили" in one.steps.get(status="unknown").error
    noted.refresh_from_db()
    assert noted.error == "Нет ответа"


# Cancelling, and what is parked.

CANCELLABLE = ("queued", "running", "waiting", "held", "unknown")


@pytest.mark.parametrize("parked", [False, True])
@pytest.mark.parametrize("status", CANCELLABLE)
def test_whatever_is_not_final_can_be_cancelled(running: Processing, status: str, parked: bool) -> None:
    lane = uuid.uuid4() if parked else None
    operation = received(running, status=status, waits_for=lane, due_at=None if parked else timezone.now())
    assert cancel(operation)
    ended = fresh(operation)
    assert (ended.status, ended.waits_for, ended.due_at) == (Status.CANCELLED, None, None)
    assert ended.finished_at


@pytest.mark.parametrize("status", sorted({*Status.values} - {*CANCELLABLE}))
def test_what_is_final_stays_as_it_is(running: Processing, status: str) -> None:
    assert not cancel(received(running, status=status, due_at=None))


@pytest.mark.parametrize("status", ["queued", "waiting"])
def test_what_is_parked_can_be_hurried(running: Processing, status: str) -> None:
    operation = received(running, status=status, waits_for=uuid.uuid4(), due_at=None)
    assert hurry(operation)
    assert (fresh(operation).waits_for, fresh(operation).due_at is None) == (None, False)


def test_what_is_parked_can_be_repeated(running: Processing) -> None:
    operation = received(running, status=Status.WAITING, waits_for=uuid.uuid4(), due_at=None)
    assert repeat(operation, start=False)
    assert (fresh(operation).waits_for, fresh(operation).due_at is None) == (None, False)


def test_what_is_in_the_queue_anyway_cannot_be_hurried(running: Processing) -> None:
    assert not hurry(received(running))
