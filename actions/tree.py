"""Which actions stand inside which: the outline of a processing's actions, and what each can know of the others.

An action stands in a slot of a block (`parent`, `slot`) or at the top; `position` counts through all of them in the
order that people read, so the actions inside a block follow it.
"""

import uuid
from collections.abc import Iterable, Iterator

from actions.models import Action

Place = tuple[uuid.UUID | None, str]

TOP: Place = (None, "")
DEEPEST = 8
"""Blocks inside blocks."""


def place(action: Action) -> Place:
    """Where it stands: the block and its slot."""
    return action.parent_id, action.slot


class Outline:
    """The actions of each place, in their order. `inner` may be changed; `flat` numbers nothing."""

    def __init__(self, actions: Iterable[Action]) -> None:
        self.inner: dict[Place, list[Action]] = {}
        for action in actions:
            self.inner.setdefault(place(action), []).append(action)

    def at(self, where: Place) -> list[Action]:
        return self.inner.setdefault(where, [])

    def flat(self, where: Place = TOP) -> Iterator[Action]:
        """All actions from there in the order people read."""
        for action in self.inner.get(where, ()):
            yield from self.whole(action)

    def whole(self, action: Action) -> Iterator[Action]:
        """The action and all inside it; what stands in a slot that the block has no more comes last."""
        yield action
        known = [(action.pk, slot.key) for slot in action.slots]
        lost = [where for where in self.inner if where[0] == action.pk and where not in known]
        for where in [*known, *lost]:
            yield from self.flat(where)


def blocks(action: Action, actions: Iterable[Action]) -> list[Action]:
    """The blocks that it stands in, the innermost first."""
    by_id = {other.pk: other for other in actions}
    found: list[Action] = []
    parent = action.parent_id
    while parent in by_id and len(found) <= DEEPEST:
        found.append(by_id[parent])
        parent = by_id[parent].parent_id
    return found


def enabled(actions: Iterable[Action]) -> list[Action]:
    """Those switched on, and all blocks around them too; the order stays."""
    on: dict[uuid.UUID | None, Action] = {}
    for action in actions:  # a block stands before what is inside it
        if action.enabled and (action.parent_id is None or action.parent_id in on):
            on[action.pk] = action
    return list(on.values())


def known_to(action: Action, actions: Iterable[Action]) -> list[Action]:
    """Of these, in their order: those before it, whose results it can use.

    Not those of another slot of a block that it stands in, since one operation goes one way; nor those inside a list
    that is over.
    """
    actions = [other for other in actions if other.pk != action.pk]
    mine = {block.pk: slot for block, slot in ways(action, actions)}
    return [
        other
        for other in actions
        if other.position < action.position
        and all(
            mine[around.pk] == slot if around.pk in mine else not (around.block and around.block.repeats)
            for around, slot in ways(other, actions)
        )
    ]


def ways(action: Action, actions: Iterable[Action]) -> Iterator[tuple[Action, str]]:
    """Each block around an action, and the slot of it that leads there."""
    slot = action.slot
    for block in blocks(action, actions):
        yield block, slot
        slot = block.slot
