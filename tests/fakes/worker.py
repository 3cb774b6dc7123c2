"""A real operations cluster in processes of its own, on the test's database."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from django.conf import settings

from tests.gunicorn_server import database_url


class Worker:
    """`kill` ends the whole process group at once, as a power cut would; `stop` asks it to end.

    command: what Python is to run. kept: the command is the keeper's, and the cluster its child.
    """

    kept = False

    def __init__(self, **environment: str) -> None:
        self.command = ["manage.py", "qcluster"]
        self.environment = {**os.environ, **environment}
        self.process: subprocess.Popen[bytes] | None = None
        self.log = settings.VAR_DIR / "test-worker.log"

    def start(self) -> None:
        with self.log.open("a") as output:
            self.process = self._run(output)

    def _run(self, output: IO[str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, *self.command],
            cwd=settings.BASE_DIR,
            env=self.environment,
            start_new_session=True,
            stderr=subprocess.STDOUT,
            stdout=output,
        )

    def kill(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """All its processes stand still while the block runs, as a machine's do that is moved or out of memory."""
        self.stand_still()
        try:
            yield
        finally:
            self.go_on()

    def stand_still(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGCONT)

    def kill_one(self, part: str) -> None:
        """Kills one process of the cluster: "main", "sentinel", "pusher", "monitor" or "worker" (a busy one)."""
        os.kill(self.find(part), signal.SIGKILL)

    def main(self) -> int:
        """The cluster's main process."""
        assert self.process is not None
        return children(self.process.pid)[0] if self.kept else self.process.pid

    def find(self, part: str) -> int:
        """The process id. django-q forks the workers first, then the monitor, then the pusher."""
        if part == "main":
            return self.main()
        (sentinel,) = children(self.main())
        if part == "sentinel":
            return sentinel
        forked = sorted(children(sentinel), key=_started)
        if part == "worker":
            return max(forked[:-2], key=_threads)
        return forked[{"monitor": -2, "pusher": -1}[part]]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


def children(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _started(process: int) -> tuple[int, int]:
    """In the kernel's ticks since its start; the number decides between two of one tick."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]), process


def _threads(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/task"))


@contextmanager
def cluster(name: str = "operations", **environment: str) -> Iterator[Worker]:
    """An operations (or app) cluster that is ended with the block; started by `start`."""
    told = {"DATABASE_URL": database_url(), "DEBUG": "false", "SECRET_KEY": settings.SECRET_KEY}
    told["ENCRYPTION_KEYS"] = ",".join(settings.ENCRYPTION_KEYS)
    told |= {"EGRESS_ALLOW": "127.0.0.1"} | ({"Q_CLUSTER_NAME": name} if name != "app" else {})
    worker = Worker(**told | environment)
    try:
        yield worker
    finally:
        worker.stop()


@contextmanager
def kept_cluster(name: str = "operations", **environment: str) -> Iterator[Worker]:
    """The same as scripts/run and containers start it, with its keeper."""
    with cluster(name, **environment) as worker:
        worker.kept, worker.command = True, ["-m", "scripts.keeper", name]
        yield worker
