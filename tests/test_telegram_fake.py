"""The fake of the Bot API, driven by aiogram: what a public client cannot use would be no fake of it."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

from tests.fakes.telegram import TOKEN, Refused, Telegram, telegram

ME = 987654321


def drive(fake: Telegram, work: Callable[[Bot], Awaitable[Any]], token: str = TOKEN) -> Any:
    async def driven() -> Any:
        session = AiohttpSession(api=TelegramAPIServer.from_base(fake.target.url))
        async with Bot(token, session=session) as bot:
            return await work(bot)

    # In a thread of its own: a browser of other tests keeps a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, driven()).result()


def test_it_sends_what_people_send() -> None:
    async def work(bot: Bot) -> None:
        assert (await bot.get_me()).username == "clinic_bot"
        rows = [[InlineKeyboardButton(text="Открыть", url="https://example.com/")]]
        markup = InlineKeyboardMarkup(inline_keyboard=rows)
        message = await bot.send_message(ME, "<b>Заявка</b>", parse_mode="HTML", reply_markup=markup)
        assert (message.chat.id, message.text) == (ME, "Заявка")
        photo = await bot.send_photo(ME, "https://example.com/a.jpg", caption="Фото")
        assert photo.photo
        document = await bot.send_document(ME, BufferedInputFile(b"\x00\xff", "план.pdf"), caption="План")
        assert document.document
        again = await bot.send_document(ME, document.document.file_id)
        assert again.message_id == 4

    with telegram() as fake:
        drive(fake, work)
        assert [method for method, _asked in fake.sent][1:] == [
            "sendmessage",
            "sendphoto",
            "senddocument",
            "senddocument",
        ]
        assert fake.sent[3][1]["document"] == {"name": "план.pdf", "content": b"\x00\xff"}


def test_it_tells_what_was_written_by_one_way_at_a_time() -> None:
    async def work(bot: Bot) -> None:
        assert [update.message.text for update in await bot.get_updates() if update.message] == ["раз", "два"]
        assert await bot.set_webhook("https://hooks.example.com/", secret_token="a" * 40, allowed_updates=["message"])
        told = await bot.get_webhook_info()
        assert (told.url, told.allowed_updates) == ("https://hooks.example.com/", ["message"])
        with pytest.raises(TelegramConflictError):
            await bot.get_updates()
        assert await bot.delete_webhook()
        assert len(await bot.get_updates(offset=-1)) == 1
        with pytest.raises(TelegramBadRequest, match="HTTPS URL"):
            await bot.set_webhook("http://hooks.example.com/")

    with telegram() as fake:
        fake.write("раз")
        fake.write("два")
        drive(fake, work)


@pytest.mark.parametrize(
    ("chat", "trouble", "error"),
    [
        (1, None, TelegramBadRequest),
        (2, None, TelegramForbiddenError),
        (3, None, TelegramMigrateToChat),
        (ME, Refused(429, "Too Many Requests: retry after 35", retry_after=35), TelegramRetryAfter),
        (ME, Refused(500, "Internal Server Error"), TelegramServerError),
    ],
)
def test_its_errors_are_those_of_telegram(chat: int, trouble: Any, error: type[Exception]) -> None:
    async def work(bot: Bot) -> None:
        for send in (bot.send_message(chat, "а"), bot.send_photo(chat, "https://example.com/a.jpg")):
            if trouble:
                fake.troubles.append(trouble)
            with pytest.raises(error):
                await send

    with telegram() as fake:
        fake.chats |= {2: "blocked", 3: -1001234567890}
        drive(fake, work)


def test_it_knows_its_token() -> None:
    async def work(bot: Bot) -> None:
        with pytest.raises(TelegramUnauthorizedError):
            await bot.get_me()

    with telegram() as fake:
        drive(fake, work, TOKEN + "x")
