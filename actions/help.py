"""The help about blocks: each with an example that is executed for the page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from actions.examples import shown
from tenants.access import member


@require_safe
@member
def blocks(request: HttpRequest) -> HttpResponse:
    return render(request, "help/blocks.html", {"blocks": shown()})
