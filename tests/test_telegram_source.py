"""«Telegram» as a source: the webhook it sets by itself, the secret at the door, the fields, and what goes wrong."""

import json
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from connections import editing
from connections.models import Connection
from connections.places import MOST_AT_ONCE, place
from history.models import Operation, Status
from processings import switch
from processings.models import Processing, State
from sources import hooks
from sources.kinds.telegram.bot import CONTACT, EXAMPLE, HEADER, PRESSED, Bot
from sources.models import Source
from tests.api import Program
from tests.bot import bot, bot_of, service
from tests.conftest import Person
from tests.factories import ActionFactory, ProcessingFactory, SourceFactory
from tests.fakes.telegram import TOKEN, Refused, Telegram
from webjack.http import Failed

__all__ = ["bot", "service"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source(service: Telegram, owner: Person, processing: Processing, bot: Connection) -> Source:
    """Made on the pages, so that its webhook is set."""
    posted = {"own-name": "", "connection": str(bot.pk), "updates": ["message", "callback_query"]}
    response = owner.post(f"/processings/{processing.pk}/sources/add/?kind=telegram", posted)
    assert response.status_code == 302, response.content.decode()
    return Source.objects.get()


def deliver(service: Telegram, source: Source, update: Any, secret: str | None = None) -> Any:
    """As Telegram does: with the secret it was told."""
    secret = str(service.webhook["secret_token"]) if secret is None else secret
    path = service.webhook.get("url", source.url).removeprefix("https://hooks.example.com")
    body = json.dumps(update, ensure_ascii=False).encode()
    return Client().post(path, body, content_type="application/json", headers={HEADER: secret} if secret else {})


def page(owner: Person, source: Source) -> str:
    return owner.get(f"/sources/{source.pk}/").content.decode()


def test_saving_sets_the_webhook_with_a_secret(service: Telegram, source: Source, owner: Person) -> None:
    asked = service.webhook
    assert asked["url"] == source.url
    assert asked["allowed_updates"] == ["message", "callback_query"]
    assert len(asked["secret_token"]) >= 32
    shown = page(owner, source)
    assert "@clinic_bot" in shown
    assert source.url not in shown
    assert asked["secret_token"] not in f"{shown} {source.hook}"


def test_an_update_comes_in_as_plain_fields(service: Telegram, source: Source) -> None:
    Processing.objects.update(state=State.RUNNING)
    assert deliver(service, source, EXAMPLE).status_code == 200
    kept = Operation.objects.get()
    assert kept.status == Status.QUEUED
    data = Bot().read(kept, source.config).data
    told = {"chat_id": 987654321, "chat_type": "private", "name": "Анна Петрова", "username": "anna_petrova"}
    assert told.items() <= data.items()
    assert (data["text"], data["update_id"], data["update"]) == (EXAMPLE["message"]["text"], 10000, EXAMPLE)  # type: ignore[index]
    assert str(service.webhook["secret_token"]) not in str(kept.headers)


def test_contacts_presses_commands_and_files_have_fields_of_their_own(service: Telegram, source: Source) -> None:
    document = service.write(
        "", document={"file_id": "BQAC1", "file_name": "план.pdf"}, caption="/start@clinic_bot abc"
    )
    photo = service.write("", photo=[{"file_id": "small"}, {"file_id": "large"}])
    for update in (CONTACT, PRESSED, document, photo):
        assert deliver(service, source, update).status_code == 200
    contact, press, file, picture = (Bot().read(kept, source.config).data for kept in Operation.objects.order_by("id"))
    assert (contact["phone"], contact["contact_name"]) == ("+79161234567", "Анна")
    assert (press["event"], press["callback_data"], press["chat_id"]) == ("callback_query", "confirm:99123", 987654321)
    assert (file["file_id"], file["file_name"], file["command"], file["command_text"]) == (
        "BQAC1", "план.pdf", "start", "abc",
    )  # fmt: skip
    assert picture["photo_id"] == "large"


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_who_does_not_know_the_secret_is_refused_and_kept(service: Telegram, source: Source, secret: str) -> None:
    assert deliver(service, source, EXAMPLE, secret).status_code == 401
    assert Operation.objects.get().status == Status.REJECTED


def test_an_update_that_comes_twice_is_one_operation(service: Telegram, source: Source) -> None:
    answers = {deliver(service, source, EXAMPLE).json()["id"] for _try in range(2)}
    assert len(answers) == Operation.objects.count() == 1


def test_stopping_takes_the_webhook_away_and_starting_sets_it_again(
    service: Telegram, source: Source, owner: Person
) -> None:
    ActionFactory(processing=source.processing)
    assert switch.start(source.processing) == []
    owner.post(f"/processings/{source.processing_id}/stop/")
    assert service.webhook == {}
    assert "Отключено" in page(owner, source)
    owner.post(f"/processings/{source.processing_id}/start/")
    assert service.webhook["url"] == source.url
    assert deliver(service, source, EXAMPLE).status_code == 200


@pytest.mark.parametrize("way", ["source", "processing", "api"])
def test_deleting_takes_the_webhook_away(
    service: Telegram, source: Source, owner: Person, program: Program, way: str
) -> None:
    if way == "source":
        owner.post(f"/sources/{source.pk}/delete/")
    elif way == "processing":
        owner.post(f"/processings/{source.processing_id}/delete/")
    else:
        program.delete(f"sources/{source.pk}/")
    assert service.webhook == {}


def test_another_systems_webhook_is_told_and_taken_only_if_allowed(
    service: Telegram, source: Source, owner: Person, bot: Connection
) -> None:
    service.webhook = {"url": "https://crm.example.com/hook"}
    owner.post(f"/sources/{source.pk}/link/", {"on": "1"})
    shown = page(owner, source)
    assert "crm.example.com" in shown
    assert "Подключить снова" in shown
    assert service.webhook["url"] == "https://crm.example.com/hook"
    owner.post(f"/sources/{source.pk}/link/")
    assert service.webhook["url"] == "https://crm.example.com/hook"
    posted = {"own-name": "", "connection": str(bot.pk), "updates": ["message"], "replace": "on"}
    owner.post(f"/sources/{source.pk}/", posted)
    assert service.webhook["url"] == source.url


def test_one_bot_calls_one_source_of_the_company(
    service: Telegram, source: Source, owner: Person, bot: Connection
) -> None:
    other = SourceFactory(
        processing=ProcessingFactory(tenant=owner.tenant), kind="telegram", config={"connection": str(bot.pk)}
    )
    owner.post(f"/sources/{other.pk}/link/", {"on": "1"})
    assert f"«{source.processing}»" in page(owner, other)
    assert service.webhook["url"] == source.url


def test_telegram_that_is_away_is_told_and_asked_again_later(service: Telegram, source: Source, owner: Person) -> None:
    service.webhook = {}
    service.troubles.append((502, b"<html>Bad Gateway</html>"))
    owner.post(f"/sources/{source.pk}/link/", {"on": "1"})
    assert "502" in page(owner, source)
    assert hooks.again() == 0
    source.refresh_from_db()
    source.hook["again"] = timezone.now().isoformat()
    source.write("hook")
    assert hooks.again() == 1
    assert service.webhook["url"] == source.url
    assert "502" not in page(owner, source)


def test_after_a_change_of_the_token_the_webhook_is_set_anew(
    service: Telegram, source: Source, bot: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hooks.again() == 0
    fresh = TOKEN.replace("AAE", "BBF")
    monkeypatch.setattr("tests.fakes.telegram.TOKEN", fresh)
    service.webhook = {}
    editing.put(Connection.objects.get(pk=bot.pk), {"token": fresh})
    assert hooks.again() == 1
    assert service.webhook["url"] == source.url
    assert hooks.again() == 0


def test_a_refused_token_is_told_without_it(service: Telegram, source: Source, owner: Person) -> None:
    service.troubles.append(Refused(401, "Unauthorized"))
    owner.post(f"/sources/{source.pk}/link/", {"on": "1"})
    shown = page(owner, source)
    assert "токен" in shown
    assert TOKEN not in shown


def test_a_service_without_https_is_told(service: Telegram, source: Source, owner: Person, settings: Any) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    owner.post(f"/sources/{source.pk}/link/", {"on": "1"})
    assert "https" in page(owner, source)


def test_the_api_tells_how_the_link_stands(service: Telegram, source: Source, program: Program) -> None:
    link = program.read(f"sources/{source.pk}/")["link"]
    assert (link["wanted"], link["who"], link["error"]) == (True, "@clinic_bot", "")
    assert "secrets" not in link


def test_a_copy_does_not_take_the_webhook_away_from_the_first(service: Telegram, source: Source, owner: Person) -> None:
    owner.post(f"/processings/{source.processing_id}/copy/")
    copied = Source.objects.exclude(pk=source.pk).get()
    assert copied.hook == {}
    assert hooks.again() == 0
    assert service.webhook["url"] == source.url


def test_strangers_and_viewers_switch_nothing(
    service: Telegram, source: Source, stranger: Person, viewer: Person
) -> None:
    assert stranger.post(f"/sources/{source.pk}/link/").status_code == 404
    assert viewer.post(f"/sources/{source.pk}/link/").status_code in (403, 404)
    assert service.webhook["url"] == source.url


def test_the_bots_of_another_company_cannot_be_chosen(service: Telegram, stranger: Person, bot: Connection) -> None:
    theirs = ProcessingFactory(tenant=stranger.tenant)
    posted = {"own-name": "", "connection": str(bot.pk)}
    assert stranger.post(f"/processings/{theirs.pk}/sources/add/?kind=telegram", posted).status_code == 200
    assert not Source.objects.filter(processing=theirs).exists()


def test_the_chats_that_write_are_remembered(service: Telegram, source: Source, bot: Connection) -> None:
    group = {"id": -100123, "type": "supergroup", "title": "Клиника: заявки"}
    deliver(service, source, service.write("/start@clinic_bot 482137", group))
    deliver(service, source, service.write("привет"))
    seen = {row.value: (row.label, row.about, row.said) for row in bot.seen.all()}
    assert seen == {
        "-100123": ("Клиника: заявки", "группа", "482137"),
        "987654321": ("Анна Петрова", "личный чат", ""),
    }


def in_thread(work: Callable[[], Any]) -> threading.Thread:
    """As another process would do it: with a connection to the database of its own."""

    def whole() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=whole)
    thread.start()
    return thread


def wanted(owner: Person, again: datetime) -> Source:
    """A source with a bot of its own that should call and does not."""
    hook = {"wanted": True, "error": "Telegram: 502", "again": again.isoformat()}
    config = {"connection": str(bot_of(owner.tenant).pk)}
    return SourceFactory(processing=ProcessingFactory(tenant=owner.tenant), kind="telegram", config=config, hook=hook)


def meanwhile(monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]) -> None:
    """When the webhook is set next, this happens between Telegram's answer and our row."""
    attach, works = Bot.attach, [work]

    def slow(self: Bot, *told: Any) -> str:
        who = attach(self, *told)
        if works:
            works.pop()()
        return who

    monkeypatch.setattr(Bot, "attach", slow)


def test_the_job_leaves_alone_what_somebody_is_setting(
    service: Telegram, source: Source, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    Source.objects.update(hook=source.hook | {"error": "Telegram: 502", "again": timezone.now().isoformat()})
    tried: list[int] = []
    meanwhile(monkeypatch, lambda: in_thread(lambda: tried.append(hooks.again())).join(20))
    owner.post(f"/sources/{source.pk}/link/", {"on": "1"})
    assert tried == [0]
    assert deliver(service, source, EXAMPLE).status_code == 200


@pytest.mark.parametrize("on", [True, False])
def test_two_clicks_at_once_come_one_after_the_other(
    service: Telegram, source: Source, owner: Person, monkeypatch: pytest.MonkeyPatch, on: bool
) -> None:
    """The second one has finished, or waits for the first."""
    threads: list[threading.Thread] = []
    moved, asked = threading.Event(), getattr(hooks, "_asked", None)

    def look(*told: Any) -> bool:
        found: bool = asked(*told)  # type: ignore[misc]
        if not found:
            moved.set()
        return found

    def second() -> None:
        source.follow(on=on)
        moved.set()

    def click() -> None:
        threads.append(in_thread(second))
        moved.wait(20)

    monkeypatch.setattr(hooks, "_asked", look, raising=False)
    meanwhile(monkeypatch, click)
    owner.post(f"/sources/{source.pk}/link/", {"on": "1"})
    threads[0].join(20)
    assert bool(service.webhook) is on
    if on:
        assert deliver(service, source, EXAMPLE).status_code == 200


def test_telegrams_secret_is_known_after_however_many_tries_failed(
    service: Telegram, source: Source, owner: Person
) -> None:
    for _try in range(4):
        service.troubles.append((502, b"<html>Bad Gateway</html>"))
        owner.post(f"/sources/{source.pk}/link/", {"on": "1"})
        assert deliver(service, source, EXAMPLE).status_code == 200
    source.refresh_from_db()
    assert len(source.hook["secrets"]) == 3


def test_a_round_of_the_job_ends_in_time_and_the_next_one_goes_on(
    owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes 15 seconds of a clock of our own, and a round begins none after 20."""
    clock, tried = [0.0], []

    def hangs(self: Bot, url: str, *told: Any) -> str:
        clock[0] += 15
        tried.append(url)
        raise Failed("Telegram: timeout")

    monkeypatch.setattr(Bot, "attach", hangs)
    monkeypatch.setattr(hooks, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    urls = [wanted(owner, timezone.now() - timedelta(minutes=late)).url for late in range(5)]
    assert [hooks.again(), hooks.again(), hooks.again()] == [2, 2, 1]
    assert tried == urls[::-1]


def test_one_that_breaks_or_whose_kind_is_gone_ends_no_round(
    service: Telegram, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach = Bot.attach
    gone, broken, good = (wanted(owner, timezone.now() - timedelta(minutes=late)) for late in (3, 2, 1))
    Source.objects.filter(pk=gone.pk).update(kind="gone")

    def breaks(self: Bot, url: str, *told: Any) -> str:
        if url == broken.url:
            Source.objects.filter(pk=broken.pk).delete()
            return "@clinic_bot"
        return attach(self, url, *told)

    monkeypatch.setattr(Bot, "attach", breaks)
    assert hooks.again() == 1
    assert service.webhook["url"] == good.url


def test_nothing_is_deleted_while_there_is_no_place_to_take_the_webhook_away_from(
    service: Telegram, source: Source, owner: Person, program: Program
) -> None:
    with ExitStack() as places:
        for _place in range(MOST_AT_ONCE):
            places.enter_context(place())
        refused = owner.post(f"/sources/{source.pk}/delete/", follow=True).content.decode()
        assert "Попробуйте ещё раз через полминуты" in refused
        assert program.delete(f"sources/{source.pk}/").status_code == 409
        source.refresh_from_db()
        assert (source.hook["wanted"], service.webhook["url"]) == (True, source.url)
    owner.post(f"/sources/{source.pk}/delete/")
    assert (service.webhook, Source.objects.count()) == ({}, 0)


def test_what_finds_no_place_to_ask_from_is_done_by_the_job(
    service: Telegram, source: Source, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a Telegram that hangs holds no more threads than that."""
    ActionFactory(processing=source.processing)
    with ExitStack() as places:
        for _place in range(MOST_AT_ONCE):
            places.enter_context(place())
        owner.post(f"/processings/{source.processing_id}/stop/")
        assert service.webhook["url"] == source.url
        assert hooks.again() == 1
        assert service.webhook == {}
        owner.post(f"/processings/{source.processing_id}/start/")
        assert (service.webhook, hooks.again()) == ({}, 0)
        assert "Другие" in page(owner, source)
    source.refresh_from_db()
    Source.objects.update(hook=source.hook | {"again": timezone.now().isoformat()})
    assert hooks.again() == 1
    assert service.webhook["url"] == source.url


@pytest.mark.parametrize("on", [True, False])
def test_a_process_that_dies_while_it_starts_or_stops_leaves_the_rest_to_the_job(
    service: Telegram, source: Source, monkeypatch: pytest.MonkeyPatch, on: bool
) -> None:
    SourceFactory(processing=source.processing, kind="telegram")
    ActionFactory(processing=source.processing)
    if on:
        source.follow(on=False)
    with monkeypatch.context() as patched:
        patched.setattr(hooks, "follow", dies)
        with pytest.raises(KeyboardInterrupt):
            (switch.start if on else switch.stop)(source.processing)
    assert set(Source.objects.values_list("hook__wanted", flat=True)) == {on}
    assert hooks.again() == 1
    assert bool(service.webhook) is on


def test_a_process_that_dies_while_it_asks_leaves_the_rest_to_the_job(
    service: Telegram, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        left: list[Any] = []
        kept = Source.objects.values_list("hook", flat=True)
        patched.setattr(Bot, "detach", lambda *told: left.append(kept.get()))
        source.follow(on=False)
    Source.objects.update(hook=left[0])
    assert service.webhook
    assert hooks.again() == 1
    assert not service.webhook
    assert hooks.again() == 0


def dies(*told: Any, **named: Any) -> str:
    raise KeyboardInterrupt


def test_of_two_sources_with_one_bot_the_first_gets_it_when_both_start(
    service: Telegram, source: Source, bot: Connection
) -> None:
    second = SourceFactory(processing=source.processing, kind="telegram", config={"connection": str(bot.pk)})
    ActionFactory(processing=source.processing)
    source.follow(on=False)
    assert [source.title in said for said in switch.start(source.processing)] == [True]
    assert service.webhook["url"] == source.url
    second.refresh_from_db()
    assert (second.hook["wanted"], "уже" in second.hook["error"]) == (True, True)
    assert source.follow(on=True) == ""
