"""Where the link of an invitation leads: to join as who is logged in, to log in, or to sign up."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tenants import access, invite
from tenants.access import View
from tenants.forms import PasswordForm
from tenants.models import Invitation, Tenant
from tenants.place import Refused

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def _open(view: View) -> View:
    """One page for every link that leads nowhere: it does not tell why, so that nobody learns what there was."""

    @never_cache
    @wraps(view)
    def guarded(request: Any, token: str) -> HttpResponse:
        try:
            return view(request, token)
        except invite.Closed:
            return render(request, "tenants/no_invitation.html", status=404)

    return guarded


@require_safe
@_open
def invitation(request: Any, token: str) -> HttpResponse:
    return _page(request, token, invite.find(token))


def _page(request: Any, token: str, found: Invitation, form: PasswordForm | None = None) -> HttpResponse:
    anonymous = not request.user.is_authenticated
    context = {
        "invitation": found,
        "token": token,
        "company": found.tenant.name,
        "meant": not anonymous and invite.meant_for(found, request.user),
        "form": form or PasswordForm(found.email),
        "has_account": anonymous and invite.has_account(found),
    }
    return render(request, "tenants/invitation.html", context)


@require_POST
@_open
def accept(request: Any, token: str) -> HttpResponse:
    """By who is logged in with the invited address; anybody else is led back to the invitation, which says so."""
    found = invite.find(token)
    if not request.user.is_authenticated or not invite.meant_for(found, request.user):
        return redirect("tenants:invitation", token)
    return _welcome(request, invite.accept(token, request.user))


@require_POST
@_open
def sign_up(request: Any, token: str) -> HttpResponse:
    found = invite.find(token)
    if request.user.is_authenticated or invite.has_account(found):
        return redirect("tenants:invitation", token)
    form = PasswordForm(found.email, request.POST)
    if not form.is_valid():
        return _page(request, token, found, form)
    try:
        user, tenant = invite.sign_up(token, form.cleaned_data["password"])
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("tenants:invitation", token)
    login(request, user, backend=BACKEND)
    return _welcome(request, tenant)


def _welcome(request: Any, tenant: Tenant) -> HttpResponse:
    access.go_to(request, tenant)
    messages.success(request, _("Welcome to “%(company)s”") % {"company": tenant})
    return redirect("processings:list")
