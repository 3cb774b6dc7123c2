"""`manage.py demo`: a company to try everything with."""

import hashlib
import hmac
import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from actions import arrange
from processings.models import Processing, State
from sources.models import Source
from tenants.models import ApiKey, Membership, Role, Tenant, User

COMPANY, EMAIL = "Клиника «Демо»", "demo@example.com"
ADMIN_EMAIL = "admin@example.com"
PASSWORD, ADMIN_PASSWORD = "webjack-demo", "webjack-admin"
PROCESSING = "Заявки из Клиентикс"
ROWS = [
    {"name": "client.name", "value": "{{ client_name }}", "type": "auto"},
    {"name": "client.phone", "value": "{{ client_phone }}", "type": "auto"},
]


class Command(BaseCommand):
    help = "Makes (or finds) a demo company with a running processing and prints its addresses, log-ins and API key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--company", default=COMPANY, help="name of the company")
        parser.add_argument("--email", default=EMAIL, help="e-mail of its owner")
        parser.add_argument("--force", action="store_true", help="also outside DEBUG, with its well-known passwords")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["force"]:
            raise CommandError("The demo's passwords are known to everyone: use --force if you mean it.")
        with transaction.atomic():
            told = make(options["company"], options["email"].lower())
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(
            f"Webjack:  {told['url']}\n"
            f"Log in:   {told['email']} / {told['password']}\n"
            f"Admin:    {told['url']}/admin/  {told['admin_email']} / {told['admin_password']}\n"
            f"Webhook:  {told['webhook_url']}\n"
            f"API key:  {told['api_key']}"
        )


def make(company: str, email: str) -> dict[str, str]:
    """The demo company's addresses and log-ins, the same ones at each call; only passwords are set back."""
    tenant = owned(company, person(email, PASSWORD))
    person(ADMIN_EMAIL, ADMIN_PASSWORD, is_staff=True, is_superuser=True)
    return {
        "url": settings.PUBLIC_URL,
        "email": email,
        "password": PASSWORD,
        "admin_email": ADMIN_EMAIL,
        "admin_password": ADMIN_PASSWORD,
        "api_key": api_key(tenant),
        "webhook_url": source(tenant).url,
    }


def person(email: str, password: str, **rights: bool) -> User:
    user, _ = User.objects.get_or_create(email=email, defaults=rights)
    if not user.check_password(password):
        user.set_password(password)
        user.save()
    return user


def owned(company: str, user: User) -> Tenant:
    membership = user.memberships.filter(tenant__name=company).first()
    if membership:
        return membership.tenant
    tenant = Tenant.objects.create(name=company)
    Membership.objects.create(tenant=tenant, user=user, role=Role.OWNER)
    return tenant


def api_key(tenant: Tenant) -> str:
    """Keys are stored as hashes; to print the same one again, the demo's is derived from the installation's secret."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"demo {tenant.pk}".encode(), hashlib.sha256).hexdigest()
    text = f"wj_demo_{digest}"
    ApiKey.objects.get_or_create(
        hash=ApiKey.hash_of(text), defaults={"tenant": tenant, "name": "demo", "prefix": text[:8]}
    )
    return text


def source(tenant: Tenant) -> Source:
    """The webhook of a running processing that needs nothing from outside: it builds a JSON text."""
    found = (
        Source.objects.filter(tenant=tenant, kind="http", processing__deleted_at=None).order_by("created_at").first()
    )
    if found:
        return found
    processing = Processing.objects.create(tenant=tenant, name=PROCESSING, state=State.RUNNING)
    arrange.add(processing, "data.json", {"fields": ROWS})
    return Source.objects.create(tenant=tenant, processing=processing, kind="http", config={})
