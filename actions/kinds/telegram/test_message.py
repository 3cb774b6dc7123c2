"""«Telegram: сообщение»: what it sends, what it makes of long and odd texts, what each refusal becomes."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.telegram import markup
from actions.kinds.telegram.message import MessageForm, SendMessage
from connections.kinds.telegram.bot import Bot, BotForm
from connections.models import Connection
from connections.opened import Opened
from tests.fakes.telegram import TOKEN, Refused, Telegram, telegram
from webjack.config import bind, errors
from webjack.http import DryRun, Failed, Http


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Telegram]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with telegram() as fake:
        monkeypatch.setenv("TELEGRAM_API_URL", fake.target.url)
        yield fake


def opened(token: str = TOKEN) -> Opened:
    return Opened(Connection(kind="telegram", config={"token": token}))


def send(text: Any = "Новая заявка", http: Http | None = None, token: str = TOKEN, **config: Any) -> dict[str, Any]:
    asked = {"connection": opened(token), "chat": "987654321", "text": text} | config
    return SendMessage().execute(asked, http or Http())


def test_a_message_is_sent_and_its_number_is_given_on(service: Telegram) -> None:
    output = send(buttons=[{"name": "Открыть", "value": "https://example.com/1"}], topic="5", silent=True)
    assert output == {"message_id": 1, "chat_id": 987654321, "messages": [1]}
    asked = service.messages[0]
    assert asked["reply_markup"] == {"inline_keyboard": [[{"text": "Открыть", "url": "https://example.com/1"}]]}
    assert (asked["message_thread_id"], asked["disable_notification"]) == (5, True)
    assert asked["link_preview_options"] == {"is_disabled": True}


@pytest.mark.parametrize("result", ["true", "null", "[]", "{}", '{"message_id": null}'])
def test_an_answer_that_names_no_message_is_told_and_not_repeated(service: Telegram, result: str) -> None:
    service.troubles.append((200, b'{"ok": true, "result": %s}' % result.encode()))
    with pytest.raises(Failed, match="какое сообщение") as refused:
        send()
    assert (refused.value.retry, refused.value.unknown) == (False, True)


@pytest.mark.parametrize("marks", ["text", "html", "markdown"])
def test_whatever_the_data_hold_the_message_arrives(service: Telegram, marks: str) -> None:
    odd = "2 < 3 & <script>alert(1)</script> <br> </b> <i>не закрыт *одна _другая <a>x</a> <!-- y --> & &amp; <"
    send(odd, format=marks)
    assert len(service.messages) == 1


def test_html_keeps_the_formatting_that_telegram_knows() -> None:
    text = "<strong>Имя:</strong> Анна &amp; Ко<br><a href='https://example.com/?a=1&b=2'>сайт</a> <b><i>x</b> y"
    assert markup.messages(markup.from_html(text)) == [
        '<b>Имя:</b> Анна &amp; Ко\n<a href="https://example.com/?a=1&amp;b=2">сайт</a> <b><i>x</i></b> y'
    ]


def test_markdown_becomes_what_telegram_knows() -> None:
    text = "*Имя:* Анна _тихо_ `a_b` [сайт](https://example.com/?a=1&b=2) 2*3*4 snake_case_name"
    assert markup.messages(markup.from_markdown(text)) == [
        "<b>Имя:</b> Анна <i>тихо</i> <code>a_b</code> "
        '<a href="https://example.com/?a=1&amp;b=2">сайт</a> 2<b>3</b>4 snake_case_name'
    ]


def test_a_long_text_becomes_several_messages_and_the_last_has_the_buttons(service: Telegram) -> None:
    line = "Строка с эмодзи 😀 и словами\n"
    output = send(line * 300, buttons=[{"name": "Открыть", "value": "https://example.com/"}])
    assert len(output["messages"]) == len(service.messages) == 3
    assert "".join(asked["text"] + "\n" for asked in service.messages).split() == (line * 300).split()
    assert ["reply_markup" in asked for asked in service.messages] == [False, False, True]


def test_formatting_goes_on_in_the_next_message() -> None:
    first, second = markup.messages(markup.from_html("<b>" + "слово " * 700 + "</b>"))
    assert first.startswith("<b>")
    assert first.endswith("</b>")
    assert second.startswith("<b>")


def test_a_text_without_end_is_not_sent_at_all(service: Telegram) -> None:
    with pytest.raises(Failed, match="не больше 10"):
        send("а " * 30_000)
    assert service.sent == []


def test_a_text_too_long_to_be_read_is_refused_unread(service: Telegram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "_Reader", lambda: pytest.fail("it was read"))
    with pytest.raises(Failed, match="60001"):
        send("<a " * 20_000 + "!", format="html")
    assert service.sent == []


@pytest.mark.parametrize(
    "odd", ["цена <![ 5", "<a <b>x", "<![CDATA[x", "<?x <!-- y", "<a href=>x</a>", "&#" + "9" * 5_000]
)
def test_what_is_no_tag_is_shown_as_it_is(odd: str) -> None:
    [told] = markup.messages(markup.from_html(odd), longest=10_000)
    assert html.unescape(re.sub("</?b>", "", told)) == odd.replace("<b>", "")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("<b>x" * 5_000, f"<b>{'x' * 5_000}</b>"),
        ("<b><strong>x</strong>y</b>z", "<b>xy</b>z"),
        ("<a href='https://a.ru'>x<a href='https://b.ru'>y</a></a>z", '<a href="https://a.ru">xy</a>z'),
        ("<B>x<BR/>y</B ><i>z", "<b>x\ny</b><i>z</i>"),
        ("<blockquote>x</blockquote><b-x>", "<blockquote>x</blockquote>&lt;b-x&gt;"),
    ],
)
def test_a_tag_inside_one_of_its_name_says_nothing_new(given: str, told: str) -> None:
    assert markup.messages(markup.from_html(given), longest=10_000) == [told]


def test_a_link_in_markdown_begins_at_its_last_bracket() -> None:
    text = "[" * 1_000 + "[сайт](https://a.ru)"
    assert markup.messages(markup.from_markdown(text)) == ["[" * 1_000 + '<a href="https://a.ru">сайт</a>']
    for endless in ("[" * 20_000, "[a](http://x" * 5_000):
        assert "".join(markup.messages(markup.from_markdown(endless))) == endless


LONG = "строка\n" * 1_500  # three messages


def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(Http, "pause", lambda self, seconds: found.append(seconds))
    return found


@pytest.mark.parametrize(
    ("trouble", "waited"),
    [(Refused(429, "Too Many Requests: retry after 3", retry_after=3), 3.0), (Refused(502, "Bad Gateway"), 1.0)],
)
def test_a_text_goes_on_where_it_was_stopped(
    service: Telegram, monkeypatch: pytest.MonkeyPatch, trouble: Refused, waited: float
) -> None:
    found = waits(monkeypatch)
    service.troubles += [None, None, trouble]
    assert send(LONG)["messages"] == [1, 2, 3]
    assert found == [waited]
    assert len(service.messages) == 3


@pytest.mark.parametrize(
    "troubles",
    [
        [Refused(429, "Too Many Requests: retry after 35", retry_after=35)],
        [Refused(500, "Internal Server Error")] * 2,
        [Refused(403, "Forbidden: bot was blocked by the user")],
    ],
)
def test_a_text_that_was_begun_is_not_sent_again(
    service: Telegram, monkeypatch: pytest.MonkeyPatch, troubles: list[Any]
) -> None:
    waits(monkeypatch)
    service.troubles += [None, None, *troubles]
    with pytest.raises(Failed, match="2 из 3") as refused:
        send(LONG)
    assert (refused.value.retry, refused.value.status, refused.value.unknown) == (False, None, False)
    assert len(service.messages) == 2


def test_a_group_that_became_a_supergroup_is_found(service: Telegram) -> None:
    service.chats |= {-100: -1001234567890, -1001234567890: "ok"}
    assert send(chat="-100")["chat_id"] == -1001234567890


@pytest.mark.parametrize(
    ("chat", "words"),
    [
        ("1", "не находит чат"),
        ("", "не находит чат"),
        ("2", "заблокировал"),
        ("3", "больше нет в чате"),
    ],
)
def test_a_refusal_says_what_to_do_and_is_not_repeated(service: Telegram, chat: str, words: str) -> None:
    service.chats |= {2: "blocked", 3: "kicked"}
    with pytest.raises(Failed, match=words) as refused:
        send(chat=chat)
    assert (refused.value.retry, refused.value.denied) == (False, False)


def test_a_wrong_token_needs_attention_and_shows_nowhere(service: Telegram) -> None:
    http, wrong = Http(), "987654321:AAE-another_token_of_a_bot"
    http.hide([wrong])
    with pytest.raises(Failed, match="токен") as refused:
        send(http=http, token=wrong)
    assert refused.value.denied
    assert wrong not in str(http.exchanges)
    assert "••••" in http.exchanges[0]["request"]["url"]


@pytest.mark.parametrize(
    ("trouble", "after"),
    [
        (Refused(429, "Too Many Requests: retry after 35", retry_after=35), 35.0),
        (Refused(500, "Internal Server Error"), None),
        ((502, b"<html>Bad Gateway</html>"), None),
    ],
)
def test_what_passes_is_repeated(service: Telegram, trouble: Any, after: float | None) -> None:
    service.troubles.append(trouble)
    with pytest.raises(Failed) as refused:
        send()
    assert (refused.value.retry, refused.value.after) == (True, after)


def test_a_page_in_place_of_an_answer_is_told(service: Telegram) -> None:
    service.troubles.append((200, b"<html>login</html>"))
    with pytest.raises(Failed, match="JSON"):
        send()


def test_a_dry_run_shows_the_request_without_the_token(service: Telegram) -> None:
    http = Http(dry=True)
    with pytest.raises(DryRun):
        send(http=http)
    assert service.sent == []
    assert TOKEN not in str(http.exchanges)


def test_the_check_says_which_bot_it_is(service: Telegram) -> None:
    http = Http().through(opened())
    assert "@clinic_bot" in Bot().check({"token": TOKEN}, http)


@pytest.mark.parametrize("token", ["", "12345", "123456789:short", "123456789:AAE fake token of a bot"])
def test_what_is_no_token_is_refused_at_once(token: str) -> None:
    assert "token" in errors(bind(BotForm, {"token": token}))


def test_the_form_needs_a_bot_a_chat_and_a_text() -> None:
    assert {"connection", "chat", "text"} <= set(errors(bind(MessageForm, {})))
