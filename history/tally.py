"""Counts by hour of arrival how many operations of each processing ended well and badly: noted as they end.

So whoever asks for a day adds up a few rows, however many operations the day had. Each database session adds to rows of
its own: nobody waits for another, and the sum of all is right.
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from history.models import Status, Tally

KEPT = timedelta(hours=26)  # the longest day there is, and the hour under way
GOOD, BAD = {Status.SUCCEEDED}, {Status.FAILED, Status.UNKNOWN}

ADD = """
INSERT INTO history_tally (processing_id, hour, session, good, bad)
SELECT processing_id, hour, pg_backend_pid(), good, bad
FROM unnest(%(processings)s::uuid[], %(hours)s::timestamptz[], %(good)s::int[], %(bad)s::int[])
    AS v(processing_id, hour, good, bad)
ON CONFLICT (processing_id, hour, session) DO UPDATE
SET good = history_tally.good + excluded.good, bad = history_tally.bad + excluded.bad
"""

Ended = tuple[uuid.UUID, datetime, str]  # processing, when it was received, status


def add(cursor: Any, operations: Iterable[Ended], by: int = 1) -> None:
    """Counts operations that now have these statuses; by=-1: that had them until now. In the caller's transaction."""
    oldest = timezone.now() - KEPT
    good: Counter[tuple[uuid.UUID, datetime]] = Counter()
    bad: Counter[tuple[uuid.UUID, datetime]] = Counter()
    for processing, received_at, status in operations:
        counts = good if status in GOOD else bad if status in BAD else None
        if counts is not None and received_at > oldest:
            counts[processing, received_at.replace(minute=0, second=0, microsecond=0)] += by
    places = sorted(good.keys() | bad.keys())
    if places:
        processings, hours = zip(*places, strict=True)
        numbers = {"good": [good[place] for place in places], "bad": [bad[place] for place in places]}
        cursor.execute(ADD, {"processings": list(processings), "hours": list(hours)} | numbers)


def forget() -> None:
    """Drops the counts of hours that nobody asks for any more; an hour later than they are last written to."""
    Tally.objects.filter(hour__lt=timezone.now() - KEPT - timedelta(hours=1)).delete()
