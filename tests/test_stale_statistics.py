"""The queue's statements read what they need and no more, however wrong PostgreSQL's idea of the table is.

What is looked at are the rows and index entries that they read, as PostgreSQL counts them: never the time.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from actions import arrange
from connections.models import Lane
from history import broker, lanes, order
from history.claim import Claimer, abandon, give_back, journeys, renew
from history.finish import finish
from history.models import Operation, Status
from history.prepared import execute
from history.run import Progress
from history.turn import TURN
from processings.models import Processing, State
from tests.factories import OperationFactory, ProcessingFactory
from webjack.fields import uuid7

pytestmark = pytest.mark.django_db(transaction=True)
MANY, OTHERS, TAKEN, EACH = 1200, 5, 30, 20

# Copies of one row, so that thousands take no time.
COPY = """
INSERT INTO history_operation (id, status, due_at, {columns})
SELECT (left(id::text, 24) || lpad(to_hex(n), 12, '0'))::uuid, %(status)s, now() + %(due_in)s * interval '1 second',
    {columns}
FROM history_operation, generate_series(1, %(count)s) n WHERE id = %(id)s
"""
# Of the transaction under way: rows of the tables that were scanned, entries of the indexes.
READ = """
SELECT sum(pg_stat_get_xact_tuples_returned(oid)) FROM pg_class
WHERE relname LIKE 'history\\_operation%' AND relkind IN ('r', 'i')
"""


def run(statement: str, values: dict[str, Any] | None = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0] if cursor.description else None


def fill(
    processing: Processing, count: int, status: str = Status.QUEUED, due_in: float | None = -1, **told: Any
) -> None:
    """due_in: seconds, None for what is not due."""
    one = OperationFactory(processing=processing, status=Status.CANCELLED, due_at=None, **told)
    names = [field.column for field in Operation._meta.concrete_fields]
    columns = ", ".join(name for name in names if name and name not in ("id", "status", "due_at"))
    run(COPY.format(columns=columns), {"count": count, "status": status, "due_in": due_in, "id": one.pk})


def processing() -> Processing:
    made = ProcessingFactory(state=State.RUNNING)
    arrange.add(made, "http.request", {"method": "POST", "url": f"https://{made.pk}.example/", "success_codes": "2**"})
    return made


def seen(*filled: Any, **told: Any) -> None:
    """What PostgreSQL takes the table to be like for ever."""
    fill(processing(), MANY, *filled, **told)
    run("ANALYZE history_operation")


def never() -> None:
    """A week's partition in its first minute."""


def empty() -> None:
    run("ANALYZE history_operation")


def planned_while_empty() -> None:
    """The plans of a worker that had little to do are still in use when much comes at once."""
    fill(processing(), 1)
    held = journeys(Claimer().claim(1))
    for act in (renew, lambda few: finish([Progress(one, Status.SUCCEEDED) for one in few]), give_back, abandon):
        act(held)


def all_due() -> None:
    seen()
    run("TRUNCATE history_operation")


def all_waiting() -> None:
    seen(Status.WAITING, 3600)
    run("TRUNCATE history_operation")


def all_running() -> None:
    seen(Status.RUNNING, 30)
    run("TRUNCATE history_operation")


def all_done() -> None:
    seen(Status.SUCCEEDED, None)


def all_parked_for_one() -> None:
    key = uuid7()
    seen(due_in=None, waits_for=key, order_key=key)
    run("TRUNCATE history_operation")


def seen_before_the_commit() -> None:
    """While a large transaction had filled pages and nothing in them was visible."""
    seen()
    run("UPDATE pg_class SET reltuples = 0 WHERE relname LIKE 'history\\_operation\\_%%' AND relpages > 0")


def full_of_what_is_dead() -> None:
    """A backlog that was worked off, and that no vacuum has seen: the queue's indexes keep its entries."""
    seen()
    run("UPDATE history_operation SET status = 'running', due_at = now() + interval '30 s'")
    run("UPDATE history_operation SET status = 'succeeded', due_at = NULL")


STALE: list[Callable[[], None]] = [
    never, empty, planned_while_empty, all_due, all_waiting, all_running, all_done, all_parked_for_one,
    seen_before_the_commit, full_of_what_is_dead,
]  # fmt: skip


@pytest.fixture(params=STALE, ids=lambda stale: stale.__name__)
def busy(request: Any) -> list[Processing]:
    """A company of which thousands wait, hang and are due, and some others: unlike what PostgreSQL knows of.

    Vacuum does not come by, and no plan is left from earlier.
    """
    connection.close()
    request.param()
    large, others = processing(), [processing() for _ in range(OTHERS)]
    fill(large, MANY, Status.WAITING, 3600)
    fill(large, MANY // 10, Status.RUNNING, 25, lane_id=large.actions.get().lane_id)
    fill(large, MANY)
    for other in others:
        fill(other, MANY // OTHERS)
    return others


@contextmanager
def reading(most: int) -> Iterator[None]:
    """At most so much may be read."""
    with transaction.atomic():
        before = run(READ)
        yield
        read = run(READ) - before
    assert read <= most


def test_the_queue_is_read_by_what_is_needed(busy: list[Processing]) -> None:
    one_look_shows_whether_anything_is_due()
    a_claim_reads_what_it_takes()
    accounts_and_orders_let_their_oldest_go_on(*busy[:2])
    an_order_is_not_looked_through_for_its_earliest()


def one_look_shows_whether_anything_is_due() -> None:
    with closing(broker.listener()) as line:
        # The first look passes what is dead and marks it as such, once nobody may still see it.
        assert _settles(line)


def _settles(line: Any) -> bool:
    for _again in range(100):
        if _read_by_a_look(line) <= EACH:
            return True
        time.sleep(0.05)
    return False


def _read_by_a_look(line: Any) -> int:
    with line.transaction():
        before = line.execute(READ).fetchone()[0]
        assert broker.due(line)
        return int(line.execute(READ).fetchone()[0] - before)


def a_claim_reads_what_it_takes() -> None:
    claimer = Claimer()
    claimer.claim(1)
    with reading(EACH * TAKEN + MANY // 10):
        taken = claimer.claim(TAKEN)
    assert len(taken) == TAKEN
    held = journeys(taken)
    for act in (renew, lambda few: finish([Progress(one, Status.SUCCEEDED) for one in few]), give_back, abandon):
        few, held = held[:5], held[5:]
        with reading(5 * EACH):
            act(few)


def accounts_and_orders_let_their_oldest_go_on(one: Processing, other: Processing) -> None:
    account = one.actions.get().lane_id
    assert account
    Lane.objects.filter(pk=account).update(waiting=True, most_in_flight=TAKEN)
    fill(one, MANY, due_in=None, waits_for=account)
    keys = [uuid7() for _ in range(3)]
    for key in keys:
        fill(other, MANY // 3, due_in=None, waits_for=key, order_key=key)
    with reading(EACH * TAKEN):
        execute(TURN)
        assert execute(lanes.RELEASE, lanes.limits())[0][0] > 0
    with reading(5 * EACH), connection.cursor() as cursor:
        order.move_up(cursor, keys)
    assert Operation.objects.filter(order_key__in=keys, due_at__isnull=False).count() == len(keys)


def an_order_is_not_looked_through_for_its_earliest() -> None:
    key = uuid7()
    fill(processing(), MANY, order_key=key)
    Claimer().claim(1)
    with reading(2 * EACH * TAKEN + MANY // 10):
        Claimer().claim(TAKEN)
    assert Operation.objects.filter(order_key=key, status=Status.RUNNING).count() <= 1
