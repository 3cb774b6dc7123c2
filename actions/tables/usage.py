"""Which actions use which table: they name it by its name."""

import uuid
from functools import cache

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from actions import arrange
from actions.fields import TableField
from actions.models import Action
from actions.tables.models import Table
from processings.models import Processing
from tenants import journal
from tenants.models import Tenant
from webjack import kinds


@cache
def settings_of(kind: str) -> tuple[str, ...]:
    """The settings of a kind of action that name a table; none when the kind is gone."""
    try:
        fields = kinds.get("action", kind).form.base_fields
    except kinds.UnknownKind:
        return ()
    return tuple(name for name, each in fields.items() if isinstance(each, TableField))


def users(tenant: Tenant) -> dict[str, list[Processing]]:
    """The processings that use each table, by the table's name."""
    known: dict[str, dict[uuid.UUID, Processing]] = {}
    actions = _users(tenant).filter(processing__deleted_at=None).select_related("processing")
    for action in actions.order_by("processing__name", "position"):
        for setting in settings_of(action.kind):
            named = str(action.config.get(setting) or "").strip()
            known.setdefault(named, {})[action.processing_id] = action.processing
    return {name: list(found.values()) for name, found in known.items()}


def rename(table: Table, name: str) -> None:
    """Gives it another name, in the actions that use it as well. Raises ValueError when it is taken."""
    before = table.name
    with transaction.atomic():
        if Table.objects.filter(tenant_id=table.tenant_id, name=name).exclude(pk=table.pk).exists():
            raise ValueError(_("There is already a table “%(name)s”") % {"name": name})
        with journal.noted(table):
            Table.objects.filter(pk=table.pk).update(name=name)
        using = _users(table.tenant).order_by("processing").values_list("processing", flat=True).distinct()
        for processing in Processing.everything.filter(pk__in=using).order_by("pk"):
            with arrange.changing(processing):
                _rename(_users(table.tenant).filter(processing=processing), before, name)
    table.name = name


def _rename(actions: QuerySet[Action], before: str, name: str) -> None:
    for action in actions.select_for_update():
        named = [one for one in settings_of(action.kind) if str(action.config.get(one) or "").strip() == before]
        if named:
            Action.objects.filter(pk=action.pk).update(config=action.config | dict.fromkeys(named, name))


def _users(tenant: Tenant) -> QuerySet[Action]:
    kinds_with = [kind for kind in kinds.catalogue("action") if settings_of(kind)]
    return Action.objects.filter(tenant=tenant, kind__in=kinds_with)
