"""The history's pages: the live list, one operation, and what of it can be downloaded."""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from history import listing, live, show, spreadsheet
from history.exchanges import PARTS
from history.filters import FilterForm
from history.models import OPEN, Operation, Status, Step
from history.orders import chosen_ids
from history.rows import names, rows
from history.run import DONE
from processings.models import Processing
from tenants import access

# How often an open page asks for news.
SOON, LATER = "every 2s", "every 10s"
FAR = timedelta(minutes=1)  # a planned attempt that is further away is asked for seldom


def _operations(request: Any) -> QuerySet[Operation]:
    return access.rows(request.tenant, Operation)


def _place(request: HttpRequest, name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.GET[name])
    except (KeyError, ValueError):
        return None


def _query(chosen: FilterForm, **more: str) -> str:
    return "?" + urlencode(chosen.chosen | more)


@require_safe
@access.insider
def index(request: Any) -> HttpResponse:
    told = names(request.tenant)
    chosen = FilterForm(request.GET, told.choices(request.GET.get("processing", "")))
    found = listing.page(_operations(request), chosen, _place(request, "before"), _place(request, "after"))
    growing = found.is_first
    context = {
        "form": chosen,
        "chosen": chosen.chosen,
        "rows": rows(found.operations, told),
        "page": found,
        "older": None if found.older is None else _query(chosen, **found.older),
        "newer": None if found.newer is None else _query(chosen, **found.newer),
        "news": _news_url(chosen, live.pack(found.operations), growing),
        "here": request.get_full_path(),
        "held": _held_of(chosen, told.processings),
        "may_edit": request.membership.may_edit,
    }
    return render(request, "history/list.html", context)


def _news_url(chosen: FilterForm, word: str, growing: bool) -> str:
    more = {"shown": word} | ({"grow": "1"} if growing else {})
    return reverse("history:news") + _query(chosen, **more)


def _held_of(chosen: FilterForm, processings: dict[uuid.UUID, str]) -> uuid.UUID | None:
    """The processing whose held operations the list shows and can release at once."""
    told = chosen.chosen
    return uuid.UUID(told["processing"]) if told.get("status") == Status.HELD and told.get("processing") else None


@require_safe
@access.insider
def news(request: Any) -> HttpResponse:
    """What an open list lacks, for htmx: 204 when nothing, a reload when its first rows came."""
    chosen = FilterForm(request.GET, _processing_choice(request))
    word, growing = request.GET.get("shown", ""), "grow" in request.GET
    try:
        found = live.news(request.tenant, _operations(request), chosen, word, growing)
    except ValueError:
        raise Http404 from None
    if not found:
        return HttpResponse(status=204)
    if not word:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"found": found, "news": _news_url(chosen, found.word, growing), "may_edit": request.membership.may_edit}
    return render(request, "history/_news.html", context)


def _processing_choice(request: Any) -> list[tuple[uuid.UUID, str]]:
    """The chosen processing alone, so that asking every two seconds does not read all names."""
    try:
        id = uuid.UUID(request.GET.get("processing", ""))
    except ValueError:
        return []
    found = Processing.everything.filter(tenant=request.tenant, pk=id)
    return list(found.values_list("pk", "name"))


def _operation(request: Any, id: uuid.UUID) -> Operation:
    return access.row(request.tenant, _operations(request).select_related("processing"), id)


@require_safe
@access.insider
def detail(request: Any, id: uuid.UUID) -> HttpResponse:
    return render(request, "history/detail.html", _page(request, _operation(request, id)))


@require_safe
@access.insider
def watch(request: Any, id: uuid.UUID) -> HttpResponse:
    """What an open operation's page lacks, for htmx: 204 when nothing has changed."""
    light = _operations(request).defer("body", "headers", "query", "content_type").select_related("processing")
    operation = access.row(request.tenant, light, id)
    if show.version(operation) == request.GET.get("version"):
        if operation.status != Status.WAITING or operation.due_at is None:
            return HttpResponse(status=204)
        return render(
            request, "history/_next.html", {"operation": operation, "oob": True, "delayed": _delayed(operation)}
        )
    return render(request, "history/_watch.html", _page(request, _operation(request, id)))


def _delayed(operation: Operation) -> bool:
    """Whether it waits because an action said so, and not for another attempt."""
    last = (
        operation.steps.filter(run=operation.run).order_by("started_at", "id").values_list("status", flat=True).last()
    )
    return last in DONE


def _page(request: Any, operation: Operation) -> dict[str, Any]:
    return {
        "operation": operation,
        "page": show.page(operation),
        "every": _pace(operation),
        "may_edit": request.membership.may_edit,
        "whole": operation.status in (Status.SUCCEEDED, Status.FILTERED),
    }


def _pace(operation: Operation) -> str:
    """How often the page looks for news; not at all when nothing will happen by itself."""
    if operation.status not in OPEN:
        return ""
    far = operation.due_at is not None and operation.due_at - timezone.now() > FAR
    return LATER if operation.status == Status.WAITING and far else SOON


def _step(request: Any, id: uuid.UUID, step_id: uuid.UUID) -> Step:
    return access.row(request.tenant, access.rows(request.tenant, Step).filter(operation_id=id), step_id)


@require_safe
@access.insider
def attempt(request: Any, id: uuid.UUID, step_id: uuid.UUID) -> HttpResponse:
    """An earlier attempt, fetched when it is unfolded."""
    stage = show.attempt(_step(request, id, step_id))
    return render(request, "history/_attempt.html", {"stage": stage, "operation_id": id})


@require_safe
@access.insider
def received_body(request: Any, id: uuid.UUID) -> HttpResponse:
    """The received bytes as a file; never as a page, whatever they hold."""
    operation = access.row(request.tenant, _operations(request).only("body"), id)
    return _file(bytes(operation.body), f"{id}.bin", "application/octet-stream")


@require_safe
@access.insider
def exchange_body(request: Any, id: uuid.UUID, step_id: uuid.UUID, number: int, part: str) -> HttpResponse:
    """What was kept of a request's or an answer's body as a text file."""
    exchanges = _step(request, id, step_id).exchanges
    message = exchanges[number][part] if number < len(exchanges) and part in PARTS else None
    if not message or message["body"] is None:
        raise Http404
    return _file(message["body"].encode("utf-8", "replace"), f"{step_id}-{part}.txt", "text/plain; charset=utf-8")


@require_POST
@access.insider
def download(request: Any) -> HttpResponse:
    """The chosen operations with their fields, for a spreadsheet. Ids of others are passed over."""
    chosen = _operations(request).filter(pk__in=chosen_ids(request)).select_related("processing")
    content = spreadsheet.csv_of(chosen.order_by("-id"))
    return _file(content, f"webjack-{timezone.localdate():%Y-%m-%d}.csv", "text/csv; charset=utf-8")


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
