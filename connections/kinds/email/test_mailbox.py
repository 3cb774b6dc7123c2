"""«Почта»: logging in at a mail server, encrypted in both ways, and what is said when that fails."""

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connections.kinds.email.mailbox import Mailbox, MailboxForm, server_of
from tests.fakes.smtp import Inbox, free_port, smtp_server
from tests.raw_servers import certificate
from webjack.config import bind, errors
from webjack.http import Failed, Http
from webjack.http.letter import NONE, NOW, STARTTLS
from webjack.http.smtp import tls_context

USER, PASSWORD = "info@example.com", "s3cret-password"


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[ssl.SSLContext]:
    """A server's certificate that is trusted here."""
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    file, context = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    tls_context.cache_clear()
    yield context
    tls_context.cache_clear()


@contextlib.contextmanager
def greets(spoken: bytes) -> Iterator[int]:
    """A port where this is said to whoever comes, and nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError), listener.accept()[0] as connection:
                connection.sendall(spoken)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def config(inbox: Inbox | int, encryption: str, **more: Any) -> dict[str, Any]:
    port = inbox if isinstance(inbox, int) else inbox.port
    told = {"host": "127.0.0.1", "port": port, "encryption": encryption, "login": USER, "password": PASSWORD}
    return told | {"sender": USER} | more


def check(inbox: Inbox | int, encryption: str, http: Http | None = None, **more: Any) -> str:
    return Mailbox().check(config(inbox, encryption, **more), http or Http(deadline=10, secrets=[PASSWORD]))


@pytest.mark.parametrize("encryption", [NOW, STARTTLS])
def test_the_check_logs_in_over_an_encrypted_connection(tls: ssl.SSLContext, encryption: str) -> None:
    with smtp_server(tls=tls if encryption == NOW else None, starttls=tls if encryption == STARTTLS else None) as inbox:
        inbox.users = {USER: PASSWORD}
        http = Http(secrets=[PASSWORD])
        said = check(inbox, encryption, http)
        assert "127.0.0.1" in said
        assert USER in said
        told = str(http.exchanges)
        assert PASSWORD not in told
        assert "AUTH ••••" in told
        assert "235" in told

        with pytest.raises(Failed, match="логин") as refused:
            check(inbox, encryption, password="another-password")
        assert (refused.value.denied, refused.value.retry) == (True, False)


def test_no_password_leaves_before_the_connection_is_encrypted(tls: ssl.SSLContext) -> None:
    with smtp_server() as inbox:
        with pytest.raises(Failed, match="шифрование"):
            check(inbox, STARTTLS)
        with pytest.raises(Failed, match="шифрование"):
            check(inbox, NOW)


def test_an_untrusted_certificate_is_refused(tmp_path: Path, settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    _file, context = certificate(tmp_path, "127.0.0.1")
    with smtp_server(starttls=context) as inbox, pytest.raises(Failed, match="ертификат"):
        check(inbox, STARTTLS)


def test_a_server_without_a_log_in_says_so(tls: ssl.SSLContext) -> None:
    with greets(b"220 hello\r\n250 mail.example.com\r\n") as port, pytest.raises(Failed) as refused:
        check(port, NONE)
    assert not refused.value.denied


@pytest.mark.parametrize(
    "spoken",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"220-" + b"x" * 100_000,
        b"220-x\r\n" * 1000,
        b"\xff\xfe\x00\r\n",
        b"554 go away\r\n",
        b"421 busy\r\n",
        b"",
    ],
)
def test_whatever_a_server_says_there_is_a_sentence(settings: Any, spoken: bytes) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with greets(spoken) as port, pytest.raises(Failed) as failed:
        check(port, NONE)
    assert len(str(failed.value)) < 500
    assert not failed.value.unknown


def test_nobody_waits_longer_than_the_deadline(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Failed) as failed:
        Mailbox().check(config(silent.getsockname()[1], NONE), Http(deadline=0.3))
    assert failed.value.retry


def test_a_closed_port_and_an_unknown_host_are_told(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with pytest.raises(Failed, match=r"127\.0\.0\.1"):
        check(free_port(), NOW)
    with pytest.raises(Failed, match="внутреннюю сеть"):
        check(25, NOW, host="10.0.0.1")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, {"host", "sender"}),
        ({"host": "https://smtp.example.com"}, {"host", "sender"}),
        ({"host": "smtp.example.com:465", "sender": USER}, {"host"}),
        ({"host": "smtp.example.com", "sender": "nobody"}, {"sender"}),
        ({"host": "smtp.example.com", "sender": USER, "login": USER}, {"password"}),
        ({"host": "smtp.example.com", "sender": USER, "login": USER, "password": "пароль"}, {"password"}),
        ({"host": "почта.рф", "sender": "info@почта.рф", "login": USER, "password": PASSWORD}, set()),
    ],
)
def test_the_form_says_what_is_wrong(given: dict[str, Any], wrong: set[str]) -> None:
    form = bind(MailboxForm, given)
    assert set(errors(form)) == wrong
    if not wrong:
        assert server_of(form.cleaned_data).port == 465
        assert form.cleaned_data["sender"] == "info@xn--80a1acny.xn--p1ai"


def test_without_encryption_no_password_is_kept() -> None:
    given = {"host": "smtp.example.com", "sender": USER, "login": USER, "password": "x", "encryption": NONE}
    told = bind(MailboxForm, given)
    assert errors(told) == {}
    assert (server_of(told.cleaned_data).password, server_of(told.cleaned_data).user) == ("", "")


def test_the_fake_takes_pythons_own_client(tls: ssl.SSLContext) -> None:
    with smtp_server(starttls=tls) as inbox, smtplib.SMTP("127.0.0.1", inbox.port) as client:
        inbox.users = {USER: PASSWORD}
        client.starttls(context=tls_context())
        client.login(USER, PASSWORD)
        client.sendmail(USER, ["anna@example.com"], b"Subject: x\r\n\r\ny\r\n")
        assert inbox.envelopes == [["anna@example.com"]]
