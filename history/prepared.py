"""Runs a statement that the server keeps prepared: to plan one over many partitions costs ten times what it does."""

import time
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection

ONLY_WHEN_ASKED = 1_000_000
"""Runs after which psycopg would prepare a statement by itself. Django's None forbids it even to those who ask."""

PLANS_SECONDS = 60.0
# One plan serves all values; else the server would go on planning, since a plan for these values alone looks cheaper.
# It is made for the tables as they are then, and a new week's partition is empty at first, when reading all of it looks
# best: so that is forbidden. To plan a claim anew takes longer than the claim: so seldom.
FRESH = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; DISCARD PLANS"

_planned: WeakKeyDictionary[psycopg.Connection[Any], float] = WeakKeyDictionary()


def execute(statement: str, values: dict[str, Any] | None = None) -> list[Any]:
    """The rows, none for a statement that gives none; on Django's connection, inside the transaction open there.

    Raises Django's database errors. The statement's text must be one of a few: each is kept as long as the connection.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return run(connection.connection, statement, values)


def run(session: psycopg.Connection[Any], statement: str, values: dict[str, Any] | None = None) -> list[Any]:
    """The same on a connection of psycopg's, with its errors."""
    session.prepare_threshold = ONLY_WHEN_ASKED
    with psycopg.Cursor(session) as cursor:
        if time.monotonic() >= _planned.get(session, 0.0) + PLANS_SECONDS:
            cursor.execute(FRESH)
            _planned[session] = time.monotonic()
        cursor.execute(statement, values, prepare=True)
        return cursor.fetchall() if cursor.description else []
