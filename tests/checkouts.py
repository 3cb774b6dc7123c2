"""Checkouts of their own for the tests of scripts/: folders whose names have spaces."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SETTLE = 20.0  # seconds that something may take to happen


class Checkout:
    """A copy of scripts/ and of what they import, with nothing set up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(BASE_DIR / "scripts", path / "scripts", ignore=ignored)
        (path / "webjack").mkdir()
        (path / "webjack" / "__init__.py").touch()
        shutil.copy(BASE_DIR / "webjack" / "local.py", path / "webjack")

    def python(self, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-c", code, **environment)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, **environment}
        return subprocess.run(command, cwd=self.path, env=variables, capture_output=True, text=True, check=False)

    def start(self, code: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code]
        return subprocess.Popen(command, cwd=self.path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def eventually(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + SETTLE
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
