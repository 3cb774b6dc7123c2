"""The full tables beside empty ones like them: accepting, and the claim and the finish, in turns."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from typing import Any

import psycopg
from django.db import connection

from bench import _stage as stage  # first: it sets Django up
from bench._load import BODY
from bench._usage import spent
from history import accept, partitions
from history.claim import Claimer, journeys
from history.finish import finish
from history.models import OPEN, Status
from history.partitions import KEYS
from history.run import Progress
from processings.models import State
from sources.models import Source
from webjack.fields import uuid7

FULL, EMPTY = "public", "empty"
SENDERS, SECONDS, ROUNDS = 8, 2.0, 8
WARM, CLAIMS, AT_ONCE, COMPANIES = 8, 30, 100, 20  # the first calls of a statement are planned anew
CLAIM, FINISH = f"a claim of {AT_ONCE}", f"writing {AT_ONCE} results"
INSERT = accept.ONCE + "RETURNING status"


@contextmanager
def empty_tables() -> Iterator[None]:
    """A schema with history tables, partitions and indexes like the real ones, and with what is open: no history."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {EMPTY} CASCADE; CREATE SCHEMA {EMPTY}")
        for table, key in KEYS.items():
            cursor.execute(f"CREATE TABLE {EMPTY}.{table} (LIKE {table} INCLUDING ALL) PARTITION BY RANGE ({key})")
            for one in partitions.partitions(table):
                part = f"CREATE TABLE {EMPTY}.{table}_{one.name} PARTITION OF {EMPTY}.{table}"
                cursor.execute(f"{part} FOR VALUES FROM (%s) TO (%s)", [one.begin, one.end])
        chosen = "SELECT * FROM history_operation WHERE status = ANY(%s)"
        cursor.execute(f"INSERT INTO {EMPTY}.history_operation {chosen}", [list(OPEN)])
        cursor.execute(f"ANALYZE {EMPTY}.history_operation; ANALYZE {EMPTY}.history_step")
        yield
        cursor.execute(f"DROP SCHEMA {EMPTY} CASCADE")


def accepting() -> None:
    """The same statement into both, in turns."""
    with empty_tables():
        turns = [{place: accepted(place) for place in (EMPTY, FULL)[:: (-1) ** turn]} for turn in range(ROUNDS)]
    stage.run("DELETE FROM history_operation WHERE status = 'queued'")
    for place in (EMPTY, FULL):
        print(f"one-row INSERTs into the {place} table, {SENDERS} connections: {median(t[place] for t in turns):.0f}/s")
    ratios = [turn[FULL] / turn[EMPTY] for turn in turns]
    print(f"ratio full / empty {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


def accepted(schema: str) -> float:
    """INSERTs a second, each of them committed."""
    places = list(Source.objects.order_by("?").values_list("pk", "processing_id")[:200])
    counts = [0] * SENDERS
    end = time.monotonic() + SECONDS

    def send(number: int) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
            session.execute(f"SET search_path TO {schema}, public")
            session.prepare_threshold = 0
            while time.monotonic() < end:
                source, processing = random.choice(places)
                call = accept.Call("POST", content_type="application/json", body=BODY, address="203.0.113.7")
                session.execute(INSERT, accept.values(uuid7(), accept.Place(source, processing, "http"), call))
                counts[number] += 1

    threads = [threading.Thread(target=send, args=[number]) for number in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def claiming() -> None:
    """Claims of AT_ONCE operations and the writing of their results, in turns, each by a session of its own."""
    sources = list(Source.objects.filter(processing__state=State.RUNNING).order_by("?")[:COMPANIES])
    with empty_tables():
        sessions = {place: Session(place, sources) for place in (EMPTY, FULL)}
        for place in (EMPTY, FULL):  # as autovacuum does, within a minute of a backlog
            stage.run(f"ANALYZE {place}.history_operation")
        for turn in range(WARM + CLAIMS):
            for place in (EMPTY, FULL)[:: (-1) ** turn]:
                sessions[place].take()
        for session in sessions.values():
            session.end()
    stage.run("DELETE FROM history_operation WHERE status = 'queued'")
    for what in (CLAIM, FINISH):
        found = {place: session.means(what) for place, session in sessions.items()}
        for place, (clock, used) in found.items():
            print(f"{what}, {place} table: {clock:.1f} ms, {used:.1f} ms of the processors (mean of {CLAIMS} calls)")
        clock, used = (full / empty for full, empty in zip(found[FULL], found[EMPTY], strict=True))
        print(f"ratio full / empty {clock:.2f} by the clock, {used:.2f} of the processors", flush=True)


class Session:
    """A worker in a thread of its own, and so with a connection of its own. took: milliseconds by what was done."""

    def __init__(self, place: str, sources: list[Source]) -> None:
        self.pool, self.claimer = ThreadPoolExecutor(1), Claimer()
        self.took: dict[str, list[tuple[float, float, int]]] = {CLAIM: [], FINISH: []}
        self.pool.submit(self._begin, place, sources).result()

    def _begin(self, place: str, sources: list[Source]) -> None:
        stage.run(f"SET search_path TO {place}, public")
        stage.queue(sources, (WARM + CLAIMS) * AT_ONCE)

    def take(self) -> None:
        self.pool.submit(self._take).result()

    def _take(self) -> None:
        claimed = self._timed(CLAIM, lambda: self.claimer.claim(AT_ONCE))
        results = [Progress(journey, Status.SUCCEEDED) for journey in journeys(claimed)]
        self._timed(FINISH, lambda: finish(results))

    def _timed(self, what: str, work: Callable[[], Any]) -> Any:
        backend = connection.connection.info.backend_pid
        began, before = time.perf_counter(), spent(backend)
        done = work()
        took, used = time.perf_counter() - began, spent(backend) - before
        self.took[what].append((1000 * took, 1000 * used, len(done)))
        return done

    def means(self, what: str) -> tuple[float, float]:
        """Of AT_ONCE operations: a claim whose walk ends among companies that only wait has fewer."""
        clock, used, counts = (sum(column) for column in zip(*self.took[what][WARM:], strict=True))
        return AT_ONCE * clock / counts, AT_ONCE * used / counts

    def end(self) -> None:
        self.pool.submit(lambda: connection.close()).result()  # the thread's own
        self.pool.shutdown()
