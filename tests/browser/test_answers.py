"""«HTTP-запрос» by mouse and keyboard: a tree of JSON, «Получить», a curl command, on screens of all sizes."""

import json
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_httpserver import HTTPServer

from actions.models import Action
from actions.values import build_object
from processings.models import Processing
from tests.conftest import Person
from tests.factories import ActionFactory, ProcessingFactory, SourceFactory

CURL = """curl -X POST 'https://api.example.com/leads?source=site' \\
  -H 'Content-Type: application/json' -H 'Authorization: Bearer very-secret-token' -k \\
  -d '{"lead": {"name": "Анна", "tags": ["новый", 7]}, "ok": true}'"""
TREE = [
    {"name": "lead", "type": "object", "fields": [{"name": "name", "value": "{{ client_name }}", "type": "auto"}]},
    {"name": "tags", "type": "list", "fields": [{"name": "", "value": "7", "type": "number"}]},
]


@pytest.fixture
def processing(person: Person) -> Processing:
    processing = ProcessingFactory(tenant=person.tenant, name="Заявки")
    SourceFactory(processing=processing)
    return processing


def adding(desk: Page, site: str, processing: Processing) -> None:
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=http.request")


def choose(desk: Page, label: str) -> None:
    """Walks down the focused select by arrows."""
    for _step in range(8):
        desk.keyboard.press("ArrowDown")
        if desk.evaluate("document.activeElement.selectedOptions[0].label") == label:
            return
    raise AssertionError(label)


def test_a_tree_is_built_by_the_keyboard(desk: Page, site: str, processing: Processing) -> None:
    adding(desk, site, processing)
    desk.get_by_label("Адрес", exact=True).fill("https://example.com/")
    desk.get_by_label("JSON", exact=True).check()
    rows = desk.get_by_role("group", name="Поля тела")
    rows.get_by_role("button", name="Добавить строку").press("Enter")
    desk.keyboard.type("client")
    desk.keyboard.press("Tab")
    choose(desk, "Объект")
    rows.get_by_role("button", name="Добавить внутрь").press("Enter")
    desk.keyboard.type("phone")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.type("+7")
    desk.keyboard.press("Enter")  # one more beside it
    desk.keyboard.type("tags")
    desk.keyboard.press("Tab")
    choose(desk, "Список")
    rows.get_by_role("button", name="Добавить внутрь").last.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.type("новый")
    rows.get_by_role("button", name="Добавить строку").press("Enter")
    desk.keyboard.type("last")
    names = rows.get_by_label("Название", exact=True)
    # The whole object goes below.
    rows.get_by_role("button", name="Ниже").first.press("Enter")
    expect(names.first).to_have_value("last")
    desk.get_by_label("Адрес", exact=True).focus()
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(re.compile("/processings/[^/]+/$"))
    built = build_object(Action.objects.get().config["body_fields"])
    assert built == {"last": "", "client": {"phone": "+7", "tags": ["новый"]}}


def test_an_answer_is_got_and_picked_in_the_next_action(
    desk: Page, site: str, processing: Processing, httpserver: HTTPServer, settings: Any
) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    httpserver.expect_request("/lead").respond_with_json({"lead": {"id": 4711}})
    adding(desk, site, processing)
    desk.get_by_label("Адрес", exact=True).fill(httpserver.url_for("/lead"))
    desk.get_by_role("button", name="Получить").click()
    expect(desk.get_by_text("{{ steps.http.body.lead.id }}")).to_be_visible()
    expect(desk.get_by_role("cell", name="4711", exact=True)).to_be_visible()
    adding(desk, site, processing)
    body = desk.get_by_label("Тело", exact=True)
    body.click()
    desk.keyboard.type("{{")
    desk.keyboard.type("lead.id")
    desk.keyboard.press("Enter")
    expect(body).to_have_value("{{ steps.http.body.lead.id }}")
    expect(desk.locator(".preview").filter(has_text="4711")).to_be_visible()


def test_a_curl_command_fills_the_form(desk: Page, site: str, processing: Processing) -> None:
    adding(desk, site, processing)
    desk.get_by_text("Заполнить из: команда curl").click()
    desk.get_by_label("Вставьте сюда").fill("wget https://example.com/")
    desk.get_by_role("button", name="Заполнить", exact=True).click()
    expect(desk.get_by_text("Это не команда curl")).to_be_visible()
    desk.get_by_label("Вставьте сюда").fill(CURL)
    desk.get_by_role("button", name="Заполнить", exact=True).click()
    expect(desk.get_by_text("Форма заполнена")).to_be_visible()
    expect(desk.get_by_text("-k не перенесён")).to_be_visible()
    expect(desk.get_by_text("Authorization – это секрет")).to_be_visible()
    expect(desk.get_by_label("Адрес", exact=True)).to_have_value("https://api.example.com/leads")
    assert not Action.objects.exists()
    desk.get_by_role("button", name="Сохранить").click()
    desk.wait_for_url(re.compile("/processings/[^/]+/$"))
    config = Action.objects.get().config
    assert build_object(config["body_fields"]) == {"lead": {"name": "Анна", "tags": ["новый", 7]}, "ok": True}
    assert config["query"] == [{"name": "source", "value": "site"}]
    assert config["headers"] == [{"name": "Authorization", "value": "Bearer very-secret-token"}]


def test_enter_in_the_address_saves(desk: Page, site: str, processing: Processing) -> None:
    adding(desk, site, processing)
    desk.get_by_label("Адрес", exact=True).fill("https://example.com/")
    desk.get_by_label("Адрес", exact=True).press("Enter")
    desk.wait_for_url(re.compile("/processings/[^/]+/$"))
    assert Action.objects.get().config["url"] == "https://example.com/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_use_the_tree(desk: Page, site: str, processing: Processing, width: int, scheme: Any) -> None:
    config = {"method": "POST", "url": "https://example.com/", "body_kind": "json", "body_fields": TREE}
    paging = {"paging": {"kind": "page", "parameter": "page", "first": 1, "pages": 10, "most": 100}}
    sample = {"status": 200, "headers": {"content-type": "application/json"}, "body": {"lead": {"id": 7}}}
    action = ActionFactory(processing=processing, config=json.loads(json.dumps(config | paging)), sample=sample)
    desk.emulate_media(color_scheme=scheme)
    desk.set_viewport_size({"width": width, "height": 900})
    desk.goto(f"{site}/actions/{action.pk}/")
    desk.wait_for_load_state("networkidle")
    assert desk.evaluate("document.documentElement.scrollWidth") <= width
    violations = Axe().run(desk).response["violations"]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations] == []
