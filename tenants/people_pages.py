"""The company's people: its members, whom it has invited, leaving it; and in which company one works."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants import access, invite, place
from tenants.forms import CompanyForm, InviteForm, RoleForm
from tenants.models import Invitation, Membership, Role, Tenant


def _page(request: Any, invite_form: InviteForm | None = None) -> HttpResponse:
    owner = request.membership.is_owner
    members = list(request.tenant.memberships.select_related("user").order_by("created_at", "pk"))
    invitations = access.rows(request.tenant, Invitation).select_related("invited_by").order_by("created_at")
    context = {
        "members": [(one, RoleForm({"role": one.role}, auto_id=f"id_{one.pk}_%s")) for one in members],
        "invitations": invitations if owner else [],
        "invite_form": invite_form or InviteForm(initial={"role": Role.EDITOR}, prefix="invite"),
        "last_owner": owner and not any(one.is_owner for one in members if one != request.membership),
    }
    return render(request, "tenants/members.html", context)


@require_safe
@access.insider
def members(request: Any) -> HttpResponse:
    return _page(request)


@require_POST
@access.owner
def change_role(request: Any, id: int) -> HttpResponse:
    member = access.row(request.tenant, Membership, id)
    form = RoleForm(request.POST)
    if form.is_valid():
        role = form.cleaned_data["role"]
        told = {"email": member.user.email, "role": Role(role).label}
        if _done(request, lambda: place.change(member, role)):
            messages.success(request, _("%(email)s: %(role)s") % told)
    return redirect("tenants:members")


@require_POST
@access.owner
def remove(request: Any, id: int) -> HttpResponse:
    member = access.row(request.tenant, Membership, id)
    if _done(request, lambda: place.remove(member)):
        told = _("%(email)s is no member any more") % {"email": member.user.email}
        messages.success(request, told)
    return redirect("tenants:company" if member == request.membership else "tenants:members")


@require_POST
@access.insider
def leave(request: Any) -> HttpResponse:
    if not _done(request, lambda: place.remove(request.membership)):
        return redirect("tenants:members")
    messages.success(request, _("You have left “%(company)s”") % {"company": request.tenant})
    return redirect("processings:list" if len(request.places) > 1 else "tenants:new")


@require_POST
@access.owner
def ask(request: Any) -> HttpResponse:
    """«Пригласить»."""
    form = InviteForm(request.POST, prefix="invite")
    if form.is_valid():
        try:
            made = invite.send(request.tenant, form.cleaned_data["email"], form.cleaned_data["role"], request.user)
        except place.Refused as refused:
            form.add_error("email", str(refused))
        else:
            _tell_sent(request, made)
            return redirect("tenants:members")
    return _page(request, form)


@require_POST
@access.owner
def ask_again(request: Any, id: uuid.UUID) -> HttpResponse:
    found = access.row(request.tenant, Invitation, id)
    if _done(request, lambda: invite.again(found)):
        _tell_sent(request, found)
    return redirect("tenants:members")


@require_POST
@access.owner
def take_back(request: Any, id: uuid.UUID) -> HttpResponse:
    found = access.row(request.tenant, Invitation, id)
    invite.take_back(found)
    messages.success(request, _("The invitation of %(email)s leads nowhere any more") % {"email": found.email})
    return redirect("tenants:members")


def _tell_sent(request: Any, invitation: Invitation) -> None:
    told = {"email": invitation.email}
    if invitation.sent_at:
        messages.success(request, _("A mail with the invitation went to %(email)s") % told)
    else:
        messages.warning(request, _("The mail to %(email)s could not be sent now. Send it again later.") % told)


def _done(request: Any, work: Callable[[], Any]) -> bool:
    """False, and a notice that says why, when it was refused; 404 when what it is about has gone meanwhile."""
    try:
        work()
    except place.Refused as refused:
        messages.error(request, str(refused))
        return False
    except (Membership.DoesNotExist, Invitation.DoesNotExist):
        raise Http404 from None
    return True


@require_POST
@access.insider
def switch(request: Any, id: uuid.UUID) -> HttpResponse:
    """From now on this person works in another of his companies."""
    for one in request.places:
        if one.tenant_id == id:
            access.go_to(request, one.tenant)
            return redirect("processings:list")
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_company(request: Any) -> HttpResponse:
    """Everybody who is logged in may make another company, also who belongs to none."""
    form = CompanyForm(request.POST or None, instance=Tenant())
    if request.method == "POST" and form.is_valid():
        made = place.found(request.user, form.cleaned_data["name"], form.cleaned_data["time_zone"])
        access.go_to(request, made)
        messages.success(request, _("“%(company)s” is ready, and you work in it now") % {"company": made})
        return redirect("processings:list")
    request.membership = access.here(request)
    request.tenant = request.membership.tenant if request.membership else None
    return render(request, "tenants/new.html", {"form": form})
