"""How soon a single operation reaches its target while nothing else is to be done."""

import time
from collections.abc import Iterator

from bench import _singles as singles
from bench import _stage as stage
from bench._figures import Figure
from bench._processes import target, workers
from bench._size import Size


def measure(size: Size) -> Iterator[Figure]:
    stage.clear()
    with target() as port, workers():
        time.sleep(size.of(0.0, 2.0))
        for pause, count in ((0.5, size.of(1, 30)), (0.1, size.of(2, 100))):
            source = stage.webhook(port)
            waits = singles.waits(port, source, count, size.of(0.01, pause))
            yield from singles.figures(f"commit → target, one each {pause} s", waits, 10, 50)
