"""The page «Журнал изменений» of a company."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenants import access, journal_shown
from tenants.changes import By, Change
from webjack.fields import storable

PAGE = 50
MOST_CHOICES = 200


@require_safe
@access.member
def journal(request: Any) -> HttpResponse:
    """`who`, `what` (a model) and `object` (an id) narrow it; `before` and `after` are places among the ids."""
    everything = access.rows(request.tenant, Change)
    chosen = {name: storable(request.GET[name]) for name in ("who", "what", "object") if request.GET.get(name)}
    found, older, newer = _page(_narrowed(everything, chosen), request)
    context = {
        "entries": journal_shown.shown(found, request.tenant),
        "older": _link(chosen, before=older),
        "newer": _link(chosen, after=newer),
        "chosen": chosen,
        "people": _people(everything),
        "things": _things(everything),
        "object": _object(everything, chosen.get("object", "")),
    }
    return render(request, "tenants/journal.html", context)


def _narrowed(changes: QuerySet[Change], chosen: dict[str, str]) -> QuerySet[Change]:
    if "who" in chosen:
        by, _colon, who = chosen["who"].partition(":")
        changes = changes.filter(by=by, who=who)
    if "what" in chosen:
        changes = changes.filter(what=chosen["what"])
    if "object" in chosen:
        about = Q(row=chosen["object"])
        if key := _id(chosen["object"]):
            about |= Q(processing_id=key)
        changes = changes.filter(about)
    return changes


def _page(changes: QuerySet[Change], request: Any) -> tuple[list[Change], uuid.UUID | None, uuid.UUID | None]:
    """The entries, newest first, and the places from which the pages beside go on."""
    before, after = _id(request.GET.get("before")), _id(request.GET.get("after"))
    if after:
        found = list(changes.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        if len(found) > PAGE:
            return found[:PAGE][::-1], found[0].pk, found[PAGE - 1].pk
        before = None
    found = list((changes.filter(pk__lt=before) if before else changes).order_by("-pk")[: PAGE + 1])
    older = found[PAGE - 1].pk if len(found) > PAGE else None
    return found[:PAGE], older, found[0].pk if found and before else None


def _people(changes: QuerySet[Change]) -> list[tuple[str, str]]:
    found = changes.order_by("by", "who").values_list("by", "who").distinct()[:MOST_CHOICES]
    return [(f"{by}:{who}", who or str(By(by).label)) for by, who in found]


def _things(changes: QuerySet[Change]) -> list[tuple[str, str]]:
    found = changes.order_by("what").values_list("what", flat=True).distinct()[:MOST_CHOICES]
    return sorted(((what, journal_shown.title(what)) for what in found), key=lambda pair: pair[1])


def _object(changes: QuerySet[Change], id: str) -> str:
    """What the chosen object is called."""
    if not id:
        return ""
    last = changes.filter(row=id).order_by("-pk").first()
    return f"{journal_shown.title(last.what)} “{last.name}”" if last else _("What was chosen")


def _link(chosen: dict[str, str], **place: uuid.UUID | None) -> str:
    kept = {name: str(key) for name, key in place.items() if key}
    return "?" + urlencode(chosen | kept) if kept else ""


def _id(told: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(told)
    except (TypeError, ValueError, AttributeError):
        return None
