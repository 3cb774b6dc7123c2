"""The only way to a tenant's rows.

A view or an API endpoint asks here and nowhere else; what belongs to somebody else does not exist (404).
"""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from tenants.models import Membership, Tenant, User

Row = TypeVar("Row", bound=models.Model)
View = Callable[..., HttpResponse]

SESSION_KEY = "tenant"


def rows(tenant: Tenant, model: type[Row]) -> models.QuerySet[Row]:
    """All rows of this model that belong to the tenant."""
    return model._default_manager.filter(tenant=tenant)


def row(tenant: Tenant, source: type[Row] | models.QuerySet[Row], id: uuid.UUID | str) -> Row:
    """One row of the tenant, from a model or a narrower queryset; anything else is 404."""
    queryset = source if isinstance(source, models.QuerySet) else rows(tenant, source)
    try:
        return queryset.get(tenant=tenant, pk=id)
    except (queryset.model.DoesNotExist, ValidationError, ValueError, TypeError):  # type: ignore[attr-defined]
        raise Http404 from None


def membership(request: HttpRequest) -> Membership:
    """The logged-in person's place in the company he works in now; 404 for who belongs to none."""
    user = request.user
    assert isinstance(user, User)
    places = user.memberships.select_related("tenant").order_by("created_at")
    chosen = request.session.get(SESSION_KEY)
    found = (places.filter(tenant_id=chosen).first() if chosen else None) or places.first()
    if found is None:
        raise Http404
    return found


def _enter(request: Any) -> None:
    request.membership = membership(request)
    request.tenant = request.membership.tenant
    timezone.activate(ZoneInfo(request.tenant.time_zone))


def _guard(view: View, allowed: Callable[[Membership], bool]) -> View:
    @login_required
    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_staff and not request.user.memberships.exists():
            return redirect("admin:index")  # an operator, who needs no company
        _enter(request)
        if not allowed(request.membership):
            raise PermissionDenied
        try:
            return view(request, *args, **kwargs)
        finally:
            timezone.deactivate()

    return guarded


def member(view: View) -> View:
    """For pages that every member may see: sets `request.tenant`, `request.membership` and the company's time zone."""
    return _guard(view, lambda place: True)


def editor(view: View) -> View:
    """For what changes settings: owners and editors; a viewer gets 403."""
    return _guard(view, lambda place: place.may_edit)


def owner(view: View) -> View:
    """For people, keys and the company itself: owners only; others get 403."""
    return _guard(view, lambda place: place.is_owner)
