"""A letter, the server that takes it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage

NOW, STARTTLS, NONE = "tls", "starttls", "none"


@dataclass(frozen=True)
class MailServer:
    """encryption: NOW (usually port 465), STARTTLS (587) or NONE. user "": nobody logs in.

    ours: the operator's own, from the settings; it may stand in an internal network.
    """

    host: str
    port: int
    encryption: str
    user: str = ""
    password: str = field(default="", repr=False)
    ours: bool = False


@dataclass(frozen=True)
class Letter:
    """message: complete but for its date. sender, recipients: of the envelope, bare addresses with ASCII domains.

    headers, body: of the message, as history shows them.
    """

    message: EmailMessage
    sender: str
    recipients: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True)
class Delivery:
    """refused: why, by address; the others of the letter's recipients got it. said: the server's last words."""

    refused: dict[str, str]
    said: str
