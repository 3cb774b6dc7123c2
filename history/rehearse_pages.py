"""«Проверить» a processing: what it would do with a request, and the button that really sends."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from actions import stored
from actions.effects import Call, Effect
from history import trial
from history.elements import numbered
from history.models import Operation
from history.rehearse import Rehearsal, Scene, recipe, rehearse, said
from history.stand_ins import stand_ins
from processings.models import Processing
from tenants.access import editor, member, row
from webjack.kinds import UnknownKind


@dataclass
class Shown:
    """One action of a rehearsal for its page. place: the number of the element, "" outside of lists."""

    scene: Scene
    place: str = ""
    effects: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def kind(self) -> Any:
        """None when its file is gone."""
        try:
            return self.scene.stop.action.spec
        except UnknownKind:
            return None

    @property
    def first_only(self) -> bool:
        """Whether requests may follow that nobody can know before the first is answered."""
        kind = self.kind
        return bool(kind and self.scene.outcome.exchanges and kind.goes_by_answers(self.scene.stop.action.config))

    @property
    def status(self) -> str:
        return "succeeded" if self.scene.outcome.ok else "failed"


@require_safe
@member
def page(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    """Without a choice the form alone; with one (`check-request`, "sample" for the sample) what would be sent."""
    processing = row(request.tenant, Processing, processing_id)
    context = {"processing": processing, "may_edit": request.membership.may_edit}
    if stored.REQUEST not in request.GET and stored.LINK not in request.GET:
        return render(request, "history/rehearse.html", context)
    try:
        operation = asked(processing, request.GET)
    except stored.NoSuchRequest:
        trouble = _("There is no such request, or it is no longer kept")
        return render(request, "history/rehearse.html", context | {"trouble": trouble})
    told = rehearsed(processing, operation)
    context |= {"told": told, "shown": shown(processing, told), "operation": operation}
    return render(request, "history/rehearse.html", context | {"stored": not operation._state.adding})


@require_POST
@editor
def send(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    """«Отправить по-настоящему»: a test operation, whose page shows what comes back."""
    processing = row(request.tenant, Processing, processing_id)
    try:
        operation = asked(processing, request.POST)
    except stored.NoSuchRequest:
        context = {"processing": processing, "may_edit": True}
        trouble = _("There is no such request, or it is no longer kept")
        return render(request, "history/rehearse.html", context | {"trouble": trouble})
    return redirect("history:detail", trial.send(processing, operation).pk)


def asked(processing: Processing, data: Any) -> Operation:
    """The stored request that a form names, else the sample. Raises NoSuchRequest."""
    found: Operation | None = stored.chosen(processing, data)
    return found or trial.sample(processing)


def rehearsed(processing: Processing, operation: Operation) -> Rehearsal:
    """By the saved settings."""
    by = recipe(processing)
    return rehearse(operation, by, stand_ins(processing, by.actions, operation))


def shown(processing: Processing, told: Rehearsal) -> list[Shown]:
    """The actions as the page draws them."""
    left = [effect for scene in told.scenes for effect in scene.effects]
    called = {effect.processing for effect in left if isinstance(effect, Call)}
    found = Processing.everything.filter(tenant_id=processing.tenant_id, pk__in=called)
    names = dict(found.values_list("pk", "name")) if called else {}
    return [
        Shown(scene, _place(scene), [(said(effect, names), _values(effect)) for effect in scene.effects])
        for scene in told.scenes
    ]


def _place(scene: Scene) -> str:
    return numbered(scene.stop.place) if scene.stop.place else ""


def _values(effect: Effect) -> str:
    values = effect.data if isinstance(effect, Call) else effect.values
    return json.dumps(values, ensure_ascii=False, indent=2, default=str)
