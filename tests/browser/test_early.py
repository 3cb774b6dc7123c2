"""Who is faster than the scripts."""

import re

from playwright.sync_api import Page, Route, expect

from tests.conftest import Person
from tests.factories import ProcessingFactory


def test_a_press_before_the_scripts_have_come_is_not_lost(desk: Page, site: str, person: Person) -> None:
    held: list[Route] = []
    desk.route(re.compile(r"/js/main\.js"), lambda route: held.append(route))
    desk.goto(site, wait_until="commit")
    desk.get_by_role("button", name="Создать").first.click()
    expect(desk.get_by_label("Название")).to_be_hidden()
    held[0].continue_()
    expect(desk.get_by_label("Название")).to_be_visible()


SHOWN = """() => {
  const form = document.querySelector("main form[data-guard]");
  form.dataset.sent = "yes";
  return [false, true].map((persisted) => {
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted }));
    return form.dataset.sent ?? null;
  });
}"""


def test_who_sends_a_form_before_the_page_is_whole_is_not_asked_about_leaving(
    desk: Page, site: str, person: Person
) -> None:
    """Shown for the first time it stays on its way; back from the browser's cache it may be sent again."""
    processing = ProcessingFactory(tenant=person.tenant)
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=data.json")
    assert desk.evaluate(SHOWN) == ["yes", None]
