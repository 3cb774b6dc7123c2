"""A durable PostgreSQL of a test's own, which may be killed: the tests' common one is neither."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from scripts.postgres import Server
from scripts.postgres_binaries import choose
from scripts.postgres_owner import Owner
from tests.fakes.parts import children
from tests.gunicorn_server import database_url
from webjack import local

# What to look at when nothing moves: where operations are, who lives, which session holds what and waits for whom.
STANDS = {
    "operations": """
        SELECT status, count(*), count(*) FILTER (WHERE due_at <= now()) AS due, max(attempts) AS attempts,
            max(losses) AS losses, round(extract(epoch FROM min(due_at) - now())) AS first_due_in,
            round(extract(epoch FROM max(due_at) - now())) AS last_due_in
        FROM history_operation GROUP BY status""",
    "steps": """
        SELECT status, count(*), round(extract(epoch FROM now() - max(started_at))) AS last_began_before
        FROM history_step GROUP BY status""",
    "heartbeats": "SELECT host, cluster, round(extract(epoch FROM now() - seen_at)) AS before FROM history_heartbeat",
    "sessions": """
        SELECT pid, client_addr, state, wait_event_type, wait_event, backend_xid,
            round(extract(epoch FROM now() - xact_start)) AS in_transaction_for,
            round(extract(epoch FROM now() - state_change)) AS like_this_for, pg_blocking_pids(pid) AS waits_for,
            ARRAY(SELECT concat_ws(' ', locktype, mode, CASE WHEN NOT granted THEN 'awaited' END)
                FROM pg_locks held WHERE held.pid = session.pid AND locktype IN ('advisory', 'transactionid')) AS locks,
            left(regexp_replace(query, '\\s+', ' ', 'g'), 100) AS query
        FROM pg_stat_activity session WHERE datname = current_database() AND pid <> pg_backend_pid()""",
}


class Database:
    """url: for processes; `rows` asks it."""

    def __init__(self, server: Server, url: str) -> None:
        self.server = server
        self.url = url

    def rows(self, query: str) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()

    def told(self) -> str:
        """How things stand in it, for the message of a test that waited in vain."""
        lines: list[str] = []
        try:
            with psycopg.connect(self.url, connect_timeout=5) as connection:
                for name, query in STANDS.items():
                    cursor = connection.execute(query)
                    columns = [column.name for column in cursor.description or ()]
                    lines += [f"{name}: {dict(zip(columns, map(str, row), strict=True))}" for row in cursor]
        except psycopg.Error as error:
            lines.append(f"it does not answer: {error}")
        return "\n".join(lines)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def processes(self) -> list[int]:
        """The first one first."""
        first = self.server.process()
        assert first is not None
        return [first, *children(first)]

    def kill(self) -> None:
        """Ends all its processes at once; nothing is written any more."""
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def start(self) -> None:
        """With what it has kept."""
        self.server.launch(choose(self.server.data), Owner.of(self.server.data))

    def crash(self) -> None:
        self.kill()
        self.start()

    def listen(self, address: str, network: str) -> None:
        """From now on it serves this network too, without a password; `url` names the address."""
        with (self.server.data / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {network} trust\n")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER SYSTEM SET listen_addresses = {}").format(address))
        self.crash()
        name = self.url.split("@/")[1].split("?")[0]
        self.url = f"postgresql://{local.NAME}@{address}:5432/{name}"

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It stands still while the block runs."""
        stopped = self.processes()
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in stopped:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)


@contextmanager
def own_database(home: Path | None = None) -> Iterator[Database]:
    """A copy of the test's database as it is now; home: the folder that its files are to be in."""
    server = Server(f"postgres-chaos-{os.getpid()}", durable=True)
    if home:
        server.home, server.data = home, home / server.name
        server.log = server.data / "server.log"
    with server.used() as url:
        programs = choose(server.data)
        dump = [str(programs / "pg_dump"), "--dbname", database_url(), "--no-owner"]
        copied = subprocess.run(dump, capture_output=True, check=True)
        load = [str(programs / "psql"), "--dbname", url, "--quiet", "--set", "ON_ERROR_STOP=1"]
        subprocess.run(load, input=copied.stdout, stdout=subprocess.DEVNULL, check=True)
        yield Database(server, url)
    server.remove()
