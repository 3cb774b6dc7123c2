"""«Получить»: the fields of a source, taken from a request that came to it."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from actions.calls import handed
from actions.models import Action
from actions.placeholders import Field, fields, placeholder
from history.models import Operation, Status
from sources.kind import SourceKind
from sources.models import Source
from sources.timed.run import look
from tenants import access, journal
from webjack.decode import Decoded

Row = dict[str, Any]


PROBE = Q(status=Status.FILTERED, attempts=0)


class NothingYet(LookupError):
    """No request has come to the source yet."""


def requests(source: Source) -> QuerySet[Operation]:
    """All that came to the source, the newest first; refused calls too, tests and probes not."""
    return _all(source).exclude(PROBE)


def probe(source: Source) -> Operation | None:
    """The newest call that only tried the address (sources.kind.Met)."""
    return _all(source).filter(PROBE).defer("body", "data").first() if source.spec.watches else None


def _all(source: Source) -> QuerySet[Operation]:
    return access.rows(source.tenant, Operation).filter(source_id=source.pk, test=False).order_by("-id")


def newest(source: Source) -> Operation | None:
    return requests(source).first()


def recent(source: Source, count: int = 10) -> list[Operation]:
    """The last requests without their bodies, which a list does not need."""
    return list(requests(source).defer("body", "data", "headers")[:count])


def chosen(source: Source, id: uuid.UUID | str | None) -> Operation | None:
    """The request that the fields were taken from, or shall be taken from; None when it is no longer kept."""
    try:
        return requests(source).filter(pk=id).first() if id else None
    except ValidationError:  # what is no UUID at all
        return None


def read(source: Source, operation: Operation) -> Decoded:
    """The request's data as the source's kind reads them now."""
    return source.spec.read(operation, source.config)


def capture(source: Source, operation: Operation | None = None, *, ask: bool = True) -> Source:
    """Takes sample and fields from a request, the newest unless one is given, and saves them.

    ask: a source that asks by itself does so where nothing came yet. Labels and what was hidden stay with the names
    they belong to; fields added by hand stay. Raises NothingYet, Gone, and Failed when asking failed.
    """
    operation = operation or newest(source)
    data = read(source, operation).data if operation else look(source) if ask else None
    if data is None:
        raise NothingYet
    source.sample, source.captured_id = data, operation.pk if operation else None
    source.fields = merge(labelled(source.spec, found(data)), source.fields)
    with journal.noted(source):
        source.write("sample", "captured_id", "fields")
    return source


def capture_from(source: Source, caller: Action) -> Source:
    """The same from what an action of another processing hands over on its sample, before any call has come."""
    data = handed(caller, source.processing)
    source.sample, source.captured_id = data, None
    source.fields = merge(found(data), source.fields)
    with journal.noted(source):
        source.write("sample", "captured_id", "fields")
    return source


def found(data: dict[str, Any]) -> list[Row]:
    """The fields of the data: `{"name", "sample", "label", "hidden"}`.

    A name is the key, or for what lies deeper the path that a placeholder writes: `fields.PHONE[0].VALUE`.
    """
    plain = {placeholder(key): key for key in data}
    named = [(_name(field, plain), field) for field in fields(data)]
    return [{"name": name, "sample": field.sample, "label": "", "hidden": False} for name, field in named if name]


def _name(field: Field, plain: dict[str, str]) -> str:
    return plain.get(field.placeholder, field.name)


def labelled(kind: SourceKind, rows: list[Row]) -> list[Row]:
    """With the names that people have for what this service sends."""
    known = {name.lower(): label for name, label in kind.labels.items()}
    return [row | {"label": str(known.get(row["name"].lower(), ""))} for row in rows]


def merge(fresh: list[Row], before: list[Row]) -> list[Row]:
    """Fresh fields with the labels of before, then those that were added by hand and did not come."""
    known = {row["name"]: row for row in before}
    names = {row["name"] for row in fresh}
    kept = [row | _chosen(known[row["name"]]) if row["name"] in known else row for row in fresh]
    return kept + [row for row in before if row.get("added") and row["name"] not in names]


def _chosen(row: Row) -> Row:
    """What the customer has set for a field."""
    own = {"label": row.get("label", ""), "hidden": bool(row.get("hidden"))}
    return own | ({"added": True} if row.get("added") else {})
