"""«Telegram: фото» and «Telegram: документ»: a file by address, by id and as it came; chats that the bot has seen."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.telegram.document import SendDocument
from actions.kinds.telegram.file import FileForm, SendFile
from actions.kinds.telegram.photo import SendPhoto
from connections.kinds.telegram import chats
from connections.models import Connection
from connections.opened import Opened
from tests.fakes.telegram import TOKEN, Refused, Telegram, telegram
from webjack.config import bind, errors
from webjack.http import DryRun, Failed, Http

KINDS = pytest.mark.parametrize("kind", [SendPhoto(), SendDocument()])
ADDRESS = "https://example.com/план.pdf"
CAME = {"name": "план.pdf", "type": "application/pdf", "size": 4, "encoding": "base64"}


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Telegram]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with telegram() as fake:
        monkeypatch.setenv("TELEGRAM_API_URL", fake.target.url)
        yield fake


def send(kind: SendFile, file: Any = ADDRESS, http: Http | None = None, **config: Any) -> dict[str, Any]:
    opened = Opened(Connection(kind="telegram", config={"token": TOKEN}))
    return kind.execute({"connection": opened, "chat": "987654321", "file": file} | config, http or Http())


@KINDS
def test_an_address_is_given_to_telegram_with_caption_and_buttons(service: Telegram, kind: SendFile) -> None:
    buttons = [{"name": "Открыть", "value": "https://example.com/1"}]
    output = send(kind, caption="<b>План</b> на 2 < 3", format="html", buttons=buttons, silent=True, topic="5")
    assert (output["message_id"], output["chat_id"]) == (1, 987654321)
    assert output["file_id"].startswith("BQAC")
    method, asked = service.sent[0]
    assert method == kind.method.lower()
    assert (asked[kind.field], asked["caption"]) == (ADDRESS, "<b>План</b> на 2 &lt; 3")
    assert (asked["disable_notification"], asked["message_thread_id"], asked["parse_mode"]) == (True, 5, "HTML")
    assert asked["reply_markup"]["inline_keyboard"][0][0]["url"] == "https://example.com/1"


@KINDS
def test_what_was_sent_once_is_sent_again_by_its_id(service: Telegram, kind: SendFile) -> None:
    file_id = send(kind)["file_id"]
    send(kind, file_id)
    assert service.sent[1][1][kind.field] == file_id
    assert "caption" not in service.sent[1][1]


@KINDS
@pytest.mark.parametrize("many", [False, True])
def test_a_file_that_came_is_uploaded(service: Telegram, kind: SendFile, many: bool) -> None:
    content = b"\x00\xffPD"
    file = CAME | {"content": b64encode(content).decode()}
    buttons = [{"name": "Открыть", "value": "https://example.com/1"}]
    send(kind, [file] if many else file, caption="123", buttons=buttons)
    asked = service.sent[0][1]
    assert asked[kind.field] == {"name": "план.pdf", "content": content}
    assert asked["reply_markup"]["inline_keyboard"][0][0]["text"] == "Открыть"
    assert str(asked["caption"]) == "123"


@KINDS
@pytest.mark.parametrize("file", [ADDRESS, CAME | {"content": "UERG"}])
def test_a_group_that_became_a_supergroup_is_found(service: Telegram, kind: SendFile, file: Any) -> None:
    service.chats |= {-100: -1001234567890, -1001234567890: "ok"}
    assert send(kind, file, chat="-100")["chat_id"] == -1001234567890


@KINDS
@pytest.mark.parametrize(
    ("chat", "words"), [("1", "не находит чат"), ("2", "заблокировал"), ("3", "больше нет в чате")]
)
def test_a_refusal_says_what_to_do_and_is_not_repeated(
    service: Telegram, kind: SendFile, chat: str, words: str
) -> None:
    service.chats |= {2: "blocked", 3: "kicked"}
    with pytest.raises(Failed, match=words) as refused:
        send(kind, chat=chat)
    assert not refused.value.retry


@KINDS
@pytest.mark.parametrize("file", [ADDRESS, CAME | {"content": "UERG"}])
def test_telegram_that_asks_to_wait_is_asked_again_then(service: Telegram, kind: SendFile, file: Any) -> None:
    service.troubles.append(Refused(429, "Too Many Requests: retry after 35", retry_after=35))
    with pytest.raises(Failed) as refused:
        send(kind, file)
    assert (refused.value.retry, refused.value.after) == (True, 35.0)


@KINDS
@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("", "пустое"),
        ("ftp://example.com/a", "не смог взять файл"),
        ("не файл", "не смог взять файл"),
        (CAME | {"content": "UERG", "cut": True}, "не целиком"),
    ],
)
def test_what_is_no_file_is_told(service: Telegram, kind: SendFile, file: Any, words: str) -> None:
    with pytest.raises(Failed, match=words):
        send(kind, file)


def test_a_caption_that_is_too_long_is_not_sent_at_all(service: Telegram) -> None:
    send(SendPhoto(), caption="<b>" + "я" * 1024 + "</b>", format="html")
    with pytest.raises(Failed, match="1024"):
        send(SendPhoto(), caption="я" * 1025)
    assert len(service.sent) == 1


@pytest.mark.parametrize("file", [ADDRESS, CAME | {"content": "UERG"}])
def test_a_dry_run_shows_the_request_without_the_token(service: Telegram, file: Any) -> None:
    http = Http(dry=True)
    with pytest.raises(DryRun):
        send(SendDocument(), file, http)
    assert service.sent == []
    assert TOKEN not in str(http.exchanges)


def test_the_form_needs_a_bot_a_chat_and_a_file() -> None:
    assert set(errors(bind(FileForm, {}))) == {"connection", "chat", "file"}


def test_chats_are_looked_at_and_left_to_whoever_takes_them(service: Telegram) -> None:
    service.write("/start 123456", {"id": -7, "type": "group", "title": "Группа 6"})
    for number in range(120):
        service.write("два", {"id": -number - 10, "type": "group", "title": f"Группа {number}"})
    for _again in range(2):
        found = chats.pending(Http(), TOKEN)
        assert (found[0].value, found[0].said, found[0].label) == ("-7", "123456", "Группа 6")
        assert len(found) == 100
