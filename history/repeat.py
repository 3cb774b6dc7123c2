"""What people do with operations: repeat, release, hurry, cancel. Each change is one conditional UPDATE."""

from typing import Any

from django.db import connection
from django.db.models import Case, F, PositiveSmallIntegerField, Q, QuerySet, When
from django.db.models.functions import Now

from history import order
from history.models import OPEN, Operation, Status
from processings.models import Processing

CHANNEL = "history_operation"
# What may be repeated: everything that is not under way. A refused call never was an operation to run.
REPEATABLE = Q(
    status__in=(
        Status.WAITING,
        Status.SUCCEEDED,
        Status.FAILED,
        Status.FILTERED,
        Status.UNKNOWN,
        Status.HELD,
        Status.CANCELLED,
    )
)
AGAIN: dict[str, Any] = {
    "status": Status.QUEUED,
    "due_at": Now(),
    "waits_for": None,
    "lane_id": None,  # the settings may have changed: the claim finds it anew
    "error": "",
    "finished_at": None,
    "forced": True,
}


def wake() -> None:
    """Tells the workers that something is due; a hint only, they look by themselves every second."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def repeat(operation: Operation, start: bool) -> bool:
    """Queues the operation again: from its start as a new run, or from the first unfinished action.

    False when it is under way or was rejected.
    """
    return _again(Operation.objects.filter(pk=operation.pk), start) == 1


def repeat_many(operations: QuerySet[Operation], start: bool = False) -> int:
    """The same for many; returns how many were queued."""
    return _again(operations, start)


def release(processing: Processing) -> int:
    """Queues all operations that came while the processing was stopped; returns how many."""
    return _again(processing.operations.filter(status=Status.HELD), start=False)


def _again(operations: QuerySet[Operation], start: bool) -> int:
    # What ran through has no failed action to go on from: it begins anew.
    whole = Q(status__in=(Status.SUCCEEDED, Status.FILTERED))
    fresh = {"run": F("run") + 1, "started_at": None, "duration_ms": None, "tries": 0, "losses": 0}
    chosen = operations.filter(REPEATABLE)
    if start:
        count = chosen.exclude(status=Status.HELD).update(**AGAIN | fresh)
        count += chosen.filter(status=Status.HELD).update(**AGAIN)
    else:
        count = chosen.filter(whole).update(**AGAIN | fresh)
        count += chosen.exclude(whole).update(**AGAIN)
    wake()
    return count


def hurry(operation: Operation) -> bool:
    """Makes a waiting operation's next attempt due now."""
    count = Operation.objects.filter(pk=operation.pk, status=Status.WAITING).update(due_at=Now())
    wake()
    return count == 1


def cancel(operation: Operation) -> bool:
    """Ends an operation that is not final; a step under way is finished by its worker and kept, nothing follows it."""
    return cancel_many(Operation.objects.filter(pk=operation.pk)) == 1


def cancel_many(operations: QuerySet[Operation]) -> int:
    """The same for many; returns how many were ended."""
    chosen = operations.filter(status__in=(*OPEN, Status.HELD, Status.UNKNOWN))
    # An action may be under way, and its outcome is unknown until its worker has told it: a loss, as of a dead worker.
    losses = F("losses") + Case(
        When(status=Status.RUNNING, then=1), default=0, output_field=PositiveSmallIntegerField()
    )
    with order.in_turn() as cursor:
        # Locked in the order that workers lock in, so that nobody waits for each other.
        keys = set(chosen.order_by("pk").select_for_update(of=("self",)).values_list("order_key", flat=True))
        count = chosen.update(status=Status.CANCELLED, due_at=None, waits_for=None, finished_at=Now(), losses=losses)
        order.move_up(cursor, keys)
        return count
