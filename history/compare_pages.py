"""Pages of «Сравнить»: for the saved settings, and for an action's form that is not saved yet."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from actions import asked
from actions.editing import Editing
from actions.models import Action
from history import compare_run
from history.compare_run import COUNTS, SAVED, SENT, Piece
from processings.models import Processing
from tenants.access import editor, member, row


@require_safe
@member
def saved(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    """What was really sent, against what the saved settings would send now."""
    return _answer(request, row(request.tenant, Processing, processing_id), None, SENT)


@require_POST
@editor
def existing(request: Any, id: uuid.UUID) -> HttpResponse:
    return _edited(request, asked.existing(request, id))


@require_POST
@editor
def new(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    return _edited(request, asked.fresh(request, row(request.tenant, Processing, processing_id)))


def _edited(request: Any, editing: Editing) -> HttpResponse:
    """What stands in the form, against what was sent or the saved settings."""
    if not editing.is_valid():
        return _page(request, editing.processing, {"errors": list(editing.errors())})
    editing.earlier  # noqa: B018  a new action learns here where it stands
    old = SENT if request.POST.get("check-old") == SENT else SAVED
    return _answer(request, editing.processing, editing.filled(), old)


def _answer(request: Any, processing: Processing, edited: Action | None, old: str) -> HttpResponse:
    """One piece; the state of the others travels in the address of the next."""
    told = request.POST if request.method == "POST" else request.GET
    count = _number(told.get("check-count"), COUNTS[-1]) or COUNTS[0]
    done, differ = (_number(request.GET.get(name), count) for name in ("done", "differ"))
    before = _id(request.GET.get("before"))
    piece = compare_run.piece(processing, edited, old, before, max(count - done, 1))
    done += len(piece.found)
    differ += sum(one.differs for one in piece.found)
    context = {
        "found": [one for one in piece.found if one.differs],
        "told": compare_run.told(done, differ, count, piece.before is None),
        "next": _next(request, piece, done, differ),
        "old": old,
        "first": before is None,
        "post": request.method == "POST",
    }
    return _page(request, processing, context)


def _next(request: Any, piece: Piece, done: int, differ: int) -> str:
    if piece.before is None:
        return ""
    query = {name: value for name, value in request.GET.items() if name not in ("before", "done", "differ")}
    query |= {"before": str(piece.before), "done": str(done), "differ": str(differ)}
    return f"{request.path}?{urlencode(query)}"


def _page(request: Any, processing: Processing, context: dict[str, Any]) -> HttpResponse:
    if not request.htmx:
        return render(request, "history/compare.html", context | {"processing": processing})
    piece = not context.get("errors") and not context["first"]
    return render(request, "history/_compared_piece.html" if piece else "history/_compared.html", context)


def _number(told: Any, most: int) -> int:
    try:
        return min(max(int(told), 0), most)
    except (TypeError, ValueError):
        return 0


def _id(told: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(told)
    except (TypeError, ValueError, AttributeError):
        return None
