"""Sources that themselves tell their sender where to call, through a connection: set, taken away, and set again.

Everything here but `want` goes to the network and is never called inside a transaction. What is wanted is written down
first; then one at a time asks the sender for a source, and does what is wanted by then. `Source.hook` is what is known
of it:
wanted: whether the sender shall call. secrets: hashes of what it shows, of changes under way and, as the last, of what
it was told for sure. who: as which account. connection: through which. version: of the settings it was set with; ""
where it was taken away, or that failed. since: when. error: why not, a sentence. tries, again: of the job that sets
anew what was changed elsewhere, such as a token, or failed.
"""

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.translation import gettext as _

from connections.models import Connection
from connections.opened import Opened
from connections.places import ALL_SECONDS, SECONDS, Busy, place
from history.accept import Gone
from sources.fields import kept
from sources.models import Source
from webjack import kinds
from webjack.config import Config
from webjack.http import Failed, Http

log = logging.getLogger(__name__)

PAUSES = (1, 5, 15, 60)  # minutes until the job tries again
ROUND_SECONDS = 20.0
"""So long the job begins with new ones: mails wait behind it, and the next round comes within a minute."""
LOOK_SECONDS = 0.1  # between looks whether another has finished with a source


def want(source: Source, on: bool) -> bool:
    """Notes whether the sender shall call: if nobody else does it, the job does. False where the kind has no hook."""
    if not _hooks(source):
        return False
    _write(source, wanted=on)
    return True


def follow(source: Source, on: bool) -> str:
    """Does it now; a sentence when it failed."""
    if not want(source, on):
        return ""
    try:
        with place(), _alone(source, SECONDS):
            return _do(source)
    except Busy as busy:
        return _failed(source, str(busy)) if on else _sentence(source, str(busy))


def leave(source: Source) -> str:
    """Takes it away before the source is deleted; a sentence when that failed. Raises Busy: later nobody can do it."""
    if not _hooks(source):
        return ""
    with place(), _alone(source, SECONDS):
        _write(source, wanted=False)
        return _do(source)


def again() -> int:
    """The job: sets what should be set and is not, or was set with other settings; how many it tried."""
    tried, ends = 0, time.monotonic() + ROUND_SECONDS
    for source in _open():
        if time.monotonic() >= ends:
            break
        try:
            tried += _again(source)
        except Exception:  # the others still have their turn
            log.exception("the hook of the source %s", source.pk)
    return tried


def _again(source: Source) -> bool:
    if not _is_due(source):
        return False
    try:
        with _alone(source, 0):
            if due := _is_due(source):  # nobody has done it meanwhile
                if source.processing.deleted_at is not None:
                    _write(source, wanted=False)
                _do(source)
            return due
    except Busy:
        return False


@contextmanager
def _alone(source: Source, seconds: float) -> Iterator[None]:
    """With the newest of the source, and nobody else at its sender; the lock is the session's, not a transaction's.

    Raises Busy when another is still at it after so many seconds.
    """
    name, ends = f"hook {source.pk}", time.monotonic() + seconds
    while not _asked("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name):
        if time.monotonic() >= ends:
            raise Busy(_("A request to the service for this source is still under way. Try again in a minute"))
        time.sleep(LOOK_SECONDS)
    try:
        _renew(source)
        yield
    finally:
        _asked("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)


def _asked(query: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, [name])
        return bool(cursor.fetchone()[0])


def _do(source: Source) -> str:
    """What is wanted by now."""
    return _attach(source) if source.hook.get("wanted") else _detach(source)


def _hooks(source: Source) -> str:
    try:
        return source.spec.hooks
    except kinds.UnknownKind:
        return ""


def _open() -> QuerySet[Source]:
    """What the job looks at: what shall be set, and what is set though it shall not; what waits longest first."""
    told = Source.objects.annotate(wanted=KT("hook__wanted"), as_set=KT("hook__version"))
    found = told.filter(Q(wanted="true") | Q(wanted="false", as_set__gt="")).select_related("processing")
    return found.order_by(KT("hook__again").asc(nulls_first=True), "pk")


def _is_due(source: Source) -> bool:
    hook = source.hook
    if not _hooks(source):
        return False
    if source.processing.deleted_at is not None or not hook.get("wanted"):
        return bool(hook.get("wanted") or hook.get("version"))
    if hook.get("again") and datetime.fromisoformat(hook["again"]) > timezone.now():
        return False
    row = _chosen(source)
    return bool(hook.get("error")) or (row is not None and _version(source, row) != hook.get("version"))


def _attach(source: Source) -> str:
    row, secret = _chosen(source), secrets.token_urlsafe(32)
    known = source.hook.get("secrets", [])
    before = list(dict.fromkeys([*known[:1], *known[-1:]]))
    if row is None:
        return _failed(source, _("Choose a connection: without it the source gets nothing"))
    if taken := _elsewhere(source, row):
        return _failed(source, taken)
    if source.hook.get("connection") not in (None, "", str(row.pk)):
        _detach(source)  # from the account it was set with before
    version = _version(source, row)
    _write(source, connection=str(row.pk), secrets=[kept(secret), *before])
    http = Http(deadline=SECONDS, whole=ALL_SECONDS)
    try:
        who = source.spec.attach(source.url, secret, *_through(source, row, http))
    except Failed as failed:
        return _failed(source, http.hidden(str(failed.message)))
    done = {"who": who, "version": version, "since": timezone.now().isoformat()}
    _write(source, secrets=source.hook["secrets"][:1], error="", tries=0, again="", **done)
    return ""


def _detach(source: Source) -> str:
    row = _connection(source, source.hook.get("connection"))
    http = Http(deadline=SECONDS, whole=ALL_SECONDS)
    try:
        if row is not None:
            source.spec.detach(source.url, *_through(source, row, http))
            _write(source, connection="", secrets=[], since="")
    except Failed as failed:
        return _sentence(source, http.hidden(str(failed.message)))
    finally:  # after it, for until then the job would have to do it
        _write(source, version="", error="", again="", tries=0)
    return ""


def _through(source: Source, row: Connection, http: Http) -> tuple[Config, Http]:
    """Raises Failed."""
    opened = Opened(row)
    http.hide(opened.hidden)
    return source.config | {source.spec.hooks: opened}, http.through(opened)


def _chosen(source: Source) -> Connection | None:
    return _connection(source, source.config.get(source.spec.hooks))


def _connection(source: Source, id: Any) -> Connection | None:
    return Connection.objects.filter(tenant_id=source.tenant_id, pk=id).first() if id else None


def _elsewhere(source: Source, row: Connection) -> str:
    """A sentence when another source of the company has the account."""
    told = Source.objects.annotate(wanted=KT("hook__wanted"), through=KT("hook__connection"))
    others = told.filter(tenant_id=source.tenant_id, kind=source.kind, processing__deleted_at=None)
    theirs = others.filter(wanted="true", through=str(row.pk)).exclude(pk=source.pk).select_related("processing")
    for other in theirs[:1]:
        names = {"source": other.title, "processing": other.processing}
        return _("The account already calls “%(source)s” of “%(processing)s”: stop that processing first") % names
    return ""


def _version(source: Source, row: Connection) -> str:
    settings = sorted((name, str(value)) for name, value in source.config.items())
    return f"{row.pk} {row.updated_at.isoformat()} {source.url} {settings}"


def _failed(source: Source, error: str) -> str:
    tries = int(source.hook.get("tries") or 0)
    pause = timedelta(minutes=PAUSES[min(tries, len(PAUSES) - 1)])
    _write(source, error=error, tries=tries + 1, again=(timezone.now() + pause).isoformat())
    return _sentence(source, error)


def _sentence(source: Source, error: str) -> str:
    return _("“%(name)s”: %(error)s") % {"name": source.title, "error": error}


def _write(source: Source, **values: Any) -> None:
    """Changes these of `hook` alone, of whose rest others may have written meanwhile. Raises Gone."""
    with transaction.atomic():
        newest = Source.objects.select_for_update(no_key=True).filter(pk=source.pk).values_list("hook", flat=True)
        source.hook = _found(newest) | values
        source.write("hook")


def _renew(source: Source) -> None:
    """Raises Gone."""
    source.hook, source.config = _found(Source.objects.filter(pk=source.pk).values_list("hook", "config"))


def _found(rows: QuerySet[Source, Any]) -> Any:
    for row in rows:
        return row
    raise Gone
