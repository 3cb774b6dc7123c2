"""Sources that ask by themselves: what is new runs once, a kill doubles nothing, a failure is seen."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from history import notices
from history.models import Operation, Status
from processings.models import Processing, State
from sources.kinds.poll.address import Address
from sources.models import Mark, Source, Timer
from sources.timed import run
from tenants.models import Tenant
from tests import factories
from tests.conftest import Person
from tests.fakes.target import Target, target_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def target(settings: Any) -> Iterator[Target]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with target_server() as server:
        server.answer = lambda request: (200, json.dumps([{"id": 1}, {"id": 2}]).encode())
        yield server


@pytest.fixture
def processing(tenant: Tenant) -> Processing:
    return factories.ProcessingFactory(tenant=tenant, state=State.RUNNING)


def poll(processing: Processing, target: Target, **config: Any) -> Source:
    told = {"url": target.url, "every": "15", "items": "", "mark": "id", "first": "take", "method": "GET"}
    return factories.SourceFactory(processing=processing, kind="poll", config=told | config)


def schedule(processing: Processing, **config: Any) -> Source:
    told = {"way": "minutes", "step": "1", "missed": "once"}
    return factories.SourceFactory(processing=processing, kind="schedule", config=told | config)


def make_due(source: Source, ago: timedelta = timedelta(seconds=1)) -> None:
    run.adopt()
    Timer.objects.filter(source=source).update(next_at=timezone.now() - ago)


def bodies() -> list[Any]:
    return [json.loads(bytes(operation.body)) for operation in Operation.objects.order_by("id")]


def test_what_is_new_becomes_an_operation_once(processing: Processing, target: Target) -> None:
    source = poll(processing, target)
    assert run.tick() == 1
    target.answer = lambda request: (200, json.dumps([{"id": 2, "name": "changed"}, {"id": 3}]).encode())
    make_due(source)
    assert run.tick() == 1
    assert bodies() == [{"id": 1}, {"id": 2}, {"id": 3}]
    assert {operation.status for operation in Operation.objects.all()} == {Status.QUEUED}
    timer = Timer.objects.get()
    assert timer.next_at
    assert timer.next_at > timezone.now() + timedelta(minutes=14)
    assert run.tick() == 0


def test_what_is_there_the_first_time_is_only_remembered(processing: Processing, target: Target) -> None:
    source = poll(processing, target, first="remember")
    run.tick()
    assert bodies() == []
    target.answer = lambda request: (200, json.dumps([{"id": 2}, {"id": 3}]).encode())
    make_due(source)
    run.tick()
    assert bodies() == [{"id": 3}]


def test_a_run_that_somebody_else_has_taken_over_writes_nothing(processing: Processing, target: Target) -> None:
    poll(processing, target)
    run.adopt()
    (lost,) = run.take(5)
    run.ask(lost)
    assert run.take(5) == []
    Timer.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
    (mine,) = run.take(5)
    run.ask(mine)
    run.finish(mine)
    run.finish(lost)
    assert bodies() == [{"id": 1}, {"id": 2}]


def test_a_failure_is_told_once_and_waits_longer_each_time(
    owner: Person, processing: Processing, target: Target, mailoutbox: list[Any]
) -> None:
    target.answer = lambda request: (503, b"")
    source = poll(processing, target, every="1")
    run.tick()
    for _again in range(3):
        make_due(source)
        run.tick()
    (told,) = Operation.objects.all()
    assert (told.status, "503" in told.error) == (Status.REJECTED, True)
    assert notices.send() == 1
    (mail,) = mailoutbox
    assert mail.to == [owner.user.email]
    assert "503" in mail.subject
    assert f"/history/{told.pk}/" in mail.body
    assert "Следующая попытка" in mail.body
    timer = Timer.objects.get()
    assert (timer.failures, timer.said != "") == (4, True)
    assert timer.next_at
    assert timer.next_at > timezone.now() + timedelta(minutes=7)
    target.answer = lambda request: (200, b'[{"id": 1}]')
    make_due(source)
    run.tick()
    assert Timer.objects.values_list("failures", "said").get() == (0, "")


def test_a_stopped_processing_asks_nobody(processing: Processing, target: Target) -> None:
    poll(processing, target)
    Processing.objects.update(state=State.STOPPED)
    assert run.tick() == 0
    Processing.objects.update(state=State.RUNNING)
    assert run.tick() == 1


def test_changed_settings_are_planned_anew(processing: Processing) -> None:
    source = schedule(processing, way="week", days=["1"], time="09:00")
    run.adopt()
    before = Timer.objects.get().next_at
    source.config |= {"way": "minutes", "step": "1"}
    source.write("config")
    run.adopt()
    after = Timer.objects.get().next_at
    assert before
    assert after
    assert after < timezone.now() + timedelta(minutes=2)


def test_a_time_between_the_change_and_the_next_look_is_not_missed(processing: Processing) -> None:
    changed = timezone.now() - timedelta(minutes=3)
    source = schedule(processing)
    Source.objects.filter(pk=source.pk).update(updated_at=changed)
    run.adopt()
    (after,) = Timer.objects.values_list("next_at", flat=True)
    assert after
    assert changed < after <= changed + timedelta(minutes=1)


def test_what_is_no_change_of_settings_moves_no_time(processing: Processing, target: Target) -> None:
    source = poll(processing, target)
    run.tick()
    before = Timer.objects.get().next_at
    source.name = "Заявки"
    source.write("name")
    source.refresh_from_db()
    run.adopt()
    timer = Timer.objects.get()
    assert (timer.next_at, timer.planned_at) == (before, source.updated_at)
    assert run.tick() == 0


@pytest.mark.parametrize(
    ("change", "found"),
    [({"every": "5"}, [{"id": 3}]), ({"mark": "key"}, []), ({"query": [{"name": "a", "value": "b"}]}, [])],
)
def test_another_list_is_met_for_the_first_time(
    processing: Processing, target: Target, change: dict[str, Any], found: list[Any]
) -> None:
    source = poll(processing, target, first="remember")
    run.tick()
    source.config |= change
    source.write("config")
    target.answer = lambda request: (200, json.dumps([{"id": 2}, {"id": 3}]).encode())
    assert run.tick() == 1
    assert bodies() == found


def test_a_run_that_has_just_ended_is_not_taken_again(processing: Processing, target: Target) -> None:
    """As the second of two ticks would, which saw it due before the first one began."""
    poll(processing, target)
    run.adopt()
    assert run.take(5)
    Timer.objects.update(busy_until=None, next_at=timezone.now() + timedelta(minutes=1))
    assert run.take(5) == []


def test_one_that_cannot_be_planned_lets_the_others_run(processing: Processing, target: Target) -> None:
    broken = poll(processing, target)
    schedule(processing, way="week", days=["1"], time="nonsense")
    run.tick()
    assert [timer.source_id for timer in Timer.objects.filter(ran_at__isnull=False)] == [broken.pk]


@pytest.mark.parametrize(("missed", "count"), [("once", 1), ("skip", 0)])
def test_a_missed_time_is_made_up_for_once_or_not(processing: Processing, missed: str, count: int) -> None:
    source = schedule(processing, missed=missed)
    make_due(source, timedelta(hours=3))
    assert run.tick() == 1
    assert Operation.objects.count() == count
    assert Timer.objects.get(next_at__gt=timezone.now())


def test_one_company_takes_no_more_than_its_part(processing: Processing, target: Target) -> None:
    for _more in range(5):
        poll(processing, target)
    other = poll(factories.ProcessingFactory(state=State.RUNNING), target)
    run.adopt()
    Timer.objects.filter(source=other).update(next_at=F("next_at"))
    taken = run.take(16)
    assert len(taken) == 3
    assert other.pk in {one.timer.pk for one in taken}


def test_get_shows_what_would_come_and_starts_nothing(owner: Person, processing: Processing, target: Target) -> None:
    source = poll(processing, target)
    page = owner.post(f"/sources/{source.pk}/capture/", headers={"HX-Request": "true"})
    assert page.status_code == 200
    source.refresh_from_db()
    assert (source.sample, source.captured_id) == ({"id": 1}, None)
    assert not Operation.objects.exists()
    assert not Mark.objects.exists()
    owner.post(f"/sources/{source.pk}/capture/", {"waiting": "1"}, headers={"HX-Request": "true"})
    assert len(target.requests) == 1  # the page that waits does not ask the address again and again


def test_an_address_that_fails_is_told_on_the_page(owner: Person, processing: Processing, target: Target) -> None:
    target.answer = lambda request: (403, b"")
    source = poll(processing, target)
    page = owner.post(f"/sources/{source.pk}/capture/", headers={"HX-Request": "true"})
    assert "403" in page.content.decode()


def test_a_connection_of_another_company_is_not_used(processing: Processing, target: Target) -> None:
    source = poll(processing, target, connection=str(factories.ConnectionFactory().pk))
    run.tick()
    assert Timer.objects.get(source=source).said
    assert target.requests == []


def test_a_clock_that_is_behind_the_databases_brings_no_time_twice(
    processing: Processing, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = schedule(processing, way="hours", minute=0)
    run.adopt()
    due = timezone.now().replace(minute=0, second=0, microsecond=0)
    Timer.objects.update(next_at=due)
    monkeypatch.setattr(timezone, "now", lambda: due - timedelta(seconds=2))
    assert run.tick() == 1
    assert Timer.objects.get(source=source).next_at == due + timedelta(hours=1)


def test_a_source_that_breaks_lets_the_others_go_on(
    processing: Processing, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = poll(processing, target, url="broken"), schedule(processing)
    make_due(whole)

    def breaks(*told: Any, **named: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Address, "gather", breaks)
    assert run.tick() == 2
    assert Operation.objects.filter(source_id=whole.pk, status=Status.QUEUED).count() == 1
    assert "ошибка" in Timer.objects.get(source=broken).said.lower()


def test_what_cannot_be_written_down_lets_the_others_go_on(
    processing: Processing, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll(processing, target)
    whole = schedule(processing)
    make_due(whole)

    def breaks(*told: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Address, "following", breaks)
    assert run.tick() == 2
    assert [operation.source_id for operation in Operation.objects.all()] == [whole.pk]


def test_a_source_whose_kind_is_gone_is_left_alone(processing: Processing, target: Target) -> None:
    gone, whole = poll(processing, target), schedule(processing)
    make_due(whole)
    Source.objects.filter(pk=gone.pk).update(kind="gone")
    assert run.tick() == 1
