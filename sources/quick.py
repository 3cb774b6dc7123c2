"""The good path of the webhook address: a known source, a plain request, one statement, without a request of Django.

The statement itself checks that what this process knows of the source still holds, so nothing has to be told to other
processes. Whatever is not plain, and whatever fails, goes the long way (sources.receive), under the same operation id:
what may have been written already is not written twice.
"""

import io
import json
import logging
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from history import accept, bell
from history.models import Status
from sources import answer, door, duplicates, request_body
from sources.incoming import incoming
from sources.receive import OPERATION
from webjack.config import Config
from webjack.fields import uuid7
from webjack.kinds import UnknownKind

log = logging.getLogger(__name__)

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

ADDRESS = re.compile(r"/webhooks/([a-z0-9_-]+)/([0-9a-f]{32})/?")
# A row's place and the transaction that wrote it: together they change whenever the row does (PostgreSQL, 5.5).
UNCHANGED = """AND EXISTS (SELECT FROM sources_source source
    WHERE source.id = %(source)s AND source.ctid = %(ctid)s::tid AND source.xmin = %(xmin)s::xid)
    AND processing.ordering <> 'key'
"""
INSERT = accept.ONCE + UNCHANGED + "RETURNING status"
HEADERS = [*answer.GUARD.items(), ("Content-Type", "application/json"), ("Access-Control-Allow-Origin", "*")]


class Quick:
    """Answers what it can and leaves the rest to the application behind it."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        bell.hang()
        known = _known(environ)
        id = _kept(environ, known) if known else None
        if id is None:
            return self.application(environ, start)
        body = json.dumps({"status": "ok", "id": str(id)}).encode()
        start("200 OK", [*HEADERS, ("Content-Length", str(len(body)))])
        return [body]


def _known(environ: Environ) -> door.Door | None:
    """The source, if this process knows it and neither it nor the request needs more than the good path gives."""
    address = ADDRESS.fullmatch(environ["PATH_INFO"])
    known = door.known.get((address[1], address[2])) if address else None
    if known is None or not _is_plain(environ) or not _asks_nothing(known.config):
        return None
    try:
        return known if environ["REQUEST_METHOD"] in known.spec.methods(known.config) else None
    except UnknownKind:
        return None


def _asks_nothing(config: Config) -> bool:
    """Whether neither the answer nor the decision depends on what is in the request."""
    return answer.is_default(config) and not duplicates.asked(config)


def _is_plain(environ: Environ) -> bool:
    """Whether the body's length is known and allowed, and no browser asks."""
    length = environ.get("CONTENT_LENGTH") or "0"
    return (
        environ["REQUEST_METHOD"] not in ("HEAD", "OPTIONS")
        and "HTTP_TRANSFER_ENCODING" not in environ
        and "HTTP_ORIGIN" not in environ
        and length.isdecimal()
        and int(length) <= settings.MAX_BODY_BYTES
    )


def _kept(environ: Environ, known: door.Door) -> uuid.UUID | None:
    """The operation's id once it is committed; None leaves the request as if nobody had read it."""
    try:
        body = request_body.read(environ, settings.MAX_BODY_BYTES)
    except request_body.Broken:
        environ["wsgi.input"] = io.BytesIO()
        return None
    id = environ[OPERATION] = uuid7()
    environ["wsgi.input"] = io.BytesIO(body)
    values = accept.values(id, known.place, incoming(environ, body)) | {"ctid": known.ctid, "xmin": known.xmin}
    try:
        status = _written(values)
    except (DatabaseError, InterfaceError, psycopg.Error) as error:
        log.debug("the good path failed: %s", " ".join(str(error).split()))
        connection.close()
        return None
    if status == Status.QUEUED:
        bell.ring()
    return id if status else None


def _written(values: dict[str, Any]) -> str | None:
    """The new operation's status; None where the source is not any more what we know of it."""
    connection.ensure_connection()
    session = connection.connection
    session.prepare_threshold = 0  # Django's own cursors prepare nothing whatever stands here
    with psycopg.Cursor(session) as cursor:
        row = cursor.execute(INSERT, values).fetchone()
    return row[0] if row else None
