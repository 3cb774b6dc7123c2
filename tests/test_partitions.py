import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_q.models import Schedule

from history import partitions, retention
from history.models import Operation, Step
from processings.models import State
from tests.factories import OperationFactory, ProcessingFactory, SourceFactory, StepFactory, TenantFactory
from tests.gunicorn_server import database_url
from webjack.fields import first_uuid7

pytestmark = pytest.mark.django_db
LATER = timedelta(days=70)


def at(moment: datetime, **told: Any) -> Operation:
    """An operation of that moment, with a step."""
    operation = OperationFactory(id=first_uuid7(moment), **told)
    StepFactory(operation=operation)
    return operation


def place(operation: Operation) -> set[str]:
    """What the tables end with that hold an operation and its steps."""
    statement = """
        SELECT tableoid::regclass::text FROM history_operation WHERE id = %(id)s
        UNION ALL SELECT tableoid::regclass::text FROM history_step WHERE operation_id = %(id)s
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, {"id": operation.pk})
        return {table.rpartition("_")[2] for (table,) in cursor.fetchall()}


def monday(moment: datetime) -> str:
    return f"{moment.astimezone(UTC) - timedelta(days=moment.astimezone(UTC).weekday()):%Y%m%d}"


def constraints() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname = %s", [partitions.PROMISE])
        return int(cursor.fetchone()[0])


def test_this_week_and_the_next_two_have_partitions_from_the_start() -> None:
    now = timezone.now()
    assert [one.name for one in partitions.partitions()] == [monday(now + week * partitions.WEEK) for week in range(3)]
    assert partitions.partitions() == partitions.partitions("history_step")
    assert place(at(now)) == {monday(now)}


def test_upkeep_is_scheduled_and_doing_it_twice_is_harmless() -> None:
    import_module("history.migrations.0007_partitions").schedule(apps, None)  # other tests may have emptied its table
    assert Schedule.objects.get(name="partitions").func == "history.partitions.make"
    assert partitions.make() == 0
    assert partitions.make(timezone.now() + partitions.WEEK) == 2
    assert partitions.make(timezone.now() + partitions.WEEK) == 0
    assert partitions.make() == 0


def test_an_operation_that_has_no_partition_lands_and_moves_to_its_week() -> None:
    """Upkeep did not run for months."""
    moment = timezone.now() + LATER
    operation = at(moment)
    assert place(operation) == {"default"}
    assert partitions.make(moment) == 6
    assert place(operation) == {monday(moment)}
    assert Step.objects.get().operation == operation


def test_a_week_of_which_much_has_come_stays_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "MOVED", 1)
    moment = timezone.now() + LATER
    operations = [at(moment), at(moment + timedelta(seconds=1))]
    assert partitions.make(moment) == 4
    assert [place(operation) for operation in operations] == [{"default"}, {"default"}]
    assert place(at(moment + partitions.WEEK)) == {monday(moment + partitions.WEEK)}


def test_a_large_default_partition_is_not_looked_through_under_a_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "LARGE", -1)
    moment = timezone.now() + LATER
    stranded, far = at(moment), at(moment + 10 * partitions.WEEK)
    assert partitions.make(moment) == 4
    assert place(stranded) == place(far) == {"default"}
    assert place(at(moment + partitions.WEEK)) == {monday(moment + partitions.WEEK)}
    assert constraints() == 0
    at(moment + 3 * partitions.WEEK)


@pytest.mark.parametrize("moment", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
def test_a_webhook_taken_by_a_machine_whose_clock_is_wrong_is_kept(
    moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sources.receive.uuid7", lambda: first_uuid7(moment))
    monkeypatch.setattr("sources.quick.uuid_utils.uuid7", lambda: first_uuid7(moment))
    source = SourceFactory(processing=ProcessingFactory(state=State.RUNNING))
    answer = Client().post(f"/webhooks/http/{source.key}/", "{}", content_type="application/json")
    assert answer.status_code == 200
    operation = Operation.objects.get(pk=json.loads(answer.content)["id"])
    partitions.make()
    assert place(operation) == {"default"}


def test_history_of_before_the_partitions_stays() -> None:
    """Migration 0007 on a database that has worked for a while."""
    TenantFactory()
    now = timezone.now()
    with connection.cursor() as cursor:
        for table in ("history_operation", "history_step"):
            cursor.execute(f"DROP TABLE {table}")
    with connection.schema_editor() as editor:
        for model in (Operation, Step):
            editor.create_model(model)
    before = [at(now - timedelta(days=days), body=b"%d" % days) for days in (0, 20, 200)]
    ahead = at(now + timedelta(days=1000))
    with connection.schema_editor() as editor:
        importlib.import_module("history.migrations.0007_partitions").partition(apps, editor)

    assert [place(operation) for operation in before] == [{"first"}] * 3
    assert place(ahead) == {"default"}
    assert [bytes(one.body) for one in Operation.objects.order_by("-id")[1:]] == [b"0", b"20", b"200"]
    assert Step.objects.count() == 4
    assert place(at(now + timedelta(days=8))) == {monday(now + timedelta(days=7))}
    assert partitions.make() == 0
    assert retention.forget() == 0
    assert Operation.objects.count() == 5, "the first partition still holds young ones"
    assert indexes("history_operation_first") == indexes("history_operation")


def test_a_new_partition_has_the_indexes_and_statistics_of_the_others() -> None:
    partitions.make(timezone.now() + partitions.WEEK)
    first, *_, last = (f"history_operation_{one.name}" for one in partitions.partitions())
    assert indexes(first) == indexes(last)
    with connection.cursor() as cursor:
        cursor.execute("SELECT stxrelid::regclass::text FROM pg_statistic_ext")
        assert {first, last, "history_operation_default"} <= {table for (table,) in cursor.fetchall()}


def indexes(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass", [table])
        return int(cursor.fetchone()[0])


@contextmanager
def reader() -> Iterator[None]:
    """Somebody who has been reading the history for a while."""
    with psycopg.connect(database_url()) as session:
        session.execute("SELECT count(*) FROM history_operation")
        yield


@pytest.mark.django_db(transaction=True)
def test_upkeep_gives_way_to_those_who_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "LOCK", "10ms")
    monkeypatch.setattr(partitions, "PAUSE_SECONDS", 0.0)
    TenantFactory()
    past, later = timezone.now() - timedelta(days=60), timezone.now() + partitions.WEEK
    partitions.make(past)
    before = partitions.partitions()
    try:
        with reader():
            retention.forget()
            assert partitions.make(later) == 1, "nobody reads the steps"
            assert partitions.partitions() == before
        retention.forget()
        assert partitions.make(later) == 1
        assert len(partitions.partitions()) == len(before) - 3 + 1
    finally:
        _as_before()


def _as_before() -> None:
    """Other tests find the partitions that the migrations made."""
    usual = [monday(timezone.now() + week * partitions.WEEK) for week in range(3)]
    with connection.cursor() as cursor:
        for table in partitions.KEYS:
            for one in partitions.partitions(table):
                if one.name not in usual:
                    cursor.execute(f"DROP TABLE {table}_{one.name}")
