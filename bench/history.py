"""The history at size: the first page of the list under every filter, and accepting beside an empty table.

`scripts/bench history --rows 10000000` for the full size; an ordinary run has a million.
"""

import argparse
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from statistics import median

import psycopg
from django.core.management import call_command
from django.db import connection

from bench import _conditions
from bench import _history_pages as pages
from bench import _stage as stage
from bench._history_rows import fill
from bench._load import BODY
from history import accept, partitions
from history.models import Operation
from history.partitions import KEYS
from sources.models import Source
from webjack.fields import uuid7

PARTS = ["fill", "lists", "accept"]
SENDERS, SECONDS, ROUNDS = 8, 2.0, 8
LIMIT = 100.0  # ms
INSERT = accept.ONCE + "RETURNING status"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--calls", type=int, default=8, help="of each page")
    options.add_argument(
        "--parts", nargs="+", choices=PARTS, default=PARTS, help="without fill: what an earlier run left"
    )
    told = options.parse_args()
    stage.prepare()
    call_command("collectstatic", verbosity=0, interactive=False)
    print(_conditions.said(_conditions.conditions(f"{told.rows:,} operations")))
    if "fill" in told.parts:
        began = time.monotonic()
        fill(told.rows)
        stage.run("CHECKPOINT")
        print(f"filled in {time.monotonic() - began:.0f} s")
    print(f"{Operation.objects.count():,} operations in {len(partitions.partitions())} weeks, {sizes()}", flush=True)
    if "lists" in told.parts:
        listing(told.calls)
    if "accept" in told.parts:
        accepting()


def sizes() -> str:
    """How large the tables and their indexes are."""
    asked = "SELECT sum(pg_table_size(relid)) / 2^30, sum(pg_indexes_size(relid)) / 2^30 FROM pg_partition_tree(%s)"
    said = []
    with connection.cursor() as cursor:
        for table in KEYS:
            cursor.execute(asked, [table])
            rows, indexes = cursor.fetchone()
            said.append(f"{table}: {rows:.1f} GiB and {indexes:.1f} GiB of indexes")
    return ", ".join(said)


def listing(calls: int) -> None:
    """p50 and p95 of each filter for the three companies, the slowest first."""
    asked = pages.companies()
    print(f"p50 / p95 in ms of {calls} calls through the views: {', '.join(one.name for one in asked)}")
    for company in asked:  # the first page of a process loads templates
        pages.timed(company, pages.LIST, 1)
        pages.timed(company, pages.API, 1)
    found: dict[str, list[list[float]]] = {}
    for company in asked:
        for said, address in pages.addresses(company):
            found.setdefault(said, []).append(pages.timed(company, address, calls))
    slowest = sorted(found, key=lambda said: -max(p95(took) for took in found[said]))
    for said in slowest:
        print(f"{said:<70} " + "  ".join(f"{median(took):4.0f} /{p95(took):5.0f}" for took in found[said]))
    every = sorted(call for said in found for took in found[said] for call in took)
    over = [said for said in slowest if max(p95(took) for took in found[said]) > LIMIT]
    print(f"all {len(every)} calls: p50 {median(every):.0f} ms, p95 {p95(every):.0f} ms, slowest {every[-1]:.0f} ms")
    good = f"{len(found) - len(over)} of {len(found)} filters have p95 <= {LIMIT:.0f} ms"
    print(f"{good}; over it: {', '.join(over) or 'none'}", flush=True)


def p95(took: list[float]) -> float:
    """Of a few calls it is the slowest."""
    return took[ceil(len(took) * 0.95) - 1]


def accepting() -> None:
    """The same statement into the full table and into an empty one like it, in turns."""
    with empty_tables() as empty:
        order = (empty, "public")
        turns = [{place: accepted(place) for place in order[:: (-1) ** turn]} for turn in range(ROUNDS)]
    for place, name in ((empty, "empty"), ("public", "full")):
        print(f"one-row INSERTs into the {name} table, {SENDERS} connections: {median(t[place] for t in turns):.0f}/s")
    ratios = [turn["public"] / turn[empty] for turn in turns]
    print(f"ratio full / empty {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


@contextmanager
def empty_tables() -> Iterator[str]:
    """A schema with empty history tables, partitions and indexes like the real ones."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS empty CASCADE; CREATE SCHEMA empty")
        for table, key in KEYS.items():
            cursor.execute(f"CREATE TABLE empty.{table} (LIKE {table} INCLUDING ALL) PARTITION BY RANGE ({key})")
            for one in partitions.partitions(table):
                part = f"CREATE TABLE empty.{table}_{one.name} PARTITION OF empty.{table}"
                cursor.execute(f"{part} FOR VALUES FROM (%s) TO (%s)", [one.begin, one.end])
        yield "empty"
        cursor.execute("DROP SCHEMA empty CASCADE")


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


if __name__ == "__main__":
    main()
