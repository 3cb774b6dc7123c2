"""Who speaks through the API: a program with a key of a company, which may do everything in that company."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from tenants.models import ApiKey, Tenant

USED_EVERY = timedelta(minutes=1)  # how exactly a key knows when it was last used


@dataclass(frozen=True)
class Program:
    """Stands where a logged-in person stands in other requests."""

    key: ApiKey
    is_authenticated: bool = True

    @property
    def tenant(self) -> Tenant:
        return self.key.tenant


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`. Cookies and sessions count for nothing, so nobody needs a CSRF token."""

    def authenticate(self, request: Request) -> tuple[Program, ApiKey] | None:
        scheme, _space, text = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = ApiKey.objects.select_related("tenant").filter(hash=ApiKey.hash_of(text.strip())).first()
        if key is None:
            raise AuthenticationFailed(_("There is no such API key. Keys are made on the company's page"))
        _used(key)
        request._request.api_key = key  # type: ignore[attr-defined]  # for tenants.acting
        return Program(key), key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _used(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - USED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How OpenAPI names it."""

    target_class = KeyAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": _("A key of the company, made on its page")}
