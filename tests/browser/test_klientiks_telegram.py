"""Klientiks → Telegram: a bot, its chat found by a code, and a message about a new client, by clicks alone."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_klientiks import (
    Stack,
    add_source,
    cause_event,
    choose_action,
    create_processing,
    get_fields,
    open_processing,
    press,
    sign_up,
    window,
)
from tests.fakes.smtp import smtp_server
from tests.fakes.target import target_server
from tests.fakes.telegram import TOKEN, Telegram, telegram
from tests.fakes.worker import cluster
from tests.gunicorn_server import gunicorn

__all__ = ["window"]

EVENT = "Добавление клиента"


@pytest.fixture(scope="module")
def bot() -> Iterator[Telegram]:
    with telegram() as fake:
        yield fake


@pytest.fixture(scope="module")
def stack(bot: Telegram, django_db_setup: None, django_db_blocker: Any) -> Iterator[Stack]:
    with ExitStack() as running:
        running.enter_context(django_db_blocker.unblock())
        target, inbox = running.enter_context(target_server()), running.enter_context(smtp_server())
        settings = {"EGRESS_ALLOW": "127.0.0.1", "TELEGRAM_API_URL": bot.target.url}
        url = f"http://127.0.0.1:{running.enter_context(gunicorn(**settings))}"
        running.enter_context(cluster(PUBLIC_URL=url, **settings)).start()
        yield Stack(url, target, inbox)


def test_a_new_client_is_told_in_a_chat_found_by_its_code(window: Page, stack: Stack, bot: Telegram) -> None:
    sign_up(window, stack)
    window.goto(f"{stack.url}/connections/new/?kind=telegram")
    window.get_by_label("Токен бота").fill(TOKEN)
    press(window, "Сохранить")
    window.goto(stack.url)
    create_processing(window)
    whole = add_source(window, EVENT)
    cause_event(whole, EVENT)
    get_fields(window, EVENT)
    open_processing(window)
    choose_action(window, "Telegram: сообщение")
    window.get_by_label("Бот", exact=True).select_option(label="Telegram: бот")
    chat = window.locator("[data-loaded=chat]")
    chat.locator("summary").click()
    chat.get_by_role("button", name="Найти чат").click()
    bot.write(chat.locator("[data-loaded-code]").get_attribute("data-loaded-code") or "")
    expect(window.get_by_label("Чат", exact=True)).to_have_value("987654321")
    expect(chat.locator("[data-loaded-label]")).to_have_text("Анна Петрова")
    window.get_by_label("Текст", exact=True).fill("Новый клиент: {{ client_first_name }}, {{ client_phone }}")
    press(window, "Сохранить")
    press(window, "Запустить")
    expect(window.get_by_role("button", name="Остановить")).to_be_visible()

    cause_event(whole, EVENT)

    bot.target.wait(1)
    window.goto(f"{stack.url}/history/")
    expect(window.locator("[data-list] .op-status, table .op-status").first).to_contain_text("Успешно")
    (message,) = bot.messages
    assert (message["chat_id"], message["text"]) == (987654321, "Новый клиент: Анна, +79161234567")
