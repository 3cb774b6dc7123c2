"""Work for workers that are to be killed, and what must be true after it."""

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from history.models import Operation, Status, Step
from processings.models import Processing, State
from sources.models import Source
from tests.factories import ActionFactory, ProcessingFactory, SourceFactory
from tests.fakes.target import Received, Target
from webjack.fields import uuid7

SECONDS = 60.0
# Of a database of one's own: each operation with what was sent to it, and finished steps that ran again.
KEPT = "SELECT id::text, convert_from(body, 'UTF8') FROM history_operation"
TWICE = """
SELECT 1 FROM history_step WHERE status = 'succeeded' GROUP BY operation_id, action_id HAVING count(*) > 1
"""


def requests_to(target: Target, *paths: str, body: str = "{{ number }}") -> Source:
    """The source of a running processing that sends this to each of these paths in turn."""
    processing = ProcessingFactory(state=State.RUNNING)
    for path in paths:
        config = {"method": "POST", "url": target.url + path, "body": body}
        ActionFactory(processing=processing, config=config)
    return SourceFactory(processing=processing)


def one_request(target: Target) -> Source:
    return requests_to(target, "/only")


def two_requests(target: Target) -> Source:
    return requests_to(target, "/first", "/second")


def accepted(source: Source, count: int) -> None:
    """Operations as the webhook address leaves them, with the numbers from 0."""
    processing: Processing = source.processing
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


def _statuses() -> str:
    return f"in the tests' own database: {Counter(Operation.objects.values_list('status', flat=True))}"


def wait_until(
    done: Callable[[], bool], moves: Callable[[], Any] = lambda: None, told: Callable[[], str] = _statuses
) -> None:
    """Waits for 60 s; where `moves` gives something new as long as the work goes on, for 60 s since it last did.

    How long it takes altogether is for the machine to say. Standing still is what must not be: then `told` says how
    things stand. Where the work is in a database of its own, that is its `told`.
    """
    end, state = time.monotonic() + SECONDS, moves()
    while not done():
        if (now := moves()) != state:
            end, state = time.monotonic() + SECONDS, now
        assert time.monotonic() < end, told()
        time.sleep(0.05)


def wait_until_done() -> None:
    wait_until(lambda: not Operation.objects.exclude(status=Status.SUCCEEDED).exists(), Step.objects.count)


def nothing_lost(requests: list[Received], paths: tuple[str, ...], count: int) -> None:
    """Each number reached each path; no finished step ran again; what was sent twice bears one key and is shown."""
    sent = Counter((request.path, request.body) for request in requests)
    assert set(sent) == {(path, b"%d" % number) for path in paths for number in range(count)}
    finished = Counter(Step.objects.filter(status="succeeded").values_list("operation_id", "action_id"))
    assert set(finished.values()) == {1}
    assert len(finished) == len(paths) * count
    broken_off = Step.objects.filter(status="unknown").values_list("position", "operation__body")
    shown = Counter((paths[position - 1], b"%d" % json.loads(bytes(body))["number"]) for position, body in broken_off)
    unseen = {request: times for request, times in sent.items() if times - 1 > shown[request]}
    assert not unseen, "a request was sent again and the history does not say so"
    keys: dict[tuple[str, bytes], set[str]] = {}
    for request in requests:
        keys.setdefault((request.path, request.body), set()).add(request.headers["Idempotency-Key"])
    assert all(len(found) == 1 for found in keys.values())
