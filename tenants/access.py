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
from django.shortcuts import redirect, render
from django.utils import timezone

from tenants.models import Membership, Tenant, User

Row = TypeVar("Row", bound=models.Model)
View = Callable[..., HttpResponse]

SESSION_KEY = "tenant"


def rows(tenant: Tenant, model: type[Row]) -> models.QuerySet[Row]:
    """All rows of this model that belong to the tenant."""
    return model._default_manager.filter(tenant=tenant)


def row(tenant: Tenant, source: type[Row] | models.QuerySet[Row], id: uuid.UUID | str | int) -> Row:
    """One row of the tenant, from a model or a narrower queryset; anything else is 404."""
    queryset = source if isinstance(source, models.QuerySet) else rows(tenant, source)
    try:
        return queryset.get(tenant=tenant, pk=id)
    except (queryset.model.DoesNotExist, ValidationError, ValueError, TypeError):  # type: ignore[attr-defined]
        raise Http404 from None


def places(user: User) -> list[Membership]:
    """The companies that this person belongs to, the first joined first."""
    return list(user.memberships.select_related("tenant").order_by("created_at", "pk"))


def membership(request: HttpRequest) -> Membership:
    """The logged-in person's place in the company he works in now; 404 for who belongs to none."""
    place = here(request)
    if place is None:
        raise Http404
    return place


def here(request: Any) -> Membership | None:
    """The same, or None. Sets `request.places`: where else he could work."""
    assert isinstance(request.user, User)
    request.places = places(request.user)
    chosen = request.session.get(SESSION_KEY)
    found = [place for place in request.places if str(place.tenant_id) == chosen]
    return next(iter(found or request.places), None)


def go_to(request: HttpRequest, tenant: Tenant) -> None:
    """From now on this person works in this company, of which he must be a member."""
    request.session[SESSION_KEY] = str(tenant.pk)


def _enter(request: Any) -> bool:
    place = here(request)
    if place is None:
        return False
    request.membership, request.tenant = place, place.tenant
    timezone.activate(ZoneInfo(place.tenant.time_zone))
    return True


def _guard(view: View, allowed: Callable[[Membership], bool]) -> View:
    @login_required
    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_staff and not request.user.memberships.exists():
            return redirect("admin:index")  # an operator, who needs no company
        if not _enter(request):
            return render(request, "tenants/nowhere.html", status=404)
        if not allowed(request.membership):
            raise PermissionDenied
        try:
            return view(request, *args, **kwargs)
        finally:
            timezone.deactivate()

    return guarded


def insider(view: View) -> View:
    """For the history, the company's own pages and the help: every member, also who sees the history alone.

    Sets `request.tenant`, `request.membership`, `request.places` and the company's time zone, as all of these do.
    """
    return _guard(view, lambda place: True)


def member(view: View) -> View:
    """For pages that all may see but those whose role is the history alone: they get 403."""
    return _guard(view, lambda place: place.sees_settings)


def editor(view: View) -> View:
    """For what changes settings: owners and editors; a viewer gets 403."""
    return _guard(view, lambda place: place.may_edit)


def owner(view: View) -> View:
    """For people, keys and the company itself: owners only; others get 403."""
    return _guard(view, lambda place: place.is_owner)
