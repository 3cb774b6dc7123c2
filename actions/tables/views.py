"""Pages of «Справочники»: the list, the grid, its settings. Files are loading.py's."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from actions.tables import rows as writing
from actions.tables import shape, usage
from actions.tables.forms import CreateForm, RowForm, SettingsForm
from actions.tables.models import MOST_ROWS, Table, TableRow
from actions.values import text
from tenants import journal
from tenants.access import editor, member, row
from webjack import plain
from webjack.fields import storable

ON_A_PAGE = 50
SHOWN = 300
"""Characters of a value in the grid."""

REMOVED = "removed_rows"
MOST_REMOVED = 5


@require_safe
@member
def tables(request: Any) -> HttpResponse:
    return _list(request, CreateForm(request.tenant))


@require_POST
@editor
def create(request: Any) -> HttpResponse:
    form = CreateForm(request.tenant, request.POST)
    if form.is_valid():
        try:
            made = shape.create(request.tenant, form.cleaned_data["name"], form.cleaned_data["columns"])
        except ValueError as full:
            form.add_error(None, str(full))
        else:
            return redirect("tables:detail", made.pk)
    return _list(request, form)


@require_safe
@member
def detail(request: Any, id: uuid.UUID) -> HttpResponse:
    return _grid(request, row(request.tenant, Table, id))


@editor
def settings(request: Any, id: uuid.UUID) -> HttpResponse:
    table = row(request.tenant, Table, id)
    form = SettingsForm(table, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            usage.rename(table, form.cleaned_data["name"])
        except ValueError as taken:
            form.add_error("name", str(taken))
        else:
            shape.reshape(table, form.cleaned_data["columns"], form.cleaned_data["renamed"])
            messages.success(request, _("“%(name)s” is saved") % {"name": table})
            return redirect("tables:detail", id)
    users = usage.users(request.tenant).get(row(request.tenant, Table, id).name, [])
    return render(request, "tables/settings.html", {"table": table, "form": form, "users": users})


@require_POST
@editor
def delete(request: Any, id: uuid.UUID) -> HttpResponse:
    table = row(request.tenant, Table, id)
    if usage.users(request.tenant).get(table.name) and request.POST.get("name", "").strip() != table.name:
        messages.error(request, _("Not deleted: type the name of the table to confirm"))
        return redirect("tables:detail", id)
    with journal.noted(table):
        table.delete()
    messages.success(request, _("The table “%(name)s” is deleted") % {"name": table})
    return redirect("tables:list")


@require_POST
@editor
def add_row(request: Any, id: uuid.UUID) -> HttpResponse:
    table = row(request.tenant, Table, id)
    form = RowForm(table, request.POST)
    if form.is_valid():
        key = form.cleaned_data["key"]
        try:
            if table.rows.filter(key=key).exists():
                raise ValueError(_("There is already a row with the key “%(key)s”") % {"key": key[:100]})
            writing.put(table, [writing.Given(key, form.cleaned_data["values"])])
        except ValueError as wrong:
            form.add_error("key", str(wrong))
        else:
            messages.success(request, _("The row “%(key)s” is added") % {"key": key[:100]})
            return redirect("tables:detail", id)
    return _grid(request, table, fresh=form)


@editor
def change_row(request: Any, id: uuid.UUID, row_id: int) -> HttpResponse:
    """The grid with the row as inputs; saved by POST."""
    table = row(request.tenant, Table, id)
    kept = _row(table, row_id)
    form = RowForm(table, request.POST if request.method == "POST" else None, kept)
    if form.is_valid():
        try:
            writing.change(kept, form.cleaned_data["key"], form.cleaned_data["values"])
        except ValueError as taken:
            form.add_error("key", str(taken))
        else:
            messages.success(request, _("The row “%(key)s” is saved") % {"key": form.cleaned_data["key"][:100]})
            return redirect(_place(request, table))
    return _grid(request, table, editing=form)


@require_POST
@editor
def remove_row(request: Any, id: uuid.UUID, row_id: int) -> HttpResponse:
    table = row(request.tenant, Table, id)
    kept = _row(table, row_id)
    kept.delete()
    # In the session, so that «Вернуть» brings back everything and nobody else can.
    told = {
        "table": str(id), "key": kept.key, "values": kept.values,
        "until": kept.expires_at.isoformat() if kept.expires_at else "",
    }  # fmt: skip
    request.session[REMOVED] = dict([*request.session.get(REMOVED, {}).items(), (str(row_id), told)][-MOST_REMOVED:])
    undo = "undo:" + reverse("tables:restore_row", args=[id, row_id])
    messages.success(request, _("The row “%(key)s” is deleted") % {"key": kept.key[:100]}, extra_tags=undo)
    return redirect(_place(request, table))


@require_POST
@editor
def restore_row(request: Any, id: uuid.UUID, row_id: int) -> HttpResponse:
    table = row(request.tenant, Table, id)
    told = request.session.get(REMOVED, {}).pop(str(row_id), None)
    if told is None or told["table"] != str(id):
        raise Http404
    request.session.modified = True
    try:
        if table.rows.filter(key=told["key"]).exists():  # made anew meanwhile: the newer one stays
            raise ValueError(_("There is already a row with the key “%(key)s”") % {"key": told["key"][:100]})
        writing.put(table, [writing.Given(told["key"], told["values"], parse_datetime(told["until"]))])
    except ValueError as full:
        messages.error(request, str(full))
    return redirect("tables:detail", id)


@require_safe
@editor
def options(request: Any) -> HttpResponse:
    """The select of an action's form again, with what was added meanwhile: `name` of the input, and its value."""
    chosen = request.GET.get(request.GET.get("name", ""), "")
    names = list(request.tenant.tables.values_list("name", flat=True))
    found = names if not chosen or chosen in names else [*names, chosen]
    return render(request, "tables/_options.html", {"found": found, "chosen": chosen})


def _row(table: Table, row_id: int) -> TableRow:
    found = table.rows.filter(pk=row_id).first()
    if found is None:
        raise Http404
    return found


def _place(request: Any, table: Table) -> str:
    """The part of the grid that the page showed."""
    query = request.GET.urlencode()
    return reverse("tables:detail", args=[table.pk]) + (f"?{query}" if query else "")


def _list(request: Any, form: CreateForm) -> HttpResponse:
    users = usage.users(request.tenant)
    found = request.tenant.tables.annotate(count=Count("rows"))
    context = {
        "tables": [(table, users.get(table.name, [])) for table in found],
        "form": form,
        "may_edit": request.membership.may_edit,
        "asked": "create" in request.GET or form.is_bound,
    }
    return render(request, "tables/list.html", context)


def _grid(request: Any, table: Table, fresh: RowForm | None = None, editing: RowForm | None = None) -> HttpResponse:
    words = storable(request.GET.get("q", "").strip())
    kept = table.rows.all()
    if words:
        kept = kept.annotate(written=Cast("values", TextField())).filter(
            Q(key__icontains=words) | Q(written__icontains=words)
        )
    page = Paginator(kept, ON_A_PAGE).get_page(request.GET.get("page"))
    edited = editing.row.pk if editing and editing.row else None
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "table": table,
        "page": page,
        "lines": [(one, _cells(table, one), editing if one.pk == edited else None) for one in page],
        "fresh": fresh or RowForm(table),
        "query": request.GET.urlencode(),
        "searched": query.urlencode(),
        "users": usage.users(request.tenant).get(table.name, []),
        "may_edit": request.membership.may_edit,
        "most": MOST_ROWS,
    }
    return render(request, "tables/detail.html", context)


def _cells(table: Table, kept: TableRow) -> list[tuple[str, str]]:
    """Each column with its value as people can read it."""
    written = ((name, text(kept.values.get(name))) for name in table.columns)
    return [(name, plain.text(words[:SHOWN]) + ("…" if len(words) > SHOWN else "")) for name, words in written]
