"""One company's operations while others' hang: 5,000 of each, 10 s each."""

import time
from collections.abc import Iterator

from bench import _singles as singles
from bench import _stage as stage
from bench._figures import Figure
from bench._processes import end, target, workers
from bench._size import Size
from bench._usage import cpu_seconds, family


def measure(size: Size) -> Iterator[Figure]:
    for neighbours in (5, 1):
        yield from beside(size, neighbours)


def beside(size: Size, neighbours: int) -> Iterator[Figure]:
    stage.clear()
    what = f"beside {neighbours} hanging" if neighbours > 1 else "beside one hanging"
    with target() as port, workers() as running:
        hanging = [stage.webhook(port, size.of(300, 10_000), company) for company in range(1, neighbours + 1)]
        other = stage.webhook(port)
        stage.queue(hanging, neighbours * size.of(20, 5000))
        time.sleep(size.of(0.1, 3.0))
        began, used = time.monotonic(), cpu_seconds(family(running.pid))
        waits = singles.waits(port, other, size.of(2, 40), size.of(0.01, 0.2))
        used, took = cpu_seconds(family(running.pid)) - used, time.monotonic() - began
        yield from singles.figures(f"{what}, commit → target", waits, None, 100)
        yield Figure(f"{what}, processors' time of the workers", 100 * used / took, "% of a core")
        if neighbours == 1:
            began = time.monotonic()
            end(running)
            yield Figure(f"{what}, from SIGTERM to the end of the cluster", time.monotonic() - began, "s")
