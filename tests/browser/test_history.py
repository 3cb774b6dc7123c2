"""The history by keyboard, and what is taken out of it."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from processings.models import Processing
from tests.conftest import Person
from tests.factories import OperationFactory, ProcessingFactory, SourceFactory


@pytest.fixture
def processing(person: Person) -> Processing:
    processing = ProcessingFactory(tenant=person.tenant, name="Заявки")
    source = SourceFactory(processing=processing)
    for number in range(3):
        OperationFactory(processing=processing, source_id=source.pk, data={"client_name": f"Клиент {number}"})
    return processing


def test_rows_are_chosen_by_keyboard_and_downloaded_again_and_again(
    desk: Page, site: str, processing: Processing, tmp_path: Path
) -> None:
    desk.goto(f"{site}/history/")
    for key in ("j", "x", "j", "x"):
        desk.keyboard.press(key)
    bar = desk.get_by_role("group", name="Выбранные операции")
    expect(bar).to_contain_text("Выбрано: 2")
    for _time in range(2):
        with desk.expect_download() as download:
            bar.get_by_role("button", name="Скачать").click()
        download.value.save_as(tmp_path / "history.csv")
        with (tmp_path / "history.csv").open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        assert [row["client_name"] for row in rows] == ["Клиент 2", "Клиент 1"]


def test_an_operation_is_opened_by_keyboard(desk: Page, site: str, processing: Processing) -> None:
    desk.goto(f"{site}/history/")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Операция")
    expect(desk.locator("main")).to_contain_text("Клиент 2")
