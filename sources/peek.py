"""Looks into a request at the door, for what must be known of it before it is kept."""

import uuid
from typing import Any

from actions.lookup import MISSING, find
from actions.values import text
from history.accept import Call
from history.models import Operation
from processings.models import Ordering
from sources.door import Door
from sources.kind import SourceKind
from webjack.config import Config
from webjack.fields import storable


def field(spec: SourceKind, config: Config, call: Call, name: str) -> str:
    """A field's value as text; nothing where the request has no such field or cannot be read."""
    value: Any = find(spec.read(Operation(**vars(call)), config).data, (name.strip(),))
    return "" if value is MISSING or value is None else text(value).strip()


def order_key(door: Door, call: Call) -> uuid.UUID | None:
    """What requests with the same value of the processing's field share; all without a value share one.

    None where no field decides.
    """
    if door.ordering != Ordering.KEY:
        return None
    return uuid.uuid5(door.processing_id, storable(field(door.spec, door.config, call, door.ordering_field)))
