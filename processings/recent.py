"""What lately went through one processing: for the strip of last operations and the dots of the cards."""

import uuid
from typing import Any

from processings.models import Processing

COUNT = 10
MOST_HELD = 10_000


def operations(processing: Processing) -> list[Any]:
    """The last ten, newest first, without what they carried."""
    light = processing.operations.only("id", "status", "received_at", "method", "error", "duration_ms")
    return list(light.order_by("-id")[:COUNT])


def held(processing: Processing) -> int:
    """How many requests came while the processing was stopped and still wait for a decision; MOST_HELD and no more."""
    return processing.operations.filter(status="held")[:MOST_HELD].count()


def results(processing: Processing) -> dict[uuid.UUID, str]:
    """How each action ended the last time it ran lately: the step's status by the action's id."""
    newest = list(processing.operations.order_by("-id").values_list("pk", flat=True)[:COUNT])
    steps = processing.operations.filter(pk__in=newest, steps__isnull=False).order_by("id", "steps__started_at")
    return dict(steps.values_list("steps__action_id", "steps__status"))


def last_requests(processing: Processing) -> dict[uuid.UUID, Any]:
    """When each source was last called, by its id."""
    found = {}
    for source in processing.sources.all():
        calls = processing.operations.filter(source_id=source.pk, test=False).order_by("-id")
        found[source.pk] = calls.values_list("received_at", flat=True).first()
    return found
