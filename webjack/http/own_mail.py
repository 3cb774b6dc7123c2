"""The service's own mail, by the operator's settings: the same that notices and invitations go by."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage as DjangoMail
from django.core.mail import get_connection

from .letter import NONE, NOW, STARTTLS, MailServer


def sender() -> tuple[str, str]:
    """Name and address that its letters come from."""
    return parseaddr(str(settings.DEFAULT_FROM_EMAIL))


def server() -> MailServer | None:
    """None where it is no SMTP server that takes them, such as a folder while developing."""
    if not str(settings.EMAIL_BACKEND).endswith(".smtp.EmailBackend"):
        return None
    encryption = NOW if settings.EMAIL_USE_SSL else STARTTLS if settings.EMAIL_USE_TLS else NONE
    user, password = str(settings.EMAIL_HOST_USER or ""), str(settings.EMAIL_HOST_PASSWORD or "")
    return MailServer(settings.EMAIL_HOST, int(settings.EMAIL_PORT), encryption, user, password, ours=True)


class _Ready(DjangoMail):
    """A finished message for Django's backends."""

    def __init__(self, ready: EmailMessage, recipients: tuple[str, ...], **options: Any) -> None:
        super().__init__(to=list(recipients), **options)
        self._ready = ready

    def message(self, **_options: Any) -> Any:
        return self._ready


def put_down(message: EmailMessage, sender: str, recipients: tuple[str, ...]) -> None:
    """Gives a letter to the backend that stands in the settings."""
    get_connection().send_messages([_Ready(message, recipients, from_email=sender, subject=str(message["Subject"]))])
