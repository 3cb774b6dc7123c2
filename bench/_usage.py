"""What processes use, read from /proc."""

import os
import time
from pathlib import Path

from django.db import connection


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu_seconds(pids: list[int]) -> float:
    """What these processes have used so far."""
    ticks = 0
    for pid in pids:
        try:
            parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(parts[11]) + int(parts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def spent(backend: int) -> float:
    """Seconds of a core that this process and one session of the database have used so far, to the microsecond.

    Unlike the clock it hardly depends on what others do meanwhile. Where the database is elsewhere: ours only.
    """
    try:
        session = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        session = 0.0
    return time.process_time() + session


def memory(pids: list[int]) -> float:
    """MiB that they need together, of each shared page only their part (PSS)."""
    return sum(map(_memory, pids))


def _memory(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def postgres() -> list[int]:
    """The processes of the database server; none where it runs elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    try:
        stat = Path(f"/proc/{backend}/stat").read_text()
    except OSError:
        return []
    return family(int(stat.rpartition(")")[2].split()[1])) if stat.startswith(f"{backend} (postgres") else []
