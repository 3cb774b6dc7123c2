"""A worker is killed in the middle of its work: nothing is lost and no finished step is done again."""

import threading

import pytest
from django.utils import timezone

from history.models import Heartbeat, Operation, Status, Step
from tests.chaos.load import accepted, nothing_lost, one_request, two_requests, wait_until, wait_until_done
from tests.fakes.target import Received, target_server
from tests.fakes.worker import cluster

pytestmark = pytest.mark.django_db(transaction=True)

OPERATIONS = 500
KILL_AT = (150, 600)  # requests at the target


def test_all_of_500_reach_the_target_and_no_finished_step_repeats() -> None:
    with target_server() as target, cluster(LEASE_SECONDS="10") as worker:
        accepted(two_requests(target), OPERATIONS)
        worker.start()
        for count in KILL_AT:
            target.wait(count)
            worker.kill()
            worker.start()
        wait_until_done()
        worker.stop()

    nothing_lost(target.requests, ("/first", "/second"), OPERATIONS)


@pytest.mark.parametrize("part", ["worker", "pusher", "monitor"])
def test_a_cluster_that_loses_one_process_goes_on(part: str) -> None:
    """Of its workers a busy one: what the death of an idle one does is told in test_frozen.py."""
    with target_server() as target, cluster(LEASE_SECONDS="10", DRAIN_WORKERS="1") as worker:
        source = two_requests(target)
        accepted(source, 200)
        worker.start()
        target.wait(100)
        worker.kill_one(part)
        wait_until_done()
        worker.kill()

    nothing_lost(target.requests, ("/first", "/second"), 200)


@pytest.mark.parametrize("part", ["main", "sentinel"])
def test_a_cluster_that_loses_its_head_is_ended_and_begun_anew(part: str) -> None:
    """As a keeper does it (test_frozen.py): it sees the main process end, and ends the orphans that are left."""
    with target_server() as target, cluster(LEASE_SECONDS="10") as worker:
        accepted(two_requests(target), 200)
        worker.start()
        target.wait(100)
        worker.kill_one(part)
        assert worker.process is not None
        worker.process.wait(20)
        worker.kill()
        worker.start()
        wait_until_done()
        worker.kill()

    nothing_lost(target.requests, ("/first", "/second"), 200)


def test_what_a_killed_worker_had_not_begun_goes_on_at_once_and_unasked() -> None:
    """It held more than it had threads; only what these had begun can have been sent. No lease ends in this test."""
    threads, share, count, hang, lets_go = 4, 3, 120, threading.Event(), threading.Event()

    def answer(request: Received) -> tuple[int, bytes]:
        if hang.is_set():
            lets_go.wait(60)
        return 200, b"{}"

    with (
        target_server() as target,
        cluster(LEASE_SECONDS="600", DRAIN_WORKERS="1", DRAIN_THREADS=f"{threads}") as worker,
    ):
        target.answer = answer
        accepted(one_request(target), count)
        worker.start()
        target.wait(100)
        hang.set()
        wait_until(lambda: Step.objects.count() == len(target.requests) - share)  # all but what hangs is written
        wait_until(lambda: not Operation.objects.filter(status=Status.QUEUED).exists())  # all is claimed
        claimed = timezone.now()
        wait_until(Heartbeat.objects.filter(seen_at__gt=claimed).exists)  # the worker is through with that
        assert Operation.objects.filter(status=Status.RUNNING).count() > share
        worker.kill_one("worker")
        hang.clear()
        lets_go.set()
        wait_until_done()
        worker.kill()

    nothing_lost(target.requests, ("/only",), count)
    assert Step.objects.filter(status="unknown").count() == share, "what was never sent is called into question"
