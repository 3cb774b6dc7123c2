"""Writes rows of a table, checked and bounded, all of them or none; and looks them up as a worker does."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.effects import Found, Look
from actions.tables.models import LONGEST_KEY, LONGEST_NAME, LONGEST_VALUE, MOST_COLUMNS, MOST_ROWS, Table, TableRow
from webjack.fields import dump, storable

Values = dict[str, Any]
STEP = 1000
# In the order that workers write rows in (history.effects), so that nobody waits for each other.
PUT = """
INSERT INTO actions_tablerow (table_id, key, values, changed_at, expires_at)
SELECT %(table)s, row.key, row.given, now(), row.until
FROM unnest(%(keys)s::text[], %(values)s::json[], %(untils)s::timestamptz[]) AS row(key, given, until)
ORDER BY row.key
ON CONFLICT (table_id, key) DO UPDATE
SET values = excluded.values, changed_at = excluded.changed_at, expires_at = excluded.expires_at
RETURNING (xmax = 0)
"""


@dataclass(frozen=True)
class Given:
    """A row to write; until: from when on it is not found any more, None for never."""

    key: str
    values: Values = field(default_factory=dict)
    until: datetime | None = None


def checked_key(key: str) -> str:
    """Without blanks around it. Raises ValueError with a sentence."""
    key = key.strip()
    if not key:
        raise ValueError(_("The key is empty"))
    return _plain(key, LONGEST_KEY, _("The key"))


def checked_column(name: str) -> str:
    """Without blanks around it. Raises ValueError with a sentence."""
    name = name.strip()
    if not name:
        raise ValueError(_("The name of a column is empty"))
    return _plain(name, LONGEST_NAME, _("The name of a column"))


def checked_values(values: Values) -> Values:
    """Raises ValueError with a sentence that names the column."""
    named = {checked_column(name): value for name, value in values.items()}
    if len(named) > MOST_COLUMNS:
        raise ValueError(_("A row has at most %(count)s values") % {"count": MOST_COLUMNS})
    for name, value in named.items():
        if size(value) > LONGEST_VALUE:
            told = _("“%(name)s”: the value is longer than %(count)s KB")
            raise ValueError(told % {"name": name, "count": LONGEST_VALUE // 1024})
    return named


def size(value: Any) -> int:
    """Bytes of the value as it is stored."""
    return len(dump(value).encode())


def put(table: Table, rows: Iterable[Given], *, replace: bool = False, merge: bool = False) -> tuple[int, int]:
    """Writes rows, the last of each key; returns how many are new and how many were there before.

    replace: the others go. merge: a row that is there keeps the values that are not given. Raises ValueError with a
    sentence, and then nothing is written.
    """
    wanted = list({row.key: row for row in rows}.values())
    with transaction.atomic():
        locked = Table.objects.select_for_update().filter(pk=table.pk).first()
        if locked is None:
            raise ValueError(_("The table was deleted meanwhile"))
        if replace:
            locked.rows.exclude(key__in=[row.key for row in wanted]).delete()
        widen(locked, [name for row in wanted for name in row.values])
        fresh = sum(_put(locked, wanted[start : start + STEP], merge) for start in range(0, len(wanted), STEP))
        if fresh and locked.rows.count() > MOST_ROWS:
            raise ValueError(_("A table has at most %(count)s rows") % {"count": MOST_ROWS})
    return fresh, len(wanted) - fresh


def widen(table: Table, names: Iterable[str]) -> None:
    """Names that no row had before become columns, at the end; the table must be locked. Raises ValueError."""
    columns = list(dict.fromkeys([*table.columns, *names]))
    if columns == table.columns:
        return
    if len(columns) > MOST_COLUMNS:
        raise ValueError(_("A table has at most %(count)s columns") % {"count": MOST_COLUMNS})
    table.columns = columns
    table.save(update_fields=["columns"])


def change(row: TableRow, key: str, values: Values) -> None:
    """Raises ValueError with a sentence when another row has the key."""
    try:
        with transaction.atomic():
            TableRow.objects.filter(pk=row.pk).update(key=key, values=values, changed_at=timezone.now())
    except IntegrityError:
        raise ValueError(_("There is already a row with the key “%(key)s”") % {"key": key[:100]}) from None


def found(tenant_id: uuid.UUID, look: Look) -> Found:
    """What a worker would answer (history.effects.look)."""
    table = Table.objects.filter(tenant_id=tenant_id, name=storable(look.table)).first()
    if table is None:
        return Found()
    kept = table.rows.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), key=storable(look.key)).first()
    return Found(True, kept.values if kept else None)


def _plain(words: str, longest: int, what: str) -> str:
    if len(words) > longest:
        raise ValueError(_("%(what)s is longer than %(count)s characters") % {"what": what, "count": longest})
    if storable(words) != words:
        raise ValueError(_("%(what)s has characters that no text can have") % {"what": what})
    return words


def _put(table: Table, rows: Sequence[Given], merge: bool) -> int:
    """Returns how many are new."""
    keys = [row.key for row in rows]
    # Locked, in the order in which workers write them: what one remembers meanwhile must not be lost.
    there = table.rows.filter(key__in=keys).order_by("key").select_for_update()
    before = dict(there.values_list("key", "values")) if merge else {}
    told: dict[str, Any] = {
        "table": table.pk,
        "keys": keys,
        "values": [dump(before.get(row.key, {}) | row.values) for row in rows],
        "untils": [row.until for row in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(PUT, told)
        return sum(fresh for (fresh,) in cursor.fetchall())
