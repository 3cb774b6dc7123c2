"""A durable PostgreSQL of a test's own, which may be killed: the tests' common one is neither."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from scripts.postgres import Server
from scripts.postgres_binaries import choose
from scripts.postgres_owner import Owner
from tests.gunicorn_server import database_url


class Database:
    """url: for processes; `rows` asks it."""

    def __init__(self, server: Server, url: str) -> None:
        self.server = server
        self.url = url

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()

    def crash(self) -> None:
        """Ends all its processes at once, nothing is written any more, and starts it again."""
        binaries, owner = choose(self.server.data), Owner.of(self.server.data)
        place = ["-w", "-D", str(self.server.data)]
        owner.run(binaries / "pg_ctl", "stop", "-m", "immediate", *place)
        started = owner.run(binaries / "pg_ctl", "start", "-l", str(self.server.log), *place)
        assert started.returncode == 0, started.stdout + started.stderr


@contextmanager
def own_database() -> Iterator[Database]:
    """A copy of the test's database as it is now."""
    server = Server(f"postgres-chaos-{os.getpid()}", durable=True)
    with server.used() as url:
        programs = choose(server.data)
        dump = [str(programs / "pg_dump"), "--dbname", database_url(), "--no-owner"]
        copied = subprocess.run(dump, capture_output=True, check=True)
        load = [str(programs / "psql"), "--dbname", url, "--quiet", "--set", "ON_ERROR_STOP=1"]
        subprocess.run(load, input=copied.stdout, stdout=subprocess.DEVNULL, check=True)
        yield Database(server, url)
    server.remove()
