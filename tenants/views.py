"""The company's page: its name and time zone, its people, its keys for the API. And the guide."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tenants import access, journal
from tenants.forms import CompanyForm, KeyForm
from tenants.models import ApiKey, Verb


def _page(request: Any, **forms: Any) -> HttpResponse:
    context = {
        "form": CompanyForm(instance=request.tenant),
        "key_form": KeyForm(prefix="key"),
        "members": list(request.tenant.memberships.select_related("user").order_by("created_at", "pk")),
        "keys": access.rows(request.tenant, ApiKey).order_by("created_at"),
        "retention_days": request.tenant.days_kept,
        "max_body_bytes": settings.MAX_BODY_BYTES,
    }
    return render(request, "tenants/company.html", context | forms)


@require_safe
@access.insider
def company(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@access.owner
def change(request: Any) -> HttpResponse:
    form = CompanyForm(request.POST, instance=request.tenant)
    if not form.is_valid():
        # The form wrote into the instance; the header shall go on showing the stored name.
        request.tenant.refresh_from_db()
        return _page(request, form=form)
    with journal.noted(request.tenant):
        form.save()
    messages.success(request, _("Saved"))
    return redirect("tenants:company")


@require_POST
@access.owner
@never_cache
def add_key(request: Any) -> HttpResponse:
    """Answers with the key's text itself, which must be stored nowhere: this is the only time anyone sees it."""
    form = KeyForm(request.POST, prefix="key")
    if not form.is_valid():
        return _page(request, key_form=form)
    with transaction.atomic():
        key, text = ApiKey.make(request.tenant, form.cleaned_data["name"])
        journal.note(key, Verb.ADDED)
    return render(request, "tenants/key.html", {"key": key, "text": text})


@require_POST
@access.owner
def revoke_key(request: Any, key_id: uuid.UUID) -> HttpResponse:
    key = access.row(request.tenant, ApiKey, key_id)
    with journal.noted(key):
        key.delete()
    messages.success(request, _("The key “%(name)s” no longer works") % {"name": key.name})
    return redirect("tenants:company")


@require_safe
@access.insider
def guide(request: HttpRequest) -> HttpResponse:
    return render(request, "help/index.html")
