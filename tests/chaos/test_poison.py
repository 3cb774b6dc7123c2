"""Operations that kill the process which performs them: they are ended with a clear sentence, and nobody else is."""

import pytest

from history.models import Operation, Status, Step
from history.run import MOST_LOSSES
from tests.chaos.load import accepted, requests_to, wait_until
from tests.fakes.poison import EXIT, SIGNAL
from tests.fakes.target import target_server
from tests.fakes.worker import cluster

pytestmark = pytest.mark.django_db(transaction=True)

OTHERS = 100


def test_what_kills_its_worker_is_ended_and_its_neighbours_are_not() -> None:
    """One ends the process at once, the other by the signal of broken memory."""
    with target_server() as target, cluster(LEASE_SECONDS="1", STEP_SECONDS="1") as worker:
        worker.command = ["-m", "tests.fakes.poison", "qcluster"]
        poisons = [requests_to(target, "/deadly", body=body) for body in (EXIT, SIGNAL)]
        for source in poisons:
            accepted(source, 1)
        accepted(requests_to(target, "/first", "/second"), OTHERS)
        worker.start()
        wait_until(lambda: not Operation.objects.filter(status__in=[Status.QUEUED, Status.RUNNING]).exists())
        worker.kill()

    deadly = Operation.objects.filter(source_id__in=[source.pk for source in poisons])
    assert {(one.status, one.error) for one in deadly} == {
        (Status.FAILED, "Эта операция несколько раз обрывала работу обработчика очереди и была остановлена")
    }
    for one in deadly:
        assert set(Step.objects.filter(operation_id=one.pk).values_list("status", flat=True)) == {"unknown"}
        assert Step.objects.filter(operation_id=one.pk).count() == MOST_LOSSES + 1
    others = Operation.objects.exclude(pk__in=deadly)
    assert set(others.values_list("status", flat=True)) == {Status.SUCCEEDED}
    assert Step.objects.filter(status="succeeded").count() == 2 * OTHERS, "a finished step ran again"
