"""A real SMTP server on this machine that keeps what it gets."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


class Inbox:
    """mails: parsed, in order. envelopes: who each was really for. refuse: an answer such as "451 later"."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[list[str]] = []
        self.refuse = ""
        self.port = 0
        self.changed = threading.Condition()

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        if self.refuse:
            return self.refuse
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.envelopes.append(envelope.rcpt_tos)
        with self.changed:
            self.changed.notify_all()
        return "250 OK"

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
def smtp_server(port: int = 0) -> Iterator[Inbox]:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port or free_port())
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
