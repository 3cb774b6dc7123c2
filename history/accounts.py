"""The page «Подключения»: a company's connections, the hosts that its actions go to, and how they all are."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import include, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from actions import connected
from actions.models import Action
from connections.models import Lane
from history import outages
from history.orders import back
from processings.models import Processing
from tenants import access
from tenants.models import Tenant


@require_safe
@access.member
def index(request: Any) -> HttpResponse:
    found = outages.accounts(outages.used(request.tenant))
    users = _users(request.tenant)
    used = connected.users(request.tenant)
    context = {
        "connections": [(one, used.get(one.pk, [])) for one in request.tenant.connections.all()],
        "rows": [(account, users.get(account.lane.pk, [])) for account in found],
        "may_edit": request.membership.may_edit,
    }
    return render(request, "connections/list.html", context)


def _users(tenant: Tenant) -> dict[uuid.UUID, list[Processing]]:
    """The processings that go to each account, by name."""
    actions = Action.objects.filter(tenant=tenant, lane_id__isnull=False, processing__deleted_at=None)
    users: dict[uuid.UUID, list[Processing]] = {}
    for action in actions.select_related("processing").order_by("processing__name", "position"):
        known = users.setdefault(action.lane_id, [])  # type: ignore[arg-type]  # not null
        if action.processing not in known:
            known.append(action.processing)
    return users


@require_POST
@access.editor
def probe(request: Any, id: uuid.UUID) -> HttpResponse:
    """«Проверить сейчас»; `next`: the page of ours to go back to."""
    lane = access.row(request.tenant, Lane, id)
    if outages.hurry(lane):
        messages.success(request, _("The next operation tries whether %(account)s answers") % {"account": lane})
    else:
        messages.info(request, _("%(account)s answers already") % {"account": lane})
    return redirect(back(request, "connections:list"))


app_name = "connections"
urlpatterns = [
    path("", index, name="list"),
    path("accounts/<uuid:id>/probe/", probe, name="probe"),
    path("", include("connections.urls")),
]
