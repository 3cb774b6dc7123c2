"""What the list says of each processing: today's successes and errors, the last 24 hours, the last operation."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.utils import timezone

from processings.models import Processing

HOURS = 24


@dataclass
class Bar:
    """One hour of the sparkline, in its drawing's units (96 wide, 24 high)."""

    x: int
    good: float = 0
    bad: float = 0

    @property
    def good_y(self) -> float:
        return round(24 - self.bad - self.good, 1)

    @property
    def bad_y(self) -> float:
        return round(24 - self.bad, 1)


@dataclass
class Day:
    """succeeded and failed count since midnight in the active time zone; hours: (good, bad) by hours ago."""

    succeeded: int = 0
    failed: int = 0
    hours: dict[int, list[int]] = field(default_factory=dict)

    def bars(self) -> list[Bar]:
        top = max((good + bad for good, bad in self.hours.values()), default=0)
        return [self._bar(ago, top) for ago in range(HOURS - 1, -1, -1) if ago in self.hours]

    def _bar(self, ago: int, top: int) -> Bar:
        good, bad = self.hours[ago]
        # An error is never too small to be seen among thousands of successes.
        drawn = [max(2.0, round(22 * count / top, 1)) if count else 0 for count in (good, bad)]
        return Bar((HOURS - 1 - ago) * 4, *drawn)


def with_last(processings: QuerySet[Processing]) -> QuerySet[Processing]:
    """Adds `last_at`: when the newest operation came."""
    newest = _operations().filter(processing=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    return processings.annotate(last_at=Subquery(newest))


def with_parts(processings: QuerySet[Processing]) -> QuerySet[Processing]:
    """Fetches sources and actions along, without what only their own pages need: a sample may be large."""
    return processings.prefetch_related(_light("sources", "config", "fields", "sample"), _light("actions", "config"))


def days(processings: Sequence[Processing]) -> dict[uuid.UUID, Day]:
    """Of each processing its day, from the counts that are kept as operations end: none is counted here."""
    found = {processing.pk: Day() for processing in processings}
    this_hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    since = this_hour - timedelta(hours=HOURS + 1)
    counts = _rows_of("tallies").filter(processing__in=found, hour__gte=since).values("processing", "hour")
    for row in counts.annotate(good=Sum("good"), bad=Sum("bad")).order_by():
        _count(found[row["processing"]], row, this_hour)
    return found


def _count(day: Day, row: dict[str, Any], this_hour: datetime) -> None:
    good, bad = max(0, row["good"]), max(0, row["bad"])
    if timezone.localtime(row["hour"]).date() == timezone.localdate():
        day.succeeded += good
        day.failed += bad
    ago = (this_hour - row["hour"]) // timedelta(hours=1)
    if 0 <= ago < HOURS and good + bad:
        day.hours[ago] = [good, bad]


def _operations() -> Any:
    return _rows_of("operations")


def _light(name: str, *heavy: str) -> "Prefetch[Any]":
    return Prefetch(name, queryset=_rows_of(name).defer(*heavy))


def _rows_of(name: str) -> Any:
    """Rows of a higher app, which is reached through its key to us."""
    model: Any = Processing._meta.get_field(name).related_model
    return model._default_manager
