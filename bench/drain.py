"""How fast a backlog is worked off: one POST each to a target that answers at once, steps written."""

import time
from collections.abc import Iterator

from bench import _stage as stage
from bench._figures import Figure, at_least
from bench._processes import target, wait, workers
from bench._size import Size
from bench._usage import cpu_seconds, family, memory, postgres


def measure(size: Size) -> Iterator[Figure]:
    with target() as port:
        for count in (size.of(100, 5000), size.of(200, 20_000)):
            stage.clear()
            stage.queue(stage.webhooks(port), count)
            with workers(2) as running:
                yield from work_off(f"{count} of {stage.COMPANIES} companies, 2 workers", running.pid)


def work_off(what: str, pid: int) -> Iterator[Figure]:
    """From the first that is done to the last, so without the start of the processes."""
    wait(lambda: stage.succeeded() > 0, every=0.01)
    processes, database = family(pid), postgres()
    began, before = time.monotonic(), stage.succeeded()
    used, kept = cpu_seconds(processes), cpu_seconds(database)
    wait(stage.is_done)
    took, done = time.monotonic() - began, max(1, stage.succeeded() - before)
    yield Figure(what, done / took, "/s", at_least(1200))
    yield Figure(
        f"{what}, processors' time of the workers for each", 1e3 * (cpu_seconds(processes) - used) / done, "ms"
    )
    yield Figure(f"{what}, of PostgreSQL", 1e3 * (cpu_seconds(database) - kept) / done, "ms")
    yield Figure(f"{what}, memory of the cluster after it (PSS)", memory(family(pid)), "MiB")
