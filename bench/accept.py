"""What the webhook address costs beside the least that keeping a request can cost, measured in turns within one run."""

from statistics import median
from typing import Any

from bench import _stage as stage

ROUNDS = 4
SECONDS = 3.0
BARE, OURS = "bare WSGI, one committed INSERT", "webhook address"


def main() -> None:
    stage.prepare()
    print(stage.conditions())
    print(f"32 connections, Cyrillic JSON of 429 bytes, gunicorn gthread, 2 workers, {ROUNDS} × {SECONDS} s in turns")
    for threads in (4, 8):
        measure(threads)


def measure(threads: int) -> None:
    stage.clear()
    source = stage.webhook(9)
    paths = {BARE: f"/{source.processing_id}", OURS: f"/webhooks/http/{source.key}/"}
    with stage.web(8765, "bench._bare", threads) as bare, stage.web(8766, threads=threads) as ours:
        ports = {BARE: bare, OURS: ours}
        for name, path in paths.items():
            stage.load_path(ports[name], path, 1)
        turns = [{name: stage.load_path(ports[name], paths[name], SECONDS) for name in paths} for _ in range(ROUNDS)]
    for name in paths:
        say(f"{threads} threads: {name}", [turn[name] for turn in turns])
    ratios = [rate(turn[OURS]) / rate(turn[BARE]) for turn in turns]
    print(f"{threads} threads: ratio {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


def rate(told: dict[str, Any]) -> float:
    assert not told["refused"]
    found: float = told["taken"] / told["seconds"]
    return found


def say(what: str, turns: list[dict[str, Any]]) -> None:
    p50, p99 = (median(turn[part] for turn in turns) for part in ("p50", "p99"))
    print(f"{what:<58} {median(map(rate, turns)):.0f}/s, p50 {p50:.0f} ms, p99 {p99:.0f} ms", flush=True)


if __name__ == "__main__":
    main()
