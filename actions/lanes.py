"""Which outside account an action goes to: all that go there share its limits and its bad days."""

import uuid

from django.db.models import F

from actions.models import Action
from connections.models import Lane
from processings.models import Processing
from webjack.kinds import UnknownKind


def lane_of(action: Action) -> uuid.UUID | None:
    """The id of its company's lane to the account, made when it is the first to go there.

    None where nothing leaves this machine, where only placeholders say where to, or where the kind is gone.
    """
    try:
        key = action.spec.account(action.config)
    except UnknownKind:
        return None
    if not key:
        return None
    lane, _fresh = Lane.objects.get_or_create(tenant_id=action.tenant_id, key=key)
    return lane.pk


def leave(processing: Processing, lane: uuid.UUID | None) -> None:
    """Lets operations that wait for an account where their action no longer goes find out where it goes now."""
    if lane is not None:
        waiting = processing.operations.filter(tenant_id=processing.tenant_id, status__in=("queued", "waiting"))
        waiting.filter(waits_for=lane).update(waits_for=None, due_at=F("received_at"))
        waiting.filter(lane_id=lane).update(lane_id=None)
