"""Which process of a django-q cluster is which. They all look alike: what tells them apart is what they wait for."""

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

PATIENCE = 20.0  # seconds for a cluster to have all its parts
READ = {"x86_64": 0, "aarch64": 63}  # the number of the system call
FUTEX = {"x86_64": 202, "aarch64": 98}
FEW = 4  # threads; a worker that has worked keeps those of its pool


class Parts(NamedTuple):
    """Process ids. busy and idle: workers. reading: the idle one that holds the queue's lock, if any."""

    main: int
    sentinel: int
    pusher: int
    monitor: int
    busy: list[int]
    idle: list[int]
    reading: int | None

    @property
    def workers(self) -> list[int]:
        return self.busy + self.idle


class Missing(Exception):
    """The cluster is not whole just now."""


def parts(main: int) -> Parts:
    """The cluster whose main process this is. Raises Missing.

    The monitor and one idle worker read from a pipe each, and the workers' was made first; the other idle workers wait
    for the lock. The pusher asks the database.
    """
    sentinel = _only(children(main))
    reads: dict[int, int] = {}
    busy, idle, others = [], [], []
    for process in children(sentinel):
        call, first, threads = _waits_for(process), 0, _threads(process)
        if call and int(call[0]) == READ[platform.machine()]:
            first = int(call[1], 16)
            reads[first] = process
        elif call and int(call[0]) == FUTEX[platform.machine()] and not _has_timeout(call):
            idle.append(process)
        elif threads > FEW:
            busy.append(process)
        else:
            others.append(process)
    if len(reads) > 2 or not reads or len(others) != 1:
        raise Missing(f"{len(reads)} read, {len(others)} do something else")
    monitor = reads[max(reads)]
    reading = reads[min(reads)] if len(reads) == 2 else None
    return Parts(main, sentinel, others[0], monitor, busy, idle + ([reading] if reading else []), reading)


def eventually(find: Callable[[], int | None], seconds: float = PATIENCE) -> int:
    """What `find` gives as soon as it is something. Raises Missing."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = find()
        except (Missing, OSError):
            found = None
        if found:
            return found
        if time.monotonic() > end:
            raise Missing
        time.sleep(0.02)


def children(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _only(processes: list[int]) -> int:
    if len(processes) != 1:
        raise Missing(f"{len(processes)} processes instead of one")
    return processes[0]


def _waits_for(process: int) -> list[str]:
    """The system call and its arguments (man 5 proc_pid_syscall); nothing while it computes."""
    found = Path(f"/proc/{process}/syscall").read_text().split()
    return found if len(found) > 1 else []


def _has_timeout(call: list[str]) -> bool:
    """A futex call's fourth argument; who waits for a lock without one waits for another process."""
    return int(call[4], 16) != 0


def _threads(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/task"))
