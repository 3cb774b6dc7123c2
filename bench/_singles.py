"""Single operations, one after the other: how long each takes from its commit to its arrival at the target."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

from bench import _stage as stage
from bench._figures import Figure, at_most, share
from bench._processes import wait
from history import bell
from history.accept import Call, Place, accept, tell
from sources.models import Source
from webjack.fields import uuid7


def waits(target: int, source: Source, count: int, pause: float) -> list[float]:
    """Milliseconds."""
    bell.hang()  # as in a web process
    committed: dict[str, float] = {}
    place = Place(source.pk, source.processing_id, "http")
    for _ in range(count):
        id = uuid7()
        status = accept(id, place, Call("POST", content_type="application/json", body=b"{}"))
        committed[str(id)] = time.time()
        tell(status)
        time.sleep(pause)
    wait(lambda: stage.succeeded([source]) >= count)
    arrived = arrivals(target)
    return [1000 * (arrived[id] - at) for id, at in committed.items()]


def arrivals(target: int) -> dict[str, float]:
    """Unix time by operation; of a repeated one the first."""
    with closing(HTTPConnection("127.0.0.1", target)) as asking:
        asking.request("GET", "/seen")
        return dict(reversed(json.loads(asking.getresponse().read())))


def figures(what: str, waits: list[float], p50: float | None, p95: float) -> Iterator[Figure]:
    """p50, p95: targets."""
    yield Figure(f"{what}, p50", share(waits, 0.5), "ms", at_most(p50) if p50 else None)
    yield Figure(f"{what}, p95", share(waits, 0.95), "ms", at_most(p95))
