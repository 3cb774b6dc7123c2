"""Makes tables and changes their columns, in all their rows."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from actions.tables.models import MOST_TABLES, Table
from tenants import journal
from tenants.models import Tenant, Verb

STEP = 500


def create(tenant: Tenant, name: str, columns: list[str]) -> Table:
    """Raises ValueError with a sentence."""
    if tenant.tables.count() >= MOST_TABLES:
        raise ValueError(_("A company has at most %(count)s tables") % {"count": MOST_TABLES})
    try:
        with transaction.atomic():
            table = Table.objects.create(tenant=tenant, name=name, columns=columns)
            journal.note(table, Verb.ADDED)
            return table
    except IntegrityError:
        raise ValueError(_("There is already a table “%(name)s”") % {"name": name}) from None


def reshape(table: Table, columns: list[str], renamed: dict[str, str]) -> None:
    """columns: all of them from now on. renamed: the new names of those that stay, by the old ones; values of the
    others are deleted."""
    same = all(renamed.get(name) == name for name in table.columns)
    with journal.noted(table):
        Table.objects.select_for_update().filter(pk=table.pk).update(columns=columns)
        if not same:
            _rewrite(table, renamed)
    table.columns = columns


def _rewrite(table: Table, renamed: dict[str, str]) -> None:
    after = 0
    while rows := list(table.rows.filter(pk__gt=after).order_by("pk").select_for_update()[:STEP]):
        for row in rows:
            values: dict[str, Any] = row.values
            row.values = {renamed[name]: value for name, value in values.items() if name in renamed}
        table.rows.bulk_update(rows, ["values"])
        after = rows[-1].pk
