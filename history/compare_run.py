"""«Сравнить»: stored requests by the new settings, dry, against what was sent or by the old ones. In pieces."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Func
from django.utils.translation import gettext as _

from actions.models import Action
from history.compare import Difference, Request, difference, same_target
from history.glance import main
from history.models import Operation, Status
from history.rehearse import Rehearsal, recipe, rehearse
from history.stand_ins import StandIns, lately, then_of
from history.walk import Key
from processings.models import Processing
from webjack.fields import PlainJSONField

COUNTS = (10, 50, 100)
PIECE = 10
SECONDS = 1.5
"""After which a piece ends: whoever waits gets it, and the next one begins."""
MOST_BYTES = 4 * 1024 * 1024
"""Of bodies in one piece."""
EACH_SECONDS = 1.0

SENT, SAVED = "sent", "saved"


@dataclass(frozen=True)
class Sent:
    """What an action sent, or would send: requests in their order, of which the first is the action's own."""

    number: int
    title: str
    requests: list[Request]


@dataclass
class Compared:
    """One stored request. equal: how many outgoing requests are the same; was and now: how it ended and would end."""

    operation: Operation
    values: list[tuple[str, str]]
    differences: list[Difference] = field(default_factory=list)
    equal: int = 0
    was: str = ""
    now: str = ""
    cut: bool = False

    @property
    def differs(self) -> bool:
        return bool(self.differences)


@dataclass
class Piece:
    """before: the id that the next piece goes on behind, None at the end."""

    found: list[Compared] = field(default_factory=list)
    before: uuid.UUID | None = None


def piece(processing: Processing, edited: Action | None, old: str, before: uuid.UUID | None, left: int) -> Piece:
    """The next stored requests, at most `left`. edited: an action as it is not saved yet, or None.

    old: SENT, what was really sent then; SAVED, what the saved settings would send.
    """
    comparing = _Comparing(processing, edited, old)
    wanted = min(PIECE, left)
    found = _operations(processing, before)[:wanted]
    ends, size, told = time.monotonic() + SECONDS, 0, Piece()
    for operation in found:
        if told.found and (time.monotonic() > ends or size > MOST_BYTES):
            break
        size += len(operation.body)
        told.found.append(comparing.compare(operation))
        told.before = operation.pk
    if len(told.found) == left or (len(told.found) == len(found) < wanted):
        told.before = None
    return told


def _operations(processing: Processing, before: uuid.UUID | None) -> Any:
    found = processing.operations.filter(test=False).exclude(status=Status.REJECTED).order_by("-id")
    return found.filter(id__lt=before) if before else found


class _Comparing:
    def __init__(self, processing: Processing, edited: Action | None, old: str) -> None:
        self.old = old
        self.new_recipe = recipe(processing, edited)
        self.old_recipe = recipe(processing) if old == SAVED else None
        self.actions = list(self.new_recipe.actions)
        self.lately = lately(processing, self.actions)
        self.fields = {source.pk: source.fields for source in processing.sources.all()}

    def compare(self, operation: Operation) -> Compared:
        by = StandIns(then_of(operation, self.actions), self.lately)
        new = rehearse(operation, self.new_recipe, by, EACH_SECONDS)
        told = Compared(
            operation,
            main(new.reading.data, self.fields.get(operation.source_id, []) if operation.source_id else []),
            cut=new.cut,
        )
        if self.old_recipe is not None:
            old = rehearse(operation, self.old_recipe, by, EACH_SECONDS)
            before, told.was, told.cut = _would(old), _ended(old.status), told.cut or old.cut
        else:
            before, told.was = _sent(operation), _ended(operation.status)
        told.now = _ended(new.status)
        _judge(told, before, _would(new))
        return told


def _ended(status: str) -> str:
    return str(Status(status).label)


def _judge(told: Compared, old: Mapping[Key, Sent], new: Mapping[Key, Sent]) -> None:
    for key in [*new, *(key for key in old if key not in new)]:
        one = new.get(key) or old[key]
        after = new[key].requests[0] if key in new else None
        before = _own(old[key].requests, after) if key in old else None
        found = difference(one.number, one.title, key[1], before, after)
        if found:
            told.differences.append(found)
        else:
            told.equal += 1
    told.differences.sort(key=lambda one: one.number)


def _own(requests: list[Request], new: Request | None) -> Request:
    """The action's own request, not the one that fetched a token for it."""
    alike = (request for request in requests if new and same_target(request) == same_target(new))
    others = (request for request in requests if "grant_type=" not in str(request.get("body") or ""))
    return next(alike, None) or next(others, None) or requests[0]


def _would(rehearsal: Rehearsal) -> dict[Key, Sent]:
    return {
        scene.key: Sent(scene.stop.number, scene.stop.action.title, [scene.outcome.exchanges[0]["request"]])
        for scene in rehearsal.scenes
        if scene.outcome.exchanges
    }


def _sent(operation: Operation) -> dict[Key, Sent]:
    """What really went out in the last run, of each action its last attempt; answers stay in the database."""
    requests = Func(
        F("exchanges"),
        template="(SELECT json_agg(one->'request') FROM json_array_elements(%(expressions)s) one)",
        output_field=PlainJSONField(),
    )
    steps = operation.steps.filter(run=operation.run).order_by("started_at", "id").annotate(requests=requests)
    rows = steps.values_list("action_id", "place", "position", "title", "requests")
    return {(action, place): Sent(number, title, found) for action, place, number, title, found in rows if found}


def told(done: int, differ: int, count: int, over: bool) -> str:
    """How far it is, in a sentence."""
    if over and not done:
        return _("No stored requests to compare with")
    equal = done - differ
    values = {"done": done, "count": count, "differ": differ, "equal": equal}
    if over:
        return _("Compared: %(done)s. Different: %(differ)s, the same: %(equal)s") % values
    return _("Compared: %(done)s of %(count)s. Different: %(differ)s, the same: %(equal)s") % values
