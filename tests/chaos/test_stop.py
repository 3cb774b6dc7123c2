"""A cluster that is asked to end does: what is under way is finished or left at once, nothing repeats unseen."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db.models.functions import Now

from history.models import Operation, Status, Step
from tests.chaos.load import accepted, nothing_lost, one_request, requests_to, wait_until_done
from tests.fakes.database import own_database
from tests.fakes.target import Received, Target, target_server
from tests.fakes.worker import Worker, cluster

pytestmark = pytest.mark.django_db(transaction=True)

OPERATIONS = 200
SECONDS_OF_WORK = 2000  # operations that two workers with 16 threads cannot finish before they hear of the stop
NEVER = "600"  # seconds: no test waits for a lease of this length
HANGING = {b"%d" % number for number in range(4)}
END = 30.0  # seconds; a loaded machine takes its time


def ends(worker: Worker) -> None:
    """It ends by itself, with nobody to kill it."""
    assert worker.process is not None
    worker.process.terminate()
    assert worker.process.wait(END) == 0


def hanging(target: Target) -> Callable[[], None]:
    """Some requests get no answer until what is returned is called."""
    opened = threading.Event()

    def answer(request: Received) -> tuple[int, bytes]:
        if request.body in HANGING:
            opened.wait(60)
        else:
            threading.Event().wait(0.05)
        return 200, b"{}"

    target.answer = answer
    return opened.set


def test_a_stop_finishes_what_is_under_way_and_repeats_nothing() -> None:
    with target_server() as target, cluster(LEASE_SECONDS=NEVER, DRAIN_THREADS="16") as worker:
        hanging(target)()
        accepted(one_request(target), SECONDS_OF_WORK)
        worker.start()
        target.wait(40)
        ends(worker)
        assert not Operation.objects.exclude(status__in=[Status.SUCCEEDED, Status.QUEUED]).exists()
        assert len(target.requests) == Step.objects.filter(status="succeeded").count() < SECONDS_OF_WORK
        worker.start()
        wait_until_done()
        worker.kill()
    assert len(target.requests) == Step.objects.count() == SECONDS_OF_WORK


def test_what_hangs_is_left_to_others_at_once() -> None:
    with target_server() as target, cluster(LEASE_SECONDS=NEVER, STEP_SECONDS="60", STOP_SECONDS="1") as worker:
        let_go = hanging(target)
        accepted(requests_to(target, "/only"), OPERATIONS)
        worker.start()
        target.wait(40)
        ends(worker)
        left = Operation.objects.exclude(status__in=[Status.SUCCEEDED, Status.QUEUED])
        assert left.count() == left.filter(due_at__lte=Now()).count() == len(HANGING)
        let_go()
        worker.start()
        wait_until_done()
        worker.kill()
    nothing_lost(target.requests, ("/only",), OPERATIONS)
    assert Counter(Step.objects.values_list("status", flat=True)) == {"succeeded": OPERATIONS, "unknown": len(HANGING)}


def test_without_the_database_it_ends_too() -> None:
    with target_server() as target:
        let_go = hanging(target)
        accepted(requests_to(target, "/only"), 20)
        with own_database() as database:
            with cluster(DATABASE_URL=database.url, STOP_SECONDS="1", LEASE_SECONDS="3") as worker:
                worker.start()
                target.wait(20)
                database.kill()
                let_go()
                ends(worker)
                database.start()
                worker.start()
                left = "SELECT 1 FROM history_operation WHERE status <> 'succeeded' LIMIT 1"
                while database.rows(left):
                    assert worker.process is not None
                    assert worker.process.poll() is None
                worker.kill()
            steps = Counter(status for (status,) in database.rows("SELECT status FROM history_step"))
    assert steps["succeeded"] == 20
    assert len(target.requests) <= steps.total(), "a request was sent twice and the history does not say so"
