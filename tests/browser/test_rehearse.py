"""Trying settings out by clicks: a whole processing, old against new, a request decoded again."""

import re

import pytest
from playwright.sync_api import Page, expect

from actions import arrange
from actions.models import Action
from history.models import Operation
from processings.models import Processing
from tests.conftest import Person
from tests.factories import OperationFactory, ProcessingFactory, SourceFactory, StepFactory

URL = "https://example.com/in"
KOI = "client_name=Анна".encode("koi8-r")


@pytest.fixture
def processing(person: Person) -> Processing:
    processing = ProcessingFactory(tenant=person.tenant, name="Заявки")
    SourceFactory(processing=processing)
    arrange.add(processing, "data.json", {"fields": [{"name": "who", "value": "{{ client_name }}", "type": "text"}]})
    arrange.add(processing, "http.request", {"method": "POST", "url": URL, "body": "{{ steps.json.text }}"})
    return processing


def came(processing: Processing, name: str) -> Operation:
    action = Action.objects.get(kind="http.request")
    operation = OperationFactory(
        processing=processing,
        source_id=processing.sources.get().pk,
        body=f'{{"client_name": "{name}"}}'.encode(),
        data={"client_name": name},
    )
    request = {"method": "POST", "url": URL, "headers": [], "body": f'{{"who":"{name}"}}', "size": 9}
    exchange = {"request": request, "response": None, "error": None, "duration_ms": 1}
    StepFactory(operation=operation, action_id=action.pk, kind=action.kind, exchanges=[exchange], position=2)
    return operation


def test_a_processing_is_checked_on_a_stored_request_and_then_sent(
    desk: Page, site: str, processing: Processing
) -> None:
    came(processing, "Борис Щукин")
    desk.goto(f"{site}/processings/{processing.pk}/")
    desk.get_by_role("link", name="Проверить", exact=True).click()
    choice = desk.get_by_label("На каких данных проверить")
    choice.select_option(index=1)
    desk.get_by_role("button", name="Проверить", exact=True).click()

    expect(desk.get_by_role("heading", name="Ушёл бы 1 запрос")).to_be_visible()
    expect(desk.locator(".rehearsed pre", has_text="Борис Щукин").first).to_be_visible()
    assert "Борис" in choice.locator("option:checked").inner_text()
    desk.get_by_role("button", name="Отправить по-настоящему").click()

    expect(desk.locator("#headline .tag", has_text="тест")).to_be_visible()
    assert Operation.objects.filter(test=True).count() == 1


def test_a_form_that_is_not_saved_is_laid_beside_what_is(desk: Page, site: str, processing: Processing) -> None:
    for number in range(12):
        came(processing, f"Клиент {number}")
    action = Action.objects.get(kind="http.request")
    desk.goto(f"{site}/actions/{action.pk}/")
    desk.get_by_label("Адрес", exact=True).fill(f"{URL}/v2")
    desk.get_by_text("На чём проверять").click()
    desk.get_by_label("Сколько последних запросов сравнить").select_option("50")
    desk.get_by_role("button", name="Сравнить").click()

    expect(desk.locator("#compare-told")).to_have_text("Сравнено: 12. Отличаются: 12, такие же: 0")
    expect(desk.locator(".compare-one")).to_have_count(12)
    expect(desk.locator(".compare-one ins").first).to_have_text("/v2")
    action.refresh_from_db()
    assert action.config["url"] == URL


def test_a_request_is_decoded_again_with_the_fields_seen_at_once(desk: Page, site: str, processing: Processing) -> None:
    operation = OperationFactory(
        processing=processing,
        source_id=processing.sources.get().pk,
        status="failed",
        body=KOI,
        content_type="application/x-www-form-urlencoded",
        data={"client_name": "бООБ"},
    )
    desk.goto(f"{site}/history/{operation.pk}/")
    desk.get_by_text("Запрос, как он пришёл").click()
    desk.get_by_role("link", name="Декодировать заново").click()
    expect(desk.locator("#decoded")).not_to_contain_text("Анна")
    desk.get_by_label("Кодировка").focus()
    desk.get_by_label("Кодировка").select_option("koi8-r")

    expect(desk.locator("#decoded dl")).to_contain_text("Анна")
    desk.get_by_role("button", name="Применить и повторить").click()

    expect(desk).to_have_url(re.compile(f"/history/{operation.pk}/$"))
    operation.refresh_from_db()
    assert (operation.run, operation.decoding) == (2, {"form": "", "charset": "koi8-r", "names": ""})
