"""The private PostgreSQL of a local start and of the tests: made on first use, shared, stopped by its last user.

Data under var/, a Unix socket only, no password: the socket's directory lets only this user in.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import psycopg
from psycopg import sql

from scripts.postgres_binaries import Binaries, Trouble, choose
from scripts.postgres_owner import Owner
from webjack import local

SETTINGS = """\
# Written at each start by scripts/postgres.py.
listen_addresses = ''
port = 5432
unix_socket_directories = '"{socket}"'
unix_socket_permissions = 0700
max_connections = {connections}
shared_buffers = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
jit = off
"""
DISPOSABLE = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
START_SECONDS = 60
STOP_SECONDS = 30


class Server:
    """One private server: "postgres" keeps its data; one of another name is empty at each start.

    durable: what is committed survives a crash; else it is faster. keeps: whatever the name. more: further settings.
    """

    def __init__(
        self, name: str = "postgres", durable: bool | None = None, keeps: bool | None = None, more: str = ""
    ) -> None:
        self.name = name
        self.keeps = name == "postgres" if keeps is None else keeps
        self.durable = self.keeps if durable is None else durable
        self.more = more
        self.home = local.BASE_DIR / "var"
        self.data = self.home / name
        self.log = self.data / "server.log"
        self.users: TextIO | None = None

    @contextmanager
    def used(self, database: str = local.NAME) -> Iterator[str]:
        """Runs while the block runs; gives the URL of the database."""
        self.join(database)
        try:
            yield local.database_url(self.name, database)
        finally:
            self.leave()

    def join(self, database: str = local.NAME) -> None:
        """Starts the server unless it runs, makes the database unless it is there. Raises Trouble with a sentence."""
        self.enlist()
        with self.alone():
            self.start()
            self.make_database(database)

    def start_again(self) -> None:
        """Starts the server that we joined, unless it runs. Raises Trouble with a sentence."""
        with self.alone():
            self.start()

    def enlist(self) -> None:
        """Counts us among the users by a shared lock, which ends with us however we end. A forked process shares it."""
        if self.users is None:
            self.home.mkdir(exist_ok=True)
            self.users = (self.home / f"{self.name}.users").open("a")
            fcntl.flock(self.users, fcntl.LOCK_SH)

    def leave(self) -> None:
        """Stops the server unless somebody else uses it."""
        if self.users is None:
            return
        with self.alone(), self.users as users:
            self.users = None
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self.stop()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Starting and stopping take turns."""
        with (self.home / f"{self.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def process(self) -> int | None:
        """The running server's first process. A pid file proves nothing: after a crash the number may be another's."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            return pid if os.path.samefile(f"/proc/{pid}/cwd", self.data) else None
        except (OSError, ValueError, IndexError):
            return None

    def start(self) -> None:
        if self.process():
            return
        if not self.keeps:
            shutil.rmtree(self.data, ignore_errors=True)
        binaries = choose(self.data)
        if not (self.data / "PG_VERSION").exists():
            self.make_data(binaries)
        owner = Owner.of(self.data)
        self.make_socket_directory(owner)
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # of a crash: process() found nobody behind it
        for file in local.socket_directory(self.name).glob(".s.PGSQL.*"):
            file.unlink()
        (self.data / "postgresql.conf").write_text(self.settings())
        self.launch(binaries, owner)

    def launch(self, binaries: Binaries, owner: Owner) -> None:
        """Starts the server and waits until it answers. A killed one's last processes need a moment: tries."""
        command: list[str | Path] = [
            binaries / "pg_ctl",
            "start",
            "-w",
            "-t",
            str(START_SECONDS),
            "-D",
            self.data,
            "-l",
            self.log,
        ]
        for pause in (1, 3, None):
            if owner.run(*command).returncode == 0:
                return
            if pause is not None:
                time.sleep(pause)
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        raise Trouble("The private PostgreSQL does not start. The end of its log:\n" + "\n".join(lines[-12:]))

    def stop(self) -> None:
        if not self.process():
            return
        binaries, owner = choose(self.data), Owner.of(self.data)
        command: list[str | Path] = [binaries / "pg_ctl", "stop", "-w", "-t", str(STOP_SECONDS), "-D", self.data]
        if owner.run(*command, "-m", "fast").returncode != 0:
            owner.run(*command, "-m", "immediate")
        with suppress(OSError):  # not empty after a hard end: the next start tidies it
            local.socket_directory(self.name).rmdir()

    def remove(self) -> None:
        """Removes a stopped server that is not to be used again."""
        shutil.rmtree(self.data, ignore_errors=True)
        for end in ("users", "lock"):
            (self.home / f"{self.name}.{end}").unlink(missing_ok=True)

    def make_data(self, binaries: Binaries) -> None:
        """Makes the data directory under another name first, so that a half-made one never counts."""
        partial = self.home / f"{self.name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        owner = Owner.for_new(partial, binaries / "postgres")
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            partial,
            "-U",
            local.NAME,
            "--auth=trust",
            "--encoding=UTF8",
        ]
        made = owner.run(*initdb, *binaries.locale(), *([] if self.keeps else ["--no-sync"]))
        if made.returncode != 0:
            raise Trouble(f"PostgreSQL's initdb failed:\n{made.stdout}{made.stderr}")
        partial.rename(self.data)

    def make_socket_directory(self, owner: Owner) -> None:
        directory = local.socket_directory(self.name)
        directory.mkdir(mode=0o700, exist_ok=True)
        if directory.is_symlink() or directory.stat().st_uid not in {os.getuid(), owner.uid}:
            raise Trouble(f"{directory} belongs to somebody else: remove it and start again.")
        directory.chmod(0o700)
        owner.take(directory)

    def settings(self) -> str:
        socket = str(local.socket_directory(self.name)).replace("\\", "\\\\").replace("'", "''").replace('"', '""')
        text = SETTINGS.format(socket=socket, connections=100 if self.keeps else 200) + self.more
        return text if self.durable else text + DISPOSABLE

    def make_database(self, name: str) -> None:
        with psycopg.connect(local.database_url(self.name, "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
