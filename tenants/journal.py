"""Журнал изменений: writes down who changed what, in the same transaction as the change.

    with journal.noted(place):  # any row whose model says what of it is noted
        place.save()  # or place.delete(), or an update of it

A model says by `NOTED` which fields count; by `NOTED_WHOLE` which are told when it is added or deleted too; by
`noted_too()` what else, by name. What is `Hidden` is compared, and only that it changed is kept.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from tenants.acting import actor
from tenants.changes import Change, Verb
from webjack import config as configs
from webjack import kinds
from webjack.fields import dump, first_uuid7
from webjack.http.mask import MASK, Mask

LONGEST_TEXT = 2000
LONGEST_VALUE = 4000  # of what is no text, as JSON
MOST_DETAILS = 100
STEP = 1000  # entries deleted at once

watchers: list[Callable[[uuid.UUID], None]] = []
"""Called with the processing that an entry is about, in the same transaction."""

_silent: ContextVar[bool] = ContextVar("silent", default=False)


class Hidden(str):
    """A secret, or what stands for it: never written down."""

    __slots__ = ()


@dataclass
class Seen:
    """A row as it was at one moment. subject: the columns of Change that say which one it is."""

    subject: dict[str, Any]
    values: dict[str, Any]
    whole: tuple[str, ...] = field(default=())


@contextmanager
def noted(row: models.Model, verb: str = "") -> Iterator[None]:
    """Notes what happens inside to this row, saved or not yet: that it is added, changed or deleted.

    verb: what to call a change. Never around a network call: a transaction is open and the row is locked.
    """
    with transaction.atomic():
        if _silent.get():
            yield
            return
        key = row.pk
        before = _stored(row, key)
        yield
        _tell(_compare(before, _stored(row, row.pk or key), verb))


@contextmanager
def noted_all(found: Callable[[], Iterable[models.Model]], added: str = Verb.ADDED) -> Iterator[None]:
    """The same for all rows that `found` finds before and after; added: what to call it when there are new ones."""
    with transaction.atomic():
        if _silent.get():
            yield
            return
        before = {row.pk: seen(row) for row in found()}
        yield
        after = {row.pk: seen(row) for row in found()}
        written: set[Any] = set()
        for key in [*before, *(key for key in after if key not in before)]:
            written |= _compare(before.get(key), after.get(key), "" if key in before else added)
        _tell(written)


def note(row: models.Model, verb: str, details: list[dict[str, Any]] | None = None) -> None:
    """Writes one entry about a row by hand."""
    _tell(_write(seen(row).subject, verb, details or []))


@contextmanager
def as_one() -> Iterator[None]:
    """Inside, nothing is noted: whoever opens this notes the whole by `note`."""
    before = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(before)


def silent() -> bool:
    return _silent.get()


def forget() -> int:
    """Deletes what is older than AUDIT_DAYS; returns how many entries."""
    old = Change.objects.filter(pk__lt=first_uuid7(timezone.now() - timedelta(days=settings.AUDIT_DAYS)))
    gone = 0
    while ids := list(old.order_by("pk").values_list("pk", flat=True)[:STEP]):
        gone += Change.objects.filter(pk__in=ids).delete()[0]
    return gone


def seen(row: Any) -> Seen:
    subject = {
        "tenant_id": row.pk if row._meta.label_lower == "tenants.tenant" else row.tenant_id,
        "what": row._meta.label_lower,
        "kind": getattr(row, "kind", ""),
        "row": str(row.pk),
        "name": str(getattr(row, "noted_name", row))[:300],
        "processing_id": row.pk if row._meta.label_lower == "processings.processing" else _processing_id(row),
    }
    values: dict[str, Any] = {}
    for name in row.NOTED:
        value = getattr(row, name)
        values |= _settings(row, value) if name == "config" else {name: value}
    too = getattr(row, "noted_too", None)
    return Seen(subject, values | (too() if too else {}), getattr(row, "NOTED_WHOLE", ()))


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """What of the values differs, ready to be kept: masked and cut."""
    names = [*after, *(name for name in before if name not in after)]
    found = (_difference(name, before.get(name), after.get(name)) for name in names)
    return [one for one in found if one][:MOST_DETAILS]


def _stored(row: models.Model, key: Any) -> Seen | None:
    if key is None:
        return None
    found = type(row)._base_manager.select_for_update(no_key=True, of=("self",)).filter(pk=key).first()
    return seen(found) if found else None


def _compare(before: Seen | None, after: Seen | None, verb: str) -> set[uuid.UUID]:
    """Writes what differs; returns the processing that it is about, if any."""
    if before is None or after is None:
        only = after or before
        if only:
            told = {name: only.values[name] for name in only.whole}
            details = differences({}, told) if after else differences(told, {})
            return _write(only.subject, (verb or Verb.ADDED) if after else Verb.REMOVED, details)
    elif details := differences(before.values, after.values):
        return _write(after.subject, verb or Verb.CHANGED, details)
    return set()


def _write(subject: dict[str, Any], verb: str, details: list[dict[str, Any]]) -> set[uuid.UUID]:
    if _silent.get():
        return set()
    by = actor()
    Change.objects.create(**subject, by=by.by, who=by.who[:300], user_id=by.user_id, verb=verb, details=details)
    return {subject["processing_id"]} - {None}


def _tell(processings: set[uuid.UUID]) -> None:
    for processing in processings:
        for watcher in watchers:
            watcher(processing)


def _processing_id(row: Any) -> uuid.UUID | None:
    return getattr(row, "processing_id", None)


def _settings(row: Any, config: dict[str, Any]) -> dict[str, Any]:
    """A config by the names of its form's fields."""
    try:
        flat = configs.flatten(config, list(row.spec.form.base_fields))
    except kinds.UnknownKind:
        flat = config
    return {f"config.{name}": value for name, value in flat.items()}


def _difference(name: str, old: Any, new: Any) -> dict[str, Any] | None:
    if old == new or (_empty(old) and _empty(new)):
        return None
    if isinstance(old, Hidden) or isinstance(new, Hidden):
        return {"field": name, "secret": True}
    was, now = (_masked(name, value) for value in (old, new))
    if was == now:
        return {"field": name, "secret": True}
    return {"field": name, "old": _cut(was), "new": _cut(now)}


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _masked(name: str, value: Any) -> Any:
    last = name.rpartition(".")[2]
    return next(iter(Mask([]).config({last: _plain(value)}).values()))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, str) and value.startswith("sha256$"):  # of a secret that a sender shows
        return MASK
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[: LONGEST_TEXT - 1] + "…"
    written = dump(value)
    return value if len(written) <= LONGEST_VALUE else written[: LONGEST_TEXT - 1] + "…"
