"""An operation's deadline: from its first claim, as its processing says."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from history.drain import drain
from history.models import Notice, Operation, Status
from history.repeat import hurry, repeat
from history.run import Journey
from processings.models import Processing
from tests.factories import ActionFactory
from tests.raw_servers import raw_server
from tests.test_engine import local_targets, received, running, sends, target

__all__ = ["local_targets", "running", "target"]

pytestmark = pytest.mark.django_db(transaction=True)


def limited(processing: Processing, seconds: int) -> None:
    Processing.objects.filter(pk=processing.pk).update(deadline_seconds=seconds)


def fresh(operation: Operation) -> Operation:
    return Operation.objects.get(pk=operation.pk)


def started(operation: Operation, **ago: float) -> None:
    """As if its first attempt had begun so long ago."""
    Operation.objects.filter(pk=operation.pk).update(started_at=timezone.now() - timedelta(**ago))


def test_what_lay_in_the_queue_beyond_its_deadline_gets_its_first_attempt(
    running: Processing, target: HTTPServer
) -> None:
    target.expect_request("/in").respond_with_data("ok")
    sends(running, target)
    limited(running, 60)
    long_ago = timezone.now() - timedelta(days=2)
    operation = received(running, received_at=long_ago, due_at=long_ago)

    drain()

    assert fresh(operation).status == Status.SUCCEEDED


def test_what_was_claimed_and_kept_from_its_first_attempt_gets_it_too(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    ActionFactory(processing=running, kind="data.json", alias="json", config={"fields": []})
    sends(running, target)
    limited(running, 60)
    operation = received(running)
    started(operation, hours=1)

    drain()

    assert fresh(operation).status == Status.SUCCEEDED


def test_no_attempt_begins_after_the_deadline(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("busy", status=503)
    sends(running, target)
    limited(running, 3600)
    operation = received(running)
    drain()
    assert fresh(operation).status == Status.WAITING
    started(operation, hours=2)
    hurry(operation)

    drain()

    ended = fresh(operation)
    assert (ended.status, ended.due_at, len(target.log)) == (Status.FAILED, None, 1)
    assert "1 ч" in ended.error
    assert Notice.objects.filter(final=True).count() == 1


def test_a_later_action_does_not_begin_after_it_either(
    running: Processing, target: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [100.0]
    monkeypatch.setattr(Journey, "seconds_left", lambda journey: left[0])

    def answer_late(request: Request) -> Response:
        left[0] = -1.0
        return Response("ok")

    target.expect_request("/in").respond_with_handler(answer_late)
    sends(running, target)
    sends(running, target, "/second")
    operation = received(running)

    drain()

    assert fresh(operation).status == Status.FAILED
    assert [request.path for request, _ in target.log] == ["/in"]
    assert [step.status for step in operation.steps.all()] == ["succeeded"]


def test_when_the_next_attempt_would_come_too_late_the_operation_ends_at_once(
    running: Processing, target: HTTPServer
) -> None:
    target.expect_request("/in").respond_with_data("busy", status=503)
    sends(running, target)
    limited(running, 5)
    operation = received(running)

    drain()

    ended = fresh(operation)
    assert (ended.status, ended.due_at) == (Status.FAILED, None)
    assert "503" in ended.error
    assert "5 с" in ended.error


def test_a_server_cannot_put_it_off_beyond_the_deadline(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("busy", status=503, headers={"Retry-After": "86000"})
    sends(running, target)
    limited(running, 3600)
    operation = received(running)

    drain()

    assert fresh(operation).status == Status.FAILED


def test_a_request_gets_no_more_time_than_is_left(running: Processing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Journey, "seconds_left", lambda journey: 0.2)
    with raw_server(lambda connection, request: None) as silent:
        ActionFactory(processing=running, config={"method": "POST", "url": silent.url})
        operation = received(running)

        drain()

    ended = fresh(operation)
    assert ended.status == Status.FAILED
    assert "не ответил за 1 с" in ended.error  # at least a second, instead of the usual 30


def test_a_repeat_by_hand_starts_the_clock_anew(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("busy", status=503)
    sends(running, target)
    limited(running, 3600)
    operation = received(running)
    drain()
    started(operation, hours=2)
    hurry(operation)
    drain()
    assert fresh(operation).status == Status.FAILED

    repeat(operation, start=False)
    assert fresh(operation).started_at is None
    drain()

    assert fresh(operation).status == Status.WAITING
    assert len(target.log) == 2
