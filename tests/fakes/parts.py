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

    The monitor reads the queue of results, one idle worker that of tasks, and the other idle ones wait for its lock.
    The pusher asks the database.
    """
    sentinel = _only(children(main))
    tasks, results = _queues(sentinel)
    monitor, reading, busy, idle, others = [], [], [], [], []
    for process in children(sentinel):
        call, threads = _waits_for(process), _threads(process)
        reads = int(call[1], 16) if call and int(call[0]) == READ[platform.machine()] else None
        if reads == results:
            monitor.append(process)
        elif reads == tasks:
            reading.append(process)
        elif call and int(call[0]) == FUTEX[platform.machine()] and not _has_timeout(call):
            idle.append(process)
        elif threads > FEW:
            busy.append(process)
        else:
            others.append(process)
    if len(reading) > 1:
        raise Missing(f"{len(reading)} read the tasks")
    return Parts(main, sentinel, _only(others), _only(monitor), busy, idle + reading, next(iter(reading), None))


def _queues(sentinel: int) -> tuple[int, int]:
    """The numbers by which all processes of a cluster know the reading ends of its queues.

    The sentinel keeps both ends of these two pipes, of others one; and the queue of tasks was made first.
    """
    ends: dict[str, list[int]] = {}
    folder = Path(f"/proc/{sentinel}/fd")
    for number in sorted(map(int, os.listdir(folder)))[3:]:  # behind the standard ones
        ends.setdefault(os.readlink(folder / str(number)), []).append(number)
    pipes = [numbers[0] for name, numbers in ends.items() if name.startswith("pipe:") and len(numbers) == 2]
    if len(pipes) != 2:
        raise Missing(f"{len(pipes)} queues instead of two")
    return pipes[0], pipes[1]


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
