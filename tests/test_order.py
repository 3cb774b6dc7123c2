"""«Порядок»: what goes in turn with what, told at the door, and who moves up when a place is free."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from history import order, repeat
from history.models import Operation, Status
from processings.models import Ordering, Processing, State
from sources import door, example
from sources.models import Source
from tests.factories import OperationFactory, ProcessingFactory, SourceFactory

pytestmark = pytest.mark.django_db


def source(ordering: str, field: str = "", **config: Any) -> Source:
    processing = ProcessingFactory(state=State.RUNNING, ordering=ordering, ordering_field=field)
    return SourceFactory(processing=processing, config=config, fields=[], sample={})


def send(to: Source, body: Any = None, content_type: str = "application/json") -> uuid.UUID | None:
    """The order key that the request is kept with."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Client().generic("POST", f"/webhooks/http/{to.key}/", content, content_type=content_type)
    assert answer.status_code == 200
    return Operation.objects.get(pk=json.loads(answer.content)["id"]).order_key


def test_side_by_side_there_is_no_order() -> None:
    assert send(source(Ordering.PARALLEL, "phone"), {"phone": "1"}) is None


def test_strictly_in_turn_all_of_a_processing_share_one_order() -> None:
    first = source(Ordering.STRICT)
    second = SourceFactory(processing=first.processing)
    assert {send(first, {"a": 1}), send(second, {"a": 2})} == {first.processing_id}


def test_by_a_field_equal_values_share_an_order() -> None:
    orders = source(Ordering.KEY, "order.id")
    seven = send(orders, {"order": {"id": 7}, "price": 1})
    assert seven is not None
    assert send(orders, {"order": {"id": " 7 "}}) == seven
    assert send(orders, b"order.id=7", "application/x-www-form-urlencoded") == seven
    assert send(orders, {"order": {"id": 8}}) != seven
    assert send(source(Ordering.KEY, "order.id"), {"order": {"id": 7}}) != seven


def test_all_without_a_value_share_an_order() -> None:
    orders = source(Ordering.KEY, "phone")
    bodies = [{}, {"phone": ""}, {"phone": None}, b"", b"{no json", b"\xff\x00"]
    assert len({send(orders, body) for body in bodies}) == 1
    assert send(orders, {"phone": "1"}) != send(orders, {})


def test_no_value_is_too_strange_to_order_by() -> None:
    orders = source(Ordering.KEY, "phone")
    strange = [b'{"phone": "\\u0000"}', b'{"phone": "\\ud800"}', b'{"phone": {"a": [1, null]}}', b'{"phone": 1e999}']
    assert len({send(orders, body) for body in strange}) == len(strange)


def test_a_change_of_the_order_holds_for_the_next_request() -> None:
    orders = source(Ordering.PARALLEL)
    assert send(orders, {"phone": "1"}) is None
    Processing.objects.update(ordering=Ordering.KEY, ordering_field="phone")
    assert send(orders, {"phone": "1"}) == send(orders, {"phone": "1"}) is not None
    assert ("http", orders.key) not in door.known
    Processing.objects.update(ordering=Ordering.STRICT)
    assert send(orders, {"phone": "1"}) == orders.processing_id
    assert ("http", orders.key) in door.known


def test_a_source_that_knows_repeated_requests_keeps_the_order_too() -> None:
    orders = source(Ordering.KEY, "phone", duplicates={"by": "field", "name": "id", "minutes": 10})
    first = send(orders, {"id": 1, "phone": "1"})
    assert send(orders, {"id": 1, "phone": "1"}) == send(orders, {"id": 2, "phone": "1"}) == first is not None
    assert Operation.objects.count() == 2


def test_an_example_goes_in_turn_like_any_request() -> None:
    orders = source(Ordering.STRICT)
    example.send(orders, "")
    assert Operation.objects.get().order_key == orders.processing_id


KEY = uuid.UUID(int=7)


def line(*statuses: str, key: uuid.UUID = KEY) -> list[Operation]:
    """Operations of one order as claims leave them: the first open one has its turn, those behind it are parked."""
    processing = ProcessingFactory(state=State.RUNNING)
    made: list[Operation] = []
    for status in statuses:
        parked = {"waits_for": key, "due_at": None} if made and status in ("queued", "waiting") else {}
        due = {"due_at": timezone.now() if status in ("queued", "running", "waiting") else None}
        made.append(OperationFactory(processing=processing, status=status, order_key=key, **due | parked))
    return made


def parked(operations: list[Operation]) -> list[bool]:
    for operation in operations:
        operation.refresh_from_db()
    return [
        one.waits_for is not None and one.due_at is None and one.status in ("queued", "waiting") for one in operations
    ]


def move_up(*keys: uuid.UUID | None) -> None:
    with order.in_turn() as cursor:
        order.move_up(cursor, keys)


def test_the_first_that_is_not_ended_moves_up() -> None:
    operations = line("running", "queued", "waiting")
    move_up(KEY, None)
    assert parked(operations) == [False, True, True]
    Operation.objects.filter(pk=operations[0].pk).update(status=Status.SUCCEEDED, due_at=None)
    move_up(KEY)
    assert parked(operations) == [False, False, True]
    move_up(KEY)
    assert parked(operations) == [False, False, True]


def test_an_unknown_outcome_keeps_its_place() -> None:
    operations = line("unknown", "queued")
    move_up(KEY)
    assert parked(operations) == [False, True]


def test_orders_do_not_touch_each_other() -> None:
    one, other = line("failed", "queued", "queued"), line("failed", "queued", "queued", key=uuid.UUID(int=8))
    Operation.objects.filter(pk__in=[one[1].pk, other[1].pk]).update(waits_for=None)
    assert Operation.objects.filter(pk=one[1].pk).update(status="failed") == 1
    move_up(KEY)
    assert (parked(one), parked(other)) == ([False, False, False], [False, False, True])


def test_one_that_waits_for_its_account_stays_parked() -> None:
    operations = line("failed", "queued")
    Operation.objects.filter(pk=operations[1].pk).update(waits_for=uuid.UUID(int=9))
    move_up(KEY)
    assert parked(operations) == [False, True]


@pytest.mark.parametrize("status", ["queued", "running", "waiting", "unknown"])
def test_a_stuck_one_is_taken_out_and_the_next_moves_up(status: str) -> None:
    operations = line(status, "queued", "queued")
    later = timezone.now() + timedelta(hours=6)
    Operation.objects.filter(pk=operations[0].pk).update(due_at=later)
    assert order.skip(operations[0])
    assert parked(operations) == [False, False, True]
    assert (operations[0].order_key, operations[0].status, operations[0].due_at) == (None, status, later)
    assert not order.skip(operations[0])


def test_a_parked_one_that_is_taken_out_starts_at_once() -> None:
    operations = line("waiting", "queued", "queued")
    assert order.skip(operations[1])
    assert parked(operations) == [False, False, True]
    assert operations[1].due_at is not None
    assert operations[1].due_at <= timezone.now()


def test_what_has_ended_or_has_no_order_is_not_taken_out() -> None:
    ended, free = line("succeeded")[0], OperationFactory(status="queued")
    assert (order.skip(ended), order.skip(free)) == (False, False)
    ended.refresh_from_db()
    assert ended.order_key == KEY


def test_cancelling_lets_the_next_move_up() -> None:
    operations = line("waiting", "queued", "queued")
    assert repeat.cancel(operations[0])
    assert parked(operations) == [False, False, True]
    assert repeat.cancel_many(Operation.objects.filter(pk__in=[one.pk for one in operations[1:]])) == 2
    assert not Operation.objects.filter(waits_for__isnull=False).exists()


@pytest.mark.parametrize("start", [True, False])
def test_what_is_repeated_by_hand_is_due_at_once(start: bool) -> None:
    operations = line("running", "waiting")
    assert repeat.repeat(operations[1], start=start)
    assert parked(operations) == [False, False]
