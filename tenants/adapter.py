"""How signing up works here: a company is made together with its first owner."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tenants import place
from tenants.models import Tenant, User
from webjack.sender import sender

LONGEST_NAME = 200


def found_company(user: User, name: str = "") -> Tenant:
    """Makes a company with this person as its owner; the name can be changed on the company's page."""
    name = name or _("Company of %(email)s") % {"email": user.email}
    return place.found(user, name[:LONGEST_NAME])


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        try:
            with transaction.atomic():
                user = super().save_user(request, user, form, commit)
                if commit:
                    found_company(user)
        except IntegrityError as twice:  # a double click: the other one was a moment faster and has made it all
            raise ImmediateHttpResponse(redirect("account_login")) from twice
        return user

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whose guesses are counted: of people behind our own proxies each by himself, not all of them as one."""
        return sender(request.META) or "unknown"
