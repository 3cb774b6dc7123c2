"""The product behind its real web server, on a free port and the tests' database."""

import os
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


@contextmanager
def gunicorn(**environment: str) -> Iterator[int]:
    """Runs while the block runs; gives the port. The tests must commit what they write (`transaction=True`)."""
    listener = socket.create_server(("127.0.0.1", 0))
    os.set_inheritable(listener.fileno(), True)
    command = [sys.executable, "-m", "gunicorn", "webjack.wsgi", "--bind", f"fd://{listener.fileno()}"]
    command += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket", "--log-level", "error"]
    port = listener.getsockname()[1]
    ours = {"DATABASE_URL": database_url(), "DEBUG": "true", "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    told = os.environ | ours | environment
    with subprocess.Popen(command, cwd=BASE_DIR, env=told, pass_fds=[listener.fileno()]) as process:
        try:
            _wait(process, port)
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE)
            listener.close()


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
