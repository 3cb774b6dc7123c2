"""A child process of scripts/run: in a group of its own, its output prefixed, started again when it ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO

from scripts import groups

QUICK = 10.0  # seconds: who ends sooner than this after its start is started again with a growing pause
LONGEST_PAUSE = 30.0
COLOURS = {"web": 36, "app": 35, "operations": 33, "run": 32}
printing = threading.Lock()


class Child:
    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str] | None = None) -> None:
        self.name = name
        self.command = command
        self.environment = environment or {}
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.pause = 0.0
        self.due = 0.0  # when to start again, by time.monotonic()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        groups.record(self.name, self.process.pid)
        self.started = time.monotonic()
        threading.Thread(target=pass_on, args=(self.name, self.process.stdout), daemon=True).start()

    def look(self) -> None:
        """Starts the child again if it ended, after its group; one that ends soon after each start waits longer."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        groups.end([self.process.pid], patience=0)
        lasted = time.monotonic() - self.started
        self.pause = 0.0 if lasted > QUICK else min(max(1.0, self.pause * 2), LONGEST_PAUSE)
        self.due = time.monotonic() + self.pause
        self.process = None
        when = f"in {self.pause:.0f} s" if self.pause else "now"
        say(f"{self.name} ended ({cause(code)}): starting it again {when}")

    def end(self) -> None:
        if self.process is not None:
            ending = threading.Thread(
                target=self.process.wait, daemon=True
            )  # collects it, so that its group can become empty
            ending.start()
            groups.end([self.process.pid])

    def kill(self) -> None:
        if self.process is not None:
            groups.send(os.killpg, self.process.pid, signal.SIGKILL)


def cause(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def pass_on(name: str, stream: IO[bytes] | None) -> None:
    """Prints the child's lines until it closes its output."""
    for line in stream or ():
        write(name, line.decode(errors="replace").rstrip())


def say(text: str) -> None:
    write("run", text)


def write(name: str, text: str) -> None:
    label = f"{name:<10} |"
    if sys.stdout.isatty():
        label = f"\x1b[{COLOURS.get(name, 37)}m{label}\x1b[0m"
    with printing:
        try:
            sys.stdout.write("".join(f"{label} {line}\n" for line in text.split("\n")))
            sys.stdout.flush()
        except OSError:  # the reader of our output went away; the work goes on
            pass
