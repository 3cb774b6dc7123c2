"""The sign of life of a worker cluster, given by its workers to whoever watches it; needs no database.

A file without a name, open in all processes of the cluster: its time says that a worker did something just now, a lock
on it that a worker is at a task. The kernel takes the lock of whoever dies. scripts/keeper.py makes the file and hands
it down as LIFE_FD; without a keeper it is the cluster's own.
"""

import fcntl
import os
import tempfile
from functools import cache


class Life:
    """number: the file's, open for reading and writing."""

    def __init__(self, number: int) -> None:
        self.number = number

    def show(self) -> None:
        """Says: a worker did something."""
        os.utime(self.number)

    def begin(self) -> None:
        """Says that this process is at a task until `end`, or until it dies."""
        self.show()
        fcntl.lockf(self.number, fcntl.LOCK_SH)

    def end(self) -> None:
        fcntl.lockf(self.number, fcntl.LOCK_UN)
        self.show()

    def shown(self) -> int:
        """Another number each time that somebody has shown life."""
        return os.fstat(self.number).st_mtime_ns

    def busy(self) -> bool:
        """Whether another process is at a task."""
        try:
            fcntl.lockf(self.number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        fcntl.lockf(self.number, fcntl.LOCK_UN)
        return False


@cache
def ours() -> Life:
    """Of the cluster that this process belongs to; to be called before django-q forks for the first time."""
    if told := os.environ.get("LIFE_FD"):
        return Life(int(told))
    with tempfile.TemporaryFile() as file:
        return Life(os.dup(file.fileno()))
