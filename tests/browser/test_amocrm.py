"""Klientiks → amoCRM by clicks alone: the account let in at amoCRM's own page, and a lead with its contact."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from connections.models import Connection
from history.drain import drain
from history.models import Operation, Status
from tests.browser.test_klientiks import EVENTS, add_source, cause_event, create_processing, get_fields, press
from tests.fakes.amocrm import CLIENT, SECRET, Amocrm, on_this_machine
from tests.fakes.amocrm_account import BORIS, TALKS


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch, site: str) -> Iterator[Amocrm]:
    settings.PUBLIC_URL = site
    with on_this_machine(settings, monkeypatch) as started:
        started.redirect = f"{site}/connections/authorised/"
        yield started


def let_in(desk: Page, site: str) -> None:
    """By OAuth: the settings, the button, the service's page, and back."""
    desk.goto(f"{site}/connections/new/?kind=amocrm")
    desk.get_by_label("Адрес аккаунта").fill("https://clinic.amocrm.ru/leads/pipeline/")
    expect(desk.get_by_label("ID интеграции")).to_be_hidden()
    desk.get_by_label("Через интеграцию (OAuth)").check()
    expect(desk.get_by_label("Долгосрочный токен", exact=True)).to_be_hidden()
    expect(desk.get_by_label("Адрес перенаправления")).to_have_value(f"{site}/connections/authorised/")
    desk.get_by_label("ID интеграции").fill(CLIENT)
    desk.get_by_label("Секретный ключ").fill(SECRET)
    press(desk, "Сохранить")
    desk.get_by_role("link", name="Подключить amoCRM").click()
    desk.get_by_role("link", name="Разрешить: Клиника «Ромашка»").click()
    expect(desk.get_by_text("Подключение «amoCRM» готово: Аккаунт «Клиника «Ромашка»»")).to_be_visible()
    assert "code=" not in desk.url


def choose(desk: Page, field: str, option: str) -> None:
    """From what the account has."""
    box = desk.locator(".field, .form-part").filter(has=desk.get_by_label(field, exact=True)).last
    box.locator("summary").first.click()
    desk.get_by_role("button", name=re.compile(f"^{option}")).first.click()


def test_a_refusal_is_told_and_leaves_all_as_it_was(desk: Page, site: str, service: Amocrm) -> None:
    desk.goto(f"{site}/connections/new/?kind=amocrm")
    desk.get_by_label("Адрес аккаунта").fill("clinic")
    desk.get_by_label("Через интеграцию (OAuth)").check()
    desk.get_by_label("ID интеграции").fill(CLIENT)
    desk.get_by_label("Секретный ключ").fill(SECRET)
    press(desk, "Сохранить")
    desk.get_by_role("link", name="Подключить amoCRM").click()
    desk.get_by_role("link", name="Отказать").click()
    expect(desk.get_by_text("В amoCRM отказано в доступе")).to_be_visible()
    expect(desk.get_by_role("link", name="Подключить amoCRM")).to_be_visible()
    assert Connection.objects.get().token == ""


def test_a_new_client_of_klientiks_becomes_a_lead_with_a_contact(desk: Page, site: str, service: Amocrm) -> None:
    event = "Добавление клиента"
    let_in(desk, site)
    desk.goto(f"{site}/")
    create_processing(desk)
    place = desk.url
    whole = add_source(desk, event)
    cause_event(whole, event)
    get_fields(desk, event)

    desk.goto(f"{place}actions/add/?kind=amocrm.complex")
    desk.get_by_label("Аккаунт amoCRM").select_option(label="amoCRM")
    expect(desk.get_by_label("Название сделки")).to_have_value("Заявка от {{ client_name }}")
    choose(desk, "Воронка", "Воронка")
    choose(desk, "Этап", "Переговоры")
    choose(desk, "Ответственный", "Борис Директор")
    desk.get_by_label("Теги").fill("Клиентикс")
    press(desk, "Сохранить")
    desk.goto(place)
    press(desk, "Запустить")
    expect(desk.get_by_role("button", name="Остановить")).to_be_visible()

    operation = cause_event(whole, event)["id"]
    drain()

    assert Operation.objects.get(pk=operation).status == Status.SUCCEEDED
    [lead], [contact] = service.account.leads, service.account.contacts
    assert (lead["name"], lead["status_id"], lead["responsible_user_id"]) == (
        f"Заявка от {EVENTS[event]['client_name']}",
        TALKS,
        BORIS,
    )
    assert lead["_embedded"]["contacts"] == [{"id": contact["id"]}]
    assert [one["values"][0]["value"] for one in contact["custom_fields_values"]] == [
        EVENTS[event]["client_phone"],
        EVENTS[event]["client_email"],
    ]
    desk.goto(f"{site}/history/{operation}/")
    expect(desk.locator("main")).to_contain_text("amoCRM: сделка с контактом и компанией")
    assert SECRET not in desk.content()
    assert not [token for token in service.access if token in desk.content()]
