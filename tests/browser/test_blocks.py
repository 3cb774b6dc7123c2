"""Blocks on the processing's page: cards inside cards, by mouse and by keyboard."""

import re
from functools import partial

from playwright.sync_api import Locator, Page, expect

from actions import arrange
from actions.models import Action
from processings.models import Processing
from tests.browser.dragging import drag
from tests.browser.test_setup import processing

__all__ = ["processing"]

MET = {"match": "all", "rules": [{"left": "{{ client_phone }}", "operator": "filled"}]}
BRANCHES = {"branches": [{"key": "call", "title": "Звонить", "rules": MET}]}
LIST = {"items": "{{ services }}", "limit": 10, "on_error": "stop", "separator": ""}


def holds_one(slot: Locator) -> bool:
    return slot.locator("[data-id]").count() == 1


def places() -> list[tuple[str, str | None]]:
    return list(Action.objects.order_by("position").values_list("alias", "parent__alias"))


def test_an_action_is_put_into_a_block_by_clicks(desk: Page, site: str, processing: Processing) -> None:
    block = arrange.add(processing, "flow.foreach", LIST)
    desk.goto(f"{site}/processings/{processing.pk}/")
    desk.locator(".slot").get_by_role("link", name="Добавить").click()
    desk.get_by_role("dialog").get_by_role("link", name="Задержка").click()
    desk.get_by_role("button", name="Сохранить").click()

    expect(desk.locator(".slot [data-id]")).to_have_count(1)
    assert Action.objects.get(alias="delay").parent_id == block.pk


def test_cards_go_into_blocks_and_out_by_keyboard(desk: Page, site: str, processing: Processing) -> None:
    arrange.add(processing, "flow.foreach", LIST)
    arrange.add(processing, "flow.delay", {"amount": 1, "unit": "hours"})
    desk.goto(f"{site}/processings/{processing.pk}/")
    desk.get_by_label("Задержка: ещё").focus()
    desk.keyboard.press("Enter")
    for keys, inside in (("ArrowDown Enter", True), ("Enter", False), ("ArrowDown Enter", True), ("Enter", False)):
        with desk.expect_response(re.compile("/actions/order/")):
            for key in keys.split():  # «Выше» twice, then «Ниже» twice
                desk.keyboard.press(key)
        assert (Action.objects.get(alias="delay").parent_id is not None) == inside
    assert places() == [("each", None), ("delay", None)]


def test_cards_are_dragged_into_blocks(desk: Page, site: str, processing: Processing) -> None:
    block = arrange.add(processing, "flow.foreach", LIST)
    arrange.add(processing, "flow.delay", {"amount": 1, "unit": "hours"}, inside=(block.pk, "each"))
    arrange.add(processing, "flow.delay", {"amount": 2, "unit": "hours"})
    desk.goto(f"{site}/processings/{processing.pk}/")
    handle = desk.locator("[data-sort-url] > ol > li").nth(1).locator(":scope > .node [data-handle]")
    inside = desk.locator(".slot [data-id]")
    with desk.expect_response("**/order/"):
        drag(handle, inside.first, lambda: inside.count() == 2)

    expect(desk.locator(".slot [data-id]")).to_have_count(2)
    assert Action.objects.filter(parent=block).count() == 2


def test_a_card_is_dragged_into_an_empty_branch_and_into_the_other(
    desk: Page, site: str, processing: Processing
) -> None:
    block = arrange.add(processing, "flow.branch", BRANCHES)
    arrange.add(processing, "flow.delay", {"amount": 2, "unit": "hours"})
    desk.goto(f"{site}/processings/{processing.pk}/")
    card = desk.locator("[data-id]").filter(has=desk.get_by_label("Задержка: ещё")).last
    for slot in ("call", "else"):
        inside = desk.locator(f"[data-slot={slot}]")
        with desk.expect_response("**/order/"):
            drag(card.locator("[data-handle]").last, inside, partial(holds_one, inside))
        moved = Action.objects.get(alias="delay")
        assert (moved.parent_id, moved.slot) == (block.pk, slot)
    expect(desk.locator("[data-number]")).to_have_text(["1", "2"])
