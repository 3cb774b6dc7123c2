"""The yardstick of `bench/accept.py`: a WSGI application that does nothing but one committed INSERT for each POST.

It writes what the product writes, into the product's table with its indexes, over one connection for each thread.
"""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
import uuid_utils

INSERT = """
INSERT INTO history_operation (
    id, tenant_id, processing_id, source_id, kind, status, received_at, method, query, headers, content_type, body,
    address, data, run, attempts, tries, losses, forced, due_at, started_at, finished_at, duration_ms, error
)
VALUES (%s, %s, %s, %s, 'http', 'queued', now(), 'POST', '', '{}', 'application/json', %s, '127.0.0.1', NULL, 1, 0, 0,
    0, false, now(), NULL, NULL, NULL, '')
"""
own = threading.local()


def application(environ: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    """POST /<processing>: keeps the body, answers with its id."""
    if environ["REQUEST_METHOD"] != "POST":
        start("200 OK", [("Content-Length", "0")])
        return []
    if not hasattr(own, "connection"):
        own.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    id, place = str(uuid_utils.uuid7()), environ["PATH_INFO"][1:]
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    own.connection.execute(INSERT, (id, place, place, place, body))
    answer = b'{"status": "ok", "id": "%s"}' % id.encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]
