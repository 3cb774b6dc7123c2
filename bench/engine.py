"""How fast webhooks are taken and operations are run, and what the workers cost while there is nothing to do."""

import json
import time
from http.client import HTTPConnection

from bench import _stage as stage
from history.accept import Call, Place, accept, tell
from sources.models import Source
from webjack.fields import uuid7

SECONDS = 8.0
BACKLOG = 5000
LONG_BACKLOG = 20_000
SINGLES = 200


def main() -> None:
    stage.prepare()
    print(stage.conditions())
    print("32 connections, Cyrillic JSON of some 400 bytes, 2 × 8 web threads, 2 × 32 drain threads, DEBUG off")
    with stage.target() as port:
        accepting(port)
        working_off(port)
        both(port)
        latency(port)
        idle()
        capped(port)


def say(what: str, figure: str) -> None:
    print(f"{what:<58} {figure}", flush=True)


def accepting(target: int) -> None:
    source = stage.webhook(target)
    with stage.web() as port:
        stage.load(port, source, 2)
        told = stage.load(port, source, SECONDS)
    assert not told["refused"]
    rate = told["taken"] / told["seconds"]
    say("accepted, no worker running", f"{rate:.0f}/s, p50 {told['p50']:.0f} ms, p99 {told['p99']:.0f} ms")


def working_off(target: int) -> None:
    for count in (BACKLOG, LONG_BACKLOG):
        stage.clear()
        for _ in range(20):
            stage.queued(stage.webhook(target), count // 20)
        with stage.workers() as running:
            stage.wait(lambda: stage.succeeded() > 0, every=0.01)
            began, before = time.monotonic(), stage.succeeded()
            processes = stage.family(running.pid)
            used = stage.cpu_seconds(processes)
            stage.wait(lambda total=count: stage.succeeded() >= total, every=0.1)  # type: ignore[misc]
            took, used = time.monotonic() - began, stage.cpu_seconds(processes) - used
            largest = max(stage.memory(pid) for pid in stage.family(running.pid))
        say(
            f"backlog of {count} of 20 companies worked off",
            f"{(count - before) / took:.0f}/s, {1000 * used / (count - before):.2f} ms each",
        )
        say("  largest worker process after it", f"{largest:.0f} MiB (PSS)")


def both(target: int) -> None:
    stage.clear()
    source = stage.webhook(target)
    with stage.web() as port, stage.workers() as running:
        processes = stage.family(running.pid)
        began, used = time.monotonic(), stage.cpu_seconds(processes)
        told = stage.load(port, source, SECONDS)
        done = stage.succeeded()
        stage.wait(lambda: stage.succeeded() >= told["taken"], every=0.2)
        took, used = time.monotonic() - began, stage.cpu_seconds(processes) - used
    rate = told["taken"] / told["seconds"]
    say("accepted while workers run", f"{rate:.0f}/s, p50 {told['p50']:.0f} ms, p99 {told['p99']:.0f} ms")
    say("  done by the end of the sending", f"{done} of {told['taken']}")
    say("  whole operations (webhook → POST → history)", f"{told['taken'] / took:.0f}/s")
    say("  of the processors' time, the workers use", f"{1000 * used / told['taken']:.2f} ms for each")


def latency(target: int) -> None:
    for pause in (0.5, 0.1):
        stage.clear()
        source = stage.webhook(target)
        with stage.workers():
            time.sleep(2)
            waits = sorted(one_by_one(target, source, pause))
        p50, p95 = waits[len(waits) // 2], waits[int(len(waits) * 0.95)]
        say(f"commit → target, one each {pause} s, else idle", f"p50 {p50:.0f} ms, p95 {p95:.0f} ms")


def one_by_one(target: int, source: Source, pause: float) -> list[float]:
    """Milliseconds from commit to arrival of single operations."""
    committed: dict[str, float] = {}
    for _ in range(int(SINGLES * 0.1 / pause)):
        id = uuid7()
        place = Place(source.pk, source.processing_id, "http")
        status = accept(id, place, Call("POST", content_type="application/json", body=b"{}"))
        committed[str(id)] = time.time()
        tell(status)
        time.sleep(pause)
    stage.wait(lambda: stage.succeeded(list(committed)) == len(committed))
    asking = HTTPConnection("127.0.0.1", target)
    asking.request("GET", "/seen")
    arrived = dict(json.loads(asking.getresponse().read()))
    return [1000 * (arrived[id] - at) for id, at in committed.items()]


def idle() -> None:
    stage.clear()
    with stage.workers() as running:
        time.sleep(3)
        say("idle cluster of 2 workers", f"{_cpu(running.pid):.1f} % of a core")


def capped(target: int) -> None:
    """One company's operations hang; what another's wait, and what the waiting costs."""
    stage.clear()
    hanging, other = stage.webhook(target, 10_000), stage.webhook(target)
    with stage.workers() as running:
        stage.queued(hanging, BACKLOG)
        time.sleep(3)
        say(f"one company with {BACKLOG} due, each hanging 10 s", f"{_cpu(running.pid):.1f} % of a core")
        waits = sorted(_beside(target, other))
        p50, p95 = waits[len(waits) // 2], waits[int(len(waits) * 0.95)]
        say("  another company's single operations, commit → target", f"p50 {p50:.0f} ms, p95 {p95:.0f} ms")
        began = time.monotonic()
        running.terminate()
        running.wait(60)
        say("  SIGTERM then ends the cluster in", f"{time.monotonic() - began:.1f} s")


def _beside(target: int, other: Source) -> list[float]:
    return one_by_one(target, other, 0.2)


def _cpu(pid: int, seconds: float = 10.0) -> float:
    processes = stage.family(pid)
    before = stage.cpu_seconds(processes)
    time.sleep(seconds)
    return 100 * (stage.cpu_seconds(processes) - before) / seconds


if __name__ == "__main__":
    main()
