"""The same 404 in a local trial as in production.

Under DEBUG Django shows a list of all addresses instead; who tries Webjack out should see what customers see.
"""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found

Next = Callable[[HttpRequest], HttpResponse]


class NotFound:
    """Middleware. An address that leads nowhere has no view to raise anything, so its answer is replaced."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 404 and request.resolver_match is None:
            return page_not_found(request, Http404())
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return page_not_found(request, exception) if isinstance(exception, Http404) else None
