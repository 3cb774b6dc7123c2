"""Pages of a processing's actions: the catalogue, an action's form, the order of the cards."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from actions import arrange, asked, catalogue
from actions.captured import capture
from actions.check import check
from actions.editing import Editing
from actions.models import Action
from actions.placeholders import Context, path_text
from actions.previews import previews
from actions.tree import Place
from actions.values import text
from processings.models import Processing
from tenants.access import editor, member, row
from webjack import config as configs

REMOVED = "removed_actions"
MOST_REMOVED = 5


@editor
def add(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    """Without `kind` the catalogue, with it the form of a new action; `after` says behind which one, or "start"."""
    processing = row(request.tenant, Processing, processing_id)
    if not request.GET.get("kind"):
        return _catalogue(request, processing)
    editing = asked.fresh(request, processing)
    if request.method == "POST":
        return _save(request, editing)
    return _page(request, editing)


@member
def detail(request: Any, id: uuid.UUID) -> HttpResponse:
    if request.method == "POST":
        return _change(request, id)
    return _page(request, asked.existing(request, id))


@require_POST
@editor
def preview_new(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    return _previews(request, asked.fresh(request, row(request.tenant, Processing, processing_id)))


@require_POST
@editor
def preview(request: Any, id: uuid.UUID) -> HttpResponse:
    return _previews(request, asked.existing(request, id))


@require_POST
@editor
def check_new(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    return _check(request, asked.fresh(request, row(request.tenant, Processing, processing_id)))


@require_POST
@editor
def check_existing(request: Any, id: uuid.UUID) -> HttpResponse:
    return _check(request, asked.existing(request, id))


@require_POST
@editor
def order(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    processing = row(request.tenant, Processing, processing_id)
    moved, block, slot = (request.POST.get(name, "") for name in ("moved", "in", "slot"))
    try:
        places: dict[str, Place] = (
            {moved: (uuid.UUID(block) if block else None, slot if block else "")} if moved else {}
        )
        arrange.reorder(processing, request.POST.getlist("order"), places)
    except ValueError as changed:
        return JsonResponse({"error": str(changed)}, status=409)
    return HttpResponse(status=204)


@require_POST
@editor
def turn(request: Any, id: uuid.UUID) -> HttpResponse:
    """The switch of a card: on with `enabled`, off without."""
    action = row(request.tenant, Action, id)
    arrange.turn(action, on=bool(request.POST.get("enabled")))
    return redirect("processings:detail", action.processing_id)


@require_POST
@editor
def duplicate(request: Any, id: uuid.UUID) -> HttpResponse:
    action = row(request.tenant, Action, id)
    try:
        arrange.duplicate(action)
    except ValueError as full:
        messages.error(request, str(full))
    return redirect("processings:detail", action.processing_id)


@require_POST
@editor
def remove(request: Any, id: uuid.UUID) -> HttpResponse:
    action = row(request.tenant, Action, id)
    title = action.title
    try:
        kept = arrange.remove(action)
    except ValueError as gone:
        messages.error(request, str(gone))
        return redirect("processings:detail", action.processing_id)
    # In the session, so that «Вернуть» brings back everything and nobody else can.
    removed = request.session.get(REMOVED, {}) | {str(id): kept}
    request.session[REMOVED] = dict(list(removed.items())[-MOST_REMOVED:])
    undo = "undo:" + reverse("actions:restore", args=[action.processing_id, id])
    messages.success(request, _deleted(title, len(kept) - 1), extra_tags=undo)
    return redirect("processings:detail", action.processing_id)


@require_POST
@editor
def restore(request: Any, processing_id: uuid.UUID, id: uuid.UUID) -> HttpResponse:
    processing = row(request.tenant, Processing, processing_id)
    kept = request.session.get(REMOVED, {}).pop(str(id), None)
    if kept is None:
        raise Http404
    request.session.modified = True
    try:
        arrange.restore(processing, kept)
    except ValueError as problem:
        messages.error(request, str(problem))
    return redirect("processings:detail", processing_id)


def _deleted(title: str, inside: int) -> str:
    if not inside:
        return _("Action “%(name)s” is deleted") % {"name": title}
    words = ngettext(
        "“%(name)s” is deleted with %(n)s action inside", "“%(name)s” is deleted with %(n)s actions inside", inside
    )
    return words % {"name": title, "n": inside}


@editor
def _change(request: Any, id: uuid.UUID) -> HttpResponse:
    return _save(request, asked.existing(request, id))


def _save(request: Any, editing: Editing) -> HttpResponse:
    if request.POST.get("paste") and editing.spec.pastes:
        return _paste(request, editing)
    if not editing.is_valid():
        return _page(request, editing)
    try:
        action = editing.save()
    except ValueError as problem:
        editing.form.add_error(None, str(problem))
        return _page(request, editing)
    if request.POST.get("capture"):
        return _capture(request, action, editing.context)
    unknown = editing.marks()
    if not unknown:
        messages.success(request, _("“%(name)s” is saved") % {"name": action.title})
        return redirect("processings:detail", action.processing_id)
    messages.warning(
        request, _("Saved. Check the marked fields: %(fields)s") % {"fields": "; ".join(map(str, unknown))}
    )
    return redirect("actions:detail", action.pk)


def _paste(request: Any, editing: Editing) -> HttpResponse:
    """Fills the form from a pasted text; nothing is saved yet."""
    text = request.POST.get("pasted", "")
    editing.shown, pasted = editing.typed(), {"text": text, "error": "", "notes": []}
    try:
        found = editing.spec.pasted(text)
        editing.shown |= configs.flatten(found.config, list(editing.spec.form.base_fields))
        pasted |= {"text": "", "filled": True, "notes": found.notes}
    except ValueError as bad:
        pasted["error"] = str(bad)
    editing.data = None
    return _page(request, editing, pasted=pasted)


def _capture(request: Any, action: Action, context: Context) -> HttpResponse:
    """«Получить»: saved and sent; what went wrong shows with the whole exchange."""
    outcome = capture(action, context)
    if outcome.ok:
        messages.success(request, _("The fields of the answer are here: later actions can use them"))
        return redirect(reverse("actions:detail", args=[action.pk]) + "#answer")
    tried = {"outcome": outcome, "sent": True, "network": True}
    return _page(request, Editing.of(action, None), tried=tried)


def _page(request: Any, editing: Editing, **more: Any) -> HttpResponse:
    context = editing.page() | {"may_edit": request.membership.may_edit} | more
    return render(request, "actions/form.html", context)


def _previews(request: Any, editing: Editing) -> HttpResponse:
    found = previews(editing.spec.form, request.POST, editing.context, editing.known)
    return JsonResponse({"previews": found, "told": editing.told()})


def _check(request: Any, editing: Editing) -> HttpResponse:
    """What stands in the form, saved or not, is tried on the sample: dry, or for real with `send`."""
    if not editing.is_valid():
        return _tried(request, editing, {"errors": list(editing.errors())})
    if editing.lost:
        return _tried(request, editing, {"errors": [_("There is no such request, or it is no longer kept")]})
    send = bool(request.POST.get("send"))
    outcome = check(editing.filled(), send=send, context=editing.context)
    tried = {"outcome": outcome, "sent": send, "network": editing.spec.network, "on": editing.given}
    tried["first_only"] = not send and editing.spec.goes_by_answers(editing.filled().config)
    if outcome.output is not None and not editing.spec.network:
        tried["results"] = [
            {"placeholder": "{{ " + path_text(["steps", editing.action.alias, name]) + " }}", "text": text(value)}
            for name, value in outcome.output.items()
        ]
    return _tried(request, editing, tried)


def _tried(request: Any, editing: Editing, tried: dict[str, Any]) -> HttpResponse:
    if request.htmx:
        return render(request, "actions/_check.html", {"tried": tried, "check_url": editing.urls["check"]})
    return _page(request, editing, tried=tried)


def _where(request: Any) -> str:
    """The query that says where the new action goes."""
    return urlencode({name: request.GET[name] for name in ("after", "in", "slot") if request.GET.get(name)})


def _catalogue(request: Any, processing: Processing) -> HttpResponse:
    context = {
        "processing": processing,
        "kinds": catalogue.search("action", request.GET.get("q", "")),
        "where": _where(request),
    }
    template = "actions/_catalogue_dialog.html" if request.htmx and "q" not in request.GET else "actions/catalogue.html"
    return render(request, template, context)
