"""What retention costs on full tables: operations deleted one by one, and a week dropped, while others accept.

It changes what is there: the largest week is gone afterwards, and what was deleted of the second largest.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection

from bench import _stage as stage  # first: it sets Django up
from bench._load import BODY
from bench._usage import spent
from history import accept, partitions, retention
from history.partitions import KEYS, Partition
from sources.models import Source
from webjack.fields import uuid7

STEPS = 20  # of retention.STEP operations


def upkeep() -> None:
    week, second = sorted(partitions.partitions(), key=_size, reverse=True)[:2]
    stage.run("CHECKPOINT")
    with accepting() as waits:
        forgetting(second)
    print(f"meanwhile the slowest of {len(waits.took):,} accepted: {max(waits.took):.0f} ms")
    size = _size(week) / 2**30
    with accepting() as waits:
        began, before = time.perf_counter(), _wal()
        assert partitions.drop(week, lambda cursor: [])
        took = time.perf_counter() - began
    print(f"a week of {size:.1f} GiB dropped in {took:.2f} s, {(_wal() - before) / 2**10:.0f} KiB of WAL")
    print(f"meanwhile the slowest of {len(waits.took):,} accepted: {max(waits.took):.0f} ms", flush=True)
    stage.run("DELETE FROM history_operation WHERE status = 'queued'")


def forgetting(week: Partition) -> None:
    """Of the largest company, as if it kept its history for less long than others."""
    backend = connection.connection.info.backend_pid
    tenant = Source.objects.filter(tenant__name="Largest").latest("pk").tenant_id
    began, before, wal = time.perf_counter(), spent(backend), _wal()
    steps = iter(range(STEPS))
    count = retention._delete_of(f"history_operation_{week.name}", tenant, week.end, steps)
    took, used, wal = time.perf_counter() - began, spent(backend) - before, _wal() - wal
    thousands = count / 1000
    print(
        f"{count:,} operations with their steps deleted in steps of {retention.STEP}: {1000 * took / thousands:.0f} ms "
        f"a thousand, {1000 * used / thousands:.0f} ms of the processors, {wal / count:.0f} bytes of WAL for each"
    )


@dataclass
class Waits:
    """took: milliseconds of each accepted call."""

    took: list[float] = field(default_factory=list)


@contextmanager
def accepting() -> Iterator[Waits]:
    """Somebody sends one call after the other meanwhile."""
    waits, ended = Waits(), threading.Event()
    source, processing = Source.objects.values_list("pk", "processing_id")[0]

    def send() -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
            while not ended.wait(0.01):
                call = accept.Call("POST", content_type="application/json", body=BODY, address="203.0.113.7")
                values = accept.values(uuid7(), accept.Place(source, processing, "http"), call)
                began = time.perf_counter()
                session.execute(accept.ONCE + "RETURNING status", values)
                waits.took.append(1000 * (time.perf_counter() - began))

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield waits
    finally:
        ended.set()
        sender.join()


def _size(week: Partition) -> int:
    """Bytes of both its tables with their indexes."""
    return sum(int(_asked("SELECT pg_total_relation_size(%s)", f"{table}_{week.name}")) for table in KEYS)


def _wal() -> int:
    return int(_asked("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))


def _asked(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]
