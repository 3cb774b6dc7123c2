"""A service that says how many requests it takes: no second holds more, whoever sends them, and nothing fails of it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from actions import arrange
from actions.lanes import lane_of
from actions.models import Action
from connections import pace
from connections.kinds.http.authorization import HttpAuthorization
from connections.models import Connection, Lane
from connections.opened import Opened
from history.claim import Claimer
from history.drain import drain
from history.finish import Claim, finish
from history.models import Operation, Status
from history.run import Progress
from processings.models import Processing, State
from tests.api import Program
from tests.conftest import Person
from tests.factories import ActionFactory, ConnectionFactory, OperationFactory, ProcessingFactory, SourceFactory
from tests.fakes.target import Target, target_server
from webjack.http import Failed, Http

pytestmark = pytest.mark.django_db(transaction=True)

RATE = 20.0


@pytest.fixture
def target(settings: Any) -> Iterator[Target]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with target_server() as server:
        yield server


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service behind connections of the kind "http" says its rate."""
    monkeypatch.setattr(HttpAuthorization, "per_second", RATE)


@pytest.fixture
def row(limited: None, target: Target) -> Connection:
    """Used by an action of a running processing."""
    processing = ProcessingFactory(state=State.RUNNING)
    SourceFactory(processing=processing)
    found: Connection = ConnectionFactory(tenant=processing.tenant, name="CRM продаж")
    ActionFactory(processing=processing, config={"method": "POST", "url": target.url, "connection": str(found.pk)})
    return found


def received(count: int) -> None:
    fresh = {"status": Status.QUEUED, "due_at": timezone.now(), "data": None}
    for _ in range(count):
        OperationFactory(processing=Processing.objects.get(), **fresh)


@pytest.fixture
def turns(row: Connection, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When each request may go, by the database's clock, which is this machine's."""
    found: list[float] = []

    def noted(*asked: Any) -> float:
        seconds = wait(*asked)
        until = Lane.objects.values_list("paced_until", flat=True).get()
        assert until is not None
        found.append(until.timestamp() - pace.SPARE / RATE)
        return seconds

    wait = pace.wait
    monkeypatch.setattr(pace, "wait", noted)
    return found


def assert_kept(turns: list[float], target: Target) -> None:
    """No second holds more turns than the rate, and no request went before its turn."""
    assert max(sum(start <= at < start + 1 for at in turns) for start in turns) <= RATE
    arrived = sorted(request.at for request in target.requests)
    assert all(at >= turn for at, turn in zip(arrived, sorted(turns), strict=True))


def test_no_second_holds_more_requests_than_the_service_takes(turns: list[float], target: Target) -> None:
    received(45)
    while Operation.objects.exclude(status=Status.SUCCEEDED).exists():
        drain()
    assert len(turns) == 45
    assert_kept(turns, target)


def test_an_action_of_many_requests_keeps_to_it_as_well(row: Connection, turns: list[float], target: Target) -> None:
    http = Http().through(Opened(row))
    for _ in range(30):
        http.request("GET", target.url)
    assert len(turns) == 30
    assert_kept(turns, target)


def test_turns_are_evenly_spaced_unless_the_service_takes_some_at_once_after_a_rest(row: Connection) -> None:
    def waits(burst: int) -> list[float]:
        Lane.objects.update(paced_until=None)
        return [pace.wait(row.pk, 0.2, burst) for _ in range(4)]

    assert waits(1) == pytest.approx([0, 5.25, 10.5, 15.75], abs=1)
    assert waits(3) == pytest.approx([0, 0, 0, 5.25], abs=1)


def test_an_operators_rate_counts_instead_of_the_kinds(row: Connection) -> None:
    Lane.objects.update(per_second=0.1)
    assert [pace.wait(row.pk, RATE, 1) for _ in range(2)] == pytest.approx([0, 10.5], abs=1)


def test_what_would_wait_too_long_is_told_to_come_later_and_takes_no_turn(row: Connection) -> None:
    Lane.objects.update(paced_until=Now() + timedelta(minutes=5))
    before = Lane.objects.get().paced_until
    with pytest.raises(Failed) as failed:
        pace.wait(row.pk, RATE, 1)
    assert failed.value.retry
    assert 290 < (failed.value.after or 0) < 301
    assert Lane.objects.get().paced_until == before


def test_no_two_requests_have_the_same_turn_however_many_wait(row: Connection) -> None:
    def asked() -> float:
        try:
            return pace.wait(row.pk, 1.0, 1)
        except Failed as failed:
            return -(failed.after or 0)

    found = [asked() for _ in range(40)]
    turns = [seconds for seconds in found if seconds >= 0]
    assert turns == pytest.approx([number * pace.SPARE for number in range(len(turns))], abs=1)
    assert pace.LONGEST / pace.SPARE < len(turns) < pace.LONGEST / pace.SPARE + 2
    assert found[: len(turns)] == turns  # who came later has none
    assert all(pace.LONGEST < -seconds < pace.LONGEST + 2 for seconds in found[len(turns) :])


def test_workers_that_ask_at_once_get_turns_one_after_another(row: Connection) -> None:
    def asked(_number: int) -> float:
        began = time.time()
        try:
            return began + pace.wait(row.pk, 10.0, 1)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        turns = sorted(pool.map(asked, range(40)))
    until = Lane.objects.values_list("paced_until", flat=True).get()
    assert until is not None
    assert until.timestamp() - turns[0] >= 39.5 * pace.SPARE / 10  # each took its own


def test_a_rate_slower_than_the_longest_wait_still_lets_one_through_at_its_time(row: Connection) -> None:
    Lane.objects.update(per_second=0.01)
    assert pace.wait(row.pk, RATE, 1) == 0
    with pytest.raises(Failed) as failed:
        pace.wait(row.pk, RATE, 1)
    assert failed.value.after == pytest.approx(105, abs=1)
    Lane.objects.update(paced_until=Now())
    assert pace.wait(row.pk, RATE, 1) == 0
    assert Lane.objects.filter(paced_until__gt=Now() + timedelta(seconds=100)).exists()


def test_nobody_waits_longer_than_the_request_itself_may_take(row: Connection, target: Target) -> None:
    Lane.objects.update(paced_until=Now() + timedelta(seconds=8))
    with pytest.raises(Failed) as failed:
        Http(deadline=5).through(Opened(row)).request("GET", target.url)
    assert failed.value.retry
    assert 6 < (failed.value.after or 0) < 9
    assert target.requests == []


def test_while_turns_are_waited_for_no_more_begin(row: Connection) -> None:
    received(3)
    Lane.objects.update(paced_until=Now() + timedelta(seconds=5))
    assert Claimer().claim(10) == []
    Lane.objects.update(paced_until=Now())
    assert len(Claimer().claim(10)) == 3


def test_what_goes_on_through_such_an_account_is_left_to_a_claim(
    row: Connection, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker that has sent the first request would else send the second past the others' turns."""
    processing = Processing.objects.get()
    told = {"method": "POST", "url": target.url.replace("127.0.0.1", "localhost")}
    second = processing.actions.get()
    arrange.reorder(processing, [ActionFactory(processing=processing, config=told).pk, second.pk])
    written: list[str] = []

    def noted(results: list[Progress]) -> dict[Claim, str]:
        found = finish(results)
        written.extend(found.values())
        return found

    monkeypatch.setattr("history.drain.finish", noted)
    received(1)
    drain()
    assert written == [Status.QUEUED, Status.SUCCEEDED]


def test_a_connection_has_a_lane_of_its_own_that_people_know_by_name(
    owner: Person, program: Program, target: Target, limited: None
) -> None:
    processing = ProcessingFactory(tenant=owner.tenant)
    one, other = (ConnectionFactory(tenant=owner.tenant, name=name) for name in ("Продажи", "Сервис"))
    config = {"method": "POST", "url": "https://crm.example/in"}
    actions = [
        arrange.add(processing, "http.request", config | told)
        for told in ({}, {"connection": str(one.pk)}, {"connection": str(one.pk)}, {"connection": str(other.pk)})
    ]
    first, second, third, fourth = [action.lane_id for action in actions]
    assert len({first, second, fourth}) == 3
    assert second == third
    told = {lane["connection"]: lane for lane in program.read("accounts/")}
    assert told[str(one.pk)]["key"] == told[None]["key"] == "crm.example"
    assert (told[str(one.pk)]["per_second"], told[None]["per_second"]) == (RATE, None)
    page = owner.get("/connections/").content.decode()
    assert "Продажи (crm.example)" in page
    assert "не больше 20 в секунду" in page
    one.delete()
    assert [str(lane) for lane in Lane.objects.filter(pk__in=[second])] == ["crm.example"]
    actions[1].config["connection"] = str(other.pk)
    assert lane_of(actions[1]) == fourth


def test_actions_that_were_there_before_go_by_their_connections_lane(row: Connection) -> None:
    lane = Action.objects.get().lane_id
    Action.objects.update(lane_id=None)
    Lane.objects.all().delete()
    import_module("actions.migrations.0007_lanes").assign(apps, None)
    found = Lane.objects.get()
    assert (found.connection, found.usual_per_second) == (row, RATE)
    assert Action.objects.get().lane_id == found.pk != lane
