"""Which processings hand data over to which: their actions name another one by its id."""

from collections import deque
from functools import cache
from typing import Any

from actions.effects import Call
from actions.fields import ProcessingField
from actions.models import Action
from actions.preview import output_of, sample_context
from processings.models import Processing
from tenants.models import Tenant
from webjack import kinds


@cache
def settings_of(kind: str) -> tuple[str, ...]:
    """The settings of a kind of action that name a processing; none when the kind is gone."""
    try:
        fields = kinds.get("action", kind).form.base_fields
    except kinds.UnknownKind:
        return ()
    return tuple(name for name, each in fields.items() if isinstance(each, ProcessingField))


def targets(action: Action) -> set[str]:
    """The ids of the processings that it hands over to; "" for one that is not chosen."""
    return {str(action.config.get(name) or "") for name in settings_of(action.kind)}


def callers(processing: Processing) -> list[Action]:
    """The actions of the company that hand over to it, with their processings."""
    return [action for action in _all(processing.tenant) if str(processing.pk) in targets(action)]


def circle(action: Action) -> list[str]:
    """The names of the processings that hand data round to this action's own, first its own; empty: it is none."""
    ways: dict[str, set[str]] = {}
    names = {str(id): name for id, name in action.processing.tenant.processings.values_list("pk", "name")}
    for other in _all(action.processing.tenant):
        if other.enabled and other.pk != action.pk:
            ways.setdefault(str(other.processing_id), set()).update(targets(other))
    home = str(action.processing_id)
    queue = deque([home, target] for target in targets(action) if target in names)
    seen: set[str] = set()
    while queue:
        path = queue.popleft()
        if path[-1] == home:
            return [names[id] for id in path]
        if path[-1] not in seen:
            seen.add(path[-1])
            queue.extend([*path, target] for target in ways.get(path[-1], ()) if target in names)
    return []


def handed(action: Action, processing: Processing) -> dict[str, Any]:
    """What the action hands over to the processing on its own sample; empty when that cannot be told."""
    output = output_of(action, sample_context(action.processing, action), {}, {})
    calls = [one for one in action.spec.effects(output) if isinstance(one, Call)]
    return next((one.data for one in calls if one.processing == processing.pk), {})


def own(kind: str, config: dict[str, Any], tenant: Tenant) -> dict[str, Any]:
    """The config without processings that the company does not have: of a processing that came from another one."""
    named = [name for name in settings_of(kind) if config.get(name)]
    there = {str(id) for id in tenant.processings.values_list("pk", flat=True)} if named else set()
    return config | {name: "" for name in named if str(config[name]) not in there}


def _all(tenant: Tenant) -> list[Action]:
    calling = [kind for kind in kinds.catalogue("action") if settings_of(kind)]
    found = Action.objects.filter(tenant=tenant, kind__in=calling, processing__deleted_at=None)
    return list(found.select_related("processing__tenant").order_by("processing__name", "position"))
