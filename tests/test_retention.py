from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from history import partitions, retention
from history.models import Heartbeat, Operation, Status, Step
from tenants.models import Tenant
from tests.factories import OperationFactory, ProcessingFactory, StepFactory, TenantFactory
from webjack.fields import first_uuid7

pytestmark = pytest.mark.django_db

ENDED = ("succeeded", "failed", "filtered", "rejected", "cancelled")
UNENDED = ("queued", "running", "waiting", "held", "unknown")


def old(days: int = 31, **told: Any) -> Operation:
    """An operation that came so many days ago, with a step."""
    moment = timezone.now() - timedelta(days=days, minutes=Operation.objects.count())
    operation = OperationFactory(id=first_uuid7(moment), received_at=moment, **told)
    StepFactory(operation=operation)
    return operation


def weeks_of(days: int) -> list[str]:
    """Makes the partition of that day and two more; the names of all that are there."""
    partitions.make(timezone.now() - timedelta(days=days))
    return names()


def names(table: str = "history_operation") -> list[str]:
    return [one.name for one in partitions.partitions(table)]


def with_steps(operations: QuerySet[Operation] | None = None) -> set[Operation]:
    """The operations that are there, each of which has its step, and no step is there without one."""
    found = set(operations if operations is not None else Operation.objects.all())
    assert sorted(Step.objects.values_list("operation", flat=True)) == sorted(one.pk for one in found)
    return found


def test_old_history_goes_and_what_is_young_or_open_stays(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RETENTION_DAYS = 30
    monkeypatch.setattr(retention, "STEP", 2)
    for _ in range(5):
        old()
    waiting = old(status="waiting", due_at=timezone.now())
    young = old(0)

    assert retention.forget() == 5

    assert with_steps() == {waiting, young}


def test_a_week_of_old_history_goes_as_a_whole() -> None:
    made = weeks_of(60)
    for status in ENDED:
        old(60, status=status)
    young = old(0)

    assert retention.forget() == 0, "nothing has to be deleted one by one"

    assert names() == names("history_step") == made[-3:]
    assert with_steps() == {young}


def test_a_week_stays_until_all_of_it_is_old() -> None:
    made = weeks_of(32)
    young = old(29)
    retention.forget()
    assert names()[-5:] == made[-5:]
    assert young in with_steps()


@pytest.mark.parametrize("status", UNENDED)
def test_nothing_that_has_not_ended_is_ever_dropped(status: str) -> None:
    weeks_of(60)
    staying = old(60, status=status, due_at=timezone.now())
    old(60)
    in_no_week = old(90, status=status)
    retention.forget()
    retention.forget()
    assert with_steps() == {staying, in_no_week}
    assert len(names()) == 3, "the week itself is gone"


def test_what_waited_goes_once_it_has_ended() -> None:
    weeks_of(60)
    held = old(60, status=Status.HELD)
    retention.forget()
    Operation.objects.filter(pk=held.pk).update(status=Status.SUCCEEDED)
    assert retention.forget() == 1
    assert with_steps() == set()


@pytest.mark.parametrize("status", ["held", "unknown"])
def test_what_waits_for_a_decision_in_a_deleted_processing_goes(status: str) -> None:
    weeks_of(60)
    gone = ProcessingFactory(deleted_at=timezone.now())
    old(60, status=status, processing=gone)
    old(90, status=status, processing=gone)
    retention.forget()
    assert with_steps() == set()


def test_a_week_with_much_that_waits_stays_and_loses_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MOVED", 1)
    monkeypatch.setattr(partitions, "MOVED", 1)
    made = weeks_of(60)
    staying = {old(60, status=Status.HELD) for _ in range(2)}
    old(60)
    assert retention.forget() == 1
    assert names()[0] == made[0]
    assert with_steps() == staying


def test_each_company_has_its_own_period(settings: Any) -> None:
    settings.RETENTION_DAYS = 30
    short, long, usual = (TenantFactory(retention_days=days) for days in (5, 90, None))
    weeks_of(60)

    def came(tenant: Tenant) -> dict[int, Operation]:
        processing = ProcessingFactory(tenant=tenant)
        return {days: old(days, processing=processing) for days in (4, 7, 28, 40, 60, 91)}

    of_short, of_long, of_usual = came(short), came(long), came(usual)
    retention.forget()

    assert with_steps() == {
        of_short[4],
        *(of_long[days] for days in (4, 7, 28, 40, 60)),
        *(of_usual[days] for days in (4, 7, 28)),
    }


def test_one_run_deletes_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "STEP", 2)
    monkeypatch.setattr(retention, "MOST_STEPS", 2)
    processing = ProcessingFactory()
    for _ in range(5):
        old(processing=processing)
    assert retention.forget() == 4
    assert retention.forget() == 1
    assert retention.forget() == 0


def test_without_any_company_there_is_nothing_to_forget() -> None:
    assert retention.forget() == 0


def test_hosts_that_are_gone_are_forgotten_a_day_later() -> None:
    now = timezone.now()
    Heartbeat.objects.create(host="here", seen_at=now - timedelta(hours=23))
    Heartbeat.objects.create(host="gone", seen_at=now - timedelta(hours=25))
    retention.forget()
    assert list(Heartbeat.objects.values_list("host", flat=True)) == ["here"]
