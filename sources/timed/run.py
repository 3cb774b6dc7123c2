"""Runs the sources that ask by themselves: which are due, what they find, what becomes operations.

A run is taken with a fence, asks its address outside of any transaction, and is written down in one: its operations,
what it has seen, and its next time. So a kill between any two lines repeats the asking and doubles nothing.
"""

import hashlib
import logging
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from actions import connected
from actions.values import json_text
from connections.places import Busy, place
from history import notices
from history.accept import Call, Gone, accept, tell
from history.models import Status
from sources import door as doors
from sources import peek
from sources.models import Source
from sources.timed.kind import MOST_ELEMENTS, Element, TimedKind
from sources.timed.models import Mark, Timer
from webjack import kinds
from webjack.config import Config
from webjack.fields import uuid7
from webjack.http import Failed, Http

log = logging.getLogger(__name__)

SECONDS = 20.0
"""New runs begin so long in one tick: mails wait behind it, and the next one comes within a minute."""
MOST_AT_ONCE = 16
MOST_OF_COMPANY = 2
REQUEST_SECONDS = 15.0
BUSY = timedelta(minutes=3)
LATE = timedelta(minutes=5)
"""A run that comes later than this was missed."""
LONGEST_PAUSE = timedelta(hours=6)
REMEMBERED = timedelta(days=60)

# One company after another, and no more of each at once than its part.
TAKE = """
WITH ranked AS (
    SELECT timer.source_id, timer.next_at,
        row_number() OVER (PARTITION BY timer.tenant_id ORDER BY timer.next_at) + coalesce(busy.count, 0) AS rank
    FROM sources_timer timer
    JOIN sources_source source ON source.id = timer.source_id
    JOIN processings_processing processing ON processing.id = source.processing_id
    LEFT JOIN LATERAL (
        SELECT count(*) FROM sources_timer other WHERE other.tenant_id = timer.tenant_id AND other.busy_until > now()
    ) busy ON true
    WHERE source.kind = ANY(%(kinds)s)
    AND timer.next_at <= now() AND (timer.busy_until IS NULL OR timer.busy_until <= now())
    AND processing.state = 'running' AND processing.deleted_at IS NULL
), chosen AS (
    SELECT timer.source_id FROM sources_timer timer JOIN ranked USING (source_id)
    WHERE ranked.rank <= %(of_company)s AND timer.next_at <= now()
    AND (timer.busy_until IS NULL OR timer.busy_until <= now())
    ORDER BY ranked.rank, ranked.next_at LIMIT %(free)s FOR UPDATE OF timer SKIP LOCKED
)
UPDATE sources_timer timer SET busy_until = now() + %(busy)s * interval '1 second', run = gen_random_uuid()
FROM chosen WHERE timer.source_id = chosen.source_id
RETURNING timer.source_id, timer.run
"""
# Which of these are new; what was known is seen once more (once a day will do), so that only what has left the list is
# forgotten.
MEET = """
INSERT INTO sources_mark (tenant_id, source_id, digest, seen_at)
SELECT %(tenant)s, %(source)s, digest, now() FROM unnest(%(digests)s::bytea[]) AS digest
ON CONFLICT (source_id, digest) DO UPDATE SET seen_at = now() WHERE sources_mark.seen_at < now() - interval '1 day'
RETURNING digest, xmax = 0
"""


@dataclass
class Run:
    """A run under way: of a source, with the fence, for a moment; what came of it."""

    timer: Timer
    id: uuid.UUID
    late: bool
    found: Sequence[Element] = ()
    failed: str = ""
    pause: timedelta | None = None

    @property
    def source(self) -> Source:
        return self.timer.source


def _kinds() -> list[str]:
    return [key for key, spec in kinds.catalogue("source").items() if isinstance(spec, TimedKind)]


def adopt() -> None:
    """Plans the sources that are new or were changed, whichever way that came about."""
    changed = Q(timer=None) | ~Q(updated_at=F("timer__planned_at"))
    found = Source.objects.filter(changed, kind__in=_kinds()).select_related("processing__tenant", "timer")
    for source in found:
        try:
            plan(source)
        except Exception:  # of one source, such as one that is deleted just now: the others are planned
            log.exception("the source %s could not be planned", source.pk)


def plan(source: Source) -> None:
    """Sets when a source runs next, where its settings are others than when that was set last.

    planned_at is the source's own time of change, so that no clock decides whether a change was seen.
    """
    spec, known = source.spec, getattr(source, "timer", None)
    assert isinstance(spec, TimedKind)
    told: dict[str, Any] = {"tenant_id": source.tenant_id, "planned_at": source.updated_at}
    if known is None or known.planned != source.config:
        # A schedule keeps its times, also one between the change and now; an address is asked soon, so that its owner
        # sees that it works.
        at = timezone.now() if spec.network else _following(spec, source, source.updated_at)
        told |= {"planned": source.config, "next_at": at, "run": None, "busy_until": None}
        if known and not spec.same_list(known.planned, source.config):
            told["ran_at"] = None
    Timer.objects.update_or_create(source=source, defaults=told)


def _following(spec: TimedKind, source: Source, moment: datetime) -> datetime | None:
    try:
        return spec.following(source.config, moment, ZoneInfo(source.processing.tenant.time_zone))
    except ValueError:
        return None


def tick() -> int:
    """The scheduled task: runs all that is due, as long as it may take; returns how many runs there were."""
    adopt()
    ends, done = time.monotonic() + SECONDS, 0
    with translation.override(settings.LANGUAGE_CODE), ThreadPoolExecutor(MOST_AT_ONCE, "timed") as pool:
        under_way: dict[Future[None], Run] = {}
        while True:
            if time.monotonic() < ends:
                for run in take(MOST_AT_ONCE - len(under_way)):
                    under_way[pool.submit(_ask, run)] = run
            if not under_way:
                return done
            finished, _rest = wait(under_way, return_when=FIRST_COMPLETED)
            for future in finished:
                _finish(under_way.pop(future))
                done += 1


def take(free: int) -> list[Run]:
    """At most so many due runs, marked as ours."""
    if free <= 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            TAKE, {"kinds": _kinds(), "free": free, "of_company": MOST_OF_COMPANY, "busy": BUSY.total_seconds()}
        )
        taken = dict(cursor.fetchall())
    timers = Timer.objects.select_related("source__processing__tenant").filter(pk__in=taken)
    now = timezone.now()
    return [Run(timer, taken[timer.pk], bool(timer.next_at and timer.next_at < now - LATE)) for timer in timers]


def _ask(run: Run) -> None:
    """In a thread of its own; a connection to the database that a new token needed is not kept."""
    try:
        with translation.override(settings.LANGUAGE_CODE):
            ask(run)
    finally:
        connection.close()


def ask(run: Run) -> None:
    """What the source finds, or why it finds nothing."""
    spec = run.source.spec
    assert isinstance(spec, TimedKind)
    if run.late and not spec.missed(run.source.config):
        return
    try:
        run.found = gathered(run.source, spec, run.timer.next_at or timezone.now())
    except Failed as failed:
        run.failed = str(failed.message)
        run.pause = timedelta(seconds=failed.after) if failed.after else None
    except Exception:  # of one kind or one answer: the other sources go on
        log.exception("the source %s could not be asked", run.source.pk)
        run.failed = _("An error of this service: it is written down and will be looked into")


def gathered(source: Source, spec: TimedKind, moment: datetime) -> Sequence[Element]:
    """Raises Failed."""
    http = Http(deadline=REQUEST_SECONDS)
    config = source.config | connected.opened_of(source.config, spec.form, source.tenant_id)
    try:
        return spec.gather(config, moment, ZoneInfo(source.processing.tenant.time_zone), http)
    except Failed as failed:
        raise Failed(http.hidden(str(failed.message)), failed.retry, failed.after) from None


def _finish(run: Run) -> None:
    """What cannot be written down now is asked for again when its time as ours is over; the others go on."""
    try:
        finish(run)
    except Exception:
        log.exception("what the source %s found could not be kept", run.source.pk)


def finish(run: Run) -> None:
    """Writes a run down: all of it, or nothing where somebody else has it now."""
    try:
        with transaction.atomic():
            timer = Timer.objects.select_for_update().filter(pk=run.timer.pk, run=run.id).first()
            if timer is None:
                return
            made = 0 if run.failed else _taken(run, timer)
            _planned(run, timer, made)
            if run.failed and timer.failures == 1:
                _refused(run, timer)
    except Gone:
        return
    if made:
        tell(Status.QUEUED)


def _taken(run: Run, timer: Timer) -> int:
    """Makes operations of what is new; returns how many."""
    spec = run.source.spec
    assert isinstance(spec, TimedKind)
    if timer.ran_at is None and not spec.takes_first(run.source.config):
        unseen(run.source, run.found, most=len(run.found))
        return 0
    fresh = unseen(run.source, run.found)
    door = door_of(run.source)
    for element in fresh:
        put(door, element.data)
    return len(fresh)


def _refused(run: Run, timer: Timer) -> None:
    """The first failure in a row stands in the history and is mailed."""
    cause = _("The address could not be asked: %(reason)s") % {"reason": run.failed}
    operation = put(door_of(run.source), {}, cause)
    notices.report(run.source.processing, operation, f"source:{run.source.pk}", cause, timer.next_at)


def _planned(run: Run, timer: Timer, made: int) -> None:
    spec, now = run.source.spec, timezone.now()
    assert isinstance(spec, TimedKind)
    if timer.next_at:  # by the database's clock it has come: one that is behind must not bring it once more
        now = max(now, timer.next_at)
    timer.failures = timer.failures + 1 if run.failed else 0
    timer.next_at = _following(spec, run.source, now)
    if run.failed and timer.next_at:
        pause = run.pause or timedelta(minutes=2 ** min(timer.failures - 1, 10))
        timer.next_at = max(timer.next_at, now + min(pause, LONGEST_PAUSE))
    if not run.failed:
        timer.ran_at = now
    timer.found, timer.said, timer.busy_until, timer.run = made, run.failed, None, None
    timer.save()


def unseen(source: Source, found: Sequence[Element], most: int = MOST_ELEMENTS) -> list[Element]:
    """Those that did not come before, in their order; more than a run may make wait for the next one."""
    marked = {_digest(element.mark): element for element in found if element.mark}
    if not marked:
        return list(found)[:most]
    known = set(Mark.objects.filter(source=source, digest__in=list(marked)).values_list("digest", flat=True))
    fresh = [digest for digest in marked if digest not in {bytes(one) for one in known}][:most]
    wanted = sorted({*fresh, *(bytes(one) for one in known)})
    with connection.cursor() as cursor:
        cursor.execute(MEET, {"tenant": source.tenant_id, "source": source.pk, "digests": wanted})
        new = {bytes(digest) for digest, inserted in cursor.fetchall() if inserted}
    return [marked[digest] for digest in fresh if digest in new]


def _digest(mark: str) -> bytes:
    return hashlib.sha256(mark.encode("utf-8", "surrogatepass")).digest()


def door_of(source: Source) -> doors.Door:
    """Raises Gone."""
    door = doors.find(source.kind.split(".")[0], source.key)
    if door is None:
        raise Gone
    return door


def put(door: doors.Door, data: Config, refusal: str = "") -> uuid.UUID:
    """One operation of a source that found these data by itself; returns its id. Raises Gone."""
    call = Call("POST", content_type="application/json", body=json_text(data).encode())
    id = uuid7()
    accept(id, door.place, call, refusal, None if refusal else peek.order_key(door, call))
    return id


def look(source: Source) -> Config | None:
    """What a run would find now, of which nothing is kept: the first element, if any. Raises Failed."""
    spec = source.spec
    if not isinstance(spec, TimedKind):
        return None
    try:
        with place() if spec.network else nullcontext():
            found = gathered(source, spec, timezone.now())
    except Busy as busy:
        raise Failed(str(busy)) from None
    return found[0].data if found else None


def forget() -> int:
    """Marks of what had long left its list when that was last looked at; part of the hourly upkeep."""
    return Mark.objects.filter(seen_at__lt=F("source__timer__ran_at") - REMEMBERED).delete()[0]
