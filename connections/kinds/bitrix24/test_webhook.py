"""«Битрикс24: портал»: pasted addresses, what the check says, and what each error of the portal becomes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from connections.kinds.bitrix24 import client
from connections.kinds.bitrix24.webhook import Webhook, WebhookForm
from tests.fakes import bitrix24 as fake
from tests.fakes.bitrix24 import SECRET, USER, Bitrix24, bitrix24, opened
from tests.fakes.bitrix24_data import Refused
from tests.fakes.target import target_server
from webjack.config import Config, bind, errors, nest
from webjack.http import Answer, Failed, Http

KEY = f"{USER}/{SECRET}"


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    monkeypatch.setenv("BITRIX24_SCHEME", "http")
    with bitrix24() as started:
        yield started


def config(portal: Bitrix24, key: str = KEY) -> Config:
    return {"portal": portal.portal, "webhook": key}


def through(portal: Bitrix24, key: str = KEY) -> Http:
    return Http().through(opened(portal, key))


def ask(portal: Bitrix24, method: str = "profile", **parameters: Any) -> Any:
    return client.call(through(portal), config(portal), method, parameters).result


@pytest.mark.parametrize(
    "text",
    [
        "https://example.bitrix24.ru/rest/1/abcdef0123456789/",
        "https://example.bitrix24.ru/rest/1/abcdef0123456789",
        "https://example.bitrix24.ru/rest/1/abcdef0123456789/profile.json",
        "https://example.bitrix24.ru/rest/1/abcdef0123456789/crm.lead.add?fields[TITLE]=1",
        "http://example.bitrix24.ru/rest/1/abcdef0123456789/",
        "example.bitrix24.ru/rest/1/abcdef0123456789/",
        "  «https://Example.Bitrix24.ru/rest/1/abcdef0123456789/»\n",
        "https://example.bitrix24.ru/ rest/1/\u200babcdef0123456789/",
    ],
)
def test_an_address_is_understood_as_people_paste_it(text: str) -> None:
    form = bind(WebhookForm, {"webhook": text})
    assert form.is_valid(), form.errors
    assert nest(form.cleaned_data) == {"webhook": "1/abcdef0123456789", "portal": "example.bitrix24.ru"}


def test_a_portal_of_ones_own_keeps_its_port() -> None:
    form = bind(WebhookForm, {"webhook": "https://crm.firm.example:8443/rest/17/abcdef0123456789/"})
    assert form.is_valid()
    assert nest(form.cleaned_data)["portal"] == "crm.firm.example:8443"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Заполните"),
        ("https://example.bitrix24.ru/rest/abcdef0123456789/", "не хватает номера"),
        ("https://example.bitrix24.ru/devops/section/standard/", "не адрес входящего вебхука"),
        ("https://example.bitrix24.ru/rest/1/", "не адрес входящего вебхука"),
        ("https://user@example.bitrix24.ru/rest/1/abcdef0123456789/", "не адрес входящего вебхука"),
    ],
)
def test_what_is_no_address_of_a_webhook_is_refused_with_what_to_do(text: str, words: str) -> None:
    [told] = errors(bind(WebhookForm, {"webhook": text}))["webhook"]
    assert words in told


def test_a_renamed_portal_is_entered_without_the_key() -> None:
    form = bind(WebhookForm, {"webhook": "1/abcdef0123456789", "portal": "https://new.bitrix24.ru/"})
    assert form.is_valid()
    assert nest(form.cleaned_data) == {"webhook": "1/abcdef0123456789", "portal": "new.bitrix24.ru"}


def test_the_check_says_which_portal_whose_webhook_and_what_is_not_ticked(portal: Bitrix24) -> None:
    told = Webhook().check(config(portal), through(portal))
    assert (portal.portal in told, "Иван Петров" in told, "Не отмечено" in told) == (True, True, False)
    portal.scopes = ["crm", "user_brief"]
    told = Webhook().check(config(portal), through(portal))
    assert "Задачи (task), Чат и уведомления (im)" in told
    assert "CRM" not in told


def test_a_webhook_without_any_right_needs_attention(portal: Bitrix24) -> None:
    portal.scopes = []
    with pytest.raises(Failed, match="нет прав") as refused:
        Webhook().check(config(portal), through(portal))
    assert refused.value.denied


def test_a_webhook_of_a_dismissed_employee_needs_attention(portal: Bitrix24) -> None:
    portal.troubles.append((200, b'{"result": [], "time": {}}', {}))
    with pytest.raises(Failed, match="уволен") as refused:
        Webhook().check(config(portal), through(portal))
    assert refused.value.denied


def test_the_secret_shows_nowhere_and_the_rest_of_the_address_does(portal: Bitrix24) -> None:
    http, wrong = through(portal, "1/another0secret0of0tests"), config(portal, "1/another0secret0of0tests")
    portal.troubles.append((400, b'{"error": "", "error_description": "no another0secret0of0tests here"}', {}))
    with pytest.raises(Failed):
        client.call(http, wrong, "crm.lead.add")
    with pytest.raises(Failed, match="не знает этого вебхука") as refused:
        client.call(http, wrong, "crm.lead.add")
    assert refused.value.denied
    assert "another0secret" not in str(http.exchanges)
    assert http.exchanges[0]["request"]["url"] == f"{portal.target.url}/rest/••••/crm.lead.add.json"


@pytest.mark.parametrize(
    ("trouble", "retry", "after", "denied", "words"),
    [
        (fake.LIMIT, True, 2.0, False, "слишком много запросов"),
        (fake.busy_method(240), True, 240.0, False, "заблокировал этот метод"),
        (fake.BUSY_METHOD, True, 600.0, False, "заблокировал этот метод"),
        (fake.OVERLOAD, True, 900.0, False, "поддержку"),
        (fake.BROKEN, True, None, False, "Internal server error"),
        (fake.PAGE, True, None, False, "502"),
        (fake.UNPAID, False, None, True, "подписка"),
        (fake.NO_REST, False, None, True, "подписка"),
        (Refused(403, "ACCESS_DENIED", "Available only on extended plans"), False, None, True, "подписка"),
        (fake.DELETED, False, None, True, "удалён"),
        (Refused(403, "INVALID_CREDENTIALS", "Invalid request credentials"), False, None, True, "не знает"),
        (Refused(401, "expired_token", "The access token provided has expired."), False, None, True, "истёк"),
        (Refused(401, "authorization_error", "Unable to authorize user"), False, None, True, "уволен"),
        (Refused(403, "insufficient_scope", "The request requires higher privileges"), False, None, True, "права"),
        (Refused(400, "", "Access denied."), False, None, False, "нет права"),
        (Refused(403, "user_access_error", "No rights"), False, None, False, "нет права"),
        (Refused(400, "", "Not found"), False, None, False, "не находит"),
        (Refused(401, "INVALID_REQUEST", "Https required."), False, None, False, "https"),
        (Refused(404, "ERROR_METHOD_NOT_FOUND", "Method not found!"), False, None, False, "нет такого метода"),
        (Refused(400, "ERROR_CORE", "Task title is not specified<br>"), False, None, False, "Task title is not"),
        ((403, b"<html>Forbidden</html>", {"Content-Type": "text/html"}), False, None, False, "403"),
        ((200, b"<html>login</html>", {"Content-Type": "text/html"}), False, None, False, "JSON"),
        ((200, b'{"error": "", "error_description": "Odd"}', {}), False, None, False, "Odd"),
    ],
)
def test_each_error_says_what_it_means(
    portal: Bitrix24, trouble: Any, retry: bool, after: float | None, denied: bool, words: str
) -> None:
    portal.troubles.append(trouble)
    with pytest.raises(Failed, match=words) as refused:
        ask(portal)
    assert (refused.value.retry, refused.value.denied) == (retry, denied)
    assert refused.value.after == (pytest.approx(after, abs=1.5) if after else None)


def test_a_right_that_is_not_ticked_needs_attention(portal: Bitrix24) -> None:
    portal.scopes = ["im"]
    with pytest.raises(Failed, match="отметьте") as refused:
        ask(portal, "crm.lead.list")
    assert refused.value.denied


def test_more_than_the_bucket_holds_is_asked_to_wait(portal: Bitrix24) -> None:
    portal.most = 3
    for _number in range(3):
        ask(portal)
    with pytest.raises(Failed, match="слишком много запросов") as refused:
        ask(portal)
    assert refused.value.retry


def test_a_renamed_portal_is_followed_with_the_same_parameters(portal: Bitrix24, settings: Any) -> None:
    with bitrix24() as new:
        portal.renamed = new.target.url
        assert ask(portal, "crm.lead.add", fields={"TITLE": "Заявка"}) == 101
        assert new.asked("crm.lead.add") == [{"fields": {"TITLE": "Заявка"}}]
        assert f"переименован: впишите новое имя {new.portal}" in Webhook().check(config(portal), through(portal))


def test_a_redirect_without_a_host_is_an_error(portal: Bitrix24) -> None:
    portal.troubles.append((302, b"<html></html>", {"Location": "/auth/"}))
    with pytest.raises(Failed, match="302"):
        ask(portal)


def test_commands_of_a_batch_use_each_others_answers(portal: Bitrix24) -> None:
    name = 'Анна & "Ко" = 100% [x] {{ y }} \\ + #'
    commands: dict[str, Any] = {
        "contact": ("crm.contact.add", {"fields": {"NAME": name, "PHONE": [{"VALUE": "+79161234567"}]}}),
        "deal": ("crm.deal.add", {"fields": {"TITLE": name, "CONTACT_IDS": ["$result[contact]"], "COMMENTS": None}}),
        "wrong": ("crm.deal.add", {}),
    }
    told = client.batch(through(portal), config(portal), commands)
    assert told.results == {"contact": 101, "deal": 101}
    assert "must be array" in str(told.errors["wrong"])
    assert portal.store.records["contact"][101]["NAME"] == name
    assert portal.store.records["deal"][101]["CONTACT_IDS"] == [101]


def test_reading_several_things_fails_when_one_of_them_does(portal: Bitrix24) -> None:
    commands: dict[str, Any] = {"fields": ("crm.lead.fields", {}), "who": ("user.get", {})}
    assert set(client.several(through(portal), config(portal), commands)) == {"fields", "who"}
    portal.scopes = ["crm"]
    with pytest.raises(Failed, match="права"):
        client.several(through(portal), config(portal), commands)


def test_a_long_list_is_read_to_its_end(portal: Bitrix24) -> None:
    for number in range(120):
        portal.store.put("lead", TITLE=f"Лид {number}")
    found = client.every(through(portal), config(portal), "crm.lead.list", {"select": ["ID"]})
    assert [one["ID"] for one in found] == [str(number) for number in range(101, 221)]


@pytest.mark.parametrize(
    ("told", "most"),
    [
        ({"result": [], "next": 50}, 1),
        ({"result": {"ID": 1}, "next": 50}, 1),
        ({"result": [{"ID": 1}], "next": 50}, 2),
        ({"result": [{"ID": 1}], "next": -50}, 1),
    ],
)
def test_a_list_that_would_never_end_is_not_read_on(portal: Bitrix24, told: Config, most: int) -> None:
    with target_server() as server:
        server.answer = lambda request: (200, json.dumps(told).encode())
        client.every(Http(), {"portal": server.url.partition("//")[2], "webhook": KEY}, "user.get", {})
        assert len(server.requests) == most


def test_nor_is_one_of_too_many_pages(portal: Bitrix24) -> None:
    with target_server() as server:
        server.answer = lambda request: (200, json.dumps({"result": [1], "next": len(server.requests)}).encode())
        client.every(Http(), {"portal": server.url.partition("//")[2], "webhook": KEY}, "user.get", {})
        assert len(server.requests) == client.MOST_PAGES


def test_a_portal_that_sends_us_to_no_address_is_told() -> None:
    answer = Answer(302, "Found", CaseInsensitiveDict(Location="http://["), b"", False, "https://a.bitrix24.ru/")
    with pytest.raises(Failed):
        client._moved(answer)
