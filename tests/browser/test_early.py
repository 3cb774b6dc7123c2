"""Who is faster than the scripts."""

import re

from playwright.sync_api import Page, Route, expect

from tests.conftest import Person


def test_a_press_before_the_scripts_have_come_is_not_lost(desk: Page, site: str, person: Person) -> None:
    held: list[Route] = []
    desk.route(re.compile(r"/js/main\.js"), lambda route: held.append(route))
    desk.goto(site, wait_until="commit")
    desk.get_by_role("button", name="Создать").first.click()
    expect(desk.get_by_label("Название")).to_be_hidden()
    held[0].continue_()
    expect(desk.get_by_label("Название")).to_be_visible()
