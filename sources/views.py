"""Pages of «Источник данных»: the catalogue, the address, the fields, the settings."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from actions import catalogue
from actions.filter_pages import menu
from actions.models import Action
from actions.previews import previews
from actions.remarks import WAIT
from connections.places import Busy
from processings.models import Processing
from sources import capture as capturing
from sources import example as examples
from sources import guide as guides
from sources.editing import Editing
from sources.forms import posted_fields
from sources.models import Source
from sources.page import fields_context
from sources.replies import USUAL_WAIT
from tenants import journal
from tenants.access import editor, member, row, rows
from webjack import kinds
from webjack.http import Failed


@editor
def add(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    """Without `kind` the catalogue, with it the form of a new source."""
    processing = row(request.tenant, Processing, processing_id)
    if not request.GET.get("kind"):
        found = catalogue.search("source", request.GET.get("q", ""))
        return render(request, "sources/catalogue.html", {"processing": processing, "kinds": found})
    editing = _new(request, processing)
    if request.method == "POST" and editing.is_valid():
        return redirect("sources:detail", _linked(request, editing.save()).pk)
    return render(request, "sources/new.html", editing.page() | {"processing": processing})


@member
def detail(request: Any, id: uuid.UUID) -> HttpResponse:
    source = _source(request, id)
    if request.method == "POST":
        return _save(request, id)
    return _page(request, Editing(source))


@editor
def _save(request: Any, id: uuid.UUID) -> HttpResponse:
    editing = Editing(_source(request, id), request.POST)
    if not editing.is_valid():
        editing.source.fields = posted_fields(request.POST, editing.source)
        return _page(request, editing)
    source = _linked(request, editing.save())
    messages.success(request, _saved(source))
    return redirect("sources:detail", id)


def _linked(request: Any, source: Source) -> Source:
    """Tells the sender where to call, where the source does that; what is wrong then also stands on its page."""
    source.follow(on=True)
    return source


@require_POST
@editor
def link(request: Any, id: uuid.UUID) -> HttpResponse:
    """Tells the sender to call from now on (`on`), or no more."""
    source = _source(request, id)
    if not source.spec.hooks:
        raise Http404
    trouble = source.follow(on=bool(request.POST.get("on")))
    if trouble and not source.hook.get("error"):
        messages.warning(request, trouble)
    return redirect("sources:detail", id)


def _saved(source: Source) -> str:
    """What to do next, while the processing has fields and nothing to do with them."""
    said = _("“%(name)s” is saved") % {"name": source.title}
    if not source.fields or source.processing.actions.exists():
        return said
    place = reverse("processings:detail", args=[source.processing_id])
    return format_html('{}. <a href="{}">{}</a>', said, place, _("Next: what to do with the data"))


@require_POST
@editor
def preview_new(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    return _previews(request, _new(request, row(request.tenant, Processing, processing_id)))


@require_POST
@editor
def preview(request: Any, id: uuid.UUID) -> HttpResponse:
    return _previews(request, Editing(_source(request, id), request.POST))


@require_POST
@editor
def filters(request: Any, id: uuid.UUID) -> HttpResponse:
    """The picker's second step, for the texts of an answer."""
    return menu(request, Editing(_source(request, id)).context)


@require_GET
@member
def guide(request: Any, id: uuid.UUID) -> HttpResponse:
    return render(request, "sources/_guide.html", guides.guide(_source(request, id), request.GET))


@require_GET
@member
def address(request: Any, id: uuid.UUID) -> HttpResponse:
    """The address that the parameters make, asked for while they are typed."""
    return render(request, "sources/_whole.html", {"whole": guides.address(_source(request, id), request.GET)})


@require_POST
@editor
def capture(request: Any, id: uuid.UUID) -> HttpResponse:
    """«Получить»; `operation` is the request to take, else the newest. `waiting`: the page asks by itself meanwhile."""
    source = _source(request, id)
    _keep_typed(request, source)
    if request.POST.get("caller"):
        capturing.capture_from(source, row(request.tenant, Action, request.POST["caller"]))
        return _fields(request, source)
    wanted = request.POST.get("operation", "") if request.POST.get("choose") else ""
    operation = capturing.chosen(source, wanted) if wanted else None
    if wanted and operation is None:
        return _fields(request, source, _("This request is no longer kept: the history is cleared after a while"))
    try:
        capturing.capture(source, operation, ask=not request.POST.get("waiting"))
    except Failed as failed:
        return _fields(request, source, str(failed.message))
    except capturing.NothingYet:
        if request.POST.get("waiting"):
            probe = capturing.probe(source)
            news = probe is not None and str(probe.pk) != request.POST.get("probe", "")
            return _fields(request, source) if news else HttpResponse(status=204)
        return _fields(request, source, _("No request has come yet"))
    return _fields(request, source)


@require_POST
@editor
def example(request: Any, id: uuid.UUID) -> HttpResponse:
    """«Отправить тестовый запрос»: the fields are taken from it at once."""
    source = _source(request, id)
    _keep_typed(request, source)
    if not examples.examples(source):
        raise Http404
    examples.send(source, request.POST.get("example", ""))
    capturing.capture(source)
    return _fields(request, source)


@require_POST
@editor
def wait(request: Any, id: uuid.UUID) -> HttpResponse:
    """Lets the sender wait for “Answer the sender”; back to `next`, one of our own pages."""
    source = _source(request, id)
    if WAIT not in source.spec.form.base_fields:
        raise Http404
    response = source.config.get("response") or {}
    source.config = source.config | {"response": response | {"wait": response.get("wait") or USUAL_WAIT}}
    with journal.noted(source):
        source.write("config")
    messages.success(request, _("Now the sender of “%(name)s” waits for the answer") % {"name": source.title})
    there = request.POST.get("next", "")
    known = there.startswith("/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None)
    return redirect(there if known else reverse("processings:detail", args=[source.processing_id]))


@require_POST
@editor
def delete(request: Any, id: uuid.UUID) -> HttpResponse:
    source = _source(request, id)
    try:
        trouble = source.leave()
    except Busy as busy:
        messages.warning(request, str(busy))
        return redirect("sources:detail", id)
    if trouble:
        messages.warning(request, trouble)
    with journal.noted(source):
        source.delete()
    messages.success(request, _("The data source “%(name)s” is deleted") % {"name": source.title})
    return redirect("processings:detail", source.processing_id)


def _source(request: Any, id: uuid.UUID) -> Source:
    """A source of the tenant whose processing was not deleted and whose kind is there."""
    live = (
        rows(request.tenant, Source).filter(processing__deleted_at=None).select_related("processing__tenant", "tenant")
    )
    source = row(request.tenant, live, id)
    _must_exist(source.kind)
    return source


def _new(request: Any, processing: Processing) -> Editing:
    kind = request.GET.get("kind", "")
    _must_exist(kind)
    return Editing.new(processing, kind, request.POST if request.method == "POST" else None)


def _must_exist(kind: str) -> None:
    try:
        kinds.get("source", kind)
    except kinds.UnknownKind:
        raise Http404 from None


def _keep_typed(request: Any, source: Source) -> None:
    """Labels that were typed and not saved yet shall survive the new fields."""
    if "fields" in request.POST:
        source.fields = posted_fields(request.POST, source)


def _previews(request: Any, editing: Editing) -> HttpResponse:
    return JsonResponse({"previews": previews(editing.spec.form, request.POST, editing.context)})


def _page(request: Any, editing: Editing) -> HttpResponse:
    source = editing.source
    context = editing.page() | fields_context(source) | guides.guide(source, request.GET)
    context |= {"may_edit": request.membership.may_edit, "processing": source.processing}
    return render(request, "sources/detail.html", context)


def _fields(request: Any, source: Source, trouble: str = "") -> HttpResponse:
    """The fields alone for htmx, the page for everybody else."""
    if not request.htmx:
        if trouble:
            messages.warning(request, trouble)
        return redirect("sources:detail", source.pk)
    context = fields_context(source) | {"trouble": trouble, "may_edit": True}
    context["fresh"] = bool(not trouble and context["rows"])
    return render(request, "sources/_fields.html", context)
