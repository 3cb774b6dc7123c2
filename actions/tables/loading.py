"""A table from a file and to a file: upload, a look at what would become of it, then the loading."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from actions.tables import rows as writing
from actions.tables import sheet as sheets
from actions.tables.forms import LoadForm, UploadForm
from actions.tables.models import Table
from tenants.access import editor, member, row

KEPT = 30 * 60
"""Seconds that a file waits for its loading."""

SHOWN = 10
"""Rows of the file on the page."""


@require_safe
@member
def download(request: Any, id: uuid.UUID) -> Any:
    table = row(request.tenant, Table, id)
    answer = StreamingHttpResponse(sheets.write(table), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, f"{table.name}.csv")
    return answer


@editor
def load(request: Any, id: uuid.UUID) -> HttpResponse:
    """GET with `file`, the name of what was uploaded: a look at it; without: the form. POST uploads, or loads."""
    table = row(request.tenant, Table, id)
    if request.method == "POST" and request.FILES.get("file"):
        return _upload(request, table)
    given = request.POST if request.method == "POST" else request.GET
    raw = cache.get(_name(table, given.get("file", ""))) if given.get("file") else None
    if raw is None:
        upload = UploadForm(given, request.FILES) if request.method == "POST" else UploadForm()
        lost = bool(given.get("file"))
        return render(request, "tables/load.html", {"table": table, "upload": upload, "lost": lost})
    return _look(request, table, LoadForm(given), raw)


def _upload(request: Any, table: Table) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > sheets.MOST_BYTES:
                sheets.read(b" " * (sheets.MOST_BYTES + 1))
            raw = file.read()
            found = sheets.read(raw)
        except ValueError as wrong:
            form.add_error("file", str(wrong))
        else:
            name = uuid.uuid4().hex
            cache.set(_name(table, name), raw, KEPT)
            query = urlencode({"file": name, "encoding": found.encoding, "separator": found.separator})
            return redirect(f"{reverse('tables:load', args=[table.pk])}?{query}&mode=merge")
    return render(request, "tables/load.html", {"table": table, "upload": form})


def _look(request: Any, table: Table, form: LoadForm, raw: bytes) -> HttpResponse:
    context: dict[str, Any] = {"table": table, "form": form}
    if form.is_valid():
        asked = form.cleaned_data
        try:
            found = sheets.read(raw, asked["encoding"], asked["separator"])
            if request.method == "POST" and found.rows:
                told = writing.put(table, found.rows, replace=asked["mode"] == LoadForm.REPLACE, merge=True)
                cache.delete(_name(table, asked["file"]))
                messages.success(request, _told(*told))
                return redirect("tables:detail", table.pk)
        except ValueError as wrong:
            form.add_error(None, str(wrong))
        else:
            context |= _about(table, found, replace=asked["mode"] == LoadForm.REPLACE)
    return render(request, "tables/load.html", context)


def _about(table: Table, found: sheets.Sheet, *, replace: bool) -> dict[str, Any]:
    """What the loading would do: rows that are new, changed, deleted."""
    keys = {given.key for given in found.rows}
    there = set(table.rows.values_list("key", flat=True))
    return {
        "sheet": found,
        "shown": [(given.key, [given.values[name] for name in found.columns]) for given in found.rows[:SHOWN]],
        "fresh": len(keys - there),
        "changed": len(keys & there),
        "gone": len(there - keys) if replace else 0,
        "more_errors": found.wrong - len(found.errors),
        "new_columns": [name for name in found.columns if name not in table.columns],
    }


def _told(fresh: int, changed: int) -> str:
    words = ngettext("%(n)s row is added", "%(n)s rows are added", fresh) % {"n": fresh}
    if not changed:
        return words
    return words + ", " + ngettext("%(n)s is changed", "%(n)s are changed", changed) % {"n": changed}


def _name(table: Table, name: str) -> str:
    """Of the file in the cache: nobody else's name leads there."""
    return f"table-file:{table.tenant_id}:{table.pk}:{uuid.uuid5(table.pk, name)}"
