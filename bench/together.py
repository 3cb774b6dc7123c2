"""Webhooks are taken and run at the same time: whole operations, from the call to the written history."""

import time
from collections.abc import Iterator
from statistics import median

from bench import _stage as stage
from bench._figures import Figure, at_least
from bench._processes import BARE, Web, load, target, wait, web, workers
from bench._size import Size
from bench.accept import bare_path


def measure(size: Size) -> Iterator[Figure]:
    with target() as port:
        for companies in (1, stage.COMPANIES):
            yield from whole_operations(size, port, companies)


def whole_operations(size: Size, port: int, companies: int) -> Iterator[Figure]:
    """The bare address is called in turns with ours, while the workers have nothing to do."""
    stage.clear()
    sources = stage.webhooks(port, count=companies)
    paths, bare_paths = [stage.path(source) for source in sources], [bare_path(source) for source in sources]
    what = f"{companies} companies" if companies > 1 else "1 company"
    turns = []
    with web(BARE) as bare, web() as ours, workers():
        for warming, other in ((bare, bare_paths), (ours, paths)):
            load(warming, other, size.of(0.1, 1.0))
        for _ in range(size.of(1, 3)):
            wait(stage.is_done)
            turns.append((load(bare, bare_paths, size.of(0.1, 3.0))["rate"], *one_turn(ours, paths, size)))
    yield Figure(f"{what}, bare WSGI and INSERT", median(turn[0] for turn in turns), "/s")
    yield Figure(f"{what}, taken while workers run", median(turn[1] for turn in turns), "/s")
    yield Figure(f"{what}, whole operations", median(turn[2] for turn in turns), "/s")
    yield Figure(f"{what}, whole operations ÷ bare", median(turn[2] / turn[0] for turn in turns), "×", at_least(0.3))
    yield Figure(f"{what}, of those taken, done when the last was taken", median(turn[3] for turn in turns), "%")


def one_turn(ours: Web, paths: list[str], size: Size) -> tuple[float, float, float]:
    """Taken each second; done each second, from the first call to the end of the last operation; the part in %."""
    before, began = stage.succeeded(), time.monotonic()
    told = load(ours, paths, size.of(0.2, 5.0))
    at_the_end = stage.succeeded() - before
    wait(stage.is_done)
    return told["rate"], told["taken"] / (time.monotonic() - began), 100 * at_the_end / told["taken"]
