"""Sessions whose keys are looked up only if they can be ones of ours."""

from django.conf import settings
from django.contrib.sessions import middleware
from django.http import HttpRequest


class SessionMiddleware(middleware.SessionMiddleware):
    """Anybody can write anything into a cookie: NUL, say, which PostgreSQL takes for an error of ours."""

    def process_request(self, request: HttpRequest) -> None:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if key and not (key.isascii() and key.isalnum()):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        super().process_request(request)
