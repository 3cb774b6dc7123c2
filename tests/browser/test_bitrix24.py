"""Klientiks → Битрикс24 by clicks alone: a lead whose client is a contact that is found the next time."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from connections.models import Connection
from history.drain import drain
from processings.models import Processing
from sources import klientiks
from tests.conftest import Person
from tests.factories import ProcessingFactory, SourceFactory
from tests.fakes.bitrix24 import SECRET, Bitrix24, on_this_machine


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


@pytest.fixture
def processing(person: Person) -> Processing:
    return ProcessingFactory(tenant=person.tenant, name="Клиентикс")


def happens(site: str, processing: Processing) -> None:
    """A client is added in Klientiks."""
    address = f"{site}/webhooks/http/{processing.sources.get().key}/"
    assert requests.get(f"{address}?{klientiks.EVENTS[0].example}", timeout=30).status_code == 200


def connect(desk: Page, site: str, portal: Bitrix24) -> None:
    """The address is pasted with a method at its end, as people copy it, and checked."""
    desk.goto(f"{site}/connections/new/?kind=bitrix24")
    desk.get_by_label("Адрес входящего вебхука").fill(f" {portal.webhook}profile.json")
    desk.get_by_role("button", name="Сохранить").click()
    desk.get_by_role("button", name=re.compile("Проверить")).first.click()
    expect(desk.get_by_text(f"Портал {portal.portal}, вебхук сотрудника Иван Петров").first).to_be_visible()
    assert SECRET not in desk.content()


def choose(desk: Page, label: str, name: str) -> None:
    """From what the portal has."""
    box = desk.locator(".field", has=desk.get_by_label(label, exact=True))
    box.locator("summary").click()
    box.get_by_role("button", name=name).click()
    expect(box.locator("[data-loaded-label]")).to_have_text(name)


def set_up(desk: Page, site: str, processing: Processing) -> None:
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=bitrix24.lead")
    desk.get_by_label("Портал", exact=True).select_option(label=str(Connection.objects.get()))
    desk.get_by_label("Название лида").fill("Заявка: {{ client_name }}")
    desk.get_by_label("Имя", exact=True).fill("{{ client_first_name }}")
    desk.get_by_label("Фамилия", exact=True).fill("{{ client_second_name }}")
    desk.get_by_label("Телефон", exact=True).fill("{{ client_phone }}")
    desk.get_by_label("Почта", exact=True).fill("{{ client_email }}")
    desk.get_by_label("Куда записать клиента").select_option("use")
    choose(desk, "Стадия", "В работе")
    choose(desk, "Ответственный", "Соколова Мария")
    desk.get_by_role("button", name="Добавить строку").click()
    rows = desk.get_by_role("group", name="Другие поля")
    rows.locator("summary").first.click()
    rows.get_by_role("button", name="Первый визит").click()
    rows.get_by_label("Значение", exact=True).fill("да")
    desk.get_by_role("button", name="Сохранить").click()
    desk.wait_for_url(re.compile("/processings/"))


def test_a_client_of_klientiks_becomes_a_lead_and_a_contact(
    desk: Page, site: str, portal: Bitrix24, processing: Processing
) -> None:
    SourceFactory(processing=processing, fields=[], sample={})
    happens(site, processing)
    desk.goto(f"{site}/sources/{processing.sources.get().pk}/")
    desk.get_by_role("button", name="Получить").click()
    expect(desk.locator("#fields")).to_contain_text("client_second_name")
    connect(desk, site, portal)
    set_up(desk, site, processing)
    desk.get_by_role("button", name="Запустить").click()
    expect(desk.get_by_role("button", name="Остановить")).to_be_visible()
    assert portal.asked("crm.lead.add") == []

    for _time in range(2):
        happens(site, processing)
        drain()

    leads, contacts = portal.store.records["lead"], portal.store.records["contact"]
    assert (len(leads), len(contacts)) == (2, 1)
    [(number, contact)] = contacts.items()
    assert (contact["NAME"], contact["LAST_NAME"]) == ("Анна", "Петрова")
    assert [way["VALUE"] for way in contact["PHONE"] + contact["EMAIL"]] == ["+79161234567", "anna@example.com"]
    for lead in leads.values():
        assert lead["TITLE"] == "Заявка: Петрова Анна Сергеевна"
        assert (lead["STATUS_ID"], lead["ASSIGNED_BY_ID"], lead["CONTACT_IDS"]) == ("IN_PROCESS", "7", [number])
        assert lead["UF_CRM_1700000005"] == "1"
    desk.goto(f"{site}/history/")
    desk.locator("tr a").first.click()
    main = desk.locator("main")
    expect(main).to_contain_text("Успешно")
    expect(main).to_contain_text(re.compile(r"/rest/••••/crm\.lead\.add\.json"))
    assert SECRET not in desk.content()
