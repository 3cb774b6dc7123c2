"""What stands for the answer of an action whose request is not sent."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.models import Action
from actions.preview import real_outputs
from history.models import Operation, Step
from history.walk import Key
from processings.models import Processing
from webjack.kinds import UnknownKind

Data = dict[str, Any]


class Origin(Enum):
    """Where an output comes from, with the words for it."""

    HERE = ""
    THEN = _("what came back for this request then")
    LATELY = _("the newest real answer")
    CAPTURED = _("what “Get” brought")
    SAMPLE = _("the sample of this kind of action")


@dataclass(frozen=True)
class StandIns:
    """then: outputs of the operation's own last run; lately: the newest that each action had, by its id."""

    then: Mapping[Key, Data] = field(default_factory=dict)
    lately: Mapping[uuid.UUID, Data] = field(default_factory=dict)

    def of(self, action: Action, place: str) -> tuple[Data, Origin]:
        """For an action whose kind may be gone: then it brings nothing."""
        if (action.pk, place) in self.then:
            return self.then[action.pk, place], Origin.THEN
        if action.pk in self.lately:
            return self.lately[action.pk], Origin.LATELY
        if action.sample:
            return dict(action.sample), Origin.CAPTURED
        try:
            return dict(action.spec.sample), Origin.SAMPLE
        except UnknownKind:
            return {}, Origin.SAMPLE


def stand_ins(processing: Processing, actions: Iterable[Action], operation: Operation | None = None) -> StandIns:
    """operation: None, or an unsaved one, where nothing was done before."""
    actions = list(actions)
    then = then_of(operation, actions) if operation and not operation._state.adding else {}
    return StandIns(then, lately(processing, actions))


def lately(processing: Processing, actions: Iterable[Action]) -> dict[uuid.UUID, Data]:
    """The newest real outputs by the action's id."""
    return real_outputs(processing, list(actions))


def then_of(operation: Operation, actions: Iterable[Action]) -> dict[Key, Data]:
    """What actions that are still of the same kind brought in the operation's last run."""
    kinds = {action.pk: action.kind for action in actions}
    steps = operation.steps.filter(run=operation.run, status=Step.Status.SUCCEEDED).order_by("started_at", "id")
    rows = steps.values_list("action_id", "place", "kind", "output")
    return {
        (action, place): output
        for action, place, kind, output in rows
        if kinds.get(action) == kind and isinstance(output, dict)
    }
