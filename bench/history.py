"""The history at size: the list under every filter, accepting and the claim beside empty tables, and retention.

`scripts/bench history --rows 10000000` for the full size; an ordinary run has 300,000. Filling takes long:
`scripts/bench --database grown history --rows 10000000 --parts fill` once, then other parts of it again and again; the
files are var/postgres-grown, to be removed by hand.
"""

import argparse
import time
from math import ceil
from statistics import median

from django.core.management import call_command
from django.db import connection

from bench import _conditions
from bench import _history_pages as pages
from bench import _stage as stage
from bench._history_rows import fill
from bench._history_tables import accepting, claiming
from bench._history_upkeep import upkeep
from history import partitions
from history.models import Operation
from history.partitions import KEYS

PARTS = ["fill", "lists", "accept", "claim", "upkeep"]
LIMIT = 100.0  # ms


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=300_000)
    options.add_argument("--calls", type=int, default=4, help="of each page")
    options.add_argument("--only", default="", help="pages whose name holds this")
    options.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="without fill: of what is there")
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
        listing(told.calls, told.only)
    for part, measure in (("accept", accepting), ("claim", claiming), ("upkeep", upkeep)):
        if part in told.parts:
            measure()


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


def listing(calls: int, only: str) -> None:
    """p50 and p95 of each filter for the three companies, the slowest first."""
    asked = pages.companies()
    print(f"p50 / p95 in ms of {calls} calls through the views, and p95 of the processors' time:")
    print(", ".join(one.name for one in asked))
    for company in asked:  # the first page of a process loads templates
        pages.timed(company, pages.LIST, 1)
        pages.timed(company, pages.API, 1)
    found: dict[str, list[pages.Took]] = {}
    for company in asked:
        for said, address in pages.addresses(company):
            if only in said:
                found.setdefault(said, []).append(pages.timed(company, address, calls))
    for said in sorted(found, key=lambda said: -max(p95(took.spent) for took in found[said])):
        print(f"{said:<58} " + "  ".join(_row(took) for took in found[said]))
    for way, what in (("clock", "by the clock"), ("spent", "of the processors")):
        _sum_up(what, {said: [getattr(took, way) for took in companies] for said, companies in found.items()})


def _row(took: pages.Took) -> str:
    return f"{median(took.clock):4.0f} /{p95(took.clock):5.0f} ({p95(took.spent):4.0f})"


def _sum_up(what: str, found: dict[str, list[list[float]]]) -> None:
    every = sorted(call for lists in found.values() for calls in lists for call in calls)
    over = [said for said, lists in found.items() if max(map(p95, lists)) > LIMIT]
    print(f"{len(every)} calls, {what}: p50 {median(every):.0f}, p95 {p95(every):.0f}, slowest {every[-1]:.0f} ms")
    good = f"{len(found) - len(over)} of {len(found)} pages have p95 <= {LIMIT:.0f} ms"
    print(f"{good}; over it: {', '.join(over) or 'none'}", flush=True)


def p95(took: list[float]) -> float:
    """Of a few calls it is the slowest."""
    return took[ceil(len(took) * 0.95) - 1]


if __name__ == "__main__":
    main()
