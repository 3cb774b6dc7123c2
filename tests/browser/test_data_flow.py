"""A visit from Klientiks to two requests for each of its services, built by clicks alone and then really run.

condition on the status → phone to E.164 → for each service → JSON → HTTP-запрос → condition on its answer → second
HTTP-запрос with what the first one brought. Web server, workers, PostgreSQL and the target are real.
"""

import json
import re
from urllib.parse import urlencode

import requests
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_klientiks import Stack, create_processing, open_processing, press, sign_up, stack, window
from tests.fakes.target import Received

__all__ = ["stack", "window"]

EVENT = "Запись клиента на прием"
VISIT = {
    "client_id": "155230", "client_phone": "8 (916) 123-45-67", "client_name": "Петрова Анна",
    "appointment_id": "99123",
    "appointment_date": "2026-11-24", "appointment.time": "14:30", "services": "Чистка, Осмотр",
    "appointment_status": "Записан",
}  # fmt: skip


def answers(request: Received) -> tuple[int, bytes]:
    """A CRM that answers 200 to everything and says in the body whether it took it."""
    if request.path != "/lead":
        return 200, b"{}"
    taken = json.loads(request.body)["service"] != "Осмотр"
    return 200, json.dumps({"result": "ok" if taken else "refused", "lead": {"id": 4711}}).encode()


def add_source(window: Page) -> str:
    """The webhook for the event, with one parameter more; returns its address without parameters."""
    window.get_by_text("Добавить", exact=True).first.click()
    window.get_by_role("link", name="HTTP-Запрос (Webhook)").first.click()
    press(window, "Сохранить")
    address = window.locator("#address").input_value()
    window.get_by_label("В поле «Событие»").select_option(EVENT)
    whole = window.locator("#whole textarea, #whole input").first
    expect(whole).to_have_value(re.compile("appointment_id="))  # the guide is drawn anew for the event
    window.get_by_text("Изменить параметры").click()
    press(window, "Добавить параметр")
    window.locator("#parameters [name=parameter-name]").last.fill("appointment_status")
    window.locator("#parameters [name=parameter-value]").last.fill("{{appointment.status}}")
    expect(whole).to_have_value(re.compile("appointment_status="))
    return address


def send(address: str, **changed: str) -> str:
    answer = requests.get(f"{address}?{urlencode(VISIT | changed)}", timeout=30)
    assert answer.status_code == 200
    return str(answer.json()["id"])


def add(window: Page, title: str, within: Locator | None = None) -> None:
    """Chooses an action in the dialog, at the end or at the end of a block's slot."""
    if within is None:
        window.get_by_role("button", name="Добавить", exact=True).last.click()
    else:
        within.get_by_role("link", name="Добавить").last.click()
    name = window.locator(".choice-name", has_text=re.compile(f"^{title}$"))
    window.locator("a.choice").filter(has=name).click()


def pick(window: Page, place: Locator, name: str, changed: str | None = None) -> None:
    """A field by the button beside the input, in its list; `changed`: with that filter put on it in the second step."""
    box = place.locator("xpath=ancestor::*[@class='with-picker']")
    box.get_by_role("button", name="Вставить данные").click()
    window.get_by_label("Поиск по названию или значению").fill(name)
    field = window.locator("#picker-list").get_by_role("option").first
    if changed is None:
        field.click()
        return
    field.locator(".picker-change").click()
    window.locator("#filters-list").get_by_role("option").filter(has_text=changed).first.click()
    expect(window.locator(".filters-call")).to_have_count(1)
    window.get_by_role("button", name="Вставить", exact=True).click()


def add_condition(window: Page, field: str, value: str, otherwise: str) -> None:
    rule = window.locator("[data-item=rule]").first
    rule.get_by_role("button", name="Вставить данные").first.click()
    window.get_by_label("Поиск по названию или значению").fill(field)
    window.locator("#picker-list").get_by_role("option").first.click()
    rule.get_by_label("Как сравнивать").select_option(label="равняется")
    rule.get_by_label("С чем", exact=True).fill(value)
    expect(window.locator("[data-result]")).to_have_text("На образце: выполнено")
    window.get_by_label(re.compile(otherwise)).check()
    press(window, "Сохранить")


def fill_rows(window: Page, group: str, rows: dict[str, tuple[str, str | None]]) -> None:
    """Rows by name: the field that each value is, and the filter put on it."""
    place = window.get_by_role("group", name=group).first
    for number, (name, (field, changed)) in enumerate(rows.items()):
        if place.get_by_label("Значение", exact=True).count() <= number:
            place.get_by_role("button", name="Добавить строку").click()
        place.get_by_label("Название", exact=True).nth(number).fill(name)
        pick(window, place.get_by_label("Значение", exact=True).nth(number), field, changed)


def add_request(window: Page, url: str, picked: str, shown: str) -> None:
    window.get_by_label("Метод").select_option("POST")
    window.get_by_label("Адрес", exact=True).fill(url)
    pick(window, window.get_by_label("Тело", exact=True), picked)
    expect(window.locator("form .preview").filter(has_text=shown)).to_be_visible()


def build(window: Page, stack: Stack) -> None:
    add(window, "Условие")
    add_condition(window, "appointment_status", "Записан", "Остановить")
    add(window, "Значение")
    fill_rows(window, "Значения", {"phone": ("client_phone", "Телефон → +7XXXXXXXXXX")})
    expect(window.locator("form .preview").filter(has_text="+79161234567")).to_be_visible()
    press(window, "Сохранить")
    add(window, "Для каждого")
    pick(window, window.get_by_label("Список", exact=True), "services")
    window.get_by_label("Разделитель", exact=True).fill(",")
    expect(window.locator("[data-brings]")).to_have_text("На образце: 2 элемента: Чистка, Осмотр")
    press(window, "Сохранить")
    slot = window.locator(".slot").first
    add(window, "JSON", slot)
    fill_rows(window, "Поля", {"phone": ("steps.value.phone", None), "service": ("steps.each.item", None)})
    press(window, "Сохранить")
    add(window, "HTTP-запрос", slot)
    add_request(window, f"{stack.target.url}/lead", "steps.json.text", "+79161234567")
    press(window, "Получить")
    expect(window.get_by_text("{{ steps.http.body.lead.id }}").first).to_be_visible()
    open_processing(window)
    add(window, "Условие", slot)
    add_condition(window, "steps.http.body.result", "ok", "Пропустить")
    add(window, "HTTP-запрос", slot)
    add_request(window, f"{stack.target.url}/note", "steps.http.body.lead.id", "4711")
    press(window, "Сохранить")


def test_a_visit_becomes_two_requests_for_each_service(window: Page, stack: Stack) -> None:
    stack.target.answer = answers
    sign_up(window, stack)
    create_processing(window)
    address = add_source(window)
    send(address)
    expect(window.locator("#fields").get_by_text("appointment_status", exact=True)).to_be_visible()
    press(window, "Получить")
    press(window, "Сохранить")
    open_processing(window)
    build(window, stack)
    press(window, "Запустить")
    expect(window.get_by_role("button", name="Остановить")).to_be_visible()
    stack.target.requests.clear()

    cancelled = send(address, appointment_status="Отменён")
    done = send(address)

    stack.target.wait(3)
    for operation, words in ((done, "Успешно"), (cancelled, "Отфильтрована")):
        window.goto(f"{stack.url}/history/{operation}/")
        expect(window.locator(".op-status").first).to_have_text(re.compile(words))
    sent = [(request.path, request.body.decode()) for request in stack.target.requests]
    assert [path for path, _body in sent] == ["/lead", "/note", "/lead"]
    first, second = json.loads(sent[0][1]), json.loads(sent[2][1])
    assert (first, second) == (
        {"phone": "+79161234567", "service": "Чистка"},
        {"phone": "+79161234567", "service": "Осмотр"},
    )
    assert sent[1][1] == "4711"
