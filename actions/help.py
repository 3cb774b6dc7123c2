"""The help about blocks and about answers as data: the examples are executed for the page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from actions.examples import shown
from actions.placeholders import Context, fill
from tenants.access import insider

ANSWER: dict[str, Any] = {
    "status": 200,
    "headers": {"content-type": "application/json", "x-request-id": "a17"},
    "body": {"ok": True, "client": {"id": 4711, "phone": "8 916 123-45-67"}, "visits": [{"id": 1}, {"id": 2}]},
}
"""What an HTTP request of the example brought."""

PLACEHOLDERS = (
    ("{{ steps.http.status }}", _("The status code")),
    ('{{ steps.http.headers["x-request-id"] }}', _("A header, its name in small letters")),
    ("{{ steps.http.body.client.id }}", _("A field of the body")),
    ("{{ steps.http.body.client.phone | phone }}", _("A field with a filter on it")),
    ("{{ steps.http.body.visits[0].id }}", _("The first element of a list; they are counted from 0")),
    ("{{ steps.http.body.visits | size }}", _("How many elements a list has")),
)


@require_safe
@insider
def blocks(request: HttpRequest) -> HttpResponse:
    return render(request, "help/blocks.html", {"blocks": shown()})


@require_safe
@insider
def answers(request: HttpRequest) -> HttpResponse:
    return render(request, "help/answers.html", {"answer": ANSWER, "examples": list(_examples())})


def _examples() -> list[tuple[str, Any, Any]]:
    """Each placeholder, what it is, and its value on the example's answer."""
    context = Context(source={}, steps={"http": ANSWER}, operation={}, company={})
    return [(text, about, fill(text, context)) for text, about in PLACEHOLDERS]
