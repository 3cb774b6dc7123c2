"""Workers are replaced while operations flow: the work goes on, and nothing breaks off."""

import time

import pytest

from history.models import Operation, Status, Step
from tests.chaos.load import SECONDS, accepted, one_request, wait_until
from tests.fakes.target import Received, target_server
from tests.fakes.worker import children, cluster

pytestmark = pytest.mark.django_db(transaction=True)

EACH = 50  # operations at a time
REPLACED = 6


def test_a_worker_that_is_replaced_leaves_no_gap_and_breaks_nothing_off() -> None:
    """Each is larger than it may be after its first drain, as one would be that leaks."""

    def answer(request: Received) -> tuple[int, bytes]:
        time.sleep(0.05)
        return 200, b"{}"

    with target_server() as target, cluster(DRAIN_MEMORY_MB="1", DRAIN_SECONDS="1", LEASE_SECONDS="600") as worker:
        target.answer = answer
        source = one_request(target)
        worker.start()
        seen: set[int] = set()
        end, count = time.monotonic() + SECONDS, 0
        while len(seen) < REPLACED + 4:  # two workers, the monitor and the pusher are no replacement
            assert time.monotonic() < end, seen
            if Operation.objects.exclude(status=Status.SUCCEEDED).count() < EACH:
                accepted(source, EACH)
                count += EACH
            if found := children(worker.main()):
                seen.update(children(found[0]))
            time.sleep(0.02)
        wait_until(lambda: not Operation.objects.exclude(status=Status.SUCCEEDED).exists())
        worker.kill()

    assert set(Step.objects.values_list("status", flat=True)) == {"succeeded"}
    assert len(target.requests) == Step.objects.count() == count
