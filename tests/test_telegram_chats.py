"""«Найти чат»: a code, whoever sends it to the bot, and the chat that appears; with a webhook and without."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from connections import vault
from connections.models import Connection
from processings.models import Processing
from sources.kinds.telegram.bot import HEADER
from tests.bot import bot, service
from tests.conftest import Person
from tests.factories import SourceFactory
from tests.fakes.telegram import TOKEN, Telegram

__all__ = ["bot", "service"]

pytestmark = pytest.mark.django_db(transaction=True)

GROUP = {"id": -100123, "type": "supergroup", "title": "Клиника: заявки"}


def ask(
    person: Person, processing: Processing, what: str, bot: Connection | None, kind: str = "message", **more: str
) -> Any:
    posted = {"options-field": "chat", "connection": str(bot.pk) if bot else "", "chat": "", **more}
    return person.post(f"/processings/{processing.pk}/actions/{what}/?kind=telegram.{kind}", posted)


def invited(person: Person, processing: Processing, bot: Connection, kind: str = "message") -> tuple[str, str]:
    shown = ask(person, processing, "find", bot, kind).content.decode()
    code = re.search(r'data-loaded-code="(\d{6})"', shown)
    assert code, shown
    return code[1], shown


@pytest.mark.parametrize("kind", ["message", "photo", "document"])
def test_whoever_sends_the_code_is_found(
    service: Telegram, owner: Person, processing: Processing, bot: Connection, kind: str
) -> None:
    code, shown = invited(owner, processing, bot, kind)
    assert f"https://t.me/clinic_bot?start={code}" in shown
    assert f"/start@clinic_bot {code}" in shown
    code_given = {"options-code": code}
    assert ask(owner, processing, "find", bot, kind, **code_given).status_code == 204
    service.write("привет")
    service.write(f"/start@clinic_bot {code}", GROUP)
    found = ask(owner, processing, "find", bot, kind, **code_given).content.decode()
    assert 'data-value="-100123"' in found
    assert "Клиника: заявки" in found


def test_with_our_own_source_the_code_comes_by_its_webhook(
    service: Telegram, owner: Person, processing: Processing, bot: Connection
) -> None:
    source = SourceFactory(processing=processing, kind="telegram", config={"connection": str(bot.pk)}, hook={})
    assert source.follow(on=True) == ""
    code, shown = invited(owner, processing, bot)
    assert "вебхук" in shown
    Client().post(
        f"/webhooks/telegram/{source.key}/",
        json.dumps(service.write(code)),
        content_type="application/json",
        headers={HEADER: service.webhook["secret_token"]},
    )
    found = ask(owner, processing, "find", bot, **{"options-code": code}).content.decode()
    assert 'data-value="987654321"' in found
    assert "Анна Петрова" in found


def test_chats_that_were_seen_stay_in_the_list(
    service: Telegram, owner: Person, processing: Processing, bot: Connection
) -> None:
    service.write("привет", GROUP)
    assert "Найти чат" in ask(owner, processing, "options", bot).content.decode()
    service.updates.clear()
    service.write("здравствуйте")
    shown = ask(owner, processing, "options", bot, **{"options-refresh": "1"}).content.decode()
    assert shown.index("Анна Петрова") < shown.index("Клиника: заявки")


def test_of_however_many_updates_none_is_taken_from_whoever_waits_for_them(
    service: Telegram, owner: Person, processing: Processing, bot: Connection
) -> None:
    for number in range(120):
        service.write(f"привет {number}")
    ask(owner, processing, "options", bot, **{"options-refresh": "1"})
    assert len(service.updates) == 120


def test_while_the_code_is_waited_for_an_error_is_shown(
    service: Telegram, owner: Person, processing: Processing, bot: Connection
) -> None:
    code, _shown = invited(owner, processing, bot)
    bot.sealed = vault.seal({"token": TOKEN + "x"})
    bot.save()
    shown = ask(owner, processing, "find", bot, **{"options-code": code})
    assert shown.status_code == 200
    assert "токен" in shown.content.decode()
    assert "data-loaded-found" not in shown.content.decode()


def test_without_a_bot_and_with_a_refused_one_it_is_told(
    service: Telegram, owner: Person, processing: Processing, bot: Connection
) -> None:
    assert "Сначала выберите подключение" in ask(owner, processing, "find", None).content.decode()
    bot.sealed = vault.seal({"token": TOKEN + "x"})
    bot.save()
    shown = ask(owner, processing, "find", bot).content.decode()
    assert "токен" in shown
    assert TOKEN not in shown


def test_a_bot_of_another_company_is_not_there(
    service: Telegram, stranger: Person, processing: Processing, bot: Connection
) -> None:
    theirs = Processing.objects.create(tenant=stranger.tenant, name="Чужая")
    assert ask(stranger, theirs, "find", bot).status_code == 404
    assert ask(stranger, theirs, "find", bot, **{"options-code": "123456"}).status_code == 404
    assert ask(stranger, processing, "find", bot).status_code == 404
