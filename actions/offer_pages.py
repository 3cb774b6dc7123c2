"""The list of what the account has, for a field of an action's form: comes when the field is opened."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from actions import asked, offers
from actions.editing import Editing
from processings.models import Processing
from tenants.access import editor, row
from webjack import config as configs
from webjack.http import Failed


@require_POST
@editor
def options_new(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    return _options(request, asked.fresh(request, row(request.tenant, Processing, processing_id)))


@require_POST
@editor
def options(request: Any, id: uuid.UUID) -> HttpResponse:
    return _options(request, asked.existing(request, id))


def _options(request: Any, editing: Editing) -> HttpResponse:
    """`options-field`: for which field; with `options-refresh` the service is asked again."""
    name, refresh = request.POST.get("options-field", ""), bool(request.POST.get("options-refresh"))
    if name not in offers.loaded(editing.spec):
        raise Http404
    found = offers.ask(request.tenant, editing.spec, name, configs.nest(editing.typed()), refresh)
    return render(request, "actions/_options.html", {"offered": found, "find": _finds(editing, name)})


@require_POST
@editor
def find_new(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    return _find(request, asked.fresh(request, row(request.tenant, Processing, processing_id)))


@require_POST
@editor
def find(request: Any, id: uuid.UUID) -> HttpResponse:
    return _find(request, asked.existing(request, id))


def _find(request: Any, editing: Editing) -> HttpResponse:
    """Without `options-code` an invitation with a new one; with it what has sent it, or 204 as long as nothing has.

    An error is shown meanwhile: the next question may do better.
    """
    name, code = request.POST.get("options-field", ""), request.POST.get("options-code", "")
    if not _finds(editing, name):
        raise Http404
    config = configs.nest(editing.typed())
    if not code:
        return render(request, "actions/_find.html", offers.invite(request.tenant, editing.spec, name, config))
    try:
        found = offers.found(request.tenant, editing.spec, name, config, code)
    except Failed as failed:
        return render(request, "actions/_find.html", {"error": failed.message})
    return render(request, "actions/_found.html", {"found": found}) if found else HttpResponse(status=204)


def _finds(editing: Editing, name: str) -> Any:
    field = offers.loaded(editing.spec).get(name)
    return editing.spec.finds.get(field.options) if field else None
