"""The part of a source's page where a file is uploaded and its rows are watched."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from processings.models import State
from sources.models import Source, Upload
from sources.uploads import KIND, sheet, taking
from tenants.access import editor, member, row, rows


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV or Excel file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.xls,.xlsm,.ods", "class": "form-control"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > sheet.MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(count)s MB") % {"count": sheet.MOST_BYTES // 1024 // 1024}
            )
        return file


@require_POST
@editor
def upload(request: Any, id: uuid.UUID) -> HttpResponse:
    source = _source(request, id)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
        return redirect("sources:detail", id)
    file = form.cleaned_data["file"]
    try:
        begun = taking.begin(source, file.name, file.read())
    except ValueError as wrong:
        messages.error(request, str(wrong))
        return redirect("sources:detail", id)
    said = ngettext("%(n)s row is being taken in", "%(n)s rows are being taken in", begun.total) % {"n": begun.total}
    if source.processing.state != State.RUNNING:
        said += ". " + _("The processing is stopped: they wait in the history until you start it")
    messages.success(request, said)
    return redirect("sources:detail", id)


@require_safe
@member
def progress(request: Any, id: uuid.UUID) -> HttpResponse:
    source = _source(request, id)
    context = {"source": source, "may_edit": request.membership.may_edit}
    return render(request, "sources/_uploads.html", context)


@require_POST
@editor
def stop(request: Any, id: uuid.UUID, upload_id: uuid.UUID) -> HttpResponse:
    held = row(request.tenant, Upload.objects.filter(source=_source(request, id)).defer("content"), upload_id)
    taking.stop(held)
    messages.success(request, _("No more rows of “%(name)s” are taken in") % {"name": held.name})
    return redirect("sources:detail", id)


def _source(request: Any, id: uuid.UUID) -> Source:
    live = rows(request.tenant, Source).filter(processing__deleted_at=None).select_related("processing__tenant")
    source = row(request.tenant, live, id)
    if source.kind != KIND:
        raise Http404
    return source
