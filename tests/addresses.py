"""Every address that the product has, with ids of somebody's real rows in it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from actions.models import Table, TableRow
from connections.models import Connection, Lane
from history.models import Operation, Step
from sources.models import Source, Upload
from tenants import journal
from tenants.models import ApiKey, Invitation, Tenant, Verb
from tests.factories import (
    ActionFactory,
    ConnectionFactory,
    MembershipFactory,
    OperationFactory,
    ProcessingFactory,
    SourceFactory,
    StepFactory,
)

EXCHANGE = {
    "request": {"method": "POST", "url": "https://example.com/", "headers": [], "body": "sent", "size": 4},
    "response": {"status": 200, "reason": "OK", "headers": [], "body": "came", "size": 4},
    "error": None,
    "duration_ms": 5,
}
FIXED = {
    "number": "0",
    "field": "url",
    "part": "request",
    "token": "nowhere",
    "service": "http",
    "source": "http",
    "action": "http.request",
    "uidb36": "1",
    "url": "nowhere",
    "app_label": "tenants",
    "content_type_id": "1",
    "object_id": "1",
}
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\[[^\]]*\]|\\\w|[^()\[\]]|\((?:[^()]|\([^()]*\))*\))*\)")


@dataclass(frozen=True)
class Address:
    """route: as the URL list has it, without anchors. parts: how many ids it names. view: what answers."""

    route: str
    view: Callable[..., Any]
    path: str
    parts: int

    def __str__(self) -> str:
        return self.route or "(start)"


class Company:
    """A company with one row of everything; `fill` writes their ids into a route."""

    def __init__(self, tenant: Tenant, word: str = "Тайная") -> None:
        """word: begins all its names, so that they are known again wherever they turn up."""
        self.tenant, self.word = tenant, word
        self.processing = ProcessingFactory(tenant=tenant, name=f"{word} обработка")
        self.source: Source = SourceFactory(processing=self.processing)
        self.actions = [ActionFactory(processing=self.processing, name=f"{word} отправка") for _ in range(2)]
        self.lane = Lane.objects.get(tenant=tenant)
        self.connection: Connection = ConnectionFactory(tenant=tenant, name=f"{word} CRM")
        self.table = Table.objects.create(tenant=tenant, name=f"{word} таблица", columns=["имя"])
        self.table_row = TableRow.objects.create(table=self.table, key=f"{word} строка", values={"имя": word})
        self.operation: Operation = OperationFactory(
            processing=self.processing, source_id=self.source.pk, data={"client_name": f"{word} Анна"}
        )
        self.step: Step = StepFactory(operation=self.operation, exchanges=[EXCHANGE], action_id=self.actions[0].pk)
        self.rows_source: Source = SourceFactory(processing=self.processing, kind="upload", name=f"{word} загрузка")
        self.upload = Upload.objects.create(
            tenant=tenant, source=self.rows_source, name=f"{word}.csv", total=9, content=b"a;b\n1;2\n"
        )
        self.key, self.key_text = ApiKey.make(tenant, f"{word} касса")
        self.membership = MembershipFactory(tenant=tenant, role="editor")
        self.invitation = Invitation.objects.create(
            tenant=tenant, email=f"{uuid4().hex}@example.com", role="editor", hash=uuid4().hex
        )
        journal.note(self.processing, Verb.ADDED)
        self.change = tenant.changes.get()
        self.rows = {
            "processings/": self.processing,
            "release/": self.processing,
            "sources/": self.source,
            "actions/": self.actions[0],
            "history/": self.operation,
            "operations/": self.operation,
            "steps/": self.step,
            "keys/": self.key,
            "audit/": self.change,
            "connections/": self.connection,
            "accounts/": self.lane,
            "tables/": self.table,
            "rows/": self.table_row,
            "uploads/": self.upload,
            "members/": self.membership,
            "invitations/": self.invitation,
            "switch/": self.tenant,
        }

    @property
    def words(self) -> list[str]:
        """What no stranger may read anywhere."""
        ids = [str(row.pk) for row in {id(row): row for row in self.rows.values()}.values() if type(row.pk) is not int]
        return [self.tenant.name, self.word, self.source.key, self.invitation.email, *ids]

    def value(self, name: str, before: str, behind: str) -> str:
        """What stands for a parameter, by its name and the parts of the route around it. Raises LookupError."""
        if before.endswith("sources/") and behind.startswith("/upload"):
            return str(self.rows_source.pk)
        if name == "key" and before.endswith("rows/"):
            return quote(self.table_row.key)
        if name in ("id", "pk", "processing_id", "step_id", "key_id", "row_id", "upload_id") and not before.startswith(
            "admin/"
        ):
            return str(self.rows[re.search(r"[a-z]+/$", before)[0]].pk)  # type: ignore[index]
        if name in ("object_id", "id") and not before.startswith("admin/r/"):
            _admin, app, model, *_rest = before.split("/")
            row = apps.get_model(app, model)._default_manager.first()
            return str(row.pk if row else 1)
        return FIXED[name] if name != "key" else self.source.key

    def addresses(self) -> Iterator[Address]:
        """The whole URL list. Raises LookupError for an address that nobody has told how to fill."""
        for route, view in _walk(get_resolver()):
            parts = 0

            def filled(found: re.Match[str], route: str = route) -> str:
                nonlocal parts
                parts += 1
                try:
                    return self.value(found[1] or found[2], route[: found.start()], route[found.end() :])
                except (LookupError, TypeError) as unknown:
                    raise LookupError(f"tests/addresses.py does not know how to fill {route}") from unknown

            path = "/" + PARAMETER.sub(filled, route)
            yield Address(route, view, path, parts)


def leads(address: Address) -> bool:
    """Whether the filled path really leads to its view."""
    found = resolve(address.path).func
    return found is address.view


def _walk(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for entry in resolver.url_patterns:
        text = re.sub(r"\\Z$|\$$", "", str(entry.pattern).removeprefix("^"))
        # Blanks around a webhook address, and its optional slash.
        text = re.sub(r"\[\\s[^\]]*\]\*", "", text).replace("(?:/){0,2}", "/")
        if isinstance(entry, URLPattern):
            yield before + text, entry.callback
        else:
            yield from _walk(entry, before + text)
