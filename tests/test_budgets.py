"""What waits for what: outside accounts with their limits and bad days, orders, suspects; by the real drain."""

import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from actions import arrange
from connections.models import Lane
from history import order
from history.claim import SUSPECT, Claimer, journeys
from history.drain import drain
from history.finish import finish
from history.lanes import BREAK_AFTER, PAUSES
from history.models import Operation, Status
from history.repeat import repeat
from history.run import MOST_LOSSES, Progress
from processings.models import Processing, State
from tests.factories import ActionFactory, OperationFactory, ProcessingFactory, SourceFactory
from webjack.fields import uuid7

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def local_targets(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]


@pytest.fixture
def target() -> Iterator[HTTPServer]:
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        yield server


@pytest.fixture
def running(target: HTTPServer) -> Processing:
    """A processing that sends each body to the target's /in."""
    processing = ProcessingFactory(state=State.RUNNING)
    SourceFactory(processing=processing)
    sends(processing, target)
    return processing


def sends(processing: Processing, target: HTTPServer, path: str = "/in") -> Any:
    url = target.url_for(path)
    return ActionFactory(processing=processing, config={"method": "POST", "url": url, "body": "{{ n }}"})


def received(processing: Processing, count: int, **told: Any) -> list[Operation]:
    """Operations as the webhook address leaves them, numbered from 1."""
    source = processing.sources.get()
    fresh = {"status": Status.QUEUED, "due_at": timezone.now() - timedelta(seconds=1), "data": None}
    return [
        OperationFactory(
            id=uuid7(), processing=processing, source_id=source.pk, body=b'{"n": %d}' % number, **fresh | told
        )
        for number in range(1, count + 1)
    ]


def lane(**limits: Any) -> Lane:
    """The only lane there is, with these limits."""
    Lane.objects.update(**limits)
    return Lane.objects.get()


def closed_for() -> timedelta:
    """How long the only lane is still closed."""
    until = Lane.objects.get().closed_until
    assert until is not None
    return until - timezone.now()


def statuses() -> list[str]:
    return list(Operation.objects.order_by("id").values_list("status", flat=True))


def sent(target: HTTPServer) -> list[str]:
    return [request.get_data(as_text=True) for request, _ in target.log]


# Limits


def test_an_account_never_has_more_under_way_than_an_operator_allows(running: Processing, target: HTTPServer) -> None:
    lock, under_way, most = threading.Lock(), 0, 0

    def answer(_request: Request) -> Response:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.05)
        with lock:
            under_way -= 1
        return Response("ok")

    target.expect_request("/in").respond_with_handler(answer)
    lane(most_in_flight=2)
    received(running, 7)

    drain()

    assert (most, statuses()) == (2, ["succeeded"] * 7)
    assert sorted(sent(target)) == sorted("1234567")


def test_the_rate_of_an_account_is_kept_and_the_rest_waits_in_order(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    slow = lane(per_second=0.001, tokens=2, tokens_at=timezone.now())
    received(running, 4)
    assert drain() == 1  # less than one a second saves up no more than one
    assert statuses() == ["succeeded", "queued", "queued", "queued"]
    assert Operation.objects.filter(waits_for=slow.pk, due_at=None).count() == 3

    newcomer = received(running, 1)[0]
    Lane.objects.update(tokens_at=timezone.now() - timedelta(seconds=1000))
    assert drain() == 1
    assert statuses() == ["succeeded", "succeeded", "queued", "queued", "queued"]
    newcomer.refresh_from_db()
    assert newcomer.waits_for == slow.pk

    Lane.objects.update(per_second=None)
    assert drain() == 3
    assert sent(target)[:2] == ["1", "2"]
    assert set(statuses()) == {"succeeded"}
    assert not Operation.objects.exclude(waits_for=None).exists()


def test_a_company_has_no_more_under_way_than_an_operator_allows(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    running.tenant.most_in_flight = 3
    running.tenant.save()
    received(running, 8)
    claimer = Claimer()
    assert len(claimer.claim(100)) == 3
    assert claimer.claim(100) == []


def test_companies_and_their_processings_take_turns(running: Processing, target: HTTPServer) -> None:
    busy = [running, *(ProcessingFactory(state=State.RUNNING, tenant=running.tenant) for _ in range(2))]
    other = ProcessingFactory(state=State.RUNNING)
    for processing in (*busy, other):
        if processing != running:
            SourceFactory(processing=processing)
        received(processing, 10)

    claimed = Claimer().claim(6)

    assert sum(one.processing_id == other.pk for one in claimed) == 3
    assert {one.processing_id for one in claimed} == {one.pk for one in (*busy, other)}


# Bad days


def test_after_a_run_of_failures_the_others_wait_and_one_at_a_time_probes(
    running: Processing, target: HTTPServer
) -> None:
    target.expect_request("/in").respond_with_data("broken", status=500)
    lane(most_in_flight=1)
    received(running, BREAK_AFTER + 4)

    assert drain() == BREAK_AFTER

    silent = Lane.objects.get()
    assert silent.failures == BREAK_AFTER
    assert timedelta(seconds=PAUSES[0] / 2) < closed_for() < timedelta(seconds=PAUSES[0] * 1.2)
    assert statuses() == ["waiting"] * BREAK_AFTER + ["queued"] * 4
    assert Operation.objects.filter(waits_for=silent.pk, due_at=None).count() == 4
    assert drain() == 0

    lane(closed_until=Now(), most_in_flight=None)
    assert drain() == 1
    silent.refresh_from_db()
    assert (silent.probes, silent.failures) == (1, BREAK_AFTER + 1)
    assert closed_for() > timedelta(seconds=PAUSES[1] / 2)

    target.clear()
    target.expect_request("/in").respond_with_data("ok")
    lane(closed_until=Now())
    assert drain() == 3
    silent.refresh_from_db()
    assert (silent.failures, silent.probes, silent.closed_until, silent.waiting) == (0, 0, None, False)
    assert statuses() == ["waiting"] * (BREAK_AFTER + 1) + ["succeeded"] * 3


def test_a_success_in_between_is_no_silence(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_handler(
        lambda request: Response(status=200 if request.get_data() == b"4" else 500)
    )
    lane(most_in_flight=1)
    received(running, 7)
    assert drain() == 7
    assert Lane.objects.get().failures == 3
    assert Lane.objects.get().closed_until is None


def test_a_refused_request_is_no_silence(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("no", status=400)
    received(running, BREAK_AFTER + 1)
    assert drain() == BREAK_AFTER + 1
    assert Lane.objects.get().failures == 0


def test_a_mended_address_need_not_wait_for_the_old_one(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    lane(failures=BREAK_AFTER, closed_until=timezone.now() + timedelta(hours=1))
    received(running, 2)
    assert drain() == 0
    action = running.actions.get()
    action.config = action.config | {"url": target.url_for("/in").replace("127.0.0.1", "localhost")}
    arrange.change(action)
    assert drain() == 2


def test_a_silent_account_of_one_company_is_not_anothers(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    lane(failures=BREAK_AFTER, closed_until=timezone.now() + timedelta(hours=1))
    other = ProcessingFactory(state=State.RUNNING)
    SourceFactory(processing=other)
    sends(other, target)
    received(running, 1)
    received(other, 1)
    assert drain() == 1
    assert statuses() == ["queued", "succeeded"]


def test_retry_after_moves_the_whole_queue_of_the_account(running: Processing, target: HTTPServer) -> None:
    target.expect_oneshot_request("/in").respond_with_data("slow down", status=429, headers={"Retry-After": "120"})
    lane(most_in_flight=1)
    received(running, 3)

    assert drain() == 1

    limited = Lane.objects.get()
    assert limited.failures == 0
    assert timedelta(seconds=100) < closed_for() <= timedelta(seconds=120)
    assert statuses() == ["waiting", "queued", "queued"]
    target.expect_request("/in").respond_with_data("ok")
    lane(closed_until=Now())
    assert drain() == 2


def test_the_next_action_waits_for_its_own_account(running: Processing, target: HTTPServer) -> None:
    with HTTPServer(host="127.0.0.1", threaded=True) as second:
        target.expect_request("/in").respond_with_data("ok")
        second.expect_request("/second").respond_with_data("ok")
        action = sends(running, second, "/second")
        Lane.objects.filter(pk=action.lane_id).update(closed_until=timezone.now() + timedelta(hours=1))
        (operation,) = received(running, 1)

        drain()

        operation.refresh_from_db()
        assert (operation.status, operation.waits_for, operation.losses) == (Status.QUEUED, action.lane_id, 0)
        assert [step.status for step in operation.steps.all()] == ["succeeded"]
        Lane.objects.update(closed_until=None)
        drain()
        operation.refresh_from_db()
        assert operation.status == Status.SUCCEEDED
        assert (len(target.log), len(second.log)) == (1, 1)


def test_repeated_from_the_error_it_waits_for_the_account_of_that_action(
    running: Processing, target: HTTPServer
) -> None:
    with HTTPServer(host="127.0.0.1", threaded=True) as second:
        target.expect_request("/in").respond_with_data("ok")
        second.expect_oneshot_request("/second").respond_with_data("no", status=400)
        second.expect_request("/second").respond_with_data("ok")
        action = sends(running, second, "/second")
        (operation,) = received(running, 1)
        drain()
        Lane.objects.exclude(pk=action.lane_id).update(closed_until=timezone.now() + timedelta(hours=1))

        repeat(operation, start=False)
        drain()

        operation.refresh_from_db()
        assert (operation.status, len(target.log), len(second.log)) == (Status.SUCCEEDED, 1, 2)


# Order


def test_in_strict_order_each_waits_for_the_one_before_it(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    received(running, 6, order_key=running.pk)
    drain()
    assert sent(target) == list("123456")
    assert set(statuses()) == {"succeeded"}


def test_one_that_waits_holds_those_of_its_own_value_and_no_others(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_handler(
        lambda request: Response(status=500 if request.get_data() == b"1" else 200)
    )
    anna, boris = uuid.uuid4(), uuid.uuid4()
    operations = received(running, 5)
    for operation, key in zip(operations, (anna, anna, boris, anna, boris), strict=True):
        Operation.objects.filter(pk=operation.pk).update(order_key=key)

    drain()

    assert sorted(sent(target)) == ["1", "3", "5"]
    assert statuses() == ["waiting", "queued", "succeeded", "queued", "succeeded"]
    target.clear()
    target.expect_request("/in").respond_with_data("ok")
    Operation.objects.filter(status=Status.WAITING).update(due_at=timezone.now())
    drain()
    assert sent(target) == ["1", "2", "4"]
    assert set(statuses()) == {"succeeded"}


def test_a_result_waits_for_its_turn_before_it_locks_anything(running: Processing, target: HTTPServer) -> None:
    received(running, 1, order_key=running.pk)
    (journey,) = journeys(Claimer().claim(1))

    def write() -> None:
        finish([Progress(journey, Status.SUCCEEDED)])
        connection.close()

    waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted)"
    writing = threading.Thread(target=write)
    with order.in_turn() as cursor:
        writing.start()
        for _ in range(1000):
            cursor.execute(waits)
            if cursor.fetchone()[0]:
                break
            time.sleep(0.01)
        # Who cancels has its turn first and the rows then; this would fail if the result had locked them.
        assert Operation.objects.select_for_update(nowait=True).get().status == Status.RUNNING
    writing.join(10)
    assert Operation.objects.get().status == Status.SUCCEEDED


def test_a_final_error_lets_the_next_one_go(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_handler(
        lambda request: Response(status=400 if request.get_data() == b"1" else 200)
    )
    received(running, 3, order_key=running.pk)
    drain()
    assert sent(target) == ["1", "2", "3"]
    assert statuses() == ["failed", "succeeded", "succeeded"]


# Suspects


def test_a_worker_holds_one_suspect_at_a_time(running: Processing) -> None:
    received(running, 3, losses=SUSPECT)
    received(running, 2)
    claimer = Claimer()
    assert sorted(one.losses for one in claimer.claim(10)) == [0, 0, SUSPECT]
    assert claimer.claim(10, suspects=False) == []
    assert [one.losses for one in claimer.claim(10)] == [SUSPECT]


def test_each_worker_that_was_lost_with_it_is_shown(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    (operation,) = received(running, 1, status=Status.RUNNING, losses=2)
    drain()
    steps = operation.steps.order_by("attempt").values_list("attempt", "status")
    assert list(steps) == [(1, "unknown"), (2, "unknown"), (3, "unknown"), (4, "succeeded")]


def test_who_takes_too_many_workers_down_is_ended(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    deadly, *_others = received(running, 1, status=Status.RUNNING, losses=MOST_LOSSES)
    received(running, 2)
    drain()
    deadly.refresh_from_db()
    assert (deadly.status, deadly.waits_for) == (Status.FAILED, None)
    assert len(target.log) == 2
