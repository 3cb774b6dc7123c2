"""The history's partitions: a week of operations each and a week of their steps, by the key, which is the time.

Two weeks are always made ahead, and what retention is done with is dropped as a whole. What has no partition of its own
goes into the default one: nothing is lost when this has not run for months, or when a machine's clock is wrong. Both
changes lock whole tables for some milliseconds; where the lock is not to be had the next run tries again.
"""

# ruff: noqa: S608 (only our own names of tables and columns)

import logging
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from webjack.fields import first_uuid7

logger = logging.getLogger(__name__)

FIRST = uuid.UUID(int=0)
KEYS = {"history_operation": "id", "history_step": "operation_id"}
WEEK = timedelta(days=7)
AHEAD = 2  # weeks
LOCK = "200ms"  # how long all others wait behind us, at most
TRIES, PAUSE_SECONDS = 5, 1.0
MOVED = 1000  # rows at most that move between partitions while their tables are locked
INCLUDING = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STATISTICS"  # indexes come by themselves
LARGE = 64 * 1024 * 1024  # bytes of a default partition that take too long to be looked through under a lock
PROMISE = "nothing_of_the_week"  # name of a constraint

BOUNDS = """
SELECT substr(child.relname, length(%(table)s) + 2), pg_get_expr(child.relpartbound, child.oid)
FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = %(table)s::regclass AND pg_get_expr(child.relpartbound, child.oid) <> 'DEFAULT'
"""
BOUND = re.compile(r"FROM \((?:'(.+)'|MINVALUE)\) TO \('(.+)'\)")


@dataclass(frozen=True)
class Partition:
    """name: what the names of its two tables end with. begin, end: keys, the end not included."""

    name: str
    begin: uuid.UUID
    end: uuid.UUID

    @classmethod
    def week(cls, monday: datetime) -> "Partition":
        return cls(f"{monday:%Y%m%d}", first_uuid7(monday), first_uuid7(monday + WEEK))

    def overlaps(self, other: "Partition") -> bool:
        return self.begin < other.end and other.begin < self.end


def partitions(table: str = "history_operation") -> list[Partition]:
    """Those that are there, the default one excepted, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(BOUNDS, {"table": table})
        found = [_read(name, bound) for name, bound in cursor.fetchall()]
    return sorted(found, key=lambda one: one.begin)


def _read(name: str, bound: str) -> Partition:
    told = BOUND.search(bound)
    assert told, bound
    return Partition(name, uuid.UUID(told[1]) if told[1] else FIRST, uuid.UUID(told[2]))


def make(now: datetime | None = None) -> int:
    """Makes the partitions of this week and of those ahead where they are missing; returns how many tables it made."""
    now = (now or timezone.now()).astimezone(UTC)
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    # The farthest first: it is the one that nothing is written to for the longest time.
    wanted = [Partition.week(monday + week * WEEK) for week in range(AHEAD, -1, -1)]
    return sum(_made(table, week) for table in KEYS for week in wanted)


def _made(table: str, week: Partition) -> bool:
    if any(week.overlaps(one) for one in partitions(table)):
        return False
    if _size(f"{table}_default") > LARGE and not _promised(table, week):
        return False
    return _done(lambda cursor: _attach(cursor, table, week))


def _attach(cursor: Any, table: str, week: Partition) -> bool:
    """Makes one table a partition, with the rows of that week that lie in the default one, if they are few."""
    key, new, default = KEYS[table], f"{table}_{week.name}", f"{table}_default"
    bounds = {"begin": week.begin, "end": week.end}
    cursor.execute(f"LOCK TABLE {default} IN ACCESS EXCLUSIVE MODE")
    of_the_week = f"FROM {default} WHERE {key} >= %(begin)s AND {key} < %(end)s"
    cursor.execute(f"SELECT count(*) FROM (SELECT {of_the_week} LIMIT %(most)s) few", bounds | {"most": MOVED + 1})
    if cursor.fetchone()[0] > MOVED:
        return False
    cursor.execute(f"CREATE TABLE {new} (LIKE {table} {INCLUDING})")
    cursor.execute(f"WITH moved AS (DELETE {of_the_week} RETURNING *) INSERT INTO {new} SELECT * FROM moved", bounds)
    cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {new} FOR VALUES FROM (%(begin)s) TO (%(end)s)", bounds)
    cursor.execute(f"ALTER TABLE {default} DROP CONSTRAINT IF EXISTS {PROMISE}")
    return True


def _promised(table: str, week: Partition) -> bool:
    """Lets a large default partition swear that it has nothing of a week, so that nobody waits while it is read.

    (https://www.postgresql.org/docs/15/sql-altertable.html, ATTACH PARTITION, 2026-11-24)
    """
    key, default = KEYS[table], f"{table}_default"
    bounds = {"begin": week.begin, "end": week.end}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {default} WHERE {key} >= %(begin)s AND {key} < %(end)s)", bounds)
        if cursor.fetchone()[0]:
            return False
    forget = f"ALTER TABLE {default} DROP CONSTRAINT IF EXISTS {PROMISE}"
    oath = f"{forget}, ADD CONSTRAINT {PROMISE} CHECK ({key} < %(begin)s OR {key} >= %(end)s) NOT VALID"
    try:
        return _ran(oath, bounds) and _ran(f"ALTER TABLE {default} VALIDATE CONSTRAINT {PROMISE}")
    except IntegrityError:  # something came meanwhile, from a clock that is weeks ahead
        _ran(forget)
        return False


def drop(partition: Partition, staying: Callable[[Any], list[uuid.UUID]]) -> bool:
    """Drops a partition of the operations and that of their steps, if at most MOVED of them must stay.

    staying: asked while nobody else can change anything; gives the operations that must, which move to the default
    partition with their steps.
    """
    return _done(lambda cursor: _drop(cursor, partition, staying))


def _drop(cursor: Any, partition: Partition, staying: Callable[[Any], list[uuid.UUID]]) -> bool:
    cursor.execute(f"LOCK TABLE {', '.join(KEYS)} IN ACCESS EXCLUSIVE MODE")
    ids = staying(cursor)
    if len(ids) > MOVED:
        return False
    for table, key in KEYS.items():
        if partition in partitions(table):
            old = f"{table}_{partition.name}"
            cursor.execute(f"ALTER TABLE {table} DETACH PARTITION {old}")
            cursor.execute(f"INSERT INTO {table} SELECT * FROM {old} WHERE {key} = ANY(%s)", [ids])
            cursor.execute(f"DROP TABLE {old}")
    logger.info("partition %s is dropped, %d operations moved", partition.name, len(ids))
    return True


def _done(change: Callable[[Any], bool]) -> bool:
    """Makes a change that locks tables, giving way to others at once; False when it is for the next run."""
    for _ in range(TRIES):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK}'")
                return change(cursor)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            logger.info("a partition's lock was not to be had: %s", error)
            time.sleep(PAUSE_SECONDS)
    return False


def _ran(statement: str, values: dict[str, Any] | None = None) -> bool:
    def run(cursor: Any) -> bool:
        cursor.execute(statement, values)
        return True

    return _done(run)


def _size(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s)", [table])
        return int(cursor.fetchone()[0])
