"""«Задержка»: an operation that waits, across restarts, cancelling, stopping and impatience."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_httpserver import HTTPServer

from actions import arrange
from history.claim import Claimer
from history.drain import drain
from history.models import Operation, Status
from history.repeat import cancel, hurry
from processings.models import Processing, State
from tests.conftest import Person
from tests.test_blocks import bodies, each, fresh, posts
from tests.test_engine import local_targets, received, running, target

__all__ = ["local_targets", "running", "target"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(running: Processing, target: HTTPServer) -> Operation:
    """An operation that has sent "before", waits two days and sends "after" then."""
    target.expect_request("/in").respond_with_data("ok")
    posts(running, target, "before")
    arrange.add(running, "flow.delay", {"amount": 2, "unit": "days"})
    posts(running, target, "after")
    operation = received(running)
    drain()
    assert (fresh(operation).status, bodies(target)) == (Status.WAITING, ["before"])
    return fresh(operation)


def pass_two_days(operation: Operation) -> None:
    """As the clock does it: what is due is due by the row alone."""
    Operation.objects.filter(pk=operation.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_worker_that_starts_anew_finds_the_delay_where_it_was(waiting: Operation, target: HTTPServer) -> None:
    due = waiting.due_at
    drain()
    drain()
    assert (fresh(waiting).due_at, bodies(target)) == (due, ["before"])
    pass_two_days(waiting)

    drain()  # it knows nothing but the rows

    assert (fresh(waiting).status, bodies(target)) == (Status.SUCCEEDED, ["before", "after"])


def test_a_worker_that_dies_when_the_delay_is_over_does_not_make_it_wait_again(
    waiting: Operation, target: HTTPServer
) -> None:
    pass_two_days(waiting)
    assert Claimer().claim(1)  # and then it died
    Operation.objects.filter(pk=waiting.pk).update(due_at=timezone.now())

    drain()

    assert (fresh(waiting).status, bodies(target)) == (Status.SUCCEEDED, ["before", "after"])


def test_what_is_cancelled_while_it_waits_goes_no_further(waiting: Operation, target: HTTPServer) -> None:
    assert cancel(waiting)
    assert not hurry(waiting)
    pass_two_days(waiting)

    drain()

    assert (fresh(waiting).status, bodies(target)) == (Status.CANCELLED, ["before"])


def test_what_is_hurried_twice_goes_on_once(waiting: Operation, target: HTTPServer) -> None:
    owner = Person(waiting.tenant, "owner")
    for _press in range(2):
        assert owner.post(f"/history/{waiting.pk}/hurry/").status_code == 302

    drain()
    drain()
    late = owner.post(f"/history/{waiting.pk}/hurry/", follow=True).content.decode()

    assert (fresh(waiting).status, bodies(target)) == (Status.SUCCEEDED, ["before", "after"])
    assert "уже не ждёт" in late


def test_what_waits_in_a_stopped_processing_is_not_lost(waiting: Operation, target: HTTPServer) -> None:
    Processing.objects.filter(pk=waiting.processing_id).update(state=State.STOPPED)
    pass_two_days(waiting)

    drain()

    assert (fresh(waiting).status, bodies(target)) == (Status.HELD, ["before"])


def test_what_a_person_hurries_goes_on_in_a_stopped_processing_too(waiting: Operation, target: HTTPServer) -> None:
    Processing.objects.filter(pk=waiting.processing_id).update(state=State.STOPPED)
    assert hurry(waiting)

    drain()

    assert (fresh(waiting).status, bodies(target)) == (Status.SUCCEEDED, ["before", "after"])


def test_a_delay_inside_a_list_is_waited_for_at_its_element(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    block = each(running)
    posts(running, target, "{{ steps.each.item }}", block)
    arrange.add(running, "flow.delay", {"amount": 1, "unit": "hours"}, inside=(block.pk, "each"))
    operation = received(running, body=b'{"services": ["a", "b"]}')
    for sent in (["a"], ["a", "b"], ["a", "b"]):
        drain()
        assert bodies(target) == sent
        pass_two_days(operation)
    assert fresh(operation).status == Status.SUCCEEDED
