"""Runs a statement that the server keeps prepared: planning one over many partitions costs more than running it."""

from typing import Any

import psycopg
from django.db import connection


def execute(statement: str, values: dict[str, Any] | None = None) -> list[Any]:
    """The rows, none for a statement that gives none; on Django's connection, inside the transaction open there.

    Raises Django's database errors. The statement's text must be one of a few: each is kept as long as the connection.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, values, prepare=True)
        return cursor.fetchall() if cursor.description else []
