"""An order in GetCourse becomes a pupil in Bizon365: set up by clicks, called as GetCourse calls, run, looked at."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from history.drain import drain
from history.models import Operation, Status
from processings.models import Processing
from sources.models import Source
from tests.browser.clicks import save, start
from tests.conftest import Person
from tests.factories import ProcessingFactory
from tests.fakes.bizon365 import PROJECT, TOKEN, Bizon365, bizon365


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bizon365]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with bizon365() as fake:
        monkeypatch.setenv("BIZON365_URL", fake.target.url)
        fake.polls = 0
        yield fake


def test_an_order_makes_a_pupil(desk: Page, site: str, person: Person, service: Bizon365) -> None:
    processing: Processing = ProcessingFactory(tenant=person.tenant, name="Оплаченные курсы")
    desk.goto(f"{site}/connections/new/?kind=bizon365")
    desk.get_by_label("Токен API").fill(TOKEN)
    desk.get_by_label("Проект").fill(PROJECT)
    save(desk)
    desk.get_by_role("button", name="Проверить подключение").click()
    expect(desk.get_by_text("Проект «Школа»").first).to_be_visible()

    desk.goto(f"{site}/processings/{processing.pk}/sources/add/?kind=getcourse.order")
    save(desk)
    desk.get_by_role("button", name="Отправить тестовый запрос").first.click()
    expect(desk.locator("#fields").get_by_text("user_email", exact=True).first).to_be_visible()
    save(desk)

    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=bizon365.student")
    desk.get_by_label("Аккаунт Bizon365", exact=True).select_option(index=1)
    desk.locator("[name=email]").fill("{{ user_email }}")
    desk.locator("[name=name]").fill("{{ user_first_name }}")
    save(desk)
    start(desk, site, processing)

    source = Source.objects.get()
    order = {"id": "1", "number": "10482", "user_email": "olga@example.org", "user_first_name": "Ольга"}
    answer = requests.get(f"{site}/webhooks/getcourse/{source.key}/", params=order, timeout=30)
    assert answer.status_code == 200
    while drain():
        pass

    assert service.students["olga@example.org"] == {"email": "olga@example.org", "username": "Ольга"}
    operation = Operation.objects.filter(status=Status.SUCCEEDED).latest("id")
    desk.goto(f"{site}/history/{operation.pk}/")
    expect(desk.get_by_text("student/grantAccess").first).to_be_attached()
