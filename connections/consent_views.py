"""«Подключить …»: to the service's own page, and back from it."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from connections import consent
from connections.checking import check
from connections.models import Connection
from connections.places import Busy
from tenants.access import editor, row
from webjack.http import Failed


@require_safe
@editor
@never_cache
def leave(request: Any, id: uuid.UUID) -> HttpResponse:
    """A link and no form: the content policy lets a form lead nowhere else, and all it changes is the session."""
    connection = row(request.tenant, Connection, id)
    if not connection.consents:
        raise Http404
    try:
        return redirect(consent.leave(request, connection))
    except Failed as failed:
        messages.error(request, str(failed.message))
        return redirect("connections:detail", id)


@require_safe
@editor
@never_cache
def back(request: Any) -> HttpResponse:
    """Goes on to a page of ours at once, so that the code stays in no address line."""
    told = consent.left(request)
    if told is None:
        messages.error(
            request,
            _("This answer does not belong to what you began here: press “Connect” in the connection once more"),
        )
        return redirect("connections:list")
    connection = row(request.tenant, Connection, told["connection"])
    if not connection.consents:
        raise Http404
    try:
        consent.agree(connection, told, request.GET.dict())
    except Failed as failed:
        messages.error(request, _("“%(name)s”: %(text)s") % {"name": connection, "text": failed.message})
        return redirect("connections:detail", connection.pk)
    connection.refresh_from_db()
    _tell(request, connection)
    return redirect("connections:list")


def _tell(request: Any, connection: Connection) -> None:
    try:
        verdict = check(connection)
    except Busy:
        messages.success(request, _("“%(name)s” is connected") % {"name": connection})
        return
    if verdict.ok:
        told = {"name": connection, "text": verdict.text}
        messages.success(request, _("“%(name)s” is connected: %(text)s") % told)
    else:
        messages.error(request, _("“%(name)s”: %(text)s") % {"name": connection, "text": verdict.text})
