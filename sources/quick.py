"""The good path of the webhook address: a known source, a plain request, one statement, without a request of Django.

The statement itself checks that what this process knows of the source and its processing still holds, so nothing has to
be told to other processes. Whatever is not plain, and whatever fails, goes the long way (sources.receive), under the
same operation id: what may have been written already is not written twice.
"""

import io
import logging
import re
import uuid
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg
import uuid_utils
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from history import accept, bell
from history.accept import Call
from history.models import Status
from processings.models import Ordering, State
from sources import answer, door, duplicates, request_body
from sources.incoming import incoming
from sources.receive import OPERATION
from webjack.fields import dump
from webjack.kinds import UnknownKind
from webjack.prepared import BINARY, TEXT, Prepared

log = logging.getLogger(__name__)

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

ADDRESS = re.compile(r"/webhooks/([a-z0-9_-]+)/([0-9a-f]{32})/?")
# A row's place and the transaction that wrote it: together they change whenever the row does (PostgreSQL, 5.5).
UNCHANGED = """
WHERE EXISTS (SELECT FROM sources_source source WHERE source.ctid = $14::tid AND source.xmin = $15::xid
    AND source.id = $4)
AND EXISTS (SELECT FROM processings_processing processing WHERE processing.ctid = $16::tid
    AND processing.xmin = $17::xid AND processing.id = $3)
"""
# Texts go as binary too: then the server itself refuses what it cannot hold, such as NUL.
INSERT = Prepared("accept", accept.AS_KNOWN + UNCHANGED, [BINARY] * 11 + [TEXT, BINARY] + [TEXT] * 4)
HEADERS = [*answer.GUARD.items(), ("Content-Type", "application/json"), ("Access-Control-Allow-Origin", "*")]


class Known(NamedTuple):
    """What of a source goes into the statement as it is. methods: that can be taken here."""

    methods: frozenset[str]
    status: Status
    place: tuple[bytes, ...]
    order_key: bytes | None
    versions: tuple[bytes, ...]


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
        body = b'{"status": "ok", "id": "%s"}' % id.encode()
        start("200 OK", [*HEADERS, ("Content-Length", str(len(body)))])
        return [body]


def _known(environ: Environ) -> Known | None:
    """The source, if this process knows it and neither it nor the request needs more than the good path gives."""
    address = ADDRESS.fullmatch(environ["PATH_INFO"])
    found = door.known.get((address[1], address[2])) if address else None
    if found is None or not _is_plain(environ):
        return None
    known = _prepared(found)
    return known if environ["REQUEST_METHOD"] in known.methods else None


def _is_plain(environ: Environ) -> bool:
    """Whether the body's length is known and allowed, and no browser asks."""
    length = environ.get("CONTENT_LENGTH") or "0"
    return (
        "HTTP_TRANSFER_ENCODING" not in environ
        and "HTTP_ORIGIN" not in environ
        and length.isdecimal()
        and int(length) <= settings.MAX_BODY_BYTES
    )


@lru_cache(maxsize=door.MOST_KNOWN)
def _prepared(found: door.Door) -> Known:
    status = Status.QUEUED if found.state == State.RUNNING else Status.HELD
    return Known(
        methods=frozenset(_methods(found)) - {"HEAD", "OPTIONS"},
        status=status,
        place=(found.tenant_id.bytes, found.processing_id.bytes, found.id.bytes, found.kind.encode(), status.encode()),
        order_key=found.processing_id.bytes if found.ordering == Ordering.STRICT else None,
        versions=tuple(
            text.encode() for text in (found.ctid, found.xmin, found.processing_ctid, found.processing_xmin)
        ),
    )


def _methods(found: door.Door) -> tuple[str, ...]:
    """None where the answer or a decision depends on what is in the request. What goes by a field is not known here."""
    try:
        kind = found.spec
    except UnknownKind:
        return ()
    if kind.watches or not answer.is_default(found.config) or duplicates.asked(kind.repeats(found.config)):
        return ()
    return kind.methods(found.config)


def _kept(environ: Environ, known: Known) -> str | None:
    """The operation's id once it is committed; None leaves the request as if nobody had read it."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.in_atomic_block:
        return None
    try:
        body = request_body.read(environ, settings.MAX_BODY_BYTES)
    except request_body.Broken:
        environ["wsgi.input"] = io.BytesIO()
        return None
    id = uuid_utils.uuid7()
    if _written(connection, id.bytes, known, incoming(environ, body)):
        if known.status == Status.QUEUED:
            bell.ring()
        return str(id)
    environ[OPERATION] = uuid.UUID(int=id.int)
    environ["wsgi.input"] = io.BytesIO(body)
    return None


def _written(connection: BaseDatabaseWrapper, id: bytes, known: Known, call: Call) -> bool:
    """Whether it is committed; if not, what we know of the source does not hold any more, or something failed."""
    request = (call.method[:16], call.query, dump(call.headers), call.content_type)
    method, query, headers, content_type = (text.encode() for text in request)
    address = call.address.encode() if call.address else None
    own = (method, query, headers, content_type, call.body, address, known.order_key)
    try:
        return INSERT.run(connection, (id, *known.place, *own, *known.versions)) == 1
    except (DatabaseError, InterfaceError, psycopg.Error) as error:
        log.debug("the good path failed: %s", " ".join(str(error).split()))
        connection.close()
        return False
