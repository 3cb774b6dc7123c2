"""Targets that take 500 ms, so that hundreds of requests must be under way at once; and what that takes of memory."""

import time
from collections.abc import Iterator

from bench import _stage as stage
from bench._figures import Figure, at_least, at_most
from bench._processes import target, wait, workers
from bench._size import Size
from bench._usage import cpu_seconds, family, memory


def measure(size: Size) -> Iterator[Figure]:
    """From the moment when the threads are there and busy."""
    stage.clear()
    with target() as port:
        stage.queue(stage.webhooks(port, size.of(50, 500)), size.of(40, 15_000))
        with workers() as running:
            wait(lambda: stage.succeeded() > 0)
            time.sleep(size.of(0.0, 3.0))
            began, before, used = time.monotonic(), stage.succeeded(), cpu_seconds(family(running.pid))
            time.sleep(size.of(0.2, 8.0))
            took, done = time.monotonic() - began, max(1, stage.succeeded() - before)
            used, needed = cpu_seconds(family(running.pid)) - used, memory(family(running.pid))
            stage.clear()  # what is left is not to be waited for
    what = f"{stage.COMPANIES} companies' targets that take 500 ms"
    yield Figure(what, done / took, "/s", at_least(750))
    yield Figure(f"{what}, memory of the whole operations cluster (PSS)", needed, "MiB", at_most(300))
    yield Figure(f"{what}, processors' time for each", 1e3 * used / done, "ms")
