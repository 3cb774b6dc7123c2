"""Pages of a company's connections: new, changed, checked, deleted. The list is history.accounts'."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from connections import consent, editing
from connections.checking import check
from connections.editing import NameForm, whole_form
from connections.models import Connection
from connections.places import Busy
from tenants import journal
from tenants.access import editor, row
from webjack import config as configs
from webjack import kinds
from webjack.fields import storable
from webjack.http import Failed


@editor
def new(request: Any) -> HttpResponse:
    """`kind`: of which; the only one where there is one."""
    known = kinds.catalogue("connection")
    kind = request.GET.get("kind") or (next(iter(known)) if len(known) == 1 else "")
    if not kind:
        return render(request, "connections/kinds.html", {"kinds": known.values()})
    if kind not in known:
        raise Http404
    return _edit(request, Connection(tenant=request.tenant, kind=kind, name=str(known[kind].title)))


@editor
def detail(request: Any, id: uuid.UUID) -> HttpResponse:
    return _edit(request, _existing(request, id))


@require_POST
@editor
def check_now(request: Any, id: uuid.UUID) -> HttpResponse:
    connection = _existing(request, id)
    try:
        verdict = check(connection)
    except Busy as busy:
        messages.warning(request, str(busy))
        return redirect("connections:list")
    say = messages.success if verdict.ok else messages.error
    say(request, _("“%(name)s”: %(text)s") % {"name": connection, "text": verdict.text})
    return redirect("connections:list")


@require_POST
@editor
def remove(request: Any, id: uuid.UUID) -> HttpResponse:
    connection = row(request.tenant, Connection, id)
    with journal.noted(connection):
        connection.delete()
    messages.success(request, _("The connection “%(name)s” is deleted") % {"name": connection})
    return redirect("connections:list")


@require_safe
@editor
def options(request: Any) -> HttpResponse:
    """The select of an action's form again, with what was added meanwhile: `kind`, `name` and `id` of the input."""
    asked, name = request.GET, request.GET.get("name", "")
    return render(
        request,
        "connections/_options.html",
        {
            "found": request.tenant.connections.filter(kind=storable(asked.get("kind", ""))),
            "chosen": asked.get(name, ""),
            "required": bool(asked.get("required")),
        },
    )


def _existing(request: Any, id: uuid.UUID) -> Connection:
    connection = row(request.tenant, Connection, id)
    try:
        connection.spec  # noqa: B018
    except kinds.UnknownKind:
        raise Http404 from None
    return connection


def _edit(request: Any, connection: Connection) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    own = NameForm(posted, instance=connection)
    form = whole_form(connection, posted)
    if posted is not None and all([own.is_valid(), form.is_valid()]) and editing.stay(connection, form, posted):
        try:
            editing.put(own.save(commit=False), configs.nest(form.cleaned_data))
        except Failed as failed:
            form.add_error(None, str(failed.message))
        else:
            messages.success(request, _("The connection “%(name)s” is saved") % {"name": connection})
            return redirect("connections:detail", connection.pk) if connection.awaited else redirect("connections:list")
    context = {"connection": connection, "kind": connection.spec, "own": own, "form": form, "groups": _groups(form)}
    if connection.spec.consent_when:
        chooser, values = connection.spec.consent_when
        context |= {"consent": {"chooser": chooser, "values": " ".join(values), "back": consent.back()}}
    return render(request, "connections/form.html", context)


def _groups(form: Any) -> list[dict[str, Any]]:
    """The fields under their headings, each with the choice that shows it; open: some are filled in or wrong."""
    shown = getattr(form, "shown_for", {})

    def part(name: str) -> dict[str, Any]:
        chooser, values = shown.get(name, ("", ()))
        return {"field": form[name], "chooser": chooser, "values": " ".join(values)}

    def is_open(names: Any) -> bool:
        return any(form[name].errors or form[name].value() for name in names)

    groups = getattr(form, "groups", (("", tuple(form.fields)),))
    return [
        {"title": title, "parts": [part(name) for name in names], "open": is_open(names)} for title, names in groups
    ]
