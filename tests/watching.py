"""Requests whose effect is looked at and undone: what did change, and what does the answer give away?"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from tenants.models import Tenant
from tests.addresses import Company
from tests.api import Program

SAFE = ("GET", "HEAD", "OPTIONS")


def ask(client: Client, method: str, path: str, data: Any = None) -> Any:
    if method in SAFE:
        answer = client.generic(method, path)
    elif method == "POST" and not isinstance(client, Program):
        answer = client.post(path, data or {})
    else:
        answer = client.generic(method, path, json.dumps(data or {}), content_type="application/json")
    _read(answer)
    return answer


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Whatever happens inside leaves no trace in the database or in the browser."""
    cookies = SimpleCookie(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


@contextmanager
def untouched(client: Client, company: Company, cell: Any) -> Iterator[None]:
    """Nothing of the company may change inside; what else changes is undone."""
    before = snapshot(company.tenant)
    with undone(client):
        yield
        assert snapshot(company.tenant) == before, cell


def _read(answer: Any) -> None:
    if answer.streaming:
        answer.read = b"".join(answer.streaming_content)
    elif hasattr(answer, "render") and not getattr(answer, "is_rendered", True):
        answer.render()


def snapshot(tenant: Tenant) -> list[tuple[str, int, str]]:
    """Count and hash of the company's rows in every table that names a company, and of its people."""
    parts = [
        f"SELECT '{table}', count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') "
        f'FROM "{table}" t WHERE {column} = %s'
        for table, column in _tables()
    ]
    people = (
        "SELECT 'people', count(*), md5(string_agg(concat(u.email, u.password, u.is_active), '|' ORDER BY u.id))"
        " FROM tenants_user u JOIN tenants_membership m ON m.user_id = u.id WHERE m.tenant_id = %s"
    )
    rows = (
        "SELECT 'rows', count(*), coalesce(md5(string_agg(r::text, '|' ORDER BY r.id)), '')"
        " FROM actions_tablerow r JOIN actions_table t ON t.id = r.table_id WHERE t.tenant_id = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([*parts, people, rows]), [tenant.pk] * (len(parts) + 2))
        return sorted(cursor.fetchall())


def _tables() -> Iterator[tuple[str, str]]:
    yield Tenant._meta.db_table, "id"
    for model in apps.get_models():
        if any(field.name == "tenant" for field in model._meta.fields):
            yield model._meta.db_table, "tenant_id"


def check_silence(answer: Any, company: Company, cell: Any, asked: str) -> None:
    """Nothing of the company stands in the answer but what was asked with."""
    text = (getattr(answer, "read", None) or answer.content).decode("utf-8", "replace") + str(dict(answer.headers))
    assert [word for word in company.words if word in text and word not in asked] == [], cell


def check_secrets(answer: Any, company: Company, cell: Any) -> None:
    """An operator may look at all, but not at what opens doors."""
    text = answer.content.decode("utf-8", "replace")
    secrets = [company.key_text, company.key.hash, *company.tenant.users.values_list("password", flat=True)]
    assert [secret for secret in secrets if secret in text] == [], cell
