"""Which outside account an action goes to: all that go there share its limits and its bad days."""

import uuid

from django.db.models import F

from actions import connected
from actions.models import Action
from connections.models import Connection, Lane
from processings.models import Processing
from webjack.kinds import UnknownKind


def lane_of(action: Action) -> uuid.UUID | None:
    """The id of its company's lane to the account, made when it is the first to go there.

    An account is a connection, or a host where the action goes without one. None where nothing leaves this machine,
    where only placeholders say where to, or where the kind is gone.
    """
    try:
        host, service = action.spec.account(action.config), action.spec.service
    except UnknownKind:
        return None
    connection = _connection(action)
    if connection is None:
        return _lane(action, host).pk if host else None
    try:
        usual = connection.spec.per_second
    except UnknownKind:
        usual = None
    lane = _lane(action, f"{host or service} {connection.pk}", connection)
    if lane.usual_per_second != usual:
        Lane.objects.filter(pk=lane.pk).update(usual_per_second=usual)
    return lane.pk


def _lane(action: Action, key: str, connection: Connection | None = None) -> Lane:
    lane, _fresh = Lane.objects.get_or_create(tenant_id=action.tenant_id, key=key, defaults={"connection": connection})
    return lane


def _connection(action: Action) -> Connection | None:
    """The first that its settings name, if the company has it."""
    ids = list(connected.ids(action).values())
    if not ids:
        return None
    return Connection.objects.filter(tenant_id=action.tenant_id, pk=ids[0]).first()


def leave(processing: Processing, lane: uuid.UUID | None) -> None:
    """Lets operations that wait for an account where their action no longer goes find out where it goes now."""
    if lane is not None:
        waiting = processing.operations.filter(tenant_id=processing.tenant_id, status__in=("queued", "waiting"))
        waiting.filter(waits_for=lane).update(waits_for=None, due_at=F("received_at"))
        waiting.filter(lane_id=lane).update(lane_id=None)
