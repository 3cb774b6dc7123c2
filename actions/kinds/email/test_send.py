"""«Почта: письмо»: what arrives at a mail server, what cannot be smuggled in, and what each refusal becomes."""

import base64
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import pytest
from django.core import mail

from actions.kinds.email import letter
from actions.kinds.email.letter import message_id
from actions.kinds.email.plain_text import text_of
from actions.kinds.email.send import LetterForm, SendLetter
from connections.kinds.email.addresses import Mailbox, mailboxes
from connections.models import Connection
from connections.opened import Opened
from tests.fakes.smtp import Inbox, free_port, smtp_server
from webjack.config import bind, errors
from webjack.http import DryRun, Failed, Http
from webjack.http.letter import NONE


@pytest.fixture(scope="module")
def server() -> Iterator[Inbox]:
    with smtp_server() as inbox:
        yield inbox


@pytest.fixture
def inbox(server: Inbox, settings: Any) -> Inbox:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    server.mails.clear()
    server.raw.clear()
    server.envelopes.clear()
    server.refuse, server.refused, server.breaks = "", {}, False
    return server


def opened(port: int, **config: Any) -> Opened:
    told = {"host": "127.0.0.1", "port": port, "encryption": NONE, "sender": "info@example.com"} | config
    return Opened(Connection(kind="email", config=told))


def send(inbox: Inbox, http: Http | None = None, sender: dict[str, Any] | None = None, **config: Any) -> dict[str, Any]:
    asked = {"to": "anna@example.com", "subject": "Заявка", "text": "Новая заявка", "format": "text"} | config
    asked["connection"] = opened(inbox.port, **sender or {})
    return SendLetter().execute(asked, http or Http(key="operation-1-step-1"))


def refused(inbox: Inbox, **config: Any) -> Failed:
    with pytest.raises(Failed) as failed:
        send(inbox, **config)
    return failed.value


def read(header: str) -> str:
    """As mail programs do. The newer parser of Python puts spaces into long names."""
    return str(make_header(decode_header(header)))


def sender_of(inbox: Inbox) -> tuple[str, str]:
    ((name, spec),) = getaddresses([message_from_bytes(inbox.raw[0])["From"]])
    return read(name), spec


def lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def files(letter: EmailMessage) -> dict[str, Any]:
    return {str(part.get_filename()): part.get_content() for part in letter.iter_attachments()}


def test_a_letter_arrives_with_all_that_was_asked(inbox: Inbox) -> None:
    output = send(
        inbox,
        sender={"sender_name": "Клиника «Ромашка», Москва"},
        to="Петрова Анна <anna@example.com>, info@пример.рф",
        cc="boss@example.com",
        bcc="secret@example.com",
        reply_to="client@example.com",
        subject="Заявка\r\nBcc: evil@example.com",
    )
    letter = inbox.mails[0]
    assert sender_of(inbox) == ("Клиника «Ромашка», Москва", "info@example.com")
    assert [one.display_name for one in letter["To"].addresses] == ["Петрова Анна", ""]
    assert letter["To"].addresses[1].addr_spec == "info@xn--e1afmkfd.xn--p1ai"
    assert (letter["Cc"], letter["Bcc"], letter["Reply-To"]) == ("boss@example.com", None, "client@example.com")
    assert letter["Subject"] == "Заявка Bcc: evil@example.com"
    assert inbox.text().strip() == "Новая заявка"
    assert letter["Date"]
    assert letter["Message-ID"] == output["message_id"] == message_id("operation-1-step-1", Mailbox("a@example.com"))
    everybody = ["anna@example.com", "info@xn--e1afmkfd.xn--p1ai", "boss@example.com", "secret@example.com"]
    assert inbox.envelopes == [everybody]
    assert output["recipients"] == everybody
    assert "queued as 4711" in output["said"]


@pytest.mark.parametrize(
    "name", ["Клиника «Ромашка» и очень длинное название, " * 4, "=?utf-8?q?x?=", 'a" <x@y.z>, "b', "Я" * 300]
)
def test_a_name_is_one_name_whatever_it_holds(inbox: Inbox, name: str) -> None:
    send(inbox, from_name=name, subject=name)
    assert sender_of(inbox) == (name[:200].strip(), "info@example.com")
    assert len(inbox.mails[0]["From"].addresses) == 1
    assert read(message_from_bytes(inbox.raw[0])["Subject"]) == name.strip()
    assert inbox.mails[0]["To"] == "anna@example.com"


def test_a_repeat_of_the_same_step_is_recognised_by_its_id(inbox: Inbox) -> None:
    first, again, other = send(inbox), send(inbox), send(inbox, http=Http(key="operation-2-step-1"))
    assert first["message_id"] == again["message_id"] != other["message_id"]


def test_html_comes_with_a_text_made_of_it(inbox: Inbox) -> None:
    html = "<style>p {}</style><p>Здравствуйте, <b>Анна</b>!</p><ul><li>Чистка</ul><a href='https://e.ru/1'>тут</a>"
    send(inbox, format="html", html=html)
    assert inbox.html().strip() == html
    assert lines(inbox.text()) == "Здравствуйте, Анна!\n\n– Чистка\nтут (https://e.ru/1)"
    send(inbox, format="ready", text=html, plain="Своими словами")
    assert (inbox.html(1).strip(), inbox.text(1).strip()) == (html, "Своими словами")


ENDLESS = ["<a ", "<!--", "<!", "<![", "<?", "</", '<a x="', "<a href=q>y<br>"]


@pytest.mark.parametrize(
    "html",
    [
        "<",
        "<a href",
        "&#xD800;",
        "</style><p>x",
        "<![x",
        "<style>",
        "\ud800",
        "<li>" * 5000,
        "a <![x]>",
        "&#" + "9" * 5000,
    ]
    + [one * 100_000 for one in ENDLESS],
)
def test_no_html_breaks_the_text(html: str) -> None:
    assert isinstance(text_of(html), str)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("цена <![ 5", "цена <![ 5"),
        ("2 < 3 <b>да</b> <a ", "2 < 3 да <a"),
        ("<!DOCTYPE html><!-- <p>нет</p> -->да<!--[if mso]><br><![endif]--><![if x]>!<![endif]>", "да!"),
        ("<a href='https://e.ru'>на <b>e.ru</b></a>", "на e.ru (https://e.ru)"),
        ("<a href='https://e.ru'>https://<b>e.ru</b></a>", "https://e.ru"),
        ("<img alt='a < b'> <img alt='c > d'>", "a < b c > d"),
    ],
)
def test_of_html_only_tags_and_comments_are_left_out(html: str, text: str) -> None:
    assert text_of(html) == text


def test_html_of_a_million_characters_is_refused_unread(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter, "text_of", lambda html: pytest.fail("it was read"))
    assert "миллион" in str(refused(inbox, format="html", html="<p>" * 400_000))


def test_answers_to_an_address_that_the_letter_cannot_name_are_left_out(inbox: Inbox) -> None:
    send(inbox, reply_to="анна@x.ru")
    send(inbox, reply_to="анна@x.ru, Борис <boris@x.ru>")
    assert inbox.mails[0]["Reply-To"] is None
    assert [one.addr_spec for one in inbox.mails[1]["Reply-To"].addresses] == ["boris@x.ru"]


def test_files_of_every_kind_are_attached(inbox: Inbox) -> None:
    png = b"\x89PNG\r\n\x1a\n"
    received = {
        "name": "Анна, фото.png",
        "type": "image/png",
        "encoding": "base64",
        "content": base64.b64encode(png).decode(),
    }
    rows = [
        {"name": "фото", "value": [received, received | {"name": "вторая.png"}], "type": "file"},
        {"name": "заявка.json", "value": {"name": "Анна"}, "type": "file"},
        {"name": "заявка", "value": "строка\nвторая", "type": "file"},
        {"name": "a/../b\r\nX: y.pdf", "value": base64.b64encode(b"%PDF-1.7 \xff").decode(), "type": "base64"},
        {"name": "пусто", "value": "", "type": "file"},
    ]
    send(inbox, attachments=rows)
    found = files(inbox.mails[0])
    assert found == {
        "Анна, фото.png": png,
        "вторая.png": png,
        "заявка.json": found["заявка.json"],
        "заявка.txt": "строка\nвторая",
        "b X: y.pdf": b"%PDF-1.7 \xff",
    }
    assert inbox.text().strip() == "Новая заявка"


def test_history_holds_the_envelope_the_words_and_the_answers(inbox: Inbox) -> None:
    http = Http()
    send(inbox, http=http, bcc="secret@example.com", attachments=[{"name": "a.txt", "value": "abc", "type": "file"}])
    record = http.exchanges[0]
    assert record["request"]["url"] == f"smtp://127.0.0.1:{inbox.port}"
    headers = [(header["name"], header["value"]) for header in record["request"]["headers"]]
    assert headers[:3] == [
        ("MAIL FROM", "info@example.com"),
        ("RCPT TO", "anna@example.com"),
        ("RCPT TO", "secret@example.com"),
    ]
    assert ("Subject", "Заявка") in headers
    assert "Новая заявка" in record["request"]["body"]
    assert "a.txt (text/plain" in record["request"]["body"]
    assert record["request"]["size"] > 500
    assert (record["response"]["status"], record["response"]["reason"]) == (250, "2.0.0 Ok: queued as 4711")
    assert "> RCPT TO:<secret@example.com>\n250" in record["response"]["body"]


def test_a_dry_run_shows_the_letter_and_asks_nobody(inbox: Inbox) -> None:
    http = Http(dry=True)
    with pytest.raises(DryRun):
        send(inbox, http=http)
    assert inbox.mails == []
    assert "Новая заявка" in http.exchanges[0]["request"]["body"]
    assert http.exchanges[0]["response"] is None


def test_one_refused_recipient_does_not_keep_the_letter_from_the_others(inbox: Inbox) -> None:
    inbox.refused = {"gone@example.com": "550 5.1.1 No such user"}
    output = send(inbox, to="gone@example.com, anna@example.com")
    assert inbox.envelopes == [["anna@example.com"]]
    assert output["recipients"] == ["anna@example.com"]
    assert output["refused"] == [{"address": "gone@example.com", "reason": "550 5.1.1 No such user"}]
    said = SendLetter().said(output)
    assert said is not None
    assert "gone@example.com" in said.why


def test_nobody_gets_it_twice_while_one_is_greylisted(inbox: Inbox) -> None:
    inbox.refused = {"grey@example.com": "450 4.2.0 Greylisted, try again in 300 seconds"}
    problem = refused(inbox, to="anna@example.com, grey@example.com")
    assert (problem.retry, problem.after, problem.unknown) == (True, None, False)
    assert "Greylisted" in str(problem)
    assert inbox.mails == []
    inbox.refused = {}
    assert send(inbox, to="anna@example.com, grey@example.com")["refused"] == []


@pytest.mark.parametrize(
    ("answer", "retry"), [("554 5.7.1 Spam", False), ("451 4.3.0 Later", True), ("552 5.3.4 Too big", False)]
)
def test_a_refused_letter_says_why_and_is_tried_again_only_if_that_may_help(
    inbox: Inbox, answer: str, retry: bool
) -> None:
    inbox.refuse = answer
    problem = refused(inbox)
    assert answer in str(problem)
    assert (problem.retry, problem.unknown, problem.denied) == (retry, False, False)


def test_a_server_that_asks_to_wait_is_waited_for(inbox: Inbox) -> None:
    inbox.refuse = "421 4.7.0 Too many letters, try again in 5 minutes"
    assert refused(inbox).after == 300.0


def test_all_refused_is_a_failure(inbox: Inbox) -> None:
    inbox.refused = {"a@example.com": "550 No", "b@example.com": "550 No such user"}
    assert "b@example.com" in str(refused(inbox, to="a@example.com, b@example.com"))


def test_a_connection_that_ends_after_the_letter_leaves_it_unknown(inbox: Inbox) -> None:
    inbox.breaks = True
    problem = refused(inbox)
    assert (problem.unknown, problem.retry) == (True, True)


def test_an_internal_mail_server_is_not_reached(inbox: Inbox, settings: Any) -> None:
    settings.EGRESS_ALLOW = []
    assert "внутреннюю сеть" in str(refused(inbox))
    assert inbox.mails == []


def test_a_silent_port_is_tried_again(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    nobody = Inbox()
    nobody.port = free_port()
    problem = refused(nobody)
    assert (problem.retry, problem.unknown) == (True, False)


@pytest.mark.parametrize(
    "to",
    [
        "",
        " ",
        "anna",
        "anna@",
        "@example.com",
        "a b@example.com",
        "anna@exa mple.com",
        "x@-a.ru",
        "a@b.c>, <x",
        "{{ x }}",
    ],
)
def test_what_is_no_address_is_not_sent_to(inbox: Inbox, to: str) -> None:
    assert not refused(inbox, to=to).retry
    assert inbox.mails == []


def test_addresses_are_read_as_people_write_them() -> None:
    text = '"Петрова, Анна" <anna@example.com>; mailto:b@Example.COM\nИван <mailto:c@example.com> , anna@example.com,'
    assert mailboxes([text, None, "d@почта.рф"]) == [
        Mailbox("anna@example.com", "Петрова, Анна"),
        Mailbox("b@example.com"),
        Mailbox("c@example.com", "Иван"),
        Mailbox("d@xn--80a1acny.xn--p1ai"),
    ]


def test_a_quote_without_its_pair_means_nothing() -> None:
    assert mailboxes('b@e.com, Анна " <a@e.com>') == [Mailbox("b@e.com"), Mailbox("a@e.com", "Анна")]


@pytest.mark.parametrize(
    "to", [" " * 30_000, "'\"," * 9_999, '",' * 15_000, "<" * 30_000, "<" + " " * 29_000, "a@" + "я" * 20_000 + ".рф"]
)
def test_no_list_of_addresses_takes_long_to_read(to: str) -> None:
    if to.strip():
        with pytest.raises(Failed):
            mailboxes(to)
    else:
        assert mailboxes(to) == []


def test_a_list_may_not_hold_more_than_a_text() -> None:
    assert len(mailboxes([f"a{place}@e.com" for place in range(1_000)])) == 1_000
    with pytest.raises(Failed, match="Слишком много"):
        mailboxes([f"a{place}@e.com" for place in range(4_000)])


@pytest.mark.parametrize(
    "config",
    [
        {"to": ",".join(f"a{number}@example.com" for number in range(101))},
        {"text": " ", "attachments": []},
        {"text": "а" * 1_100_000},
        {"attachments": [{"name": "a", "value": "!", "type": "base64"}]},
        {"attachments": [{"name": f"{number}", "value": "x", "type": "file"} for number in range(21)]},
    ],
)
def test_too_much_or_too_little_is_told_before_anything_is_sent(inbox: Inbox, config: dict[str, Any]) -> None:
    assert not refused(inbox, **config).retry
    assert inbox.mails == []


def test_whatever_the_data_hold_the_letter_arrives(inbox: Inbox) -> None:
    odd = "\ud800 \x00 .\r\n.\r\n..\n\u2028 😀 " + "длинная строка " * 200
    send(
        inbox,
        subject=odd,
        text=odd,
        from_name='"\r\nTo: x@y.z <a,b;c>',
        attachments=[{"name": "a.txt", "value": odd, "type": "file"}],
    )
    letter = inbox.mails[0]
    assert letter["To"] == "anna@example.com"
    assert "😀" in letter["Subject"]
    assert lines(inbox.text()).startswith("\ufffd  .\n.\n..\n")
    assert len(letter["Subject"]) == 900


def test_without_a_mailbox_the_services_own_mail_is_used(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Webjack <noreply@webjack.example>"
    http = Http()
    asked = {"to": "anna@example.com", "subject": "Заявка", "text": "Текст", "from_name": "Клиника", "connection": None}
    output = SendLetter().execute(asked, http)
    letter = mail.outbox[0].message()
    assert letter["From"] == "Клиника <noreply@webjack.example>"
    assert output["recipients"] == mail.outbox[0].recipients() == ["anna@example.com"]
    assert http.exchanges[0]["response"]["status"] == 250
    with pytest.raises(Failed, match="10"):
        SendLetter().execute(asked | {"to": ",".join(f"a{number}@example.com" for number in range(11))}, http)


def test_the_services_own_server_may_be_inside_and_its_password_is_hidden(inbox: Inbox, settings: Any) -> None:
    settings.EGRESS_ALLOW = []
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_PASSWORD = "127.0.0.1", inbox.port, "operators-secret"
    http = Http()
    SendLetter().execute({"to": "anna@example.com", "subject": "Заявка", "text": "operators-secret"}, http)
    assert inbox.envelopes == [["anna@example.com"]]
    assert "operators-secret" not in str(http.exchanges)


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({}, {"to", "subject", "text"}),
        ({"to": "anna", "subject": "x", "text": "y"}, {"to"}),
        ({"to": "a@b.ru", "subject": "x", "format": "html", "text": "y"}, {"html"}),
        ({"to": "{{ client_email }}, a@b.ru", "subject": "x", "text": "y"}, set()),
    ],
)
def test_the_form_says_what_is_missing(config: dict[str, Any], wrong: set[str]) -> None:
    assert set(errors(bind(LetterForm, config))) == wrong
