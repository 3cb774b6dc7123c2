"""How long the hostile texts of tests/hostile.py keep a thread busy, the slowest of them by name."""

import time
from collections.abc import Iterator
from contextlib import suppress

from actions.placeholders import BadTemplate, Context, fill
from bench._figures import Figure, at_most, share
from bench._size import Size
from tests.hostile import Hostile, texts

SLOWEST = 5


def measure(size: Size) -> Iterator[Figure]:
    taken = texts()[:: size.of(40, 1)]
    took = sorted(((_busy(one), one.name) for one in taken), reverse=True)
    yield Figure(f"slowest of {len(took)} hostile texts", 1000 * took[0][0], "ms", at_most(100))
    yield Figure("95 of 100 hostile texts", 1000 * share([seconds for seconds, _name in took], 0.95), "ms")
    for seconds, name in took[:SLOWEST]:
        yield Figure(f"hostile: {name}"[:80], 1000 * seconds, "ms")


def _busy(one: Hostile) -> float:
    """Seconds of the processor, the better of two times: the first may compile what is kept."""
    best = 1e9
    for _turn in range(2):
        context = Context(source=one.make(), steps={}, operation={}, company={})
        began = time.thread_time()
        with suppress(BadTemplate):
            fill(one.text, context)
        best = min(best, time.thread_time() - began)
    return best
