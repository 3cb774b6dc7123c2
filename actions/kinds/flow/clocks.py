"""Moments by the clocks of a place: working hours, days before and after. No clock jumps with the seasons."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")


def clock(written: str) -> time:
    """``09:00``; raises ValueError."""
    found = _CLOCK.fullmatch(written.strip())
    if not found:
        raise ValueError(written)
    return time(int(found[1]), int(found[2]))


def shifted(moment: datetime, amount: int, unit: str, zone: tzinfo) -> datetime:
    """So much later, earlier when negative. A day later the clock shows the same, however long the day is."""
    if unit != "days":
        return moment.astimezone(UTC) + timedelta(seconds=amount * SECONDS[unit])
    return _there(moment.astimezone(zone) + timedelta(days=amount))


def opening(now: datetime, days: Iterable[int], since: time, till: time, zone: tzinfo) -> datetime | None:
    """When work begins next: None while it is going on. days: of the week, Monday is 0, on which it begins.

    till before since: it ends on the next day. The same: the whole day long. Raises ValueError without days.
    """
    wanted, local = set(days), now.astimezone(zone)
    for offset in range(-1, 9):
        day = (local + timedelta(days=offset)).date()
        if day.weekday() not in wanted:
            continue
        begin = _there(datetime.combine(day, since, zone))
        end = _there(datetime.combine(day + timedelta(days=till <= since), till, zone))
        if begin <= now < end:
            return None
        if begin > now:
            return begin
    raise ValueError("no days")


def _there(local: datetime) -> datetime:
    """In UTC; a time that the clocks skip is the one after the jump."""
    return local.astimezone(UTC)
