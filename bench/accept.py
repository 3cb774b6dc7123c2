"""What the webhook address costs beside the least that keeping a request can cost, measured in turns within one run."""

from collections.abc import Iterator
from statistics import median
from typing import Any

from bench import _stage as stage
from bench._figures import Figure, at_least, at_most
from bench._processes import BARE, OURS, load, web
from bench._size import Size

Turns = list[dict[str, Any]]


def measure(size: Size) -> Iterator[Figure]:
    for threads in (4, 8)[size.of(1, 0) :]:
        stage.clear()
        bare, ours = take_turns(size, threads)
        what = f"2 × {threads} threads"
        yield Figure(f"{what}, bare WSGI and INSERT", middle(bare, "rate"), "/s")
        yield Figure(f"{what}, bare WSGI and INSERT, p99", middle(bare, "p99"), "ms")
        yield Figure(f"{what}, webhook address", middle(ours, "rate"), "/s")
        yield Figure(f"{what}, webhook address ÷ bare", ratio(ours, bare), "×", at_least(0.8))
        yield Figure(f"{what}, webhook address, p50", middle(ours, "p50"), "ms")
        yield Figure(f"{what}, webhook address, p99", middle(ours, "p99"), "ms", at_most(50))


def take_turns(size: Size, threads: int) -> tuple[Turns, Turns]:
    source = stage.webhook(9)
    bare: Turns = []
    ours: Turns = []
    with web(BARE, threads) as bare_web, web(OURS, threads) as our_web:
        sides = [(bare_web, bare_path(source), bare), (our_web, stage.path(source), ours)]
        for side, path, _ in sides:
            load(side, [path], size.of(0.1, 1.0))
        for _ in range(size.of(1, 5)):
            sides.reverse()
            for side, path, turns in sides:
                turns.append(load(side, [path], size.of(0.1, 1.5)))
    return bare, ours


def bare_path(source: Any) -> str:
    return f"/{source.tenant_id}/{source.processing_id}"


def middle(turns: Turns, name: str) -> float:
    return float(median(turn[name] for turn in turns))


def ratio(ours: Turns, bare: Turns) -> float:
    """Of turns that followed each other, so that both had the same machine."""
    return float(median(one["rate"] / other["rate"] for one, other in zip(ours, bare, strict=True)))
