"""The picker's second step: filters put on a field by clicks and by keys, with the result on the sample."""

import re

import pytest
from playwright.sync_api import Page, expect

from processings.models import Processing
from tests.conftest import Person
from tests.factories import ActionFactory, ProcessingFactory, SourceFactory

FIELDS = [
    {"name": "client_phone", "sample": "8 (912) 345-67-89", "label": "Телефон клиента", "hidden": False},
    {"name": "client_name", "sample": "Анна Ивановна Петрова", "label": "Имя клиента", "hidden": False},
    {"name": "services", "sample": [{"name": "Стрижка", "price": 1500}], "label": "", "hidden": False},
]


@pytest.fixture
def processing(person: Person) -> Processing:
    made: Processing = ProcessingFactory(tenant=person.tenant)
    SourceFactory(processing=made, fields=FIELDS, sample={one["name"]: one["sample"] for one in FIELDS})
    return made


def opened(desk: Page, site: str, processing: Processing, url: str) -> Page:
    action = ActionFactory(processing=processing, config={"method": "POST", "url": url})
    desk.goto(f"{site}/actions/{action.pk}/")
    return desk


def test_a_phone_is_brought_into_another_form_by_clicks(desk: Page, site: str, processing: Processing) -> None:
    opened(desk, site, processing, "https://example.com/")
    field = desk.locator("input[name=url]")
    field.click()
    field.press("End")
    desk.locator(".with-picker", has=field).get_by_role("button").click()
    desk.get_by_role("option", name="Телефон клиента").locator(".picker-change").click()
    menu = desk.locator("#filters-list")
    first = menu.get_by_role("option").first
    expect(first).to_contain_text("+79123456789")
    first.click()
    expect(desk.locator(".filters-result")).to_have_text("= +79123456789")
    desk.locator(".filters-call select").select_option("KZ")
    expect(desk.locator(".filters-result")).to_have_text(re.compile("= \\+7"))
    desk.get_by_role("button", name="Вставить", exact=True).click()
    expect(field).to_have_value('https://example.com/{{ client_phone | phone: "KZ" }}')
    expect(field).to_be_focused()


def test_filters_are_put_one_behind_the_other_by_keys(desk: Page, site: str, processing: Processing) -> None:
    opened(desk, site, processing, "https://example.com/")
    field = desk.locator("input[name=url]")
    field.click()
    field.press("End")
    desk.keyboard.type("{{")
    desk.keyboard.type("имя")
    desk.keyboard.press("ArrowRight")
    search = desk.locator(".picker-filters .picker-search")
    expect(search).to_be_focused()
    desk.keyboard.type("фамилия с")
    desk.keyboard.press("Enter")
    expect(desk.locator(".filters-result")).to_have_text("= Петрова А. И.")
    expect(search).to_be_focused()
    desk.keyboard.type("латиницей")
    desk.keyboard.press("Enter")
    expect(desk.locator(".filters-result")).to_have_text("= Petrova A. I.")
    expect(desk.locator(".filters-call")).to_have_count(2)
    desk.keyboard.press("Enter")
    expect(field).to_have_value("https://example.com/{{ client_name | initials | transliterate }}")


def test_a_chip_shows_what_is_done_and_is_changed_by_a_click(desk: Page, site: str, processing: Processing) -> None:
    opened(desk, site, processing, "https://example.com/{{ client_phone | phone }}?x=1")
    field = desk.locator("input[name=url]")
    chip = desk.locator(".chip").first
    expect(chip).to_have_text("Телефон клиента › Телефон → +7XXXXXXXXXX")
    chip.click()
    expect(desk.locator(".filters-call")).to_have_count(1)
    desk.get_by_role("button", name="Убрать: Телефон").click()
    expect(desk.locator(".filters-call")).to_have_count(0)
    desk.locator(".picker-filters .picker-search").fill("только цифры")
    desk.locator("#filters-list").get_by_role("option").filter(has_text="Только цифры").first.click()
    expect(desk.locator(".filters-result")).to_contain_text("9123456789")
    desk.get_by_role("button", name="Изменить", exact=True).click()
    expect(field).to_have_value(re.compile(r"^https://example.com/\{\{ client_phone \| \w+ \}\}\?x=1$"))


def test_on_a_phone_everything_is_within_reach(desk: Page, site: str, processing: Processing) -> None:
    desk.set_viewport_size({"width": 390, "height": 844})
    opened(desk, site, processing, "https://example.com/{{ services }}")
    desk.locator(".chip").first.click()
    expect(desk.locator("#filters-list [role=option]").first).to_be_visible()
    desk.locator("#filters-list [role=option]", has_text="Одно поле каждого").click()
    expect(desk.locator(".filters-result")).to_have_text('= ["Стрижка"]')
    box = desk.locator(".picker").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 845
    insert = desk.get_by_role("button", name="Изменить", exact=True).bounding_box()
    assert insert is not None
    assert insert["height"] >= 44
