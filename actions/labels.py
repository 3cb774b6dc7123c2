"""What people call the fields of a processing's sources."""

from typing import Any

from processings.models import Processing


def labels(processing: Processing) -> dict[str, str]:
    """The labels by the field's name, of all sources; the first one counts."""
    return of_sources(processing.sources.all())


def of_sources(sources: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for source in sources:
        for field in source.fields or ():
            if field.get("label"):
                found.setdefault(str(field["name"]), str(field["label"]))
    return found
