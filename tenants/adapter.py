"""How signing up works here: a company is made together with its first owner."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from tenants.models import Membership, Role, Tenant, User


def found_company(user: User, name: str = "") -> Tenant:
    """Makes a company with this person as its owner; the name can be changed on the company's page."""
    tenant = Tenant.objects.create(name=name or _("Company of %(email)s") % {"email": user.email})
    Membership.objects.create(tenant=tenant, user=user, role=Role.OWNER)
    return tenant


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        with transaction.atomic():
            user = super().save_user(request, user, form, commit)
            if commit:
                found_company(user)
        return user
