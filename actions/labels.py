"""What people call the fields of a processing's sources."""

from collections.abc import Iterable
from typing import Any

from processings.models import Processing


def labels(processing: Processing) -> dict[str, str]:
    """The labels by the field's name, of all sources; the first one counts."""
    return of_sources(processing.sources.all())


def of_sources(sources: Any) -> dict[str, str]:
    return of_fields(source.fields for source in sources)


def of_fields(lists: Iterable[Any]) -> dict[str, str]:
    """The same of the lists of fields that sources keep, each possibly None."""
    found: dict[str, str] = {}
    for fields in lists:
        for field in fields or ():
            if field.get("label"):
                found.setdefault(str(field["name"]), str(field["label"]))
    return found
