"""A real SMTP server on this machine that keeps what it gets."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword


class Inbox:
    """mails: parsed, in order; raw: as they came. envelopes: who each was really for.

    refuse: an answer to every letter, such as "451 later". refused: answers to single recipients. users: passwords of
    who may log in. breaks: the connection ends when a letter has come, without a word; it is kept all the same.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.envelopes: list[list[str]] = []
        self.senders: list[str] = []
        self.refuse = ""
        self.refused: dict[str, str] = {}
        self.users: dict[str, str] = {}
        self.breaks = False
        self.port = 0
        self.changed = threading.Condition()

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        if self.refuse:
            return self.refuse
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.envelopes.append(envelope.rcpt_tos)
        self.senders.append(str(envelope.mail_from))
        with self.changed:
            self.changed.notify_all()
        if self.breaks:
            server.transport.close()
        return "250 2.0.0 Ok: queued as 4711"

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=False)

    def wait(self, count: int, seconds: float = 60.0) -> None:
        """Waits until so many mails have come."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.mails) >= count, seconds), f"{len(self.mails)} mails"

    def text(self, number: int = 0) -> str:
        return self.part(number, "plain")

    def html(self, number: int = 0) -> str:
        return self.part(number, "html")

    def part(self, number: int, kind: str) -> str:
        body = self.mails[number].get_body((kind,))
        assert body is not None
        content: str = body.get_content()
        return content


@contextmanager
def smtp_server(
    port: int = 0, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, **options: Any
) -> Iterator[Inbox]:
    """tls: encrypted throughout; starttls: from that command on, and nothing is taken before. options: aiosmtpd's."""
    inbox = Inbox()
    if tls or starttls:
        # Over TLS from the first byte aiosmtpd does not see that it is encrypted.
        options |= {"authenticator": inbox.authenticate, "auth_require_tls": not tls}
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=port or free_port(),
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=bool(starttls),
        **options,
    )
    controller.start()
    inbox.port = controller.port
    try:
        yield inbox
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number
