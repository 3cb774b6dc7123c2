"""Set-up and start of a new clone: minutes, so only by `scripts/test -m fresh_clone`."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from scripts import health
from tests.checkouts import BASE_DIR, eventually


@pytest.mark.fresh_clone
def test_a_fresh_clone_starts_survives_a_kill_and_ends_cleanly(tmp_path: Path) -> None:
    path = tmp_path / "a fresh clone"
    subprocess.run(["git", "clone", "-q", str(BASE_DIR), str(path)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    for limit, ending in ((180, signal.SIGKILL), (15, signal.SIGTERM), (15, signal.SIGINT)):
        started = time.monotonic()
        run = start(path, number)
        assert answers(run, number, limit)
        assert time.monotonic() - started < limit
        run.send_signal(ending)
        run.wait(timeout=60)
        assert eventually(lambda: not remaining(path)), remaining(path)


def start(path: Path, number: int) -> subprocess.Popen[bytes]:
    variables = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DEBUG", "PUBLIC_URL"}
    }
    return subprocess.Popen(
        ["scripts/run"], cwd=path, env={**variables, "PORT": str(number)}, stdout=subprocess.DEVNULL
    )


def answers(run: subprocess.Popen[bytes], number: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while run.poll() is None and time.monotonic() < until:
        if health.alive(f"http://127.0.0.1:{number}"):
            return True
        time.sleep(0.2)
    return False


def remaining(path: Path) -> list[str]:
    """Command lines of the processes that run from the folder or on its data."""
    lines = (command_line(pid) for pid in os.listdir("/proc") if pid.isdigit())
    return [line for line in lines if f"{path}/.venv" in line or f"{path}/var" in line]


def command_line(pid: str) -> str:
    try:
        return Path("/proc", pid, "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
