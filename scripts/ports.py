"""Whether scripts/run may start: not running already, the port free. Ends what a killed run left behind.

Standard library alone: asked before the set-up, so that nobody waits for an installation to hear of a taken port.
"""

import fcntl
import os
import socket
import sys
import time
from pathlib import Path
from typing import TextIO

from scripts import groups

LOCK = Path(__file__).resolve().parent.parent / "var" / "run.lock"


def port() -> int:
    """PORT, 8000 without it; exits with a sentence when it is no port number."""
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        sys.exit(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def claim() -> TextIO:
    """Makes this the only scripts/run of the checkout while the file is open. Leftovers are ended, the port is free."""
    number = port()
    lock = take_lock()
    groups.end(groups.recorded())
    groups.forget()
    if taken(number):
        sys.exit(
            f"Port {number} is taken by another program. Choose another one, for example: PORT={number + 1} scripts/run"
        )
    groups.RECORDS.mkdir(exist_ok=True)
    (groups.RECORDS / "port").write_text(f"{number}\n")  # for webjack.local.port
    return lock


def take_lock() -> TextIO:
    try:
        LOCK.parent.mkdir(exist_ok=True)
        lock = LOCK.open("a+")
    except PermissionError:
        sys.exit(f"{LOCK.parent} belongs to another user: run this as that user, or from a checkout of your own.")
    for _ in range(200):  # a killed run's guard holds the lock for the seconds that it needs to end everything
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            if alive(owner := lock.read().strip()):
                sys.exit(f"Webjack already runs from this folder (process {owner}). Stop it first, or use its address.")
            time.sleep(0.1)
        else:
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            return lock
    sys.exit("An earlier run is still being ended. Try again in a moment.")


def alive(pid: str) -> bool:
    return pid.isdigit() and groups.state(int(pid)) not in {"Z", "X", ""}


def taken(number: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return True
    return False


if __name__ == "__main__":
    claim().close()
