"""What the part «Поля» of a source's page shows."""

from datetime import datetime
from typing import Any

from actions.calls import callers
from history.models import Operation, Status
from history.received import received
from sources import capture
from sources.example import examples
from sources.models import Source


def fields_context(source: Source) -> dict[str, Any]:
    """rows: the fields. taken: the request they are from. recent: requests to choose from. came: whether any came."""
    recent = capture.recent(source)
    taken = capture.chosen(source, source.captured_id)
    return {
        "source": source,
        "rows": source.fields,
        "taken": taken,
        "raw": received(taken, [source]) if taken else None,
        "refused": taken is not None and taken.status == Status.REJECTED,
        "recent": _with(recent, taken),
        "newest": recent[0] if recent else None,
        "newer": bool(recent and source.captured_id and recent[0].pk > source.captured_id),
        "waiting": not recent,
        "examples": examples(source),
        "probe": capture.probe(source),
        "running": source.processing.running,
        "linked_since": _moment(source.hook.get("since")),
        "callers": [] if source.spec.addressed else callers(source.processing),
    }


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _with(recent: list[Operation], taken: Operation | None) -> list[Operation]:
    """The request that was taken can be chosen also when it is no longer among the last ones."""
    return recent if taken is None or taken in recent else [*recent, taken]
