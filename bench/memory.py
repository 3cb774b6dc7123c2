"""Whether the workers grow with what they have done: 100,000 operations with --full, else fewer."""

from collections.abc import Iterator

from bench import _stage as stage
from bench._figures import Figure, at_most
from bench._processes import target, wait, workers
from bench._size import Size
from bench._usage import family, memory

PARTS = 5


def measure(size: Size) -> Iterator[Figure]:
    """After the first fifth all threads and caches are there."""
    stage.clear()
    part = size.of(100, 12_500, 100_000) // PARTS
    with target() as port, workers() as running:
        sources = stage.webhooks(port)
        needed = []
        for _ in range(PARTS):
            stage.queue(sources, part)
            wait(stage.is_done)
            needed.append(memory(family(running.pid)))
    yield Figure(f"after {part} operations (PSS of the cluster)", needed[0], "MiB")
    yield Figure(f"after {PARTS * part} operations", needed[-1], "MiB")
    yield Figure(
        f"growth from {part} to {PARTS * part} operations", 100 * (needed[-1] / needed[0] - 1), "%", at_most(5)
    )
