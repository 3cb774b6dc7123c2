"""A connection added on the way, while an action is being set up."""

import pytest
from playwright.sync_api import Page, expect

from actions.models import Action
from connections.models import Connection
from processings.models import Processing
from tests.conftest import Person
from tests.factories import ProcessingFactory, SourceFactory


@pytest.fixture
def processing(person: Person) -> Processing:
    processing = ProcessingFactory(tenant=person.tenant, name="Заявки")
    SourceFactory(processing=processing)
    return processing


def test_a_connection_added_in_another_tab_can_be_chosen_at_once(desk: Page, site: str, processing: Processing) -> None:
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=http.request")
    desk.get_by_label("Адрес", exact=True).fill("https://api.example.com/leads")
    with desk.expect_popup() as opened:
        desk.get_by_role("link", name="Добавить подключение").click()
    tab = opened.value
    tab.get_by_label("Название").fill("CRM продаж")
    expect(tab.get_by_label("Токен", exact=True)).to_be_hidden()
    tab.get_by_label("Авторизация", exact=True).select_option("bearer")
    tab.get_by_label("Токен", exact=True).fill("very-secret-token")
    tab.get_by_role("button", name="Сохранить").click()
    expect(tab.get_by_role("link", name="CRM продаж")).to_be_visible()
    tab.close()

    desk.evaluate("dispatchEvent(new Event('focus'))")  # a window without a screen is never out of focus
    desk.get_by_label("Подключение", exact=True).select_option(label="CRM продаж")
    desk.evaluate("dispatchEvent(new Event('focus'))")
    expect(desk.get_by_label("Адрес", exact=True)).to_have_value("https://api.example.com/leads")
    desk.get_by_role("button", name="Сохранить").click()
    desk.wait_for_url(f"{site}/processings/{processing.pk}/")
    action, connection = Action.objects.get(), Connection.objects.get()
    assert action.config["connection"] == str(connection.pk)
    assert connection.secrets == {"bearer": "very-secret-token"}


def test_deleting_a_connection_asks_by_name(desk: Page, site: str, person: Person) -> None:
    Connection.objects.create(tenant=person.tenant, kind="http", name="Склад")
    desk.goto(f"{site}/connections/")
    desk.get_by_role("button", name="Удалить подключение «Склад»").click()
    dialog = desk.get_by_role("dialog", name="Удалить подключение «Склад»?")
    expect(dialog).to_contain_text("не использует ни одна обработка")
    dialog.get_by_role("button", name="Удалить").click()
    expect(desk.get_by_text("Подключение «Склад» удалено")).to_be_visible()
    assert not Connection.objects.exists()
