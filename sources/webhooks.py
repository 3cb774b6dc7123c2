"""Addresses that others call: /webhooks/<service>/<32 hex digits>/.

People paste them with a space or a line break around the key; the slash at the end may be missing.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import re_path, resolve

from sources.receive import nobody, receive

# Blanks of all kinds, those included that messengers and word processors put into what is copied from them
BLANK = "[\\s\u200b\u200c\u200d\u2060\ufeff]*"
SERVICE, KEY = "(?P<service>[a-z0-9_-]+)", "(?P<key>[0-9a-f]{32})"

urlpatterns = [
    re_path(rf"^{BLANK}{SERVICE}{BLANK}/{BLANK}{KEY}{BLANK}(?:/{BLANK}){{0,2}}\Z", receive),
    re_path(r"", nobody),
]


class Shortcut:
    """The first middleware: calls of others need no session, no language and no log-in, a third of their time."""

    PREFIX = "/webhooks/"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self.PREFIX):
            return self.get_response(request)
        found = resolve("/" + request.path_info.removeprefix(self.PREFIX), "sources.webhooks")
        answer: HttpResponseBase = found.func(request, **found.kwargs)
        return answer
