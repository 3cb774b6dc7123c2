"""Those who strike a cluster know who is who, idle and at work, and after one process was replaced."""

import os
import signal
import time

import pytest

from history.models import Operation, Status
from tests.chaos.load import SECONDS, accepted, two_requests
from tests.fakes.parts import Missing, Parts, eventually, parts
from tests.fakes.target import target_server
from tests.fakes.worker import Worker, cluster

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, SECOND, LOOKS = 100, 300, 20


def look(worker: Worker) -> Parts | None:
    try:
        return parts(worker.main())
    except (Missing, OSError):  # not to be told just now
        return None


def test_each_process_of_a_cluster_is_what_it_is_taken_for() -> None:
    """In a new one it is told by the order of birth: the workers, the monitor, the pusher."""
    with target_server() as target, cluster() as worker:
        source = two_requests(target)
        worker.start()
        first = eventually(lambda: parts(worker.main()).reading, SECONDS)
        names = {"monitor": worker.find("monitor"), "pusher": worker.find("pusher")}
        second = eventually(lambda: next(iter(set(parts(worker.main()).workers) - {first})))
        os.kill(second, signal.SIGKILL)  # it holds no lock, and whoever takes its place is born last
        eventually(lambda: len(set(parts(worker.main()).workers) - {second}) == 2, SECONDS)
        seen, end = 0, time.monotonic() + SECONDS
        for count in (FIRST, SECOND):
            accepted(source, count)
            while seen < LOOKS or Operation.objects.exclude(status=Status.SUCCEEDED).exists():
                assert time.monotonic() < end
                if found := look(worker):
                    seen += 1
                    assert {"monitor": found.monitor, "pusher": found.pusher} == names
                    assert not set(names.values()) & set(found.workers)
        worker.kill()
