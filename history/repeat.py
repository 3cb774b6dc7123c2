"""What people do with operations: repeat, accept, release, hurry, cancel. Each change is decided once, under a lock."""

import uuid
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, PositiveSmallIntegerField, Q, QuerySet, When
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from history import order, tally
from history.models import OPEN, Operation, Status, Step
from processings.models import Processing

CHANNEL = "history_operation"
AT_ONCE = 1000  # rows that one statement names
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
# By hand the clock of the deadline starts anew, and which outside account is next is seen by the claim.
AGAIN: dict[str, Any] = {
    "status": Status.QUEUED,
    "due_at": Now(),
    "waits_for": None,
    "lane_id": None,  # the settings may have changed: the claim finds it anew
    "error": "",
    "started_at": None,
    "finished_at": None,
    "forced": True,
}

# The last step of unknown outcome of each of these runs says from now on what was decided.
DECIDED = """
UPDATE history_step s SET error = concat_ws('. ', nullif(s.error, ''), %(words)s::text)
FROM (
    SELECT DISTINCT ON (step.operation_id) step.id
    FROM history_step step JOIN unnest(%(ids)s::uuid[], %(runs)s::int[]) AS o(id, run)
    ON step.operation_id = o.id AND step.run = o.run
    WHERE step.status = 'unknown'
    ORDER BY step.operation_id, step.started_at DESC, step.id DESC
) last
WHERE s.id = last.id
"""


def wake() -> None:
    """Tells the workers that something is due; a hint only, they look by themselves every second."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def repeat(operation: Operation, start: bool, by: str = "") -> bool:
    """Queues the operation again: from its start as a new run, or from the first unfinished action.

    by: who decides so. False when it is under way or was rejected.
    """
    return _again(Operation.objects.filter(pk=operation.pk), start, by) == 1


def repeat_many(operations: QuerySet[Operation], start: bool = False, by: str = "") -> int:
    """The same for many; returns how many were queued."""
    return _again(operations, start, by)


def release(processing: Processing) -> int:
    """Queues all operations that came while the processing was stopped; returns how many."""
    return _again(processing.operations.filter(status=Status.HELD), start=False)


def _again(operations: QuerySet[Operation], start: bool, by: str = "") -> int:
    with transaction.atomic():
        locked = _decide(operations.filter(REPEATABLE), _("Decided: to repeat"), by)
        ids = [operation.pk for operation in locked]
        count = sum(_queue(ids[at : at + AT_ONCE], start) for at in range(0, len(ids), AT_ONCE))
    wake()
    return count


def _queue(ids: list[uuid.UUID], start: bool) -> int:
    # What ran through has no failed action to go on from: it begins anew.
    whole = Q(status__in=(Status.SUCCEEDED, Status.FILTERED))
    fresh = {"run": F("run") + 1, "duration_ms": None, "tries": 0, "losses": 0}
    chosen = Operation.objects.filter(REPEATABLE, pk__in=ids)
    anew = ~Q(status=Status.HELD) if start else whole
    _take_up(chosen)
    # Rows of the second update are those that the first did not change: it leaves none of them repeatable.
    return chosen.filter(anew).update(**AGAIN | fresh) + chosen.exclude(anew).update(**AGAIN)


def _take_up(chosen: QuerySet[Operation]) -> None:
    """Elements of lists that were given up are to be done after all."""
    given_up = Step.objects.filter(status=Step.Status.GIVEN_UP, operation__in=chosen.values("pk"))
    given_up.update(status=Step.Status.FAILED)


def accept(operation: Operation, by: str = "") -> bool:
    """Takes the action of unknown outcome for done, with an empty result, and queues the rest.

    by: who decides so. False when its outcome is no longer unknown.
    """
    with transaction.atomic():
        found = Operation.objects.select_for_update().filter(pk=operation.pk, status=Status.UNKNOWN)
        locked = found.only("id", "run", "status", "processing_id", "received_at", "test").first()
        step = _last_unknown(locked) if locked else None
        if locked is None or step is None:
            return False
        step.pk, step.status, step.output, step.error = (
            Step().pk,
            Step.Status.ACCEPTED,
            {},
            _decision(_("Decided: it is done"), by),
        )
        step.config, step.exchanges, step.started_at, step.duration_ms = {}, [], timezone.now(), 0
        step.save(force_insert=True)
        with connection.cursor() as cursor:
            _uncount(cursor, [locked])
        found.update(**AGAIN)
    wake()
    return True


def _last_unknown(operation: Operation) -> Step | None:
    """The last step of its present run that nobody knows the outcome of."""
    steps = Step.objects.filter(operation_id=operation.pk, run=operation.run, status=Step.Status.UNKNOWN)
    return steps.order_by("started_at", "id").last()


def hurry(operation: Operation) -> bool:
    """Makes the next attempt of an operation that waits, or was parked, due now, even in a stopped processing."""
    waits = Q(status=Status.WAITING) | Q(status=Status.QUEUED, waits_for__isnull=False)
    count = Operation.objects.filter(waits, pk=operation.pk).update(due_at=Now(), waits_for=None, forced=True)
    wake()
    return count == 1


def cancel(operation: Operation, by: str = "") -> bool:
    """Ends an operation that is not final; a step under way is finished by its worker and kept, nothing follows it."""
    return cancel_many(Operation.objects.filter(pk=operation.pk), by) == 1


def cancel_many(operations: QuerySet[Operation], by: str = "") -> int:
    """The same for many; returns how many were ended."""
    chosen = operations.filter(status__in=(*OPEN, Status.HELD, Status.UNKNOWN))
    # An action may be under way, and its outcome is unknown until its worker has told it: a loss, as of a dead worker.
    losses = F("losses") + Case(
        When(status=Status.RUNNING, then=1), default=0, output_field=PositiveSmallIntegerField()
    )
    ended = {"status": Status.CANCELLED, "due_at": None, "waits_for": None, "finished_at": Now(), "losses": losses}
    with order.in_turn() as cursor:
        locked = _decide(chosen, _("Decided: to cancel"), by)
        count = chosen.update(**ended)
        order.move_up(cursor, {operation.order_key for operation in locked})
        return count


def _decide(chosen: QuerySet[Operation], words: str, by: str) -> list[Any]:
    """Locks the operations, in the order that workers lock in, so that nobody waits for each other; notes decisions.

    Returns them, with these columns only. What they had come to is no longer so, and no longer counted.
    """
    columns = ("pk", "run", "status", "order_key", "processing_id", "received_at", "test")
    locked = list(chosen.order_by("pk").select_for_update(of=("self",)).values_list(*columns, named=True))
    asked = [operation for operation in locked if operation.status == Status.UNKNOWN]
    with connection.cursor() as cursor:
        if asked:
            places = {"ids": [operation.pk for operation in asked], "runs": [operation.run for operation in asked]}
            cursor.execute(DECIDED, places | {"words": _decision(words, by)})
        _uncount(cursor, locked)
    return locked


def _uncount(cursor: Any, operations: list[Any]) -> None:
    counted = [one for one in operations if not one.test]
    tally.add(cursor, [(one.processing_id, one.received_at, one.status) for one in counted], by=-1)


def _decision(words: str, by: str) -> str:
    return f"{words} ({by})" if by else words
