"""Every page in light and dark, on a desk and on a phone: nothing for axe to say, nothing scrolls sideways."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page

from actions.models import Table, TableRow
from connections.models import Connection, Lane
from history.models import Status, Step
from processings.models import Processing
from sources import versions
from tenants import invite, journal
from tenants.models import Invitation, Role, Verb
from tests.conftest import Person
from tests.factories import (
    ActionFactory,
    ConnectionFactory,
    MembershipFactory,
    OperationFactory,
    ProcessingFactory,
    SourceFactory,
    StepFactory,
    TenantFactory,
)

EXCHANGE = {
    "request": {
        "method": "POST",
        "url": "https://example.com/лид?name=%D0%90",
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "body": '{"phone": "+79161234567"}',
        "truncated": False,
    },
    "response": {
        "status": 401,
        "reason": "Unauthorized",
        "headers": [{"name": "Content-Type", "value": "text/plain"}],
        "body": "нет " * 400,
        "truncated": True,
    },
    "error": "",
    "duration_ms": 38,
}


@pytest.fixture
def processing(person: Person) -> Processing:
    """A running one with operations of every status, the last of them failed at its action."""
    processing = ProcessingFactory(tenant=person.tenant, name="Очень длинное название обработки " * 3, state="running")
    source = SourceFactory(processing=processing)
    refused = {"state": "attention", "reason": "Сервер отказал в доступе (401): " + "а" * 200}
    account = ConnectionFactory(tenant=person.tenant, name="Подключение" * 10, **refused)
    sent = {"method": "POST", "url": "https://example.com/" + "а" * 200, "connection": str(account.pk)}
    action = ActionFactory(processing=processing, config=sent)
    for status in Status:
        OperationFactory(processing=processing, status=status, source_id=source.pk, error="Сервер отказал в доступе")
    failed = OperationFactory(processing=processing, status="failed", source_id=source.pk, error="Сервер отказал")
    key, lane = uuid.uuid4(), Lane.objects.get(tenant=person.tenant)
    Lane.objects.filter(pk=lane.pk).update(failures=9, closed_until=timezone.now() + timedelta(minutes=5), waiting=True)
    for places in (
        {"order_key": key, "status": "unknown"},
        {"order_key": key, "waits_for": key},
        {"waits_for": lane.pk},
    ):
        told = {"status": "queued", "lane_id": lane.pk, "due_at": None} | places
        OperationFactory(processing=processing, source_id=source.pk, **told)
    MembershipFactory(tenant=person.tenant, role=Role.HISTORY, user__email=f"{'anna' * 15}@example.com")
    MembershipFactory(user=person.user, tenant__name="Вторая компания " * 10)
    invited = {"email": f"{'boris' * 12}@example.com", "role": Role.VIEWER, "hash": "0"}
    Invitation.objects.create(tenant=person.tenant, **invited)
    table = Table.objects.create(tenant=person.tenant, name="Справочник " * 8, columns=["столбец " * 8, *"абвгдежзик"])
    TableRow.objects.create(table=table, key="ключ" * 100, values={"а": "слово" * 500, "б": {"в": [1, 2]}})
    with journal.noted(account):
        Connection.objects.filter(pk=account.pk).update(
            name="Имя " * 40, config={"auth": "basic", "username": "я" * 200}
        )
    versions.keep(processing.pk)
    with journal.noted(processing):
        Processing.objects.filter(pk=processing.pk).update(ordering="key", ordering_field="поле" * 40)
    journal.note(processing, Verb.MOVED, [{"field": "actions", "old": ["Первое"] * 9, "new": ["Второе"] * 9}])
    StepFactory(operation=failed, action_id=action.pk, status=Step.Status.FAILED, exchanges=[EXCHANGE], error="Отказ")
    return processing


def pages(processing: Processing) -> Iterator[str]:
    source, action = processing.sources.get(), processing.actions.get()
    place = f"/processings/{processing.pk}"
    account = Connection.objects.get()
    yield "/help/filters/"
    table = Table.objects.get()
    yield from ("/tables/", "/tables/?create", f"/tables/{table.pk}/", f"/tables/{table.pk}/load/")
    yield from (f"/tables/{table.pk}/rows/{table.rows.get().pk}/", f"/tables/{table.pk}/settings/")
    yield from (f"{place}/actions/add/?kind=data.lookup", f"{place}/actions/add/?kind=data.remember")
    yield from ("/connections/new/", f"/connections/{account.pk}/")
    yield from ("/", "/connections/", f"{place}/", f"{place}/notices/", f"{place}/retries/", f"{place}/order/")
    old, new = processing.versions.order_by("pk")
    yield from (f"{place}/versions/", f"{place}/versions/compare/?old={old.pk}&new={new.pk}")
    operation = processing.operations.filter(status="failed").latest("id")
    yield from (f"{place}/test/", f"{place}/test/?check-request=sample", f"{place}/test/compare/?check-count=10")
    yield f"/history/{operation.pk}/decode/"
    yield from (f"{place}/sources/add/", f"{place}/sources/add/?kind=http")
    yield from (f"/sources/{source.pk}/", f"/sources/{source.pk}/?how=other", f"/sources/{source.pk}/?how=curl")
    yield from (f"{place}/actions/add/?kind=flow.condition", f"{place}/actions/add/?kind=flow.branch")
    yield from (f"{place}/actions/add/", f"{place}/actions/add/?kind=data.json", f"/actions/{action.pk}/")
    yield from (
        "/history/",
        "/history/?q=нет",
        "/company/",
        "/company/members/",
        "/company/new/",
        "/company/journal/",
        "/company/journal/?what=nothing",
        "/help/",
        "/help/blocks/",
        "/help/catalogue/",
        "/help/klientiks/bitrix24.lead/",
        "/help/http/http.request/",
        "/help/answers/",
        "/accounts/email/",
        "/accounts/password/change/",
    )
    yield from (f"/history/{operation.pk}/" for operation in processing.operations.all())


EVERYTHING = {"resultTypes": ["violations"]}  # what is right need not be told: that takes longer than to find it
CONTRAST = EVERYTHING | {"runOnly": ["color-contrast"]}
"""Nothing else changes with the colours."""

PAINTED = "() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 50))"
"""The new colours are there: even transitions of a hundredth of a millisecond need a frame."""


LOOK = "(options) => axe.run(options).then((told) => told.violations)"


def faults(window: Page, place: str) -> list[Any]:
    """What axe says in light, and of the colours in dark."""
    width = window.evaluate("document.documentElement.scrollWidth - innerWidth")
    found: list[Any] = [(place, "sideways", width)] if width > 0 else []
    window.evaluate(Axe().axe_script)
    for scheme, options in (("light", EVERYTHING), ("dark", CONTRAST)):
        window.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        window.wait_for_selector(f"html[data-bs-theme={scheme}]", state="attached")
        window.evaluate(PAINTED)
        for violation in window.evaluate(LOOK, options):
            found.append((place, scheme, violation["id"], [node["html"] for node in violation["nodes"]]))
    return found


@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_use_every_page(desk: Page, site: str, processing: Processing, width: int) -> None:
    desk.emulate_media(reduced_motion="reduce")
    desk.set_viewport_size({"width": width, "height": 844})
    found = []
    for place in pages(processing):
        desk.goto(site + place)
        found += faults(desk, place)
    assert found == []


def test_everybody_can_come_in(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    found = []
    for place in ("login", "signup", "password/reset"):
        page.goto(f"{site}/accounts/{place}/")
        found += faults(page, place)
    invited = {"email": "boris@example.com", "role": Role.VIEWER, "hash": invite.hash_of("token")}
    Invitation.objects.create(tenant=TenantFactory(name="Компания " * 20), **invited)
    for place in ("token", "no-such-token"):
        page.goto(f"{site}/invitations/{place}/")
        found += faults(page, place)
    page.goto(f"{site}/history/{uuid.uuid4()}/")
    assert found == []
