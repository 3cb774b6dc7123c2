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
    try:
        found = offers.ask(request.tenant, editing.spec, name, configs.nest(editing.typed()), refresh)
    except KeyError:
        raise Http404 from None
    return render(request, "actions/_options.html", {"offered": found})
