"""What the workers cost while there is nothing to do."""

import time
from collections.abc import Iterator

from bench import _stage as stage
from bench._figures import Figure, at_most
from bench._processes import workers
from bench._size import Size
from bench._usage import cpu_seconds, family, memory


def measure(size: Size) -> Iterator[Figure]:
    stage.clear()
    with workers(size.of(2, 1)) as running:
        time.sleep(size.of(0.0, 3.0))
        processes = family(running.pid)
        began, used = time.monotonic(), cpu_seconds(processes)
        time.sleep(size.of(0.1, 10.0))
        used, took = cpu_seconds(processes) - used, time.monotonic() - began
        yield Figure("operations cluster with one worker", 100 * used / took, "% of a core", at_most(1))
        yield Figure("operations cluster with one worker, memory (PSS)", memory(processes), "MiB")
