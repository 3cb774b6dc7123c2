"""What PostgreSQL does for operations: the difference between two looks at its counters."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from bench._usage import cpu_seconds, postgres

COUNTERS = """
SELECT pg_current_wal_lsn() - '0/0'::pg_lsn, xact_commit FROM pg_stat_database WHERE datname = current_database()
"""
SIZE = """
SELECT sum(pg_total_relation_size(oid)) FROM pg_class
WHERE relkind = 'r' AND (relname LIKE 'history_operation%' OR relname LIKE 'history_step%')
"""


@dataclass(frozen=True)
class Look:
    """cpu: seconds. wal: bytes. disk: bytes of the history with its indexes, dead rows included."""

    cpu: float
    wal: float
    commits: int
    disk: float

    def since(self, earlier: "Look") -> "Look":
        return Look(
            self.cpu - earlier.cpu,
            self.wal - earlier.wal,
            self.commits - earlier.commits,
            self.disk - earlier.disk,
        )


def look() -> Look:
    cpu = cpu_seconds(postgres())
    wal, commits = _row(COUNTERS)
    (disk,) = _row(SIZE)
    return Look(cpu, float(wal), int(commits), float(disk))


def _row(query: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row: tuple[Any, ...] = cursor.fetchone()
        return row
