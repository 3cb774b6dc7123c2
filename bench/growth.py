"""What one operation costs each part, and what follows for many: measured here, extrapolated in bench/_plan.py."""

import threading
import time
from collections.abc import Iterator

import psycopg
from django.db import connection

from bench import _stage as stage
from bench._costs import Look, look
from bench._figures import Figure
from bench._load import BODY
from bench._plan import Costs, Need, most, plan
from bench._processes import load, target, wait, web, workers
from bench._size import Size
from bench._usage import cpu_seconds, family
from webjack.fields import uuid7

COMMIT = b"INSERT INTO bench_bare VALUES ($1, $1, $1, 0, 0, now(), $2, now(), NULL, '')"
CONNECTIONS = (1, 16)
TAKING, RUNNING = "taking one", "running one"
WITH = f"{RUNNING} with 2 workers"
DAYS = (10_000, 100_000, 1_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000, 100_000_000)
HEAD = "per day | mean /s | peak /s | cores: web + workers + PostgreSQL | web processes | workers | connections"
HEAD += " | disk | WAL | limit"


def measure(size: Size) -> Iterator[Figure]:
    for count in CONNECTIONS:
        yield Figure(f"PostgreSQL alone, committed INSERTs over {count} connections", commits(count, size), "/s")
    with target() as port:
        yield from taking(size, port)
        for count in (2, 1, 4)[: size.of(1, 3)]:
            yield from running(size, port, count)


def commits(connections: int, size: Size) -> float:
    """A second. The threads wait in libpq, so one process is enough."""
    seconds = size.of(0.1, 2.0)
    done: list[int] = []
    until = time.monotonic() + seconds

    def insert() -> None:
        made = 0
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as session:
            session.pgconn.prepare(b"commit", COMMIT)
            while time.monotonic() < until:
                session.pgconn.exec_prepared(b"commit", [uuid7().bytes, BODY], [1, 1])
                made += 1
        done.append(made)

    threads = [threading.Thread(target=insert) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def taking(size: Size, port: int) -> Iterator[Figure]:
    stage.clear()
    source = stage.webhook(port)
    with web() as ours:
        load(ours, [stage.path(source)], size.of(0.1, 1.0))
        before, used = look(), cpu_seconds(family(ours.pid))
        told = load(ours, [stage.path(source)], size.of(0.1, 4.0))
        cost, used = look().since(before), cpu_seconds(family(ours.pid)) - used
    yield Figure(f"{TAKING}, processors' time of web", 1e6 * used / told["taken"], "µs")
    yield from of_postgres(TAKING, cost, told["taken"])


def running(size: Size, port: int, count: int) -> Iterator[Figure]:
    stage.clear()
    many = size.of(100, 4000)
    stage.queue(stage.webhooks(port), many)
    with workers(count) as cluster:
        wait(lambda: stage.succeeded() > 0, every=0.01)
        processes = family(cluster.pid)
        done, began, before, used = stage.succeeded(), time.monotonic(), look(), cpu_seconds(processes)
        wait(stage.is_done)
        took, done = time.monotonic() - began, max(1, stage.succeeded() - done)
        cost, used = look().since(before), cpu_seconds(processes) - used
    what = f"{RUNNING} with {count} workers" if count > 1 else f"{RUNNING} with 1 worker"
    yield Figure(f"{what}, all together", done / took, "/s")
    yield Figure(f"{what}, processors' time of the workers", 1e6 * used / done, "µs")
    yield from of_postgres(what, cost, done)
    yield Figure(f"{what}, disk of a finished one with its step", look().disk / many, "bytes")


def of_postgres(what: str, cost: Look, count: int) -> Iterator[Figure]:
    yield Figure(f"{what}, processors' time of PostgreSQL", 1e6 * cost.cpu / count, "µs")
    yield Figure(f"{what}, commits", cost.commits / count)
    yield Figure(f"{what}, write-ahead log", cost.wal / count, "bytes")


def report(figures: dict[str, float]) -> str:
    """The plan for more and more operations a day."""
    costs = found({name.removeprefix("growth: "): value for name, value in figures.items()})
    rows = [" | ".join(cells(plan(costs, operations))) for operations in DAYS]
    limits = [
        f"{cores} cores of its own: {most(costs, cores):.0f} operations a second at the peak" for cores in (2, 8, 32)
    ]
    return "\n".join(
        ["Growth, extrapolated from the figures above (bench/_plan.py):", HEAD, *rows, "One PostgreSQL with", *limits]
    )


def found(figures: dict[str, float]) -> Costs:
    postgres = (figures[f"{what}, processors' time of PostgreSQL"] for what in (TAKING, WITH))
    wal = (figures[f"{what}, write-ahead log"] for what in (TAKING, WITH))
    return Costs(
        web=figures[f"{TAKING}, processors' time of web"] / 1e6,
        worker=figures[f"{WITH}, processors' time of the workers"] / 1e6,
        postgres=sum(postgres) / 1e6,
        disk=figures[f"{WITH}, disk of a finished one with its step"],
        wal=sum(wal),
        commits_limit=figures[f"PostgreSQL alone, committed INSERTs over {CONNECTIONS[-1]} connections"],
    )


def cells(need: Need) -> list[str]:
    cores = f"{need.web_cores:.2f} + {need.worker_cores:.2f} + {need.postgres_cores:.2f} = {need.cores:.1f}"
    counts = [str(count) for count in (need.web_processes, need.workers, need.connections)]
    sizes = [f"{need.disk / 2**30:.0f} GiB", f"{need.wal / 2**20:.1f} MiB/s"]
    return [f"{need.operations:,}", f"{need.mean:.1f}", f"{need.peak:.0f}", cores, *counts, *sizes, need.limit]
