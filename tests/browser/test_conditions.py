"""A condition and a branch built by clicks, by keyboard and on a phone."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from actions import arrange
from actions.models import Action
from processings.models import Processing
from tests.browser.dragging import drag
from tests.conftest import Person
from tests.factories import ProcessingFactory, SourceFactory

SAMPLE = {"status": "Отменён", "sum": "12 500,50", "day": "12.03.2026"}
BOOKED = {"match": "all", "rules": [{"left": "{{ status }}", "operator": "equals", "right": "Записан"}]}


@pytest.fixture
def processing(person: Person) -> Processing:
    processing = ProcessingFactory(tenant=person.tenant, name="Записи")
    labels = {"status": "Статус", "sum": "Сумма", "day": "День"}
    fields = [{"name": name, "label": labels[name], "sample": value} for name, value in SAMPLE.items()]
    SourceFactory(processing=processing, sample=SAMPLE, fields=fields)
    return processing


def picture(window: Page, name: str) -> None:
    """For a look at it, where a folder is given."""
    folder = os.environ.get("PICTURES")
    if folder:
        window.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def choose(rule: Locator, field: str, operator: str, value: str = "") -> None:
    """A field by the picker, an operator and a value, as people do."""
    rule.get_by_role("button", name="Вставить данные").first.click()
    rule.page.get_by_role("option", name=re.compile(field)).first.click()
    rule.get_by_label("Как сравнивать").select_option(label=operator)
    if value:
        rule.get_by_label("С чем", exact=True).fill(value)


def test_a_condition_is_built_by_clicks(desk: Page, site: str, processing: Processing) -> None:
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=flow.condition")
    rules = desk.locator("[data-item=rule]")
    choose(rules.first, "Статус", "равняется", "записан")
    expect(desk.locator("[data-result]")).to_have_text("На образце: не выполнено, Статус = «Отменён»")
    desk.get_by_role("button", name="Группа правил").click()
    inner = desk.locator("[data-item=group]")
    choose(inner.locator("[data-item=rule]").first, "Сумма", "от … до …", "10 000")
    inner.get_by_label("До какого значения").fill("20 000")
    inner.get_by_role("button", name="Правило", exact=True).click()
    choose(inner.locator("[data-item=rule]").nth(1), "День", "раньше, чем", "сегодня")
    expect(inner.locator("[data-item=rule] .is-met")).to_have_count(2)
    desk.get_by_label("Сколько правил должно быть выполнено").first.select_option("any")
    expect(desk.locator("[data-result]")).to_have_text("На образце: выполнено")
    picture(desk, "condition")

    desk.get_by_role("button", name="Сохранить").click()

    card = desk.locator("[data-id] .node-about").first
    expect(card).to_contain_text(
        "Статус равняется «записан», или (Сумма от 10 000 до 20 000 или День раньше, чем сегодня)"
    )
    picture(desk, "condition-card")
    assert Action.objects.get().config["rules"] == {
        "match": "any",
        "rules": [
            {"left": "{{ status }}", "operator": "equals", "right": "записан"},
            {
                "match": "any",
                "rules": [
                    {"left": "{{ sum }}", "operator": "between", "right": "10 000", "to": "20 000"},
                    {"left": "{{ day }}", "operator": "before", "right": "сегодня"},
                ],
            },
        ],
    }


def test_the_operators_that_fit_the_sample_come_first(desk: Page, site: str, processing: Processing) -> None:
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=flow.condition")
    rule = desk.locator("[data-item=rule]").first
    rule.get_by_label("Что сравнивать").fill("{{ sum }}")

    expect(rule.locator("optgroup").first).to_have_attribute("label", "Число")
    expect(rule.get_by_label("Как сравнивать")).to_have_value("number_equals")
    rule.get_by_label("Что сравнивать").fill("{{ day }}")
    expect(rule.locator("optgroup").first).to_have_attribute("label", "Дата")
    expect(rule.get_by_label("Как сравнивать")).to_have_value("number_equals")


def test_rules_move_in_and_out_of_groups_by_keyboard(desk: Page, site: str, processing: Processing) -> None:
    rules = {"match": "all", "rules": [*BOOKED["rules"], {"match": "any", "rules": BOOKED["rules"]}]}
    action = arrange.add(processing, "flow.condition", {"rules": rules, "otherwise": "stop"})
    desk.goto(f"{site}/actions/{action.pk}/")
    desk.get_by_label("Правило: ниже").first.focus()
    desk.keyboard.press("Enter")

    expect(desk.locator("[data-item=group] [data-item=rule]")).to_have_count(2)
    desk.keyboard.press("Enter")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-item=group] [data-item=rule]")).to_have_count(1)
    desk.get_by_label("С чем", exact=True).last.press("Enter")
    expect(desk.locator("[data-item=rule]")).to_have_count(3)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("[data-sort-url]")).to_be_visible()
    action.refresh_from_db()
    assert ["rules" in one for one in action.config["rules"]["rules"]] == [True, False]


def test_rules_are_dragged_into_groups(desk: Page, site: str, processing: Processing) -> None:
    rules = {"match": "all", "rules": [{"match": "any", "rules": BOOKED["rules"]}, *BOOKED["rules"]]}
    action = arrange.add(processing, "flow.condition", {"rules": rules, "otherwise": "stop"})
    desk.goto(f"{site}/actions/{action.pk}/")
    inner = desk.locator("[data-item=group] [data-item=rule]")
    outer = desk.locator("[data-list]").first.locator(":scope > [data-item=rule]")
    drag(outer.locator("[data-handle]"), inner.first, lambda: inner.count() == 2)

    expect(inner).to_have_count(2)
    written = desk.locator("[data-rules-json]").input_value()
    assert written.count("Записан") == 2
    assert written.index("Записан") > written.index('"any"')


@pytest.mark.parametrize("width", [1280, 390])
def test_branches_are_built_by_clicks(desk: Page, site: str, processing: Processing, width: int) -> None:
    desk.set_viewport_size({"width": width, "height": 844})
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=flow.branch")
    desk.get_by_label("Название ветки").fill("Большие")
    choose(desk.locator("[data-item=rule]").first, "Сумма", "≥", "10 000")
    desk.get_by_role("button", name="Добавить ветку").click()
    desk.keyboard.type("Записи")
    choose(desk.locator("[data-branch]").nth(1).locator("[data-item=rule]").first, "Статус", "равняется", "Записан")
    expect(desk.locator("[data-branch][data-chosen]")).to_have_count(1)
    desk.get_by_label("Ветка: выше").nth(1).click()
    expect(desk.locator("[data-branch]").first.locator("[data-result]")).to_contain_text("не выполнено")
    assert desk.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    picture(desk, f"branch-{width}")

    desk.get_by_role("button", name="Сохранить").click()

    expect(desk.locator(".slot-title")).to_have_count(3)
    picture(desk, f"branch-cards-{width}")
    assert [one["title"] for one in Action.objects.get().config["branches"]] == ["Записи", "Большие"]


def test_a_branch_with_actions_cannot_be_removed(desk: Page, site: str, processing: Processing) -> None:
    branches = [{"key": key, "title": key, "rules": BOOKED} for key in "ab"]
    block = arrange.add(processing, "flow.branch", {"branches": branches})
    config: dict[str, Any] = {"amount": 1, "unit": "hours"}
    arrange.add(processing, "flow.delay", config, inside=(block.pk, "a"))
    desk.goto(f"{site}/actions/{block.pk}/")

    expect(desk.get_by_label("Ветка: убрать").first).to_be_disabled()
    desk.get_by_label("Ветка: убрать").nth(1).click()
    desk.get_by_role("button", name="Сохранить").click()
    expect(desk.locator(".slot-title")).to_have_count(2)
