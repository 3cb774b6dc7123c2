"""Pages of a processing's versions: who changed what, and any two beside each other."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from history.compare import texts
from processings import switch
from processings.models import Processing
from sources import versions as keeping
from sources.models import Version
from tenants import access, journal_shown
from tenants.models import Change

PAGE = 30
MOST_CHANGES = 300  # that are told beside the versions of one page


@require_safe
@access.member
def versions(request: Any, id: uuid.UUID) -> HttpResponse:
    """The newest first; `before`: a place among the ids."""
    return _versions(request, access.row(request.tenant, Processing, id))


def _versions(request: Any, processing: Processing) -> HttpResponse:
    before = _id(request.GET.get("before"))
    found = processing.versions.defer("settings").order_by("-pk")
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    context = {
        "rows": _with_changes(processing, rows),
        "older": f"?before={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "newer": "?" if before else "",
        "newest": before is None,
    }
    return render(request, "sources/versions.html", _head(processing) | context)


@require_safe
@access.member
def compare(request: Any, id: uuid.UUID) -> HttpResponse:
    """`old` and `new`: ids of versions, whichever is older stands left; the last two where none is named."""
    processing = access.row(request.tenant, Processing, id)
    kept = access.rows(request.tenant, Version).filter(processing=processing)
    named = [request.GET[name] for name in ("old", "new") if name in request.GET]
    if not named and not kept.exists():
        return _versions(request, processing)
    found = kept.filter(pk__in=[key for key in map(_id, named) if key]) if named else kept
    pair = list(found.order_by("-pk")[:2])
    if not pair:
        raise Http404
    new, old = pair[0], pair[-1]
    told = texts(*(keeping.lines(one.settings, request.tenant) for one in (old, new)))
    return render(request, "sources/version_compare.html", _head(processing) | {"old": old, "new": new, "lines": told})


def _with_changes(processing: Processing, rows: list[Version]) -> list[dict[str, Any]]:
    """Each version of the page with the entries of the journal that led to it, and the version before it."""
    pairs = list(zip(rows, [*rows[1:], None], strict=True))[:PAGE]
    if not pairs:
        return []
    entries = access.rows(processing.tenant, Change).filter(processing_id=processing.pk, pk__lte=pairs[0][0].pk)
    last = pairs[-1][1]
    if last is not None:
        entries = entries.filter(pk__gt=last.pk)
    shown = journal_shown.shown(entries.order_by("-pk")[:MOST_CHANGES], processing.tenant)
    return [
        {
            "version": version,
            "before": before,
            "entries": [one for one in shown if one[0].pk < version.pk and (before is None or one[0].pk > before.pk)],
        }
        for version, before in pairs
    ]


def _head(processing: Processing) -> dict[str, Any]:
    return {"processing": processing, "missing": "" if processing.running else switch.missing(processing)}


def _id(told: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(told)
    except (TypeError, ValueError, AttributeError):
        return None
