"""All that scripts/run starts, in a folder of its own: private PostgreSQL, web, both clusters and their supervisor."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psycopg

from scripts import health
from scripts.groups import state
from tests.checkouts import BASE_DIR
from tests.fakes.parts import children

PATIENCE = 120.0  # seconds that a loaded machine may take to start or end it all
LEFT_OUT = ("var", ".git", ".venv", "node_modules", "tests", "docs", "bench", "*_cache", "__pycache__")


class Installation:
    """url: of its web; `rows` asks its database, `post` its API as the demo company."""

    def __init__(self, path: Path, **environment: str) -> None:
        self.path = path
        shutil.copytree(BASE_DIR, path, ignore=shutil.ignore_patterns(*LEFT_OUT))
        (path / "var").mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        ours = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = ours | {"PORT": str(self.port), "EGRESS_ALLOW": "127.0.0.1"} | environment
        self.supervisor: subprocess.Popen[bytes] | None = None
        self.database, self.key = "", ""

    def start(self) -> None:
        with (self.path / "var" / "output").open("a") as output:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "scripts.supervisor"],
                cwd=self.path,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + PATIENCE
        while not health.alive(self.url):
            assert self.supervisor.poll() is None, self.said()[-2000:]
            assert time.monotonic() < until, self.said()[-2000:]
            time.sleep(0.2)
        self.database = self.python("-c", "from webjack import local; print(local.database_url())").strip()
        self.key = json.loads(self.python("manage.py", "demo", "--json", DEBUG="true"))["api_key"]

    def stop(self) -> None:
        if self.supervisor is not None and self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGTERM)
            self.supervisor.wait(PATIENCE)

    def said(self) -> str:
        return (self.path / "var" / "output").read_text(errors="replace")

    def python(self, *arguments: str, **environment: str) -> str:
        command = [sys.executable, *arguments]
        told = self.environment | {"PUBLIC_URL": self.url} | environment
        return subprocess.run(command, cwd=self.path, env=told, capture_output=True, text=True, check=True).stdout

    def post(self, path: str, data: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        request = Request(f"{self.url}/api/v1/{path}", json.dumps(data or {}).encode(), headers)
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def rows(self, query: str) -> list[Any]:
        with psycopg.connect(self.database, connect_timeout=10) as connection:
            return connection.execute(query).fetchall()

    def main(self, name: str) -> int | None:
        """The living main process of web, app or operations."""
        leader = self.leader(name)
        if leader is None or name == "web":
            return leader
        return next(iter(children(leader)), None)  # the leader is its keeper

    def leader(self, name: str) -> int | None:
        """The living leader of that process group."""
        try:
            process = int((self.path / "var" / "run" / f"{name}.group").read_text())
        except (OSError, ValueError):
            return None
        return process if state(process) not in {"", "Z", "X"} else None

    def postgres(self) -> list[int]:
        """The server's processes, the first one first; none while it is down."""
        try:
            first = int((self.path / "var" / "postgres" / "postmaster.pid").read_text().split()[0])
            return [first, *children(first)] if state(first) not in {"", "Z", "X"} else []
        except (OSError, ValueError, IndexError):
            return []

    def backends(self) -> list[int]:
        """Those of the server's processes that serve a connection."""
        return [process for process in self.postgres()[1:] if b"webjack webjack" in _command_line(process)]


def _command_line(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


@contextmanager
def installation(path: Path, **environment: str) -> Iterator[Installation]:
    """Started; ended with the block."""
    found = Installation(path, **environment)
    try:
        found.start()
        yield found
    finally:
        found.stop()
