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

from actions.models import Action
from actions.perform import Outcome, perform
from history import recipe as recipes
from history.models import Operation, Status, Step
from history.recipe import Reading, Recipe
from processings import policy
from processings.delays import written
from webjack.fields import storable
from webjack.http import Http

# An operation that took more workers down in a row than this is the cause, and is ended. Before that it is a suspect,
# and a worker holds one suspect at a time (claim.py), so that no other operation is blamed with it.
MOST_LOSSES = 4
LEAST_SECONDS = 1.0  # for a request that begins shortly before the operation's deadline
DONE = (Step.Status.SUCCEEDED, Step.Status.ACCEPTED)


@dataclass
class Journey:
    """A claimed operation on its way: what is finished (`outputs` by alias, `done` by action) and what was tried.

    interrupted: so many workers died with it, each of which may have begun the first unfinished action.
    lease: until when, by this machine's monotonic clock, it is surely ours; nothing begins after that.
    written: the decoded request is stored.
    """

    operation: Operation
    recipe: Recipe
    outputs: dict[str, Any] = field(default_factory=dict)
    done: set[uuid.UUID] = field(default_factory=set)
    tried: dict[uuid.UUID, int] = field(default_factory=dict)
    interrupted: int = 0
    lease: float = math.inf
    reading: Reading | None = None
    written: bool = False
    duration_ms: int = 0

    @property
    def lane(self) -> uuid.UUID | None:
        """The outside account that its next action goes to."""
        return next((action.lane_id for _number, action in self.left() if action.leaves_machine), None)

    @property
    def claim(self) -> tuple[uuid.UUID, int]:
        """What makes this journey the only one of its operation: `attempts` grows with each claim."""
        return self.operation.pk, self.operation.attempts

    def resume(self, earlier: list[Step]) -> None:
        """Takes over what earlier claims of this run have written down."""
        for step in earlier:
            self.duration_ms += step.duration_ms
            self.tried[step.action_id] = max(step.attempt, self.tried.get(step.action_id, 0))
            if step.status in DONE:
                self.finish(step.action_id, step.alias, step.output)

    def finish(self, action_id: uuid.UUID, alias: str, output: Any) -> None:
        self.done.add(action_id)
        self.outputs[alias] = output or {}

    def left(self) -> Iterator[tuple[int, Action]]:
        """Actions still to do, with their number for people."""
        for number, action in enumerate(self.recipe.actions, 1):
            if action.pk not in self.done:
                yield number, action

    def seconds_left(self) -> float:
        """Until the deadline, which counts from the first claim of this run: waiting for a worker costs nothing."""
        assert self.operation.started_at is not None
        passed = datetime.now(UTC) - self.operation.started_at
        return self.recipe.processing.deadline_seconds - passed.total_seconds()

    @property
    def late(self) -> bool:
        """Whether no more attempt may begin. The first of all always may, however long it was kept from it."""
        return bool(self.tried) and self.seconds_left() <= 0

    def policy(self, action: Action) -> policy.Policy:
        return policy.chosen(action.retries, self.recipe.processing.retries)

    def attempt(self, action: Action) -> int:
        """The number of the attempt that begins now: 1, 2, …"""
        self.tried[action.pk] = self.tried.get(action.pk, 0) + 1
        return self.tried[action.pk]

    def key(self, action: Action) -> str:
        """The Idempotency-Key: the same for every attempt of this action in this run."""
        return str(uuid.uuid5(self.operation.pk, f"{self.operation.run}/{action.pk}"))


@dataclass
class Progress:
    """What one `advance` brought: steps to write down and the operation's status from now on.

    alarm: whom it concerns is told by mail (see notices.py), of the first failed attempt and of the end.
    sent: the action that left this machine and how it went, None when none did.
    """

    journey: Journey
    status: Status
    steps: list[Step] = field(default_factory=list)
    due_at: datetime | None = None
    error: str = ""
    alarm: bool = False
    culprit: Action | None = None
    sent: tuple[Action, Outcome] | None = None

    @property
    def fingerprint(self) -> str:
        """The same for errors that are one to a person: same action, same words whatever the numbers in them."""
        words = "".join(sign for sign in self.error if not sign.isdigit())
        cause = f"{self.culprit.pk if self.culprit else ''}/{self.status}/{words}"
        return hashlib.sha256(cause.encode()).hexdigest()


def advance(journey: Journey) -> Progress:
    """Performs actions until the operation ends or waits, but at most one that leaves this machine.

    Its result must be on disk before the next such action begins, else a crash would repeat both.
    """
    under_way = list(_under_way(journey))
    steps = [_interruption(journey, number, action) for number, action in under_way]
    ended = _refuse(journey, steps, [action for _number, action in under_way])
    if ended:
        return ended
    late, sent = journey.late, None
    for number, action in journey.left():
        if sent and action.leaves_machine:
            return Progress(journey, Status.RUNNING, steps, sent=sent)
        if late:
            return _too_late(journey, steps, action)
        step, outcome = _perform(journey, number, action)
        steps.append(step)
        sent = (action, outcome) if action.leaves_machine else sent
        if not outcome.ok:
            return replace(_failure(journey, steps, action, outcome), sent=sent)
        journey.finish(action.pk, action.alias, outcome.output)
    return Progress(journey, Status.SUCCEEDED, steps, sent=sent)


def _refuse(journey: Journey, steps: list[Step], under_way: list[Action]) -> Progress | None:
    """What ends or stops an operation before any action, or None.

    A deleted or stopped processing, an outcome to ask about, an operation that is deadly, a request that is unreadable.
    """
    operation, processing = journey.operation, journey.recipe.processing
    if processing.deleted_at:
        return Progress(journey, Status.CANCELLED, steps, error=_("The processing was deleted"))
    for action in under_way:
        if action.asks:
            return _question(journey, steps, action)
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


def _under_way(journey: Journey) -> Iterator[tuple[int, Action]]:
    """The action that dead workers may have begun, once for each: the first unfinished one that leaves this machine."""
    lost, journey.interrupted = journey.interrupted, 0
    for number, action in journey.left():
        if action.leaves_machine:
            yield from [(number, action)] * lost
            return


def _interruption(journey: Journey, number: int, action: Action) -> Step:
    words = _("The work broke off at this step, so nobody knows whether the request has arrived")
    now = datetime.now(UTC)
    return _step(journey, number, action, status=Step.Status.UNKNOWN, started_at=now, duration_ms=0, error=words)


def _perform(journey: Journey, number: int, action: Action) -> tuple[Step, Outcome]:
    assert journey.reading is not None
    context = recipes.context(journey.operation, journey.reading, journey.recipe, journey.outputs)
    http = Http(key=journey.key(action), deadline=_seconds(journey))
    outcome = perform(action, context, http, journey.recipe.connections)
    journey.duration_ms += outcome.duration_ms
    step = _step(
        journey,
        number,
        action,
        status=_status(action, outcome),
        started_at=outcome.started_at,
        duration_ms=outcome.duration_ms,
        config=outcome.config,
        exchanges=outcome.exchanges,
        output=outcome.output,
        error=storable(outcome.error),
    )
    return step, outcome


def _seconds(journey: Journey) -> float:
    """What one request may take: no longer than until the operation's deadline, unless that was over before."""
    usual, left = float(settings.STEP_SECONDS), journey.seconds_left()
    return usual if left <= 0 else min(usual, max(left, LEAST_SECONDS))


def _status(action: Action, outcome: Outcome) -> Step.Status:
    if outcome.ok:
        return Step.Status.SUCCEEDED
    # Where doing it twice is the same as once, nobody need wonder.
    return Step.Status.UNKNOWN if outcome.unknown and not action.harmless else Step.Status.FAILED


def _step(journey: Journey, number: int, action: Action, **told: Any) -> Step:
    operation = journey.operation
    return Step(
        tenant_id=operation.tenant_id,
        operation_id=operation.pk,
        run=operation.run,
        attempt=journey.attempt(action),
        position=number,
        action_id=action.pk,
        kind=action.kind,
        alias=action.alias,
        title=action.title[:200],
        **told,
    )


def _failure(journey: Journey, steps: list[Step], action: Action, outcome: Outcome) -> Progress:
    """Asks, waits for the next attempt, or ends: when it was the last, or the next would come too late."""
    error, attempt = storable(outcome.error), steps[-1].attempt
    if outcome.unknown and action.asks:
        return _question(journey, steps, action)
    wait = journey.policy(action).wait(attempt, outcome.retry, outcome.status, outcome.after)
    if wait is not None and wait > journey.seconds_left():
        error, wait = _("%(error)s. %(late)s") % {"error": error.rstrip("."), "late": _no_time(journey)}, None
    if wait is None:
        return Progress(journey, Status.FAILED, steps, None, error, alarm=True, culprit=action)
    due_at = datetime.now(UTC) + timedelta(seconds=wait)
    return Progress(journey, Status.WAITING, steps, due_at, error, attempt == 1, action)


def _question(journey: Journey, steps: list[Step], action: Action) -> Progress:
    """A person looks whether it arrived, and decides."""
    return Progress(journey, Status.UNKNOWN, steps, None, steps[-1].error, True, action)


def _too_late(journey: Journey, steps: list[Step], action: Action) -> Progress:
    return Progress(journey, Status.FAILED, steps, None, _no_time(journey), alarm=True, culprit=action)


def _no_time(journey: Journey) -> str:
    words = _("There is no other attempt: the time for this operation, %(time)s from its start, is over")
    return words % {"time": written(journey.recipe.processing.deadline_seconds)}
