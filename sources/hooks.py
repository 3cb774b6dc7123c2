"""Sources that themselves tell their sender where to call, through a connection: set, taken away, and set again.

Everything here goes to the network and is never called inside a transaction. `Source.hook` is what is known of it:
wanted: whether the sender shall call. secrets: hashes of what it shows, of now and of a change under way. who: as which
account. connection: through which. version: of the settings it was set with. since: when. error: why not, a sentence.
tries, again: of the job that sets anew what was changed elsewhere, such as a token, or failed.
"""

import logging
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.translation import gettext as _

from connections.models import Connection
from connections.opened import Opened
from connections.places import SECONDS
from sources.fields import kept
from sources.models import Source
from webjack import kinds
from webjack.config import Config
from webjack.http import Failed, Http

log = logging.getLogger(__name__)

PAUSES = (1, 5, 15, 60)  # minutes until the job tries again


def follow(source: Source, on: bool) -> str:
    """Does it now; a sentence when it failed."""
    try:
        if not source.spec.hooks:
            return ""
    except kinds.UnknownKind:
        return ""
    return _attach(source) if on else _detach(source)


def again() -> int:
    """The job: sets what should be set and is not, or was set with other settings; how many it tried."""
    wrong = [source for source in _wanted().select_related("processing") if _is_due(source)]
    for source in wrong:
        source.follow(on=source.processing.deleted_at is None)
    return len(wrong)


def _wanted() -> QuerySet[Source]:
    return Source.objects.annotate(wanted=KT("hook__wanted")).filter(wanted="true")


def _is_due(source: Source) -> bool:
    hook = source.hook
    if source.processing.deleted_at is not None:
        return True
    if hook.get("again") and datetime.fromisoformat(hook["again"]) > timezone.now():
        return False
    row = _chosen(source)
    return bool(hook.get("error")) or (row is not None and _version(source, row) != hook.get("version"))


def _attach(source: Source) -> str:
    row, secret = _chosen(source), secrets.token_urlsafe(32)
    before = list(source.hook.get("secrets", ()))[:1]
    if row is None:
        return _failed(source, _("Choose a connection: without it the source gets nothing"))
    if taken := _elsewhere(source, row):
        return _failed(source, taken)
    if source.hook.get("connection") not in (None, "", str(row.pk)):
        _detach(source)  # from the account it was set with before
    _write(source, wanted=True, secrets=[kept(secret), *before])
    http = Http(deadline=SECONDS)
    try:
        who = source.spec.attach(source.url, secret, *_through(source, row, http))
    except Failed as failed:
        return _failed(source, http.hidden(str(failed.message)))
    known = source.hook["secrets"][:1]
    done = {
        "connection": str(row.pk),
        "who": who,
        "version": _version(source, row),
        "since": timezone.now().isoformat(),
    }
    _write(source, secrets=known, error="", tries=0, again="", **done)
    return ""


def _detach(source: Source) -> str:
    row = _connection(source, source.hook.get("connection"))
    _write(source, wanted=False, error="", again="", tries=0)
    if row is None:
        return ""
    http = Http(deadline=SECONDS)
    try:
        source.spec.detach(source.url, *_through(source, row, http))
    except Failed as failed:
        return _("“%(name)s”: %(error)s") % {"name": source.title, "error": http.hidden(str(failed.message))}
    _write(source, connection="", version="", secrets=[], since="")
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
    others = _wanted().filter(tenant_id=source.tenant_id, kind=source.kind, processing__deleted_at=None)
    for other in others.exclude(pk=source.pk).select_related("processing"):
        if str(other.config.get(source.spec.hooks)) == str(row.pk):
            names = {"source": other.title, "processing": other.processing}
            return _("The account already calls “%(source)s” of “%(processing)s”: stop that processing first") % names
    return ""


def _version(source: Source, row: Connection) -> str:
    settings = sorted((name, str(value)) for name, value in source.config.items())
    return f"{row.pk} {row.updated_at.isoformat()} {source.url} {settings}"


def _failed(source: Source, error: str) -> str:
    tries = int(source.hook.get("tries") or 0)
    pause = timedelta(minutes=PAUSES[min(tries, len(PAUSES) - 1)])
    _write(source, wanted=True, error=error, tries=tries + 1, again=(timezone.now() + pause).isoformat())
    return _("“%(name)s”: %(error)s") % {"name": source.title, "error": error}


def _write(source: Source, **values: Any) -> None:
    source.hook = source.hook | values
    source.write("hook")
