"""Runs Webjack locally: private PostgreSQL, migrations, demo data, then web and both worker clusters until Ctrl-C.

A child that ends is started again after its whole group was ended; a cluster that stands still is ended by its keeper
(scripts/keeper.py). A guard process ends everything when this process is killed.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from types import FrameType
from typing import NoReturn

from scripts import groups, ports
from scripts.children import Child, say
from scripts.health import alive
from scripts.postgres import Server
from scripts.postgres_binaries import Trouble
from webjack import local

PYTHON = sys.executable
# Loaded once before its two workers are forked: half the start, and shared memory.
GUNICORN = ("gunicorn", "webjack.wsgi", "-k", "gthread", "--preload", "--no-control-socket")
SIZE = ("--workers", "2", "--threads", "8")
KEEPER = (PYTHON, "-m", "scripts.keeper")
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY = 0.3  # seconds
WEB_SECONDS = 60  # that web gets to answer for the first time


class Stop:
    """How often we were asked to stop. A handler that only counts cannot deadlock."""

    asked = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1


stop = Stop()


def main() -> None:
    for interruption in INTERRUPTIONS:
        signal.signal(interruption, stop)
    with ports.claim(), ExitStack() as ending:
        number = ports.port()
        os.environ.setdefault("PUBLIC_URL", f"http://127.0.0.1:{number}")
        os.environ.setdefault("DEBUG", "true")
        if debugging():  # the workers run without it, where a key must be given
            var = local.BASE_DIR / "var"
            os.environ["SECRET_KEY"] = os.environ.get("SECRET_KEY") or local.secret_key(var)
            keys = os.environ.get("ENCRYPTION_KEYS") or local.secret_key(var, name="encryption_key")
            os.environ["ENCRYPTION_KEYS"] = keys
        server = None if os.environ.get("DATABASE_URL") else Server()
        if server:
            server.enlist()
        guard(server, ending)
        try:
            prepare(server, ending)
            serve(server, children(number), number)
        except Trouble as trouble:
            sys.exit(str(trouble))
        except subprocess.CalledProcessError as failed:
            sys.exit(failed.returncode if failed.returncode > 0 else 1)


def guard(server: Server | None, ending: ExitStack) -> None:
    """Forks a process that waits for our end and, if it was no orderly one, ends what we started.

    It inherits our locks, so that the next start waits until it is done.
    """
    our_end, its_end = socket.socketpair()
    if os.fork():
        its_end.close()
        ending.callback(our_end.close)
        ending.callback(our_end.send, b".")
        return
    our_end.close()
    os.setsid()
    for interruption in INTERRUPTIONS:
        signal.signal(interruption, signal.SIG_IGN)
    if not its_end.recv(1):
        groups.end(groups.recorded())
        groups.forget()
        if server:
            server.leave()
    os._exit(0)


def prepare(server: Server | None, ending: ExitStack) -> None:
    if server:
        say("Starting the private PostgreSQL")
        ending.callback(server.leave)
        server.join()
    say("Applying migrations")
    manage("migrate", "--verbosity=0")
    if debugging():
        return
    say("Collecting static files")
    manage("collectstatic", "--no-input", "--verbosity=0")


def debugging() -> bool:
    """Whether static files come from where they lie, and demo data may be made."""
    return os.environ["DEBUG"].lower() in {"1", "true", "yes", "on", "y", "ok", "t"}


def manage(*arguments: str) -> str:
    """Runs a management command and gives what it printed; when it fails or we are asked to stop, that is the end."""
    process = subprocess.Popen(
        [PYTHON, "manage.py", *arguments], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    groups.record("manage", process.pid)
    while True:
        try:
            printed, _ = process.communicate(timeout=LOOK_EVERY)
            break
        except subprocess.TimeoutExpired:
            if stop.asked:
                groups.end([process.pid])
                sys.exit(130)
    if process.returncode:
        sys.stdout.write(printed)
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return printed


def children(port: int) -> list[Child]:
    # Debugging, Django keeps each query's text, and a worker never forgets them. Ctrl-C does not wait for slow targets.
    told = {"DEBUG": "false", "STOP_SECONDS": os.environ.get("STOP_SECONDS", "5")}
    return [
        Child("web", (PYTHON, "-m", *GUNICORN, *SIZE, "--bind", f"127.0.0.1:{port}")),
        Child("app", (*KEEPER, "app"), told),
        Child("operations", (*KEEPER, "operations"), told),
    ]


def serve(server: Server | None, running: list[Child], port: int) -> None:
    """Prints the demo's addresses once web answers, and keeps everything running until we are asked to stop."""
    try:
        for child in running:
            child.start()
        welcome = manage("demo", "--skip-checks") if debugging() else os.environ["PUBLIC_URL"]
        threading.Thread(target=greet, args=(port, welcome), daemon=True).start()
        while not stop.asked:
            if server:
                revive(server)
            for child in running:
                child.look()
            time.sleep(LOOK_EVERY)
        say("Stopping")
    finally:
        finish(running)


def revive(server: Server) -> None:
    """Starts PostgreSQL again if it ended; where it cannot start yet, the next look tries again."""
    if server.process() is not None:
        return
    say("The private PostgreSQL ended: starting it again")
    try:
        server.start_again()
    except Trouble as trouble:
        say(str(trouble))


def greet(port: int, welcome: str) -> None:
    until = time.monotonic() + WEB_SECONDS
    while time.monotonic() < until:
        if alive(f"http://127.0.0.1:{port}"):
            say(f"Webjack runs. Ctrl-C ends it.\n\n{welcome.strip()}\n")
            return
        time.sleep(0.1)
    say(f"Web does not answer on port {port} yet; its messages are above.")


def finish(running: list[Child]) -> None:
    """Ends all children at once and together; a second Ctrl-C ends the waiting."""
    ends = [threading.Thread(target=child.end) for child in running]
    for thread in ends:
        thread.start()
    asked = stop.asked
    while any(thread.is_alive() for thread in ends):
        if stop.asked > asked:
            for child in running:
                child.kill()
        time.sleep(0.05)
    groups.forget()


def run() -> NoReturn:
    main()
    sys.exit(0)


if __name__ == "__main__":
    run()
