"""What the list of processings counts: noted when operations end, taken back when people decide otherwise."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from history import retention
from history.models import Operation, Status, Tally
from history.repeat import repeat_many
from processings.models import Processing
from processings.today import days
from tests.conftest import Person
from tests.ended import end, ended
from tests.factories import StepFactory

pytestmark = pytest.mark.django_db(transaction=True)


def counted(processing: Processing) -> tuple[int, int]:
    """Of this hour and the last one: a test may run across the hour."""
    hours = days([processing])[processing.pk].hours
    good, bad = (sum(hours.get(ago, [0, 0])[part] for ago in (0, 1)) for part in (0, 1))
    return good, bad


def ask(owner: Person, what: str, operation: Operation, **told: Any) -> None:
    answer = owner.post(reverse(f"history:{what}", args=[operation.pk]), told)
    assert answer.status_code == 302


def test_what_is_repeated_is_not_counted_until_it_ends_again(owner: Person, processing: Processing) -> None:
    [operation] = ended(Status.FAILED, processing=processing)
    assert counted(processing) == (0, 1)
    ask(owner, "repeat", operation)
    assert counted(processing) == (0, 0)
    end(Status.SUCCEEDED)
    assert counted(processing) == (1, 0)
    ask(owner, "repeat", operation, **{"from": "start"})
    assert counted(processing) == (0, 0)
    end(Status.FAILED)
    assert counted(processing) == (0, 1)


def test_what_is_taken_for_done_or_cancelled_is_no_error_any_more(owner: Person, processing: Processing) -> None:
    done, cancelled = ended(Status.UNKNOWN, 2, processing=processing)
    StepFactory(operation=done, status="unknown")
    assert counted(processing) == (0, 2)
    ask(owner, "accept", done)
    assert counted(processing) == (0, 1)
    ask(owner, "accept", done)  # too late: nothing is taken back twice
    ask(owner, "cancel", cancelled)
    assert counted(processing) == (0, 0)
    end(Status.SUCCEEDED)
    assert counted(processing) == (1, 0)


def test_what_is_neither_well_nor_badly_ended_is_not_counted(processing: Processing) -> None:
    ended(Status.FILTERED, processing=processing)
    ended(Status.CANCELLED, processing=processing)
    ended(Status.WAITING, processing=processing)
    assert counted(processing) == (0, 0)


def test_tests_of_a_processing_are_not_counted(owner: Person, processing: Processing) -> None:
    [operation] = ended(Status.FAILED, processing=processing, test=True)
    assert counted(processing) == (0, 0)
    ask(owner, "repeat", operation)
    assert counted(processing) == (0, 0)


def test_all_that_is_repeated_at_once_is_taken_out_of_the_count(processing: Processing) -> None:
    made = ended(Status.FAILED, 1003, processing=processing)
    assert counted(processing) == (0, 1003)
    assert repeat_many(processing.operations.filter(status="failed")) == len(made)
    assert counted(processing) == (0, 0)


def test_another_session_takes_back_what_the_first_has_counted(owner: Person, processing: Processing) -> None:
    [operation] = ended(Status.FAILED, processing=processing)
    connections["default"].close()
    ask(owner, "repeat", operation)
    assert sorted(Tally.objects.values_list("bad", flat=True)) in ([-1, 1], [0])  # the server may give the number again
    assert counted(processing) == (0, 0)


def test_counts_that_nobody_asks_for_any_more_are_forgotten(processing: Processing) -> None:
    now = timezone.now()
    for hours in (0, 20, 40):
        Tally.objects.create(processing=processing, hour=now - timedelta(hours=hours), session=1, good=1, bad=0)
    retention.forget()
    assert Tally.objects.count() == 2
