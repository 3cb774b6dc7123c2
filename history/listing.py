"""One page of the history, found by its place among the ids and never by counting rows."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from history.filters import FilterForm, moment_of
from history.live import PAGE
from history.models import Operation
from history.rows import light
from history.search import matching, parts


@dataclass
class Page:
    """operations: newest first. older, newer: query parameters of the pages beside this one, None where there is none.

    searched_to: a search looked no further back than this moment; `older` goes on from there.
    """

    operations: list[Operation]
    older: dict[str, str] | None = None
    newer: dict[str, str] | None = None
    searched_to: Any = None

    @property
    def is_first(self) -> bool:
        return self.newer is None


def page(
    operations: QuerySet[Operation], chosen: FilterForm, before: uuid.UUID | None, after: uuid.UUID | None
) -> Page:
    """The newest operations that fit, or those before or after a place."""
    chosen.is_valid()
    text = chosen.cleaned_data.get("q")
    fitting = chosen.narrow_by_column(operations)
    if text:
        return _searched(fitting, text, before)
    if after:
        found = list(light(fitting.filter(id__gt=after)).order_by("id")[: PAGE + 1])
        if len(found) > PAGE:
            return _between(found[:PAGE][::-1], older=True)
        before = None
    found = list(light(_before(fitting, before)).order_by("-id")[: PAGE + 1])
    older = {"before": str(found[PAGE - 1].id)} if len(found) > PAGE else None
    return Page(found[:PAGE], older, _newer(found, before))


def _between(found: list[Operation], older: bool) -> Page:
    return Page(found, {"before": str(found[-1].id)} if older else None, {"after": str(found[0].id)})


def _newer(found: list[Operation], before: uuid.UUID | None) -> dict[str, str] | None:
    if before is None:
        return None
    return {"after": str(found[0].id)} if found else {}


def _searched(fitting: QuerySet[Operation], text: str, before: uuid.UUID | None) -> Page:
    found: list[Operation] = []
    newer: dict[str, str] | None = {} if before else None
    looked_to: uuid.UUID | None = None
    for part, looked_to in parts(_before(fitting, before)):  # noqa: B007 (used when none is left)
        found += light(matching(part, text)).order_by("-id")[: PAGE + 1 - len(found)]
        if len(found) > PAGE:
            return Page(found[:PAGE], {"before": str(found[PAGE - 1].id)}, newer)
    if looked_to:
        return Page(found, {"before": str(looked_to)}, newer, moment_of(looked_to))
    return Page(found, None, newer)


def _before(operations: QuerySet[Operation], place: uuid.UUID | None) -> QuerySet[Operation]:
    return operations.filter(id__lt=place) if place else operations
