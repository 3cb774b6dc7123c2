"""Runs an operation through its processing's actions: the work of the product. Knows no database.

A worker calls `advance` in a thread, writes down what came out, and calls it again until the operation ends or waits.
"""

import hashlib
import math
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.effects import Call, Effect, Found, Look
from actions.models import Action
from actions.perform import Outcome, perform
from history import recipe as recipes
from history.effects import MOST_CALLS, depth
from history.models import Operation, Status, Step
from history.recipe import Reading, Recipe
from history.walk import Filtered, Key, Stop, Walk
from processings import policy
from processings.delays import written
from webjack import kinds
from webjack.fields import storable
from webjack.http import Http

# An operation that took more workers down in a row than this is the cause, and is ended. Before that it is a suspect,
# and a worker holds one suspect at a time (claim.py), so that no other operation is blamed with it.
MOST_LOSSES = 4
LEAST_SECONDS = 1.0  # for a request that begins shortly before the operation's deadline
DONE = (Step.Status.SUCCEEDED, Step.Status.ACCEPTED)


@dataclass
class Journey:
    """A claimed operation on its way: what is done, with its output, and what was tried, by action and element (Key).

    given_up: elements that failed for good while the others go on. answers: to what actions asked (Progress.asks).
    paused: seconds it was told to wait in this run.
    granted: the outside account that the claim counts it to. stop: where it is. filtered: why it is none to work on.
    interrupted: so many workers died with it, each of which may have begun the first unfinished action.
    lease: until when, by this machine's monotonic clock, it is surely ours; nothing begins after that.
    written: the decoded request is stored.
    """

    operation: Operation
    recipe: Recipe
    done: dict[Key, Any] = field(default_factory=dict)
    given_up: set[Key] = field(default_factory=set)
    tried: dict[Key, int] = field(default_factory=dict)
    answers: dict[Key, Found] = field(default_factory=dict)
    paused: float = 0.0
    granted: uuid.UUID | None = None
    interrupted: int = 0
    lease: float = math.inf
    reading: Reading | None = None
    written: bool = False
    duration_ms: int = 0
    stop: Stop | None = None
    filtered: str | None = None

    def __post_init__(self) -> None:
        self.granted = self.operation.lane_id
        self._stops = Walk(self.recipe.actions, self.done, self.given_up).stops()

    @property
    def lane(self) -> uuid.UUID | None:
        """The outside account that its next action goes to, as far as it has walked."""
        return self.stop.action.lane_id if self.stop and self.stop.action.leaves_machine else None

    @property
    def claim(self) -> tuple[uuid.UUID, int]:
        """What makes this journey the only one of its operation: `attempts` grows with each claim."""
        return self.operation.pk, self.operation.attempts

    def resume(self, earlier: list[Step]) -> None:
        """Takes over what earlier claims of this run have written down."""
        for step in earlier:
            key = step.action_id, step.place
            self.duration_ms += step.duration_ms
            self.tried[key] = max(step.attempt, self.tried.get(key, 0))
            if step.status in DONE:
                self.done[key] = step.output or {}
                self.paused += _paused(step)
            elif step.status == Step.Status.GIVEN_UP:
                self.given_up.add(key)

    def walk(self) -> Iterator[Stop]:
        """Each action still to do; it must be done or given up before the next. Sets `filtered` when it ends so."""
        try:
            while True:
                if self.stop is None or self._behind(self.stop):
                    self.stop = next(self._stops, None)
                if self.stop is None:
                    return
                yield self.stop
        except Filtered as filtered:
            self.stop, self.filtered = None, str(filtered)

    def _behind(self, stop: Stop) -> bool:
        return stop.key in self.done or (stop.shelter is not None and stop.shelter.key in self.given_up)

    def broken_off(self) -> Stop | None:
        """The action that a lost worker may have begun: the first unfinished one that leaves this machine.

        What blocks decided is on disk before the next such action begins, so behind an unfinished block there is none.
        """
        done = dict(self.done)
        for stop in Walk(self.recipe.actions, done, self.given_up).stops():
            if stop.action.block or stop.action.leaves_machine:
                return stop if stop.action.leaves_machine else None
            done[stop.key] = {}
        return None

    def seconds_left(self) -> float:
        """Until the deadline, which counts from the first claim of this run: waiting for a worker costs nothing."""
        assert self.operation.started_at is not None
        passed = datetime.now(UTC) - self.operation.started_at
        return self.recipe.processing.deadline_seconds + self.paused - passed.total_seconds()

    @property
    def late(self) -> bool:
        """Whether no more attempt may begin. The first of all always may, however long it was kept from it."""
        return bool(self.tried) and self.seconds_left() <= 0

    def policy(self, action: Action) -> policy.Policy:
        return policy.chosen(action.retries, self.recipe.processing.retries)

    def attempt(self, key: Key) -> int:
        """The number of the attempt that begins now: 1, 2, …"""
        self.tried[key] = self.tried.get(key, 0) + 1
        return self.tried[key]

    def key(self, stop: Stop) -> str:
        """The Idempotency-Key: the same for every attempt of this action, for this element, in this run."""
        return key_of(self.operation, stop)


def key_of(operation: Operation, stop: Stop) -> str:
    """What is random in a step is made of it too, so that a rehearsal of a run brings the same."""
    names = [str(operation.run), str(stop.action.pk), *([stop.place] if stop.place else [])]
    return str(uuid.uuid5(operation.pk, "/".join(names)))


@dataclass
class Progress:
    """What one `advance` brought: steps to write down and the operation's status from now on.

    alarm: whom it concerns is told by mail (see notices.py), of the first failed attempt and of the end.
    sent: the action that left this machine and how it went, None when none did. effects: what is to be left in the
    database together with the steps, each with the id of its step. asks: what its next action must know first, to be
    answered there.
    """

    journey: Journey
    status: Status
    steps: list[Step] = field(default_factory=list)
    due_at: datetime | None = None
    error: str = ""
    alarm: bool = False
    culprit: Action | None = None
    sent: tuple[Action, Outcome] | None = None
    effects: list[tuple[uuid.UUID, Effect]] = field(default_factory=list)
    asks: Look | None = None

    @property
    def fingerprint(self) -> str:
        """The same for errors that are one to a person: same action, same words whatever the numbers in them."""
        words = "".join(sign for sign in self.error if not sign.isdigit())
        cause = f"{self.culprit.pk if self.culprit else ''}/{self.status}/{words}"
        return hashlib.sha256(cause.encode()).hexdigest()


def advance(journey: Journey) -> Progress:
    """Performs actions until the operation ends or waits, but at most one that leaves this machine.

    Its result must be on disk before the next such action begins, else a crash would repeat both; so must what blocks
    decided. And what goes to another account than the claim was granted for is granted first.
    """
    under_way = journey.broken_off() if journey.interrupted else None
    steps = [_interruption(journey, under_way) for _lost in range(journey.interrupted) if under_way]
    journey.interrupted = 0
    return _refuse(journey, steps, under_way) or _go_on(journey, steps)


def _go_on(journey: Journey, steps: list[Step]) -> Progress:
    late, sent, settled = journey.late, None, True
    effects: list[tuple[uuid.UUID, Effect]] = []
    for stop in journey.walk():
        action = stop.action
        if action.leaves_machine and not (settled and action.lane_id in (None, journey.granted)):
            journey.granted = action.lane_id
            return Progress(journey, Status.RUNNING, steps, sent=sent, effects=effects)
        if late:
            return replace(_too_late(journey, steps, action), sent=sent, effects=effects)
        outcome = _perform(journey, stop)
        if outcome.asks:
            return Progress(journey, Status.RUNNING, steps, sent=sent, effects=effects, asks=outcome.asks)
        steps.append(_attempt(journey, stop, outcome))
        if action.leaves_machine:
            sent = action, outcome
        settled = settled and not action.leaves_machine and not action.block
        if outcome.ok:
            effects += [(steps[-1].pk, effect) for effect in action.spec.effects(outcome.output or {})]
        ended = _done(journey, steps, stop, outcome) if outcome.ok else _failed(journey, steps, stop, outcome)
        if ended:
            return replace(ended, sent=sent, effects=effects)
    return replace(_end(journey, steps), sent=sent, effects=effects)


def _refuse(journey: Journey, steps: list[Step], under_way: Stop | None) -> Progress | None:
    """What ends or stops an operation before any action, or None.

    A deleted or stopped processing, an outcome to ask about, an operation that is deadly, a request that is unreadable.
    """
    operation, processing = journey.operation, journey.recipe.processing
    if processing.deleted_at:
        return Progress(journey, Status.CANCELLED, steps, error=_("The processing was deleted"))
    if under_way and under_way.action.asks:
        return _question(journey, steps, under_way)
    if not processing.running and not operation.forced:
        return Progress(journey, Status.HELD, steps)
    if operation.losses > MOST_LOSSES:
        error = _("This operation broke off the worker several times and was stopped")
        return Progress(journey, Status.FAILED, steps, error=error, alarm=True)
    if journey.reading is None:
        journey.reading = recipes.read(operation, journey.recipe)
    if journey.reading.problem:
        return Progress(journey, Status.FAILED, steps, error=storable(journey.reading.problem), alarm=True)
    return None


def _interruption(journey: Journey, stop: Stop) -> Step:
    words = _("The work broke off at this step, so nobody knows whether the request has arrived")
    now = datetime.now(UTC)
    return _step(journey, stop, status=Step.Status.UNKNOWN, started_at=now, duration_ms=0, error=words)


def _perform(journey: Journey, stop: Stop) -> Outcome:
    assert journey.reading is not None
    key = journey.key(stop)
    context = replace(recipes.context(journey.operation, journey.reading, journey.recipe, stop.outputs), seed=key)
    http = Http(key=key, deadline=_seconds(journey))
    outcome = perform(stop.action, context, http, journey.answers.get(stop.key), journey.recipe.connections)
    journey.duration_ms += outcome.duration_ms
    if _goes_in_circles(journey, stop, outcome):
        error = _("Processings hand data to each other in a circle: it was stopped here")
        return replace(outcome, output=None, error=error)
    return outcome


def _goes_in_circles(journey: Journey, stop: Stop, outcome: Outcome) -> bool:
    if depth(journey.operation) < MOST_CALLS or not outcome.output:
        return False
    return any(isinstance(effect, Call) for effect in stop.action.spec.effects(outcome.output))


def _attempt(journey: Journey, stop: Stop, outcome: Outcome) -> Step:
    return _step(
        journey,
        stop,
        status=_status(stop.action, outcome),
        started_at=outcome.started_at,
        duration_ms=outcome.duration_ms,
        config=outcome.config,
        exchanges=outcome.exchanges,
        output=outcome.output,
        error=storable(outcome.error),
    )


def _paused(step: Step) -> float:
    """Seconds that a finished action made the operation wait."""
    try:
        until = kinds.get("action", step.kind).pause(step.output or {})
    except kinds.UnknownKind:
        return 0.0
    return max(float((until - step.started_at).total_seconds()), 0.0) if until else 0.0


def _seconds(journey: Journey) -> float:
    """What one request may take: no longer than until the operation's deadline, unless that was over before."""
    usual, left = float(settings.STEP_SECONDS), journey.seconds_left()
    return usual if left <= 0 else min(usual, max(left, LEAST_SECONDS))


def _status(action: Action, outcome: Outcome) -> Step.Status:
    if outcome.ok:
        return Step.Status.SUCCEEDED
    # Where doing it twice is the same as once, nobody need wonder.
    return Step.Status.UNKNOWN if outcome.unknown and not action.harmless else Step.Status.FAILED


def _step(journey: Journey, stop: Stop, **told: Any) -> Step:
    operation, action = journey.operation, stop.action
    return Step(
        tenant_id=operation.tenant_id,
        operation_id=operation.pk,
        run=operation.run,
        attempt=journey.attempt(stop.key),
        position=stop.number,
        place=stop.place,
        action_id=action.pk,
        kind=action.kind,
        alias=action.alias,
        title=action.title[:200],
        **told,
    )


def _done(journey: Journey, steps: list[Step], stop: Stop, outcome: Outcome) -> Progress | None:
    """Waits where the action says so, else goes on."""
    output = journey.done[stop.key] = outcome.output or {}
    until = stop.action.spec.pause(output)
    if until is None or until <= datetime.now(UTC):
        return None
    return Progress(journey, Status.WAITING, steps, until)


def _failed(journey: Journey, steps: list[Step], stop: Stop, outcome: Outcome) -> Progress | None:
    """Asks, waits for the next attempt, or ends; but an element of a list may be given up, and the others go on."""
    progress = _failure(journey, steps, stop, outcome)
    if progress.status != Status.FAILED or stop.shelter is None:
        return progress
    journey.given_up.add(stop.shelter.key)
    element = Stop(stop.shelter.number, stop.shelter.block, stop.shelter.place, {})
    now = datetime.now(UTC)
    steps.append(
        _step(journey, element, status=Step.Status.GIVEN_UP, started_at=now, duration_ms=0, error=progress.error)
    )
    return None


def _end(journey: Journey, steps: list[Step]) -> Progress:
    """Nothing is left to do; elements that were given up are done again by a repeat from the error."""
    if journey.filtered is not None:
        return Progress(journey, Status.FILTERED, steps, error=journey.filtered)
    if not journey.given_up:
        return Progress(journey, Status.SUCCEEDED, steps)
    count = len(journey.given_up)
    words = ngettext("%(n)s element of a list failed", "%(n)s elements of a list failed", count) % {"n": count}
    blocks = {key for key, _place in journey.given_up}
    culprit = next((action for action in journey.recipe.actions if action.pk in blocks), None)
    return Progress(journey, Status.FAILED, steps, None, words, True, culprit)


def _failure(journey: Journey, steps: list[Step], stop: Stop, outcome: Outcome) -> Progress:
    """Asks, waits for the next attempt, or ends: when it was the last, or the next would come too late."""
    error, attempt, action = storable(outcome.error), steps[-1].attempt, stop.action
    if outcome.unknown and action.asks:
        return _question(journey, steps, stop)
    wait = journey.policy(action).wait(attempt, outcome.retry, outcome.status, outcome.after)
    if journey.operation.test:
        wait = None  # who tries it looks at what came back, mends it and tries again
    if wait is not None and wait > journey.seconds_left():
        error, wait = _("%(error)s. %(late)s") % {"error": error.rstrip("."), "late": _no_time(journey)}, None
    if wait is None:
        return Progress(journey, Status.FAILED, steps, None, error, alarm=True, culprit=action)
    due_at = datetime.now(UTC) + timedelta(seconds=wait)
    return Progress(journey, Status.WAITING, steps, due_at, error, attempt == 1, action)


def _question(journey: Journey, steps: list[Step], stop: Stop) -> Progress:
    """A person looks whether it arrived, and decides."""
    return Progress(journey, Status.UNKNOWN, steps, None, steps[-1].error, True, stop.action)


def _too_late(journey: Journey, steps: list[Step], action: Action) -> Progress:
    return Progress(journey, Status.FAILED, steps, None, _no_time(journey), alarm=True, culprit=action)


def _no_time(journey: Journey) -> str:
    words = _("There is no other attempt: the time for this operation, %(time)s from its start, is over")
    return words % {"time": written(journey.recipe.processing.deadline_seconds)}
