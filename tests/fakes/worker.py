"""A real operations cluster in processes of its own, on the test's database."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.conf import settings

from tests.gunicorn_server import database_url


class Worker:
    """`kill` ends the whole process group at once, as a power cut would; `stop` asks it to end."""

    def __init__(self, **environment: str) -> None:
        self.environment = {**os.environ, **environment}
        self.process: subprocess.Popen[bytes] | None = None
        self.log = settings.VAR_DIR / "test-worker.log"

    def start(self) -> None:
        with self.log.open("a") as output:
            self.process = self._run(output)

    def _run(self, output: IO[str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "manage.py", "qcluster"],
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

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def cluster(name: str = "operations", **environment: str) -> Iterator[Worker]:
    """An operations (or app) cluster that is ended with the block; started by `start`."""
    worker = Worker(
        DATABASE_URL=database_url(),
        DEBUG="true",
        SECRET_KEY=settings.SECRET_KEY,
        EGRESS_ALLOW="127.0.0.1",
        **({"Q_CLUSTER_NAME": name} if name != "app" else {}),
        **environment,
    )
    try:
        yield worker
    finally:
        worker.stop()
