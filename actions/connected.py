"""The connections that actions use: found for a worker or a page, opened for an attempt, offered by a form."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from actions.fields import ConnectionField, ProcessingField, TableField
from actions.models import Action
from connections import tokens
from connections.models import Connection
from connections.opened import Opened
from processings.models import Processing
from tenants.models import Tenant
from webjack import kinds
from webjack.http import Failed


@cache
def names(kind: str) -> tuple[str, ...]:
    """The settings of a kind of action that name a connection; none when the kind is gone."""
    try:
        fields = kinds.get("action", kind).form.base_fields
    except kinds.UnknownKind:
        return ()
    return tuple(name for name, each in fields.items() if isinstance(each, ConnectionField))


def ids(action: Action) -> dict[str, str]:
    """The connections that an action names, by setting."""
    return {name: str(action.config[name]) for name in names(action.kind) if action.config.get(name)}


@dataclass(frozen=True)
class Known:
    """Connections by id, with their secrets still encrypted; store: how to keep a new token (connections.tokens)."""

    rows: dict[str, Connection] = field(default_factory=dict)
    store: tokens.Store = tokens.here

    def opened(self, action: Action) -> dict[str, Opened]:
        """What stands for the ids in the action's config. Raises Failed."""
        return {name: self._open(action, id) for name, id in ids(action).items()}

    def _open(self, action: Action, id: str) -> Opened:
        row = self.rows.get(id)
        if row is None or row.tenant_id != action.tenant_id:
            raise Failed(_("The connection was deleted: choose another one in the action"))
        try:
            row.spec  # noqa: B018
        except kinds.UnknownKind:
            raise Failed(_("This kind of connection is no longer available: %(kind)s") % {"kind": row.kind}) from None
        return Opened(row, self.store)


NOTHING = Known()


def opened_of(config: dict[str, Any], form: type[forms.Form], tenant: uuid.UUID) -> dict[str, Opened]:
    """What stands for the ids of connections in settings that are no action's. Raises Failed."""
    named = [name for name, each in form.base_fields.items() if isinstance(each, ConnectionField) and config.get(name)]
    found = {}
    for name in named:
        row = Connection.objects.filter(tenant_id=tenant, pk=config[name]).first()
        if row is None:
            raise Failed(_("The connection was deleted: choose another one"))
        found[name] = Opened(row)
    return found


def load(actions: Iterable[Action], store: tokens.Store = tokens.here) -> Known:
    """The connections of these actions, in one query; none where none is named."""
    wanted = {id for action in actions for id in ids(action).values()}
    if not wanted:
        return NOTHING
    return Known({str(row.pk): row for row in Connection.objects.filter(pk__in=wanted)}, store)


def offer(form: forms.Form, tenant: Tenant) -> None:
    """Lets a form choose from what the company has: connections, tables, processings; without this it takes none."""
    for each in form.fields.values():
        if isinstance(each, ConnectionField):
            found = tenant.connections.filter(kind=each.connection)
            each.offer([(str(row.pk), str(row)) for row in found])
        elif isinstance(each, TableField):
            each.offer(list(tenant.tables.values_list("name", flat=True)))
        elif isinstance(each, ProcessingField):
            each.offer([(str(row.pk), row.name) for row in tenant.processings.order_by("name", "pk")])


def own(kind: str, config: dict[str, Any], tenant: Tenant) -> dict[str, Any]:
    """The config without connections that the company does not have: of a processing that came from another one."""
    named = {name: config[name] for name in names(kind) if config.get(name)}
    if not named:
        return config
    there = {str(id) for id in tenant.connections.values_list("pk", flat=True)}
    return config | {name: "" for name, id in named.items() if str(id) not in there}


def users(tenant: Tenant) -> dict[uuid.UUID, list[Processing]]:
    """The processings that use each connection, by name."""
    found: dict[uuid.UUID, list[Processing]] = {}
    actions = Action.objects.filter(tenant=tenant, processing__deleted_at=None).select_related("processing")
    for action in actions.order_by("processing__name", "position"):
        for id in ids(action).values():
            known = found.setdefault(uuid.UUID(id), [])
            if action.processing not in known:
                known.append(action.processing)
    return found
