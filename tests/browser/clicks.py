"""What every set-up by clicks does."""

from playwright.sync_api import Page, expect

from processings.models import Processing


def save(window: Page) -> None:
    window.get_by_role("button", name="Сохранить", exact=True).click()


def start(window: Page, site: str, processing: Processing) -> None:
    window.goto(f"{site}/processings/{processing.pk}/")
    window.get_by_role("button", name="Запустить").first.click()
    expect(window.get_by_role("button", name="Остановить").first).to_be_visible()
