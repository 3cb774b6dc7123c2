"""What people order from the history's pages: repeat, accept, process, hurry, cancel. Only POST, only who may edit."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from history import order
from history import repeat as orders
from history.models import Operation, Status
from processings.models import Processing
from tenants import access

MOST = 200  # operations of one order; the page shows fewer


def _operation(request: Any, id: uuid.UUID) -> Operation:
    return access.row(request.tenant, access.rows(request.tenant, Operation).defer("body", "data"), id)


def _told(request: Any, back: str) -> HttpResponse:
    """Where the order came from: the page again, or only the notice for a page that stays."""
    if request.htmx:
        return render(request, "_notices.html", {"oob": True})
    return redirect(back)


def _who(request: Any) -> str:
    return str(request.user.email)


def back(request: HttpRequest, otherwise: str = "history:list") -> str:
    """The page of ours that the order came from; another one, by name, when it says none."""
    wanted = request.POST.get("next", "")
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours else reverse(otherwise)


def _say(request: HttpRequest, done: bool, success: str, failure: str) -> None:
    if done:
        messages.success(request, success)
    else:
        messages.warning(request, failure)


@require_POST
@access.editor
def repeat(request: Any, id: uuid.UUID) -> HttpResponse:
    """from=start: all of it anew; from=failed: from the first action that is not done."""
    operation = _operation(request, id)
    begin = request.POST.get("from", "failed")
    if begin not in ("start", "failed"):
        raise Http404
    held = operation.status == Status.HELD
    done = orders.repeat(operation, start=begin == "start", by=_who(request))
    success = _("The request goes into processing") if held else _("The operation runs again")
    _say(request, done, success, _("The operation is under way or was refused, so it cannot be repeated"))
    return _told(request, reverse("history:detail", args=[id]))


@require_POST
@access.editor
def accept(request: Any, id: uuid.UUID) -> HttpResponse:
    """«Считать выполненным»."""
    done = orders.accept(_operation(request, id), by=_who(request))
    success = _("The action is considered done, the operation goes on")
    _say(request, done, success, _("Its outcome is no longer unknown: somebody has already decided"))
    return _told(request, reverse("history:detail", args=[id]))


@require_POST
@access.editor
def hurry(request: Any, id: uuid.UUID) -> HttpResponse:
    done = orders.hurry(_operation(request, id))
    _say(request, done, _("The next attempt begins now"), _("The operation is no longer waiting"))
    return _told(request, reverse("history:detail", args=[id]))


@require_POST
@access.editor
def cancel(request: Any, id: uuid.UUID) -> HttpResponse:
    done = orders.cancel(_operation(request, id), by=_who(request))
    _say(request, done, _("The operation is cancelled"), _("The operation has already ended"))
    return _told(request, reverse("history:detail", args=[id]))


@require_POST
@access.editor
def many(request: Any) -> HttpResponse:
    """`id` of each operation; do=repeat or cancel. Ids of others are passed over."""
    chosen = access.rows(request.tenant, Operation).filter(pk__in=chosen_ids(request))
    if request.POST.get("do") == "repeat":
        count = orders.repeat_many(chosen, by=_who(request))
        done = ngettext("%(n)s operation runs again", "%(n)s operations run again", count)
        nothing = _("None of the chosen operations can be repeated")
    elif request.POST.get("do") == "cancel":
        count = orders.cancel_many(chosen, by=_who(request))
        done = ngettext("%(n)s operation is cancelled", "%(n)s operations are cancelled", count)
        nothing = _("All of the chosen operations have already ended")
    else:
        raise Http404
    _say(request, count > 0, done % {"n": count}, nothing)
    return redirect(back(request))


def chosen_ids(request: HttpRequest) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(id) for id in request.POST.getlist("id")[:MOST]]
    except ValueError:
        raise Http404 from None


@require_POST
@access.editor
def release(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    """Processes all that came while the processing was stopped."""
    count = orders.release(access.row(request.tenant, Processing, processing_id))
    done = ngettext("%(n)s request goes into processing", "%(n)s requests go into processing", count)
    _say(request, count > 0, done % {"n": count}, _("There are no requests that wait to be processed"))
    return redirect(back(request))


@require_POST
@access.editor
def skip(request: Any, id: uuid.UUID) -> HttpResponse:
    """Takes the operation out of its order: those behind it need not wait for it, nor it for those before it."""
    done = order.skip(_operation(request, id))
    _say(request, done, _("The operation goes without the queue"), _("The operation is in no queue any more"))
    return _told(request, reverse("history:detail", args=[id]))
