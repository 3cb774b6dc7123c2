"""The actions of a processing and their order. Everything here happens under a lock of the processing's row.

Positions are dense from 1, through blocks and what is inside them. Sentences of ValueError are for the reader.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.lanes import lane_of, leave
from actions.models import Action, OnUnknown
from actions.tree import DEEPEST, TOP, Outline, Place, blocks, place
from processings.models import Processing
from tenants import journal
from tenants.models import Verb
from webjack import kinds

MOST_ACTIONS = 200
_changing: ContextVar[frozenset[uuid.UUID]] = ContextVar("changing", default=frozenset())
COPIED = (
    "tenant_id",
    "processing_id",
    "parent_id",
    "slot",
    "kind",
    "name",
    "alias",
    "position",
    "config",
    "on_unknown",
    "retries",
    "enabled",
    "sample",
    "sampled_at",
)


def add(
    processing: Processing,
    kind: str,
    config: dict[str, Any],
    name: str = "",
    after: Action | None = None,
    *,
    alias: str = "",
    first: bool = False,
    inside: Place = TOP,
    on_unknown: str = OnUnknown.REPEAT,
    retries: dict[str, Any] | None = None,
) -> Action:
    """A new action behind another one, in its block; else `inside` a block's slot, at its top if `first` or its end.

    Raises UnknownKind, ValueError.
    """
    with changing(processing) as actions:
        if after:
            after = _same(after, actions)
        parent_id, slot = place(after) if after else inside
        fresh = Action(
            tenant_id=processing.tenant_id,
            processing=processing,
            parent_id=parent_id,
            slot=slot,
            kind=kind,
            name=name,
            alias=alias or free_alias(kinds.get("action", kind).alias, actions),
            config=config,
            on_unknown=on_unknown,
            retries=retries,
        )
        _insert([fresh], actions, 0 if first else _index(after, actions) + 1 if after else None)
        return fresh


def change(action: Action) -> None:
    """Saves what its form holds. Raises ValueError when the action is gone or its alias was taken meanwhile."""
    with changing(action.processing) as actions:
        before = _same(action, actions)
        _check_alias(action, actions)
        _check_slots(action, actions)
        action.lane_id = lane_of(action)
        action.save(update_fields=["name", "alias", "config", "on_unknown", "retries", "lane_id", "updated_at"])
        _number(Outline(action if other.pk == action.pk else other for other in actions))
        if before.lane_id != action.lane_id:
            leave(action.processing, before.lane_id)


def duplicate(action: Action) -> Action:
    """The same once more with all inside it, right behind it, with aliases of their own."""
    with changing(action.processing) as actions:
        copied: dict[uuid.UUID | None, Action] = {}
        for other in Outline(actions).whole(_same(action, actions)):
            again = Action(**{name: getattr(other, name) for name in COPIED})
            again.parent_id = copied[other.parent_id].pk if other.parent_id in copied else other.parent_id
            again.alias = free_alias(_stem(other), [*actions, *copied.values()])
            copied[other.pk] = again
        first = copied[action.pk]
        if action.name:
            first.name = (_("%(name)s (copy)") % {"name": action.name})[:200]
        _insert(list(copied.values()), actions, _index(action, actions) + 1)
        return first


def reorder(processing: Processing, ids: Iterable[uuid.UUID | str], places: Mapping[str, Place] | None = None) -> None:
    """Puts the actions in this order; places: where those stand from now on that move to another block or slot, by id.

    Raises ValueError unless these are exactly the processing's actions, each once, and each place is one for actions.
    """
    wanted = [str(key) for key in ids]
    with changing(processing) as now:
        by_id = {str(action.pk): action for action in now}
        if len(wanted) != len(by_id) or set(wanted) != set(by_id):
            raise ValueError(_("The list of actions has changed meanwhile: reload the page and try again"))
        for key, (parent_id, slot) in (places or {}).items():
            by_id[key].parent_id, by_id[key].slot = parent_id, slot
        actions = [by_id[key] for key in wanted]
        for action in actions:
            _check_place(action, actions)
        _number(Outline(actions), ["parent_id", "slot"] if places else [])


def remove(action: Action) -> list[dict[str, Any]]:
    """Deletes an action with all inside it and closes the gap.

    Returns what `restore` needs, ready for JSON. Raises ValueError if it is gone.
    """
    with changing(action.processing) as actions:
        gone = list(Outline(actions).whole(_same(action, actions)))
        kept = [_kept(one) for one in gone]
        for inner in kept[1:]:  # they wait in a session, which is no place for much
            inner |= {"sample": None, "sampled_at": None}
        Action.objects.filter(pk=action.pk).delete()
        for one in gone:
            leave(action.processing, one.lane_id)
        _number(Outline(one for one in actions if one not in gone))
    return kept


def restore(processing: Processing, kept: Sequence[dict[str, Any]]) -> Action:
    """Brings back what `remove` took, under the old ids, as near to its old place as there is one."""
    with changing(processing, Verb.RESTORED) as actions:
        fresh = [Action(**one | {"tenant_id": processing.tenant_id, "processing": processing}) for one in kept]
        if {str(action.pk) for action in actions} & {one["id"] for one in kept}:
            raise ValueError(_("This action is already back"))
        for action in fresh:
            action.pk = uuid.UUID(str(action.pk))
            action.parent_id = uuid.UUID(str(action.parent_id)) if action.parent_id else None
            if any(other.alias == action.alias for other in actions):
                action.alias = free_alias(action.alias, [*actions, *fresh])
        first = fresh[0]
        if all(other.pk != first.parent_id for other in actions):
            first.parent_id, first.slot = None, ""
        before = [other for other in Outline(actions).at(place(first)) if other.position < first.position]
        _insert(fresh, actions, len(before))
        return first


def free_alias(stem: str, actions: Sequence[Action]) -> str:
    """The stem, or the first of stem_2, stem_3, … that no action has."""
    taken = {action.alias for action in actions}
    if stem not in taken:
        return stem
    return next(name for number in range(2, len(taken) + 3) if (name := f"{stem[:58]}_{number}") not in taken)


def turn(action: Action, on: bool) -> None:
    """The switch of a card; one that was removed meanwhile stays so."""
    with changing(action.processing):
        Action.objects.filter(pk=action.pk).update(enabled=on, updated_at=timezone.now())
        if not on:
            leave(action.processing, action.lane_id)


@contextmanager
def changing(processing: Processing, added: str = Verb.ADDED) -> Iterator[list[Action]]:
    """Locks the processing, gives its actions in their order, and notes what becomes of them inside.

    added: what to call it when there are new ones. Inside another one for the same processing that one notes it all.
    """
    with transaction.atomic():
        Processing.everything.select_for_update().get(pk=processing.pk)
        if processing.pk in _changing.get() or journal.silent():
            yield _actions(processing)
            return
        before = _changing.set(_changing.get() | {processing.pk})
        try:
            order = _order(_actions(processing))
            with journal.noted_all(lambda: _actions(processing), added):
                yield _actions(processing)
            _note_order(processing, order, _order(_actions(processing)))
        finally:
            _changing.reset(before)


def _actions(processing: Processing) -> list[Action]:
    return list(Action.objects.filter(processing=processing).order_by("position"))


def _order(actions: list[Action]) -> dict[uuid.UUID, tuple[Any, str, str]]:
    return {action.pk: (action.parent_id, action.slot, action.title) for action in actions}


def _note_order(processing: Processing, before: dict[uuid.UUID, Any], after: dict[uuid.UUID, Any]) -> None:
    """Where those that were there and still are stand in another order, or in another block."""
    old, new = (
        [(key, *order[key][:2]) for key in order if key in before and key in after] for order in (before, after)
    )
    if old != new:
        titles = ([order[key][2] for key in order] for order in (before, after))
        journal.note(processing, Verb.MOVED, [{"field": "actions", "old": next(titles), "new": next(titles)}])


def _insert(fresh: list[Action], actions: list[Action], index: int | None) -> None:
    """Saves new actions, a block before what is inside it: the first at an index of its place, None: at the end."""
    if len(actions) + len(fresh) > MOST_ACTIONS:
        raise ValueError(_("A processing holds at most %(count)s actions") % {"count": MOST_ACTIONS})
    first, together = fresh[0], [*actions, *fresh]
    for action in fresh:
        _check_alias(action, together)
        _check_place(action, together)
        action.lane_id = lane_of(action)
    outline = Outline([*actions, *fresh[1:]])
    siblings = outline.at(place(first))
    siblings.insert(len(siblings) if index is None else min(index, len(siblings)), first)
    for position, action in enumerate(outline.flat(), 1):
        if action in fresh:
            action.position = position
            action.save(force_insert=True)
    _number(outline)


def _kept(action: Action) -> dict[str, Any]:
    kept = {name: getattr(action, name) for name in COPIED if name not in ("tenant_id", "processing_id")}
    kept["sampled_at"] = action.sampled_at.isoformat() if action.sampled_at else None
    return kept | {"id": str(action.pk), "parent_id": str(action.parent_id) if action.parent_id else None}


def _check_alias(action: Action, actions: list[Action]) -> None:
    if any(other.alias == action.alias and other.pk != action.pk for other in actions):
        raise ValueError(_("Another action of this processing has this short name"))


def _check_place(action: Action, actions: list[Action]) -> None:
    """That it stands in a slot of a block of its own processing, not inside itself, and not too deep."""
    if action.parent_id is None:
        return
    around = blocks(action, actions)
    if not around or len(around) > DEEPEST or around[-1].parent_id is not None:
        raise ValueError(_("Blocks can stand at most %(count)s deep inside each other") % {"count": DEEPEST})
    if action.slot not in [slot.key for slot in around[0].slots]:
        raise ValueError(_("“%(name)s” has no such place for actions") % {"name": around[0].title})


def _check_slots(action: Action, actions: list[Action]) -> None:
    """That no action loses its place: a branch goes when nothing is in it."""
    left = {slot.key for slot in action.slots}
    lost = [other.title for other in actions if other.parent_id == action.pk and other.slot not in left]
    if lost:
        raise ValueError(_("Move or delete the actions of this branch first: %(names)s") % {"names": ", ".join(lost)})


def _number(outline: Outline, also: Sequence[str] = ()) -> None:
    """Writes the positions where they are not yet as the outline has them; with `also` these fields of each action."""
    moved = []
    for position, action in enumerate(outline.flat(), 1):
        if action.position != position or also:
            action.position = position
            moved.append(action)
    Action.objects.bulk_update(moved, ["position", *also])


def _same(action: Action, actions: list[Action]) -> Action:
    """It, as it is in the database now."""
    for other in actions:
        if other.pk == action.pk:
            return other
    raise ValueError(_("This action no longer exists: reload the page"))


def _index(action: Action, actions: list[Action]) -> int:
    """Its place among those that stand where it stands, from 0."""
    siblings = [other.pk for other in Outline(actions).at(place(_same(action, actions)))]
    return siblings.index(action.pk)


def _stem(action: Action) -> str:
    try:
        return action.spec.alias
    except kinds.UnknownKind:
        return action.alias
