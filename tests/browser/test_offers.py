"""Choosing from what the account has, in an action's form."""

import pytest
from playwright.sync_api import Page, expect

from actions.kind import Invitation
from connections.models import Connection
from processings.models import Processing
from tests.browser.test_connections import processing
from tests.conftest import Person
from tests.factories import ConnectionFactory
from tests.fakes.target import Target
from tests.test_offers import AddDeal, said, service

__all__ = ["processing", "service"]


def test_an_id_is_chosen_by_its_name_and_the_next_list_follows_it(
    desk: Page, site: str, processing: Processing, service: Target, person: Person
) -> None:
    Connection.objects.create(tenant=person.tenant, kind="http", name="CRM", config={"auth": "none"})
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=pipes.deal")
    desk.get_by_label("Подключение", exact=True).select_option(label="CRM")
    buttons = desk.locator("summary[aria-label='Выбрать из списка']")
    buttons.nth(0).click()
    desk.get_by_role("button", name="Сервис").click()
    expect(desk.get_by_label("Воронка")).to_have_value("2")
    expect(desk.locator("[data-loaded-label]").first).to_have_text("Сервис")

    service.answer = said(200, [{"id": number, "name": f"Этап {number}"} for number in range(10, 30)])
    buttons.nth(1).focus()
    desk.keyboard.press("Enter")
    desk.get_by_label("Поиск", exact=True).fill("этап 12")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("Этап", exact=True)).to_have_value("12")
    assert service.requests[-1].path.startswith("/stages?pipeline=2")

    service.answer = said(200, [{"id": 77, "name": "Город"}])
    desk.get_by_role("button", name="Добавить строку").click()
    buttons.nth(2).click()
    desk.get_by_role("button", name="Город").click()
    expect(desk.locator("[name=fields_of_deal-name]")).to_have_value("77")
    desk.get_by_label("Воронка").fill("{{ which }}")
    desk.get_by_label("Значение", exact=True).fill("Омск")
    desk.get_by_role("button", name="Сохранить").click()
    desk.wait_for_url(f"{site}/actions/**")
    config = processing.actions.get().config
    assert (config["pipeline"], config["stage"]) == ("{{ which }}", "12")
    assert config["fields_of_deal"] == [{"name": "77", "value": "Омск"}]


def test_the_wait_for_a_code_shows_errors_and_has_an_end(
    desk: Page, site: str, processing: Processing, service: Target, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AddDeal, "finds", {"pipelines": "Найти воронку"})
    monkeypatch.setattr(AddDeal, "invite", lambda *_asked: Invitation(["Отправьте код"]))
    ConnectionFactory(tenant=person.tenant, name="CRM")
    desk.clock.install()
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=pipes.deal")
    desk.get_by_label("Подключение", exact=True).select_option(label="CRM")
    box = desk.locator("[data-loaded=pipeline]")
    box.locator("summary").click()
    box.get_by_role("button", name="Найти воронку").click()
    expect(box.get_by_text("Ждём код")).to_be_visible()
    service.answer = said(503, {})
    expect(box.get_by_text("Сервис ответил 503")).to_be_visible()
    service.answer = said(200, [])
    expect(box.get_by_text("Сервис ответил 503")).to_be_hidden()
    desk.clock.fast_forward(5 * 60 * 1000)
    expect(box.get_by_text("За пять минут код никто не отправил")).to_be_visible()
    expect(box.get_by_text("Ждём код")).to_be_hidden()
    asked = len(service.requests)
    desk.clock.fast_forward(60 * 1000)
    expect(box.get_by_text("За пять минут код никто не отправил")).to_be_visible()
    assert len(service.requests) == asked
