"""A worker is killed in the middle of its work: nothing is lost and no finished step is done again."""

import time
from collections import Counter

import pytest
from django.utils import timezone

from history.models import Operation, Status, Step
from processings.models import Processing, State
from sources.models import Source
from tests.factories import ActionFactory, ProcessingFactory, SourceFactory
from tests.fakes.target import Target, target_server
from tests.fakes.worker import cluster
from webjack.fields import uuid7

pytestmark = pytest.mark.django_db(transaction=True)

OPERATIONS = 500
KILL_AT = (150, 600)  # requests at the target
SECONDS = 90.0


def accepted(processing: Processing, source: Source, count: int) -> None:
    Operation.objects.bulk_create(
        Operation(
            id=uuid7(),
            tenant=processing.tenant,
            processing=processing,
            source_id=source.pk,
            kind="http",
            status=Status.QUEUED,
            due_at=timezone.now(),
            method="POST",
            content_type="application/json",
            body=b'{"number": %d}' % number,
        )
        for number in range(count)
    )


def wait_until_done() -> None:
    end = time.monotonic() + SECONDS
    while Operation.objects.exclude(status=Status.SUCCEEDED).exists():
        assert time.monotonic() < end, Counter(Operation.objects.values_list("status", flat=True))
        time.sleep(0.05)


def two_requests(target: Target) -> tuple[Processing, Source]:
    processing = ProcessingFactory(state=State.RUNNING)
    for path in ("/first", "/second"):
        config = {"method": "POST", "url": target.url + path, "body": "{{ number }}"}
        ActionFactory(processing=processing, config=config)
    return processing, SourceFactory(processing=processing)


def test_all_of_500_reach_the_target_and_no_finished_step_repeats() -> None:
    with target_server() as target, cluster(LEASE_SECONDS="3") as worker:
        processing, source = two_requests(target)
        accepted(processing, source, OPERATIONS)
        worker.start()
        for count in KILL_AT:
            target.wait(count)
            worker.kill()
            worker.start()
        wait_until_done()
        worker.stop()

    sent = Counter((request.path, request.body) for request in target.requests)
    assert set(sent) == {(path, b"%d" % number) for path in ("/first", "/second") for number in range(OPERATIONS)}
    finished = Counter(Step.objects.filter(status="succeeded").values_list("operation_id", "action_id"))
    assert set(finished.values()) == {1}
    assert len(finished) == 2 * OPERATIONS
    unknown = Step.objects.filter(status="unknown").count()
    repeated = sum(sent.values()) - len(sent)
    assert repeated <= unknown, "a request was sent twice and the history does not say so"
    keys: dict[tuple[str, bytes], set[str]] = {}
    for request in target.requests:
        keys.setdefault((request.path, request.body), set()).add(request.headers["Idempotency-Key"])
    assert all(len(found) == 1 for found in keys.values())
