"""«Декодировать заново»: an operation's request read another way, once or from now on."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from history import repeat as orders
from history.bodies import SHOWN
from history.field import Field
from history.models import Operation, Status
from sources.decoding import CONFIG, GROUP, NAMES, DecodingForm
from sources.kind import SourceKind, raw
from sources.models import Source
from tenants import access, journal
from webjack import kinds
from webjack.decode import Decoded
from webjack.http.charset import shown

HEX_BYTES = 512
HEX_LINE = 16


@require_safe
@access.member
def page(request: Any, id: uuid.UUID) -> HttpResponse:
    """The choice in the address's query; for htmx the fields and the bytes alone."""
    operation = _operation(request, id)
    context = _read(operation, DecodingForm(_chosen(request.GET, operation)))
    context["may_edit"] = request.membership.may_edit
    return render(request, "sources/_decoded.html" if request.htmx else "sources/decode_again.html", context)


@require_POST
@access.editor
def once(request: Any, id: uuid.UUID) -> HttpResponse:
    """Keeps the choice with the operation and repeats it from the start."""
    operation = _operation(request, id)
    form = DecodingForm(request.POST)
    if not form.is_valid():
        return _again(request, operation, form)
    with transaction.atomic():
        free = Operation.objects.filter(orders.REPEATABLE, pk=operation.pk)
        kept = free.update(decoding=form.cleaned_data) and orders.repeat(operation, start=True, by=str(request.user))
        if not kept:
            transaction.set_rollback(True)
    if kept:
        messages.success(request, _("The request is read anew, and the operation is repeated"))
    else:
        messages.warning(request, _("The operation is under way or was refused, so it cannot be repeated"))
    return redirect("history:detail", id)


@require_POST
@access.editor
def always(request: Any, id: uuid.UUID) -> HttpResponse:
    """Makes the choice a setting of the source; what came before stays as it was read."""
    operation = _operation(request, id)
    form = DecodingForm(request.POST)
    source = _source(operation)
    if not form.is_valid() or source is None or not _settable(source):
        return _again(request, operation, form)
    source.config = source.config | {CONFIG: form.cleaned_data}
    with journal.noted(source):
        source.write("config")
    messages.success(request, _("From now on requests to “%(name)s” are read so") % {"name": source.title})
    return redirect("sources:detail", source.pk)


def _operation(request: Any, id: uuid.UUID) -> Operation:
    found = access.rows(request.tenant, Operation).select_related("processing")
    return access.row(request.tenant, found, id)


def _source(operation: Operation) -> Source | None:
    """None when it was deleted, or is not the one that decides how this request is read."""
    if operation.source_id is None:
        return None
    return Source.objects.filter(tenant_id=operation.tenant_id, pk=operation.source_id, kind=operation.kind).first()


def _settable(source: Source) -> bool:
    """Whether the source's own settings have the choice too."""
    try:
        return GROUP[1][0] in source.spec.form.base_fields
    except kinds.UnknownKind:
        return False


def _chosen(told: Any, operation: Operation) -> dict[str, str]:
    """What was chosen, first that which the operation is read by now."""
    if any(name in told for name in NAMES):
        return {name: told.get(name, "") for name in NAMES}
    source = _source(operation)
    now = operation.decoding or (source.config.get(CONFIG) if source else None) or {}
    return {name: str(now.get(name, "")) for name in NAMES}


def _again(request: Any, operation: Operation, form: DecodingForm) -> HttpResponse:
    return render(request, "sources/decode_again.html", _read(operation, form) | {"may_edit": True})


def _read(operation: Operation, form: DecodingForm) -> dict[str, Any]:
    source = _source(operation)
    chosen = form.cleaned_data if form.is_valid() else {}
    told: dict[str, Any] = {
        "operation": operation,
        "form": form,
        "source": source,
        "settable": source is not None and _settable(source),
        "repeatable": operation.status not in (Status.REJECTED, Status.QUEUED, Status.RUNNING),
        "fields": [],
    }
    body, charset = bytes(operation.body), operation.content_type
    try:
        kind: SourceKind = kinds.get("source", operation.kind)
    except kinds.UnknownKind:
        told["problem"] = _("This kind of data source is no longer available")
    else:
        operation.decoding = chosen
        decoded = kind.read(operation, source.config if source else {})
        body, charset = raw(operation).body, _charset(decoded, charset)
        told |= {"problem": kind.problem(decoded), "usable": kind.usable(decoded), "decoded": decoded}
        told["fields"] = [Field(name, "", value) for name, value in decoded.data.items()]
    text = shown(body[: SHOWN * 4], charset)
    return told | {"text": text[:SHOWN], "shortened": len(text) > SHOWN, "hex": _hex(body), "size": len(body)}


def _charset(decoded: Decoded, otherwise: str) -> str:
    return f"text/plain; charset={decoded.charset}" if decoded.charset else otherwise


def _hex(body: bytes) -> str:
    """The first bytes as programmers look at them: place, hexadecimal, ASCII."""
    lines = (body[start : start + HEX_LINE] for start in range(0, min(len(body), HEX_BYTES), HEX_LINE))
    return "\n".join(
        f"{number * HEX_LINE:04x}  {line.hex(' '):<{HEX_LINE * 3}} "
        + "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)
        for number, line in enumerate(lines)
    )
