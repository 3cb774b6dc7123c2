"""A statement that each connection prepares once: what is run for every request is sent with as little as libpq takes.

psycopg's cursor converts the parameters, looks the statement up and makes objects of the result; for an INSERT of a
few dozen microseconds that doubles the price (docs/performance.md).
"""

import threading
from collections.abc import Sequence

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import errors, pq

BINARY, TEXT = 1, 0


class Prepared:
    """statement: with $1, $2, …; returns no rows. formats: of its parameters, BINARY or TEXT (no NUL in these)."""

    def __init__(self, name: str, statement: str, formats: Sequence[int]) -> None:
        self.name = name.encode()
        self.statement = statement.encode()
        self.formats = list(formats)
        self.own = threading.local()  # the thread's session in which the statement is prepared

    def run(self, connection: BaseDatabaseWrapper, values: Sequence[bytes | None]) -> int:
        """Runs it on this thread's connection, committed at once; returns how many rows it wrote.

        Raises psycopg's errors. Not for use inside a transaction, which Django begins only with its own cursors.
        """
        connection.ensure_connection()
        session = connection.connection
        if getattr(self.own, "session", None) is not session:
            _done(session.pgconn.prepare(self.name, self.statement))
            self.own.session = session
        return _done(session.pgconn.exec_prepared(self.name, values, self.formats)).command_tuples or 0


def _done(result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status != pq.ExecStatus.COMMAND_OK:
        error: psycopg.Error = errors.error_from_result(result)
        raise error
    return result
