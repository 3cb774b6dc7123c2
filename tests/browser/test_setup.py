"""Setting up a processing with mouse and keyboard."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from pytest_httpserver import HTTPServer

from actions.models import Action
from processings.models import Processing
from tests.browser.dragging import drag
from tests.conftest import Person
from tests.factories import ActionFactory, ProcessingFactory, SourceFactory


@pytest.fixture
def processing(person: Person) -> Processing:
    processing = ProcessingFactory(tenant=person.tenant, name="Заявки")
    SourceFactory(processing=processing)
    return processing


def three(processing: Processing) -> None:
    for name in ("Один", "Два", "Три"):
        ActionFactory(processing=processing, name=name)


def opened(desk: Page, site: str, processing: Processing) -> Locator:
    """The names of the cards on the processing's page, in order."""
    desk.goto(f"{site}/processings/{processing.pk}/")
    return desk.locator("[data-sortable] .node-name a")


def saved(processing: Processing) -> list[str]:
    return list(processing.actions.values_list("name", flat=True))


def test_from_nothing_to_a_running_processing(desk: Page, site: str, person: Person) -> None:
    desk.goto(site)
    desk.get_by_role("button", name="Создать").click()
    desk.get_by_label("Название").fill("Клиентикс → Бизон")
    desk.get_by_role("button", name="Сохранить").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Клиентикс → Бизон")
    SourceFactory(processing=Processing.objects.get())
    desk.reload()
    desk.get_by_role("button", name="Добавить").last.click()
    catalogue = desk.get_by_role("dialog")
    expect(catalogue.get_by_role("searchbox")).to_be_focused()
    desk.keyboard.type("вебхук")
    expect(catalogue.locator(".choice")).to_have_count(1)
    catalogue.get_by_role("link", name="HTTP-запрос").click()
    desk.get_by_label("Адрес").fill("https://example.com/hook")
    desk.keyboard.press("Control+Enter")
    desk.get_by_role("button", name="Запустить").click()
    expect(desk.get_by_role("button", name="Остановить")).to_be_visible()
    assert Processing.objects.get().running


def test_cards_are_put_in_order_by_mouse(desk: Page, site: str, processing: Processing) -> None:
    three(processing)
    names = opened(desk, site, processing)
    with desk.expect_response(re.compile("/actions/order/")):
        drag(desk.locator("[data-handle]").first, names.last, lambda: names.all_inner_texts() == ["Два", "Три", "Один"])
    expect(desk.locator("[data-number]")).to_have_text(["1", "2", "3"])
    assert saved(processing) == ["Два", "Три", "Один"]


def test_cards_are_put_in_order_by_keyboard(desk: Page, site: str, processing: Processing) -> None:
    three(processing)
    names = opened(desk, site, processing)
    desk.get_by_label("Три: ещё").focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("ArrowDown")
    with desk.expect_response(re.compile("/actions/order/")):
        desk.keyboard.press("Enter")
    expect(names).to_have_text(["Один", "Три", "Два"])
    assert saved(processing) == ["Один", "Три", "Два"]


def test_a_card_is_switched_off_duplicated_deleted_and_brought_back(
    desk: Page, site: str, processing: Processing
) -> None:
    three(processing)
    names = opened(desk, site, processing)
    desk.get_by_role("switch", name="Два").click()
    expect(desk.locator("[data-sortable] .node-off")).to_have_count(1)
    desk.get_by_label("Один: ещё").click()
    desk.get_by_role("button", name="Дублировать").locator("visible=true").click()
    expect(names).to_have_text(["Один", "Один (копия)", "Два", "Три"])
    desk.get_by_label("Один: ещё").click()
    desk.get_by_role("button", name="Удалить").locator("visible=true").click()
    expect(names).to_have_text(["Один (копия)", "Два", "Три"])
    desk.get_by_role("button", name="Вернуть").click()
    expect(names).to_have_text(["Один", "Один (копия)", "Два", "Три"])


def test_a_new_card_goes_where_its_plus_stands(desk: Page, site: str, processing: Processing) -> None:
    three(processing)
    opened(desk, site, processing)
    desk.get_by_label("Вставить действие сюда").first.click()
    desk.get_by_role("dialog").get_by_role("link", name="JSON").click()
    desk.get_by_label("Название").first.fill("name")
    desk.get_by_label("Значение").first.fill("x")
    desk.get_by_role("button", name="Сохранить").click()
    expect(desk.locator("[data-sortable] .node-name a")).to_have_text(["Один", "JSON", "Два", "Три"])


def test_the_name_is_edited_where_it_stands(desk: Page, site: str, processing: Processing) -> None:
    opened(desk, site, processing)
    desk.get_by_label("Переименовать").click()
    desk.keyboard.type("Новое имя")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Новое имя")


def test_the_body_has_the_editor_of_its_format(desk: Page, site: str, processing: Processing) -> None:
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=http.request")
    text, rows = desk.get_by_label("Тело", exact=True), desk.get_by_role("group", name="Поля тела")
    expect(text).to_be_visible()
    expect(rows).to_be_hidden()
    desk.get_by_label("JSON").check()
    expect(text).to_be_hidden()
    rows.get_by_role("button", name="Добавить строку").click()
    desk.keyboard.type("phone")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.type("{{")
    desk.keyboard.type("Телефон")
    desk.keyboard.press("Enter")
    expect(rows.get_by_label("Значение")).to_have_value("{{ client_phone }}")
    expect(rows.locator(".preview")).to_have_text("+79161234567")
    desk.get_by_label("Адрес").fill("https://example.com/")
    desk.get_by_role("button", name="Сохранить").click()
    desk.wait_for_url(re.compile("/processings/"))
    config = Action.objects.get().config
    assert config["body_kind"] == "json"
    assert config["body_fields"] == [{"name": "phone", "value": "{{ client_phone }}", "type": "auto"}]


def test_an_unknown_name_is_marked_while_it_is_typed(desk: Page, site: str, processing: Processing) -> None:
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=http.request")
    desk.get_by_label("Адрес").fill("https://example.com/{{ clientphone }}")
    mark = desk.get_by_text("Нет такого поля: clientphone (возможно, client_phone)")
    expect(mark).to_be_visible()
    desk.get_by_role("button", name="Сохранить").click()
    expect(desk.get_by_text("Сохранено. Проверьте отмеченные поля")).to_be_visible()
    expect(mark).to_be_visible()
    desk.get_by_label("Адрес").fill("https://example.com/{{ client_phone }}")
    expect(mark).to_be_hidden()


def test_a_request_is_looked_at_first_and_then_sent(
    desk: Page, site: str, processing: Processing, httpserver: HTTPServer, settings: Any
) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    httpserver.expect_request("/lead").respond_with_data("принято", content_type="text/plain; charset=utf-8")
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=http.request")
    desk.get_by_label("Адрес").fill(httpserver.url_for("/lead"))
    desk.get_by_label("Тело", exact=True).fill("phone={{ client_phone }}")
    desk.get_by_role("button", name="Проверить").click()
    expect(desk.get_by_role("heading", name="Так уйдёт запрос")).to_be_visible()
    assert httpserver.log == []
    desk.get_by_role("button", name="Отправить по-настоящему").click()
    expect(desk.get_by_text("принято")).to_be_visible()
    assert httpserver.log[0][0].get_data() == b"phone=+79161234567"
    assert not processing.actions.exists()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("path", ["/", "/processings/{}/", "/processings/{}/notices/", "/actions/{}/"])
def test_everybody_can_use_it(desk: Page, site: str, processing: Processing, path: str, width: int) -> None:
    three(processing)
    ActionFactory(processing=processing, enabled=False)
    desk.set_viewport_size({"width": width, "height": 800})
    row = processing.actions.first() if "actions" in path else processing
    assert row
    desk.goto(site + path.format(row.pk))
    desk.wait_for_load_state("networkidle")
    assert desk.evaluate("document.documentElement.scrollWidth") <= width
    violations = Axe().run(desk).response["violations"]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations] == []


def test_all_fields_of_the_source_become_rows_at_once(desk: Page, site: str, processing: Processing) -> None:
    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=data.json")
    rows = desk.get_by_role("group", name="Поля")
    rows.get_by_label("Значение", exact=True).fill("{{client_phone}}")
    rows.get_by_label("Название", exact=True).fill("phone")
    for _time in range(2):
        rows.get_by_role("button", name="Добавить все поля источника").click()
    expect(rows.locator(".preview")).to_have_text(["+79161234567", "Анна Петрова", "14:00"])
    desk.get_by_role("button", name="Сохранить").click()
    desk.wait_for_url(re.compile("/processings/[^/]+/$"))
    fields = Action.objects.get().config["fields"]
    assert [(row["name"], row["value"]) for row in fields] == [
        ("phone", "{{client_phone}}"),
        ("client_name", "{{ client_name }}"),
        (r"appointment\.time", '{{ source["appointment.time"] }}'),
    ]


def test_what_is_missing_is_said_at_its_field_and_goes_when_it_is_mended(
    desk: Page, site: str, processing: Processing
) -> None:
    desk.goto(site)
    desk.get_by_role("button", name="Создать").click()
    desk.keyboard.press("Control+Enter")
    said = desk.get_by_role("dialog").get_by_text("Заполните это поле")
    expect(said).to_be_visible()
    desk.get_by_label("Название").fill("Н")
    expect(said).to_be_hidden()


def test_ctrl_enter_saves_from_what_htmx_has_drawn_anew(desk: Page, site: str, processing: Processing) -> None:
    source = SourceFactory(processing=processing, fields=[], sample={})
    desk.goto(f"{site}/sources/{source.pk}/")
    desk.get_by_role("button", name="Отправить тестовый запрос").last.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#fields table")).to_be_visible()
    expect(desk.locator("#fields")).to_be_focused()
    desk.keyboard.press("Control+Enter")
    desk.get_by_role("link", name="Дальше: что делать с данными").click()
    desk.wait_for_url(re.compile("/processings/"))


def test_an_event_chosen_before_the_scripts_came_counts(desk: Page, site: str, processing: Processing) -> None:
    source = SourceFactory(processing=processing, fields=[], sample={})
    held: list[Any] = []
    desk.route(re.compile("htmx"), lambda route: held.append(route))
    desk.goto(f"{site}/sources/{source.pk}/", wait_until="commit")
    desk.get_by_label("В поле «Событие»").select_option("Запись клиента на прием")
    expect(desk.locator("#whole-address")).to_have_value(re.compile("patron_name"))
    for route in held:
        route.continue_()
    expect(desk.locator("#whole-address")).to_have_value(re.compile("appointment_id"))
