"""Statements that the server keeps prepared: they really are, and no plan of theirs outlives what it was made for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from history import partitions, prepared
from history.drain import drain
from history.models import Operation, Status
from history.prepared import execute
from processings.models import Processing, State
from tests.factories import OperationFactory, ProcessingFactory
from webjack.fields import first_uuid7

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def running() -> Processing:
    return ProcessingFactory(state=State.RUNNING)


def due(processing: Processing, **told: Any) -> Operation:
    return OperationFactory(processing=processing, status=Status.QUEUED, due_at=timezone.now(), data=None, **told)


def test_what_the_queue_asks_again_and_again_is_planned_once(running: Processing) -> None:
    for _ in range(10):
        due(running)
        assert drain() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements")
        kept = cursor.fetchall()
    for words in ("WITH RECURSIVE pair", "company.room", "v.due_in", "company.version"):
        assert any(words in statement and generic >= 10 for statement, generic, _custom in kept), words
    assert not any(custom for _statement, _generic, custom in kept)


def test_a_setting_that_a_rollback_took_away_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    execute("SELECT 1")
    monkeypatch.setattr(prepared, "PLANS_SECONDS", 0.0)
    with transaction.atomic():
        execute("SELECT 2")
        transaction.set_rollback(True)
    assert execute("SHOW plan_cache_mode") == [("force_generic_plan",)]


def test_the_oldest_open_operation_is_found_wherever_it_lies(running: Processing) -> None:
    """In a partition that came after the statements were prepared, in the default one, in this week's."""
    due(running)
    assert drain() == 1
    long_ago = timezone.now() - timedelta(days=70)
    assert partitions.make(long_ago)
    old = due(running, id=first_uuid7(long_ago))
    oldest = due(running, id=first_uuid7(datetime(1970, 1, 2, tzinfo=UTC)))
    new = due(running)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT tableoid) FROM history_operation WHERE status = 'queued'")
        assert cursor.fetchone() == (3,)
    assert drain() == 3
    assert {Operation.objects.get(pk=one.pk).status for one in (old, oldest, new)} == {Status.SUCCEEDED}
