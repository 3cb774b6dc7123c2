"""A data source «Tilda» set up by clicks: the address copied, Tilda's probe, a filled-in form, its fields."""

import re
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Page, expect

from sources.kinds.tilda import sent
from tests.conftest import Person
from tests.factories import ProcessingFactory


def test_tilda_is_connected_by_clicks(desk: Page, site: str, person: Person) -> None:
    processing = ProcessingFactory(tenant=person.tenant, name="Заявки")
    desk.goto(f"{site}/processings/{processing.pk}/")
    desk.get_by_text("Добавить", exact=True).first.click()
    desk.get_by_role("link", name=re.compile("^Tilda")).first.click()
    desk.get_by_role("button", name="Сохранить").first.click()
    address = desk.locator("#address").input_value()
    assert re.search(r"/webhooks/tilda/[0-9a-f]{32}/$", address)
    expect(desk.locator("#guide")).to_contain_text("WEBHOOK URL")

    there = site + urlsplit(address).path
    assert requests.post(there, data=sent.PROBE, timeout=30).status_code == 200
    expect(desk.locator("#fields")).to_contain_text("Адрес проверен и работает")
    assert requests.post(there, data=sent.FORM, timeout=30).status_code == 200
    row = desk.locator("#fields").get_by_role("row").filter(has_text=re.compile("tranid"))
    expect(row).to_contain_text(sent.FORM["tranid"])
    expect(row.get_by_role("textbox")).to_have_value("Номер заявки")
    expect(desk.locator("#fields")).to_contain_text("Анна Петрова")
    desk.get_by_role("button", name="Сохранить").first.click()
    expect(desk.get_by_text("Дальше: что делать с данными")).to_be_visible()
