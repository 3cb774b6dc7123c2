"""The guide «klientiks.ru → HTTP-запрос», followed from its first line to its last in a real browser.

Everything is real: web server, workers, PostgreSQL, the target and the mail server, each in processes of its own.
"""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.fakes.smtp import Inbox, smtp_server
from tests.fakes.target import Target, target_server
from tests.fakes.worker import cluster
from tests.gunicorn_server import gunicorn

PATIENCE = 30_000  # ms; a loaded machine may take its time

# What Klientiks puts in, by the names of the guide's own parameter strings.
EVENTS = {
    "Добавление клиента": {
        "client_id": "155230", "client_phone": "+79161234567", "client_name": 'Петрова "Анна" {{ name }}',
        "client_first_name": "Анна", "client_patron_name": "Сергеевна", "client_second_name": "Петрова",
        "client_deleted": "0", "client_email": "anna@example.com",
    },
    "Запись клиента на прием": {
        "client_id": "155230", "client_phone": "+79161234567", "client_name": "Петрова Анна\nСергеевна",
        "appointment_id": "99123", "appointment_date": "2026-11-24", "appointment.time": "14:30",
        "executor_name": "Иванов И. И.", "executor_phone": "+79160000000", "services": "Чистка, Осмотр & снимок",
        "appointment_total_cost": "5 400,00", "user_position": "Стоматолог 😀",
    },
    "Создание счета на оплату": {
        "client_id": "155230", "client_name": "Петрова Анна", "client_phone": "+79161234567", "appointment_id": "1",
        "appointment_amount": "5400", "appointment_paid": "false", "appointment_name": "Счёт № 7",
        "appointment_description": "", "appointment_paid_sum": "0", "appointment_left_to_pay": "5400",
    },
    "Визит клиента оплачен": {
        "client_id": "155230", "appointment_id": "99123", "appointment_account_id": "21947",
        "appointment_created": "2026-11-24 10:00:00", "appointment_appointment_id": "99123",
        "appointment_status": "{appointment.status}}", "appointment_paid": "true",
    },
}  # fmt: skip


@dataclass
class Stack:
    url: str
    target: Target
    inbox: Inbox


@pytest.fixture(scope="module")
def stack(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stack]:
    with ExitStack() as running:
        running.enter_context(django_db_blocker.unblock())
        target = running.enter_context(target_server())
        inbox = running.enter_context(smtp_server())
        url = f"http://127.0.0.1:{running.enter_context(gunicorn(EGRESS_ALLOW='127.0.0.1'))}"
        running.enter_context(cluster(PUBLIC_URL=url)).start()
        mail = f"smtp://127.0.0.1:{inbox.port}"
        running.enter_context(cluster("app", PUBLIC_URL=url, EMAIL_URL=mail)).start()
        yield Stack(url, target, inbox)


@pytest.fixture
def window(page: Page, stack: Stack, transactional_db: None) -> Iterator[Page]:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    stack.target.requests.clear()
    stack.inbox.mails.clear()
    stack.target.answer = lambda request: (200, b'{"id": 7}')
    yield page
    assert complaints == []


def press(window: Page, name: str) -> None:
    window.get_by_role("button", name=name, exact=True).first.click()


def sign_up(window: Page, stack: Stack) -> None:
    window.goto(f"{stack.url}/accounts/signup/")
    window.get_by_label("Адрес электронной почты").fill("owner@clinic.example")
    window.locator("input[type=password]").first.fill("длинный пароль 7")
    press(window, "Создать аккаунт")
    expect(window.get_by_role("heading", name="Обработки")).to_be_visible()


def create_processing(window: Page) -> None:
    press(window, "Создать")
    window.get_by_label("Название").fill("Клиентикс")
    press(window, "Сохранить")
    expect(window.get_by_role("heading", level=1)).to_contain_text("Клиентикс")


def add_source(window: Page, event: str) -> str:
    """Adds the webhook with nothing changed; returns the address with the event's parameters, as the page gives it."""
    window.get_by_text("Добавить", exact=True).first.click()
    window.get_by_role("link", name="HTTP-Запрос (Webhook)").first.click()
    press(window, "Сохранить")
    address = window.locator("#address").input_value()
    assert re.fullmatch(r"http://(127\.0\.0\.1|localhost):\d+/webhooks/http/[0-9a-f]{32}/", address)
    window.get_by_label("В поле «Событие»").select_option(event)
    whole = window.locator("#whole textarea, #whole input").first
    expect(whole).to_have_value(re.compile("client_id="))
    for name in EVENTS[event]:
        expect(whole).to_have_value(re.compile(rf"[?&]{re.escape(name)}=\{{\{{[a-z_.]+\}}\}}"))
    value = whole.input_value()
    assert value.startswith(address + "?")
    return value


def cause_event(whole: str, event: str) -> dict[str, Any]:
    """What Klientiks does: puts the values in and calls the address."""
    values = EVENTS[event]
    address, parameters = whole.split("?", 1)
    names = [pair.split("=", 1)[0] for pair in parameters.split("&")]
    assert sorted(names) == sorted(values)
    query = "&".join(f"{name}={quote(values[name])}" for name in names)
    answer = requests.get(f"{address}?{query}", timeout=30)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    assert told["status"] == "ok"
    return told


def get_fields(window: Page, event: str) -> None:
    """The page waits and fills itself; «Получить» takes the newest request again; «Сохранить» keeps the fields."""
    for name, value in EVENTS[event].items():
        row = window.locator("#fields").get_by_role("row").filter(has_text=re.compile(rf"^\s*{re.escape(name)}\b"))
        expect(row.first).to_contain_text(" ".join(value.split()))
    press(window, "Получить")
    press(window, "Сохранить")


def open_processing(window: Page) -> None:
    window.get_by_role("link", name="Клиентикс", exact=True).first.click()


def choose_action(window: Page, title: str) -> None:
    """A dialog opens, or, for who is faster than its script, a page."""
    window.get_by_role("button", name="Добавить", exact=True).last.click()
    window.get_by_role("link", name=re.compile(f"^{title}")).click()


def add_builder(window: Page, title: str, event: str) -> None:
    choose_action(window, title)
    rows = window.get_by_role("group", name="Поля").first
    for number, name in enumerate(EVENTS[event]):
        if rows.get_by_label("Значение", exact=True).count() <= number:
            rows.get_by_role("button", name="Добавить строку").click()
        placeholder = f'{{{{ source["{name}"] }}}}' if "." in name else f"{{{{ {name} }}}}"
        rows.get_by_label("Название", exact=True).nth(number).fill(
            name.replace(".", r"\.") if title == "JSON" else name
        )
        rows.get_by_label("Значение", exact=True).nth(number).fill(placeholder)
    press(window, "Сохранить")


def add_request(window: Page, stack: Stack, body: str, content_type: str) -> None:
    choose_action(window, "HTTP-запрос")
    expect(window.get_by_text("Параметры запроса", exact=True)).to_be_visible()
    window.get_by_label("Метод").select_option("POST")
    window.get_by_label("Адрес", exact=True).fill(f"{stack.target.url}/api/v1/course/student/add")
    window.get_by_label("Тело", exact=True).fill(body)
    expect(window.get_by_label("Успешные коды статуса")).to_have_value("2**")
    query = window.get_by_role("group", name="Параметры строки запроса")
    query.get_by_role("button", name="Добавить строку").click()
    query.get_by_label("Название", exact=True).fill("клиент")
    query.get_by_label("Значение", exact=True).fill("{{ client_id }}")
    headers = window.get_by_role("group", name="Заголовки")
    headers.get_by_role("button", name="Добавить строку").click()
    headers.get_by_label("Название", exact=True).fill("Content-Type")
    headers.get_by_label("Значение", exact=True).fill(content_type)
    press(window, "Сохранить")


@pytest.mark.parametrize("event", EVENTS)
def test_the_guide_from_its_first_line_to_its_last(window: Page, stack: Stack, event: str) -> None:
    as_json = event != "Создание счета на оплату"
    sign_up(window, stack)
    create_processing(window)
    whole = add_source(window, event)
    cause_event(whole, event)
    get_fields(window, event)
    open_processing(window)
    if as_json:
        add_builder(window, "JSON", event)
        add_request(window, stack, "{{ steps.json.text }}", "application/json")
    else:
        add_builder(window, "Form Urlencoded", event)
        add_request(window, stack, "{{ steps.form.text }}", "application/x-www-form-urlencoded")
    press(window, "Запустить")
    expect(window.get_by_role("button", name="Остановить")).to_be_visible()
    assert stack.target.requests == []

    cause_event(whole, event)

    stack.target.wait(1)
    (request,) = stack.target.requests
    assert request.method == "POST"
    assert request.path == "/api/v1/course/student/add?" + quote("клиент") + "=155230"
    if as_json:
        assert request.headers["Content-Type"] == "application/json"
        assert json.loads(request.body) == EVENTS[event]
    else:
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        sent = parse_qs(request.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
        assert sent == {name: [value] for name, value in EVENTS[event].items()}
    see_in_history(window, event)


def see_in_history(window: Page, event: str) -> None:
    """Both requests stand there: the one that came before the start, and the one that ran, with what was sent."""
    window.get_by_role("link", name="История операций").first.click()
    rows = window.locator("[data-list] .op-status, table .op-status")
    expect(rows).to_have_text([re.compile("Успешно"), re.compile("Не запущена")])
    window.locator("tr a").first.click()
    expect(window.get_by_role("heading", level=1)).to_contain_text("Операция")
    expect(window.locator("main")).to_contain_text("Получен запрос")
    for name, value in EVENTS[event].items():
        expect(window.locator("main")).to_contain_text(name)
        expect(window.locator("main")).to_contain_text(" ".join(value.split()))
    expect(window.locator("main")).to_contain_text("HTTP-запрос")


def test_an_error_at_the_target_brings_a_mail_with_a_link(window: Page, stack: Stack) -> None:
    event = "Добавление клиента"
    sign_up(window, stack)
    create_processing(window)
    whole = add_source(window, event)
    window.goto(window.url)
    window.get_by_role("link", name="Клиентикс", exact=True).first.click()
    add_request(window, stack, "{{ client_name }}", "text/plain")
    press(window, "Запустить")
    expect(window.get_by_role("button", name="Остановить")).to_be_visible()
    stack.target.answer = lambda request: (500, b"broken")

    operation = cause_event(whole, event)["id"]

    stack.inbox.wait(1)
    mail = stack.inbox.mails[0]
    assert mail["To"] == "owner@clinic.example"
    assert "Клиентикс" in mail["Subject"]
    link = f"{stack.url}/history/{operation}/"
    for body in (stack.inbox.text(), stack.inbox.html()):
        assert link in body
        assert "HTTP-запрос" in body
        assert "500" in body
    window.goto(link)
    expect(window.locator(".op-status").first).to_have_text(re.compile("Ждёт"))
    expect(window.locator("main")).to_contain_text("500")
    stack.target.answer = lambda request: (200, b"{}")
    window.get_by_role("button", name=re.compile("Повторить|Сейчас")).first.click()
    expect(window.locator(".op-status").first).to_have_text(re.compile("Успешно"))
