"""The yardstick: a WSGI application that does nothing but one committed INSERT for each POST.

It keeps the same bytes in a table with the columns and the three indexes that the least queue needs, over one
connection for each thread.
"""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
import uuid_utils

TABLE = """
DROP TABLE IF EXISTS bench_bare;
CREATE TABLE bench_bare (
    id uuid PRIMARY KEY, tenant uuid NOT NULL, processing uuid NOT NULL, status smallint NOT NULL,
    attempts smallint NOT NULL, due_at timestamptz NOT NULL, payload bytea NOT NULL, created_at timestamptz NOT NULL,
    finished_at timestamptz, error text NOT NULL
);
CREATE INDEX ON bench_bare (tenant, due_at) WHERE status < 2;
CREATE INDEX ON bench_bare (tenant) WHERE status = 1;
CREATE INDEX ON bench_bare (tenant, id DESC);
"""
INSERT = "INSERT INTO bench_bare VALUES (%s, %s, %s, 0, 0, now(), %s, now(), NULL, '')"
own = threading.local()


def application(environ: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    """POST /<tenant>/<processing>: keeps the body, answers with its id."""
    if environ["REQUEST_METHOD"] != "POST":
        start("200 OK", [("Content-Length", "0")])
        return []
    if not hasattr(own, "connection"):
        own.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    id = str(uuid_utils.uuid7())
    _, tenant, processing = environ["PATH_INFO"].split("/")
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    own.connection.execute(INSERT, (id, tenant, processing, body))
    answer = b'{"status": "ok", "id": "%s"}' % id.encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]
