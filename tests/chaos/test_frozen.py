"""What django-q does not notice itself, the keeper does: a frozen cluster, a lost head, a stop that hangs."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from history.models import Heartbeat, Operation, Status
from scripts import groups
from scripts.keeper import SLACK
from tests.chaos.load import accepted, one_request, wait_until
from tests.fakes.database import own_database
from tests.fakes.parts import eventually, parts
from tests.fakes.target import target_server
from tests.fakes.worker import Worker, kept_cluster

pytestmark = pytest.mark.django_db(transaction=True)

SOON = {"WATCHDOG_SECONDS": "6", "DRAIN_WORKERS": "1"}
END = 60.0  # seconds; a loaded machine takes its time
BEATEN = "SELECT count(*) FROM history_heartbeat"


def beaten(name: str) -> Callable[[], bool]:
    return Heartbeat.objects.filter(cluster=name).exists


def ended_with_all(worker: Worker) -> int:
    """Waits for the keeper's end and returns its exit code; nothing of its group may be left."""
    assert worker.process is not None
    code = worker.process.wait(END)
    left = [process for process in groups.members(worker.process.pid) if groups.state(process) not in {"Z", "X", ""}]
    assert not left
    return code


def kill_the_next_in_line(worker: Worker) -> None:
    os.kill(eventually(lambda: parts(worker.main()).reading), signal.SIGKILL)


def test_clusters_that_froze_are_ended_although_nothing_was_due() -> None:
    """The worst death: of a worker that waits for a task, with the queue's lock in its hand."""
    with kept_cluster("operations", **SOON) as operations, kept_cluster("app", **SOON) as app:
        operations.start()
        app.start()
        wait_until(beaten("operations"))
        wait_until(beaten("app"))
        kill_the_next_in_line(operations)
        kill_the_next_in_line(app)
        assert ended_with_all(operations) == 1
        assert ended_with_all(app) == 1


def test_a_cluster_that_lost_its_head_is_ended_with_its_orphans() -> None:
    with kept_cluster(**SOON) as worker:
        worker.start()
        wait_until(beaten("operations"))
        worker.kill_one("main")
        assert ended_with_all(worker) != 0


def test_a_stop_that_hangs_is_cut_short() -> None:
    with kept_cluster(STOP_SECONDS="0", **SOON) as worker:
        worker.start()
        wait_until(beaten("operations"))
        os.kill(worker.find("sentinel"), signal.SIGSTOP)
        assert worker.process is not None
        asked = time.monotonic()
        worker.process.terminate()
        assert ended_with_all(worker) != 0
        assert time.monotonic() - asked >= SLACK


def test_waiting_for_the_database_is_no_freeze() -> None:
    with target_server() as target:
        accepted(one_request(target), 1)
        Operation.objects.update(status=Status.HELD, due_at=None)
        with own_database() as database, kept_cluster(DATABASE_URL=database.url, **SOON) as worker:
            worker.start()
            wait_until(lambda: database.rows(BEATEN) == [(1,)], told=database.told)
            main = worker.main()
            with database.paused():
                time.sleep(float(SOON["WATCHDOG_SECONDS"]) + 2)
            database.execute("UPDATE history_operation SET status = 'queued', due_at = now()")
            target.wait(1)
            assert worker.main() == main
            worker.kill()
