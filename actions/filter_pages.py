"""The picker's second step, and the help's page of all filters, made of the examples of their tests."""

import json
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from actions import asked, filter_menu, values
from actions.filters.catalogue import THEMES
from actions.filters.declared import EXAMPLE, Filter, Theme
from actions.placeholders import Context
from processings.models import Processing
from tenants import access

Entry = dict[str, Any]


@require_POST
@access.editor
def choose_new(request: Any, processing_id: uuid.UUID) -> HttpResponse:
    editing = asked.fresh(request, access.row(request.tenant, Processing, processing_id))
    return menu(request, editing.context)


@require_POST
@access.editor
def choose(request: Any, id: uuid.UUID) -> HttpResponse:
    return menu(request, asked.existing(request, id).context)


@require_safe
@access.insider
def guide(request: HttpRequest) -> HttpResponse:
    """All of them by theme; `q` searches."""
    words = request.GET.get("q", "")[:100].lower().split()
    themes = [
        {
            "title": theme.title,
            "key": theme.key,
            "filters": [_entry(one) for one in theme.filters if _fits(theme, one, words)],
        }
        for theme in THEMES
    ]
    return render(request, "help/filters.html", {"themes": [theme for theme in themes if theme["filters"]]})


def _fits(theme: Theme, one: Filter, words: list[str]) -> bool:
    said = f"{theme.title} {one.title} {one.about} {one.key}".lower()
    return all(word in said for word in words)


def _entry(one: Filter) -> Entry:
    given = one.apply(one.example.value, one.example.arguments, {}, EXAMPLE)
    return {
        "key": one.key,
        "title": one.title,
        "about": one.about,
        "written": "{{ field | " + one.call + " }}",
        "value": _shown(one.example.value),
        "output": _shown(given),
    }


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else values.json_text(value)


def menu(request: Any, context: Context) -> HttpResponse:
    """What can be done with a value.

    `text` is a placeholder; `calls`, where given, the filters to put on what it begins with.
    """
    try:
        pipe = filter_menu.read(request.POST.get("text", ""))
        sent = json.loads(request.POST.get("calls") or "null")
        if isinstance(sent, list):
            calls = [filter_menu.chosen(*_call(one)) for one in sent[: filter_menu.MOST_CALLS]]
            pipe = filter_menu.Pipe(pipe.left, calls)
    except (ValueError, RecursionError) as problem:
        return JsonResponse({"error": str(problem)}, status=422)
    return JsonResponse(filter_menu.menu(pipe, context, request.POST.get("name", "")[:200]))


def _call(sent: Any) -> tuple[Any, Any]:
    return (sent.get("key"), sent.get("arguments")) if isinstance(sent, dict) else (sent, None)
