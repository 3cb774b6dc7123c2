"""The actions of a processing and their order. Everything here happens under a lock of the processing's row.

Positions are dense from 1. Sentences of ValueError are for the reader.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from actions.lanes import lane_of
from actions.models import Action
from processings.models import Processing
from webjack import kinds

MOST_ACTIONS = 200
COPIED = ("tenant_id", "processing_id", "kind", "name", "alias", "position", "config", "enabled")


def add(
    processing: Processing,
    kind: str,
    config: dict[str, Any],
    name: str = "",
    after: Action | None = None,
    *,
    alias: str = "",
    first: bool = False,
) -> Action:
    """A new action behind another one, at the top if `first`, else at the end. Raises UnknownKind, ValueError."""
    with transaction.atomic():
        actions = _locked(processing)
        place = 0 if first else _place_of(after, actions) if after else len(actions)
        fresh = Action(
            tenant_id=processing.tenant_id,
            processing=processing,
            kind=kind,
            name=name,
            alias=alias or free_alias(kinds.get("action", kind).alias, actions),
            position=place + 1,
            config=config,
        )
        return _insert(fresh, actions)


def change(action: Action) -> None:
    """Saves name, alias and settings. Raises ValueError when the action is gone or its alias was taken meanwhile."""
    with transaction.atomic():
        actions = _locked(action.processing)
        _place_of(action, actions)
        _check_alias(action, actions)
        action.lane_id = lane_of(action)
        action.save(update_fields=["name", "alias", "config", "lane_id", "updated_at"])


def duplicate(action: Action) -> Action:
    """The same once more, right behind it, with an alias of its own."""
    with transaction.atomic():
        actions = _locked(action.processing)
        copied = Action(**{name: getattr(action, name) for name in COPIED})
        copied.alias = free_alias(_stem(action), actions)
        copied.position = _place_of(action, actions) + 1
        if action.name:
            copied.name = (_("%(name)s (copy)") % {"name": action.name})[:200]
        return _insert(copied, actions)


def reorder(processing: Processing, ids: Iterable[uuid.UUID | str]) -> None:
    """Puts the actions in this order. Raises ValueError unless these are exactly the processing's, each once."""
    wanted = [str(key) for key in ids]
    with transaction.atomic():
        by_id = {str(action.pk): action for action in _locked(processing)}
        if len(wanted) != len(by_id) or set(wanted) != set(by_id):
            raise ValueError(_("The list of actions has changed meanwhile: reload the page and try again"))
        _number([by_id[key] for key in wanted])


def remove(action: Action) -> dict[str, Any]:
    """Deletes an action and closes the gap; returns what `restore` needs, ready for JSON. Raises ValueError if gone."""
    with transaction.atomic():
        actions = _locked(action.processing)
        place = _place_of(action, actions) - 1
        kept = {name: getattr(actions[place], name) for name in COPIED if not name.endswith("_id")}
        kept["id"] = str(action.pk)
        Action.objects.filter(pk=action.pk).delete()
        del actions[place]
        _number(actions)
    return kept


def restore(processing: Processing, kept: dict[str, Any]) -> Action:
    """Brings back what `remove` took, under its old id, as near to its old place as there is one."""
    with transaction.atomic():
        actions = _locked(processing)
        action = Action(**kept | {"tenant_id": processing.tenant_id, "processing": processing})
        if any(other.pk == action.pk or str(other.pk) == kept["id"] for other in actions):
            raise ValueError(_("This action is already back"))
        if any(other.alias == action.alias for other in actions):
            action.alias = free_alias(action.alias, actions)
        action.position = min(action.position, len(actions) + 1)
        return _insert(action, actions)


def free_alias(stem: str, actions: list[Action]) -> str:
    """The stem, or the first of stem_2, stem_3, … that no action has."""
    taken = {action.alias for action in actions}
    if stem not in taken:
        return stem
    return next(name for number in range(2, len(taken) + 3) if (name := f"{stem[:58]}_{number}") not in taken)


def _locked(processing: Processing) -> list[Action]:
    Processing.everything.select_for_update().get(pk=processing.pk)
    return list(Action.objects.filter(processing=processing).order_by("position"))


def _insert(action: Action, actions: list[Action]) -> Action:
    if len(actions) >= MOST_ACTIONS:
        raise ValueError(_("A processing holds at most %(count)s actions") % {"count": MOST_ACTIONS})
    _check_alias(action, actions)
    place = action.position - 1
    _number([*actions[:place], None, *actions[place:]])
    action.lane_id = lane_of(action)
    action.save(force_insert=True)
    return action


def _check_alias(action: Action, actions: list[Action]) -> None:
    if any(other.alias == action.alias and other.pk != action.pk for other in actions):
        raise ValueError(_("Another action of this processing has this short name"))


def _number(actions: list[Action | None] | list[Action]) -> None:
    moved = []
    for position, action in enumerate(actions, 1):
        if action is not None and action.position != position:
            action.position = position
            moved.append(action)
    Action.objects.bulk_update(moved, ["position"])


def _place_of(action: Action, actions: list[Action]) -> int:
    """Its place among the actions, from 1."""
    for place, other in enumerate(actions, 1):
        if other.pk == action.pk:
            return place
    raise ValueError(_("This action no longer exists: reload the page"))


def _stem(action: Action) -> str:
    try:
        return action.spec.alias
    except kinds.UnknownKind:
        return action.alias
