"""«Проверить» a whole processing: walks through its actions, sends nothing and leaves nothing in the database.

A request stops short of the network and stands in its step's exchanges as it would go out; what its action would bring
is stood in for. What actions would leave in the database is told instead of done; what they look up is read.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions import connected
from actions.effects import Effect, Found, Look, Remember
from actions.models import Action
from actions.perform import Outcome, perform
from actions.tree import enabled
from history import effects
from history import recipe as recipes
from history.models import Operation, Status
from history.recipe import Reading, Recipe
from history.run import key_of
from history.stand_ins import Origin, StandIns
from history.walk import Filtered, Key, Stop, Walk
from processings.models import Processing
from webjack.http import Http

MOST_ACTIONS = 300
"""Of one rehearsal: a list of thousands would be a page of megabytes."""

SECONDS = 3.0


@dataclass(frozen=True)
class Scene:
    """One action in a rehearsal. outcome: its output is what later actions saw; origin: where that is from.

    effects: what it would leave in the database. until: when it would let the operation go on.
    """

    stop: Stop
    outcome: Outcome
    origin: Origin = Origin.HERE
    effects: Sequence[Effect] = ()
    until: datetime | None = None

    @property
    def key(self) -> Key:
        return self.stop.key


@dataclass
class Rehearsal:
    """status: how the operation would end, as far as nobody's answer says otherwise. cut: it was longer than shown."""

    operation: Operation
    reading: Reading = field(default_factory=Reading)
    scenes: list[Scene] = field(default_factory=list)
    status: Status = Status.SUCCEEDED
    error: str = ""
    cut: bool = False

    @property
    def requests(self) -> int:
        """How many would go out."""
        return sum(bool(scene.outcome.exchanges) for scene in self.scenes)


def recipe(processing: Processing, edited: Action | None = None) -> Recipe:
    """As a worker would load it; edited: an action with settings that are not saved, in its place."""
    actions = list(processing.actions.all())
    if edited is not None:
        others = [action for action in actions if action.pk != edited.pk]
        before = sum(action.position < edited.position for action in others)
        actions = [*others[:before], edited, *others[before:]]
    known = connected.load([action for action in actions if action.enabled])
    return replace(recipes.of(processing, known), actions=tuple(enabled(actions)))


def rehearse(operation: Operation, by: Recipe, stand_ins: StandIns, seconds: float = SECONDS) -> Rehearsal:
    """operation: its request is what is worked on; it may be unsaved. Takes no longer than about `seconds`."""
    told = Rehearsal(operation, recipes.read(operation, by))
    if told.reading.problem:
        told.status, told.error = Status.FAILED, told.reading.problem
        return told
    rehearsing = _Rehearsing(told, by, stand_ins, time.monotonic() + seconds)
    try:
        rehearsing.go()
    except Filtered as filtered:
        told.status, told.error = Status.FILTERED, str(filtered)
    return told


@dataclass
class _Rehearsing:
    told: Rehearsal
    recipe: Recipe
    stand_ins: StandIns
    ends: float
    done: dict[Key, Any] = field(default_factory=dict)
    given_up: set[Key] = field(default_factory=set)
    remembered: dict[tuple[str, str], Found] = field(default_factory=dict)

    def go(self) -> None:
        for stop in Walk(self.recipe.actions, self.done, self.given_up).stops():
            if len(self.told.scenes) >= MOST_ACTIONS or time.monotonic() > self.ends:
                self.told.cut = True
                return
            scene = self._scene(stop)
            self.told.scenes.append(scene)
            if scene.outcome.ok:
                self.done[stop.key] = scene.outcome.output or {}
            elif stop.shelter is not None:
                self.given_up.add(stop.shelter.key)
            else:
                self.told.status, self.told.error = Status.FAILED, scene.outcome.error
                return
        self._end()

    def _end(self) -> None:
        count = len(self.given_up)
        if count:
            words = ngettext("%(n)s element of a list failed", "%(n)s elements of a list failed", count) % {"n": count}
            self.told.status, self.told.error = Status.FAILED, words

    def _scene(self, stop: Stop) -> Scene:
        outcome = self._perform(stop)
        if not outcome.ok:
            return Scene(stop, outcome)
        origin = Origin.HERE
        if outcome.output is None:  # it got as far as the request, which was not sent
            output, origin = self.stand_ins.of(stop.action, stop.place)
            outcome = replace(outcome, output=output)
        left = list(stop.action.spec.effects(outcome.output or {}))
        for effect in left:
            if isinstance(effect, Remember):
                self.remembered[effect.table, effect.key] = Found(True, effect.values)
        return Scene(stop, outcome, origin, left, stop.action.spec.pause(outcome.output or {}))

    def _perform(self, stop: Stop) -> Outcome:
        operation = self.told.operation
        key = key_of(operation, stop)
        context = replace(recipes.context(operation, self.told.reading, self.recipe, stop.outputs), seed=key)
        outcome = perform(stop.action, context, Http(key=key, dry=True), known=self.recipe.connections)
        if not outcome.asks:
            return outcome
        again = Http(key=key, dry=True)
        return perform(stop.action, context, again, self._found(outcome.asks), self.recipe.connections)

    def _found(self, look: Look) -> Found:
        """What an action before it would have remembered, else what stands in the table."""
        known = self.remembered.get((look.table, look.key))
        if known:
            return known
        with connection.cursor() as cursor:
            return effects.look(cursor, [(self.told.operation.tenant_id, look)])[0]


def said(effect: Effect, processings: dict[uuid.UUID, str]) -> str:
    """What would be left in the database, in a sentence; processings: names by id."""
    if isinstance(effect, Remember):
        return _("Would remember in the table “%(table)s” under “%(key)s”:") % {
            "table": effect.table,
            "key": effect.key,
        }
    name = processings.get(effect.processing, _("which is not there"))
    return _("Would hand over to the processing “%(name)s”:") % {"name": name}
