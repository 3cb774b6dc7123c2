"""Which outside account an action goes to: all that go there share its limits and its bad days."""

import uuid

from actions.models import Action
from connections.models import Lane
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
