"""The help's page of all filters; what each gives is computed as the page is made, from the examples of its tests."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions import values
from actions.filters.catalogue import THEMES
from actions.filters.declared import EXAMPLE, Filter, Theme
from tenants import access

Entry = dict[str, Any]


@require_safe
@access.member
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
