"""Starts a worker cluster and ends it as a whole: when it is asked to end, lost its head, or stands still.

    python -m scripts.keeper app           schedules and mails
    python -m scripts.keeper operations    the operations

It starts nothing again: that is for scripts/run, Docker or systemd, which see it end. What django-q does not do itself:
its main process does not always end on SIGTERM (django-q2 issue 346), its other processes outlive it and go on working,
and the whole cluster stands still for ever when a worker that waits for a task is killed (issue 23; all open on
2026-11-24). WATCHDOG_SECONDS: how long no worker may show life, as long as PostgreSQL can be reached; 20.
STOP_SECONDS: how long what is under way may go on after SIGTERM; 30.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from types import FrameType

import psycopg

from scripts import groups
from webjack import local
from webjack.life import Life

CLUSTERS = {"app": None, "operations": "operations"}  # value of Q_CLUSTER_NAME
LOOK_EVERY = 0.3  # seconds
START_SECONDS = 60.0  # until the first sign of life
SLACK = 6.0  # seconds that a cluster may take to end, beside what is under way
CONNECT_SECONDS = 3


class Stop:
    """Whether we were asked to stop. A handler that only counts cannot deadlock."""

    asked = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1


class Watch:
    """Looks for signs of life. Time counts in looks: while this process stands still, so may the cluster."""

    def __init__(self, life: Life, patience: float) -> None:
        self.life = life
        self.patience = patience
        self.first = self.seen = life.shown()
        self.looked_at = time.monotonic()
        self.silent = 0.0

    def frozen(self) -> bool:
        """Whether no worker has shown life for too long, and that not for want of the database."""
        now = time.monotonic()
        self.silent += min(now - self.looked_at, 2 * LOOK_EVERY)
        self.looked_at = now
        shown = self.life.shown()
        if shown != self.seen or self.life.busy():
            self.seen, self.silent = shown, 0.0
        patience = max(START_SECONDS, self.patience) if self.seen == self.first else self.patience
        if self.silent > patience / 2 and not database_answers():
            self.silent = 0.0
        return self.silent > patience


def main(name: str = "") -> int:
    if name not in CLUSTERS:
        sys.exit(__doc__)
    stop = Stop()
    for interruption in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(interruption, stop)
    with suppress(PermissionError):  # we lead a group already
        os.setsid()
    with tempfile.TemporaryFile() as file:
        cluster = start(CLUSTERS[name], file.fileno())
        watch = Watch(Life(file.fileno()), float(os.environ.get("WATCHDOG_SECONDS") or 20))
        while cluster.poll() is None and not stop.asked:
            if watch.frozen():
                say(f"{name} stands still: no worker takes a task")
                end_all()
                return 1
            time.sleep(LOOK_EVERY)
        in_time = not stop.asked or ended(cluster, float(os.environ.get("STOP_SECONDS") or 30) + SLACK)
        if not in_time:
            say(f"{name} did not end when it was asked to")
        end_all()
        return 0 if stop.asked and in_time else failure(cluster.poll())


def start(q_cluster: str | None, life: int) -> "subprocess.Popen[bytes]":
    """In our own process group, so that whoever ends the group ends all."""
    told = {**os.environ, "LIFE_FD": str(life)} | ({"Q_CLUSTER_NAME": q_cluster} if q_cluster else {})
    return subprocess.Popen([sys.executable, "manage.py", "qcluster"], env=told, pass_fds=[life])


def ended(cluster: "subprocess.Popen[bytes]", patience: float) -> bool:
    """Asks the main process to end; whether it did in time."""
    cluster.terminate()
    try:
        cluster.wait(patience)
    except subprocess.TimeoutExpired:
        return False
    return True


def failure(code: int | None) -> int:
    """The exit code that tells of this end of the main process, as a shell tells of a signal; never 0."""
    return 128 - code if code and code < 0 else code or 1


def end_all() -> None:
    """Kills what is left of our group but ourselves: without its head nobody guards it, and it would go on working."""
    until = time.monotonic() + groups.LAST_WORDS
    while time.monotonic() < until:
        left = [process for process in groups.members(os.getpgrp()) if process != os.getpid()]
        left = [process for process in left if groups.state(process) not in {"Z", "X", ""}]
        if not left:
            return
        for process in left:
            groups.send(os.kill, process, signal.SIGKILL)
        time.sleep(0.02)


def database_answers() -> bool:
    """Whether PostgreSQL takes a connection: while it is away, a cluster that waits for it is well."""
    url = os.environ.get("DATABASE_URL") or local.database_url()
    try:
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError:
        return False
    except psycopg.Error:  # an address that only Django can read: nothing is known
        return True
    return True


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
