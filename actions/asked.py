"""The action that a request of a page is about, with what was posted in its form."""

import uuid
from typing import Any

from django.http import Http404

from actions.editing import Editing
from actions.models import Action
from actions.tree import TOP, Place
from processings.models import Processing
from tenants.access import row
from webjack import kinds


def fresh(request: Any, processing: Processing) -> Editing:
    """A new action of the kind, and at the place, that the address's query says."""
    kind, after = request.GET.get("kind", ""), request.GET.get("after", "")
    _must_exist(kind)
    behind = row(request.tenant, processing.actions.all(), after) if after and after != "start" else None
    return Editing.new(
        processing, kind, behind, first=after == "start", inside=_inside(request, processing), data=_posted(request)
    )


def _inside(request: Any, processing: Processing) -> Place:
    """The slot of a block that a new action is asked for, by `in` and `slot`; the top without."""
    block = request.GET.get("in", "")
    if not block:
        return TOP
    found = row(request.tenant, processing.actions.all(), block)
    slot = request.GET.get("slot", "")
    if slot not in [one.key for one in found.slots]:
        raise Http404
    return found.pk, slot


def existing(request: Any, id: uuid.UUID) -> Editing:
    """An action of the company whose kind is there and whose processing was not deleted; else 404."""
    action = row(request.tenant, Action.objects.select_related("processing__tenant"), id)
    _must_exist(action.kind)
    if action.processing.deleted_at:
        raise Http404
    return Editing.of(action, data=_posted(request))


def _must_exist(kind: str) -> None:
    try:
        kinds.get("action", kind)
    except kinds.UnknownKind:
        raise Http404 from None


def _posted(request: Any) -> Any:
    return request.POST if request.method == "POST" else None
