"""The product behind its real web server, on a free port and the tests' database."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection

BASE_DIR = Path(__file__).resolve().parent.parent
PATIENCE = 60  # seconds a loaded machine may take to start it


class Web:
    """The server on a socket that outlives it: who calls while it is dead waits until `start`."""

    def __init__(self, **environment: str) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        os.set_inheritable(self.listener.fileno(), True)
        self.port = self.listener.getsockname()[1]
        ours = {"DATABASE_URL": database_url(), "DEBUG": "true", "PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        self.environment = os.environ | ours | environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "gunicorn", "webjack.wsgi", "--bind", f"fd://{self.listener.fileno()}"]
        command += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket", "--log-level", "error"]
        self.process = subprocess.Popen(
            [*command, *arguments],
            cwd=BASE_DIR,
            env=self.environment,
            pass_fds=[self.listener.fileno()],
            start_new_session=True,
        )
        _wait(self.process, self.port)

    def kill(self) -> None:
        """Ends all its processes at once, as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        self.listener.close()


@contextmanager
def gunicorn(**environment: str) -> Iterator[int]:
    """Runs while the block runs; gives the port. The tests must commit what they write (`transaction=True`)."""
    with web(**environment) as server:
        server.start()
        yield server.port


@contextmanager
def web(**environment: str) -> Iterator[Web]:
    """The same, to be started and killed by the test."""
    server = Web(**environment)
    try:
        yield server
    finally:
        server.stop()


def database_url() -> str:
    """The URL of the database that this test uses."""
    found = connection.get_connection_params()
    place = "&".join(f"{name}={quote(str(found[name]), safe='')}" for name in ("host", "port") if found.get(name))
    login = quote(found.get("user") or "", safe="")
    if found.get("password"):
        login += ":" + quote(found["password"], safe="")
    return f"postgresql://{login}@/{found['dbname']}?{place}"


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Until it answers: the first connection waits in the listener's queue while the workers start."""
    deadline = time.monotonic() + PATIENCE
    with socket.create_connection(("127.0.0.1", port), timeout=1) as asking:
        asking.sendall(b"HEAD /webhooks/http/nobody/ HTTP/1.0\r\nHost: localhost\r\n\r\n")
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError("gunicorn did not start")
            try:
                if asking.recv(12):
                    return
            except TimeoutError:
                continue
    raise RuntimeError("gunicorn does not answer")
