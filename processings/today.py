"""What the list says of each processing: today's successes and errors, the last 24 hours, the last operation."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import TruncHour
from django.utils import timezone

from processings.models import Processing
from webjack.fields import first_uuid7

HOURS = 24
FRESH = timedelta(hours=1)  # before this hour, within which most operations are still on their way
LARGE = 5000  # operations that are counted while somebody waits for the page
KEPT_SECONDS = 300
GOOD, BAD = ("succeeded",), ("failed", "unknown")


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
    hours: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

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
    """Of each processing of one company its day."""
    found = {processing.pk: Day() for processing in processings}
    if not processings:
        return found
    tenant = processings[0].tenant_id
    this_hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for row in [*_past(tenant, this_hour), *_counts(tenant, this_hour - FRESH, None)]:
        if row["processing"] in found:
            _count(found[row["processing"]], row, this_hour)
    return found


def _past(tenant: uuid.UUID, this_hour: datetime) -> list[dict[str, Any]]:
    """The counts of the hours that are over. Where they are large they are counted each few minutes only."""
    key = f"day:{tenant}:{this_hour:%Y%m%d%H}"
    known: list[dict[str, Any]] | None = cache.get(key)
    if known is None:
        known = _counts(tenant, this_hour - timedelta(hours=HOURS + 1), this_hour - FRESH)
        if sum(row["count"] for row in known) > LARGE:
            cache.set(key, known, KEPT_SECONDS)
    return known


def _counts(tenant: uuid.UUID, begin: datetime, end: datetime | None) -> list[dict[str, Any]]:
    """How many operations of each processing, status and hour came in a time."""
    came = _operations().filter(tenant=tenant, id__gte=first_uuid7(begin), status__in=GOOD + BAD, test=False)
    came = came.filter(id__lt=first_uuid7(end)) if end else came
    hours = came.annotate(hour=TruncHour("received_at")).values("processing", "status", "hour")
    return list(hours.annotate(count=Count("id")).order_by())


def _count(day: Day, row: dict[str, Any], this_hour: datetime) -> None:
    bad = row["status"] in BAD
    if timezone.localtime(row["hour"]).date() == timezone.localdate():
        day.succeeded += 0 if bad else row["count"]
        day.failed += row["count"] if bad else 0
    ago = -((row["hour"] - this_hour) // timedelta(hours=1))
    if 0 <= ago < HOURS:
        day.hours[ago][bad] += row["count"]


def _operations() -> Any:
    return _rows_of("operations")


def _light(name: str, *heavy: str) -> "Prefetch[Any]":
    return Prefetch(name, queryset=_rows_of(name).defer(*heavy))


def _rows_of(name: str) -> Any:
    """Rows of a higher app, which is reached through its key to us."""
    model: Any = Processing._meta.get_field(name).related_model
    return model._default_manager
