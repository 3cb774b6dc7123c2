"""What the pages say after something was done."""

import re

from playwright.sync_api import Page, expect

from tests.conftest import Person
from tests.factories import ActionFactory, OperationFactory, ProcessingFactory, SourceFactory


def test_what_was_deleted_far_down_can_be_brought_back_from_where_one_stands(
    desk: Page, site: str, person: Person
) -> None:
    processing = ProcessingFactory(tenant=person.tenant)
    SourceFactory(processing=processing)
    for number in range(12):
        ActionFactory(processing=processing, name=f"Действие {number}")
    desk.goto(f"{site}/processings/{processing.pk}/")
    desk.get_by_label("Действие 10: ещё").click()
    desk.get_by_role("button", name="Удалить").locator("visible=true").click()
    undo = desk.get_by_role("button", name="Вернуть")
    expect(undo).to_be_in_viewport()
    undo.click()
    expect(desk.locator("[data-sortable] > li")).to_have_count(12)


def test_repeating_by_a_key_moves_nothing(desk: Page, site: str, person: Person) -> None:
    OperationFactory(processing=ProcessingFactory(tenant=person.tenant), status="failed")
    desk.goto(f"{site}/history/")
    desk.keyboard.press("j")
    before = desk.locator("#rows").bounding_box()
    desk.keyboard.press("r")
    said = desk.get_by_text("Операция выполняется заново")
    expect(said).to_be_in_viewport()
    assert desk.locator("#rows").bounding_box() == before
    desk.get_by_role("button", name="Закрыть").click()
    expect(said).to_be_hidden()


def test_what_a_page_says_when_it_opens_stays(desk: Page, site: str, person: Person) -> None:
    processing = ProcessingFactory(tenant=person.tenant)
    source = SourceFactory(processing=processing)
    desk.goto(f"{site}/sources/{source.pk}/")
    desk.get_by_role("button", name="Сохранить").click()
    expect(desk.locator("#notices")).to_contain_text(re.compile("сохранено"))
