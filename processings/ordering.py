"""The page «Порядок»: in which order a processing's operations go."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from processings import switch
from processings.forms import OrderingForm
from processings.models import Ordering, Processing
from tenants import journal
from tenants.access import editor, member, row


@member
def page(request: Any, id: uuid.UUID) -> HttpResponse:
    if request.method == "POST":
        return _save(request, id)
    processing = row(request.tenant, Processing, id)
    return _page(request, processing, OrderingForm(instance=processing))


@editor
def _save(request: Any, id: uuid.UUID) -> HttpResponse:
    processing = row(request.tenant, Processing, id)
    form = OrderingForm(request.POST, instance=processing)
    if not form.is_valid():
        return _page(request, processing, form)
    # Nothing else: somebody may start, stop or delete the processing just now.
    with journal.noted(processing):
        form.save(commit=False).save(update_fields=[*form.changed_data, "updated_at"])
    field = processing.ordering_field
    if processing.ordering == Ordering.KEY and not _is_known(processing, field):
        told = _("Saved. No data source has a field “%(field)s” so far: until it comes, all operations share one queue")
        messages.warning(request, told % {"field": field})
    else:
        messages.success(request, _("Saved"))
    return redirect("processings:order", id)


def _page(request: Any, processing: Processing, form: OrderingForm) -> HttpResponse:
    context = {
        "processing": processing,
        "missing": "" if processing.running else switch.missing(processing),
        "form": form,
        "fields": _fields(processing),
        "may_edit": request.membership.may_edit,
    }
    return render(request, "processings/order.html", context)


def _fields(processing: Processing) -> list[dict[str, Any]]:
    """The fields that its sources are known to send, each name once."""
    found = {field["name"]: field for source in processing.sources.all() for field in source.fields}
    return list(found.values())


def _is_known(processing: Processing, name: str) -> bool:
    """Of a field inside another one, only the outer one may be known."""
    names = {field["name"] for field in _fields(processing)}
    parts = name.split(".")
    return any(".".join(parts[:count]) in names for count in range(1, len(parts) + 1))
