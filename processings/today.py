"""What the list says of each processing: today's successes and errors, the last 24 hours, the last operation."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.utils import timezone

from processings.models import Processing

HOURS, HOUR = 24, timedelta(hours=1)
HIGH = 24  # of the sparkline, in its own units; an hour has 4 of its width, of which 3 are drawn


@dataclass
class Day:
    """succeeded and failed count since midnight in the active time zone; hours: (good, bad) by hours ago."""

    succeeded: int = 0
    failed: int = 0
    hours: dict[int, list[int]] = field(default_factory=dict)

    def bars(self) -> tuple[str, str]:
        """The sparkline's bars as two paths of an SVG: what went well, and above the ground the errors."""
        top = max((good + bad for good, bad in self.hours.values()), default=0)
        drawn = [self._bar(ago, top) for ago in sorted(self.hours, reverse=True)]
        return "".join(good for good, _ in drawn), "".join(bad for _, bad in drawn)

    def _bar(self, ago: int, top: int) -> tuple[str, str]:
        # An error is never too small to be seen among thousands of successes.
        good, bad = (max(2.0, 22 * count / top) if count else 0.0 for count in self.hours[ago])
        x = (HOURS - 1 - ago) * 4
        return _rectangle(x, HIGH - bad - good, good), _rectangle(x, HIGH - bad, bad)


def _rectangle(x: int, y: float, height: float) -> str:
    return f"M{x} {y:.1f}h3v{height:.1f}h-3z" if height else ""


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
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    this_hour = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    counts = _rows_of("tallies").filter(processing__in=found, hour__gte=this_hour - (HOURS + 1) * HOUR)
    sums = counts.order_by().values_list("processing", "hour").annotate(Sum("good"), Sum("bad"))
    for processing, hour, good, bad in sums:
        _count(found[processing], (this_hour - hour) // HOUR, hour >= midnight, max(0, good), max(0, bad))
    return found


def _count(day: Day, ago: int, is_today: bool, good: int, bad: int) -> None:
    if is_today:
        day.succeeded += good
        day.failed += bad
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
