"""Hands a letter to a mail server, and says what became of it; or only knocks at the server."""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email import policy
from email.utils import format_datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from . import own_mail
from .exchange import Exchange
from .failed import DryRun, Failed
from .letter import Delivery, Letter, MailServer
from .mask import Mask
from .problems import ERRORS, failed
from .smtp import Client, address_of
from .wire import wire

log = logging.getLogger(__name__)

LONGEST_SAID = 300
LONGEST_TRANSCRIPT = 64 * 1024
_WIRE = policy.SMTP.clone(cte_type="7bit")
_WAIT = re.compile(r"(\d{1,5})\s*(s\b|sec|min|мин|сек)", re.I)
Told = TypeVar("Told")


class Mailing:
    """One visit to one server, None for what stands in for it, written down as an exchange. seconds: of it all."""

    def __init__(
        self, server: MailServer | None, mask: Mask, seconds: float, records: list[dict[str, Any]], dry: bool
    ) -> None:
        self._server, self._mask, self._seconds = server, mask, seconds
        self._records, self._dry = records, dry
        self._said: list[str] = []
        self._last = (0, "")
        self._sent = False

    def deliver(self, letter: Letter) -> Delivery:
        """Raises Failed when nobody got the letter, or nobody knows; DryRun."""
        if letter.message["Date"] is None:
            letter.message["Date"] = format_datetime(datetime.now(UTC))
        content = letter.message.as_bytes(policy=_policy(letter))
        url = address_of(self._server).url if self._server else "smtp://localhost"
        exchange = Exchange(self._mask, "SMTP", url, _headers(letter), letter.body.encode("utf-8", "replace"))
        exchange.record["request"]["size"] = len(content)
        if self._server is None:
            return self._put_down(letter, exchange)
        return self._visited(self._server, exchange, lambda client: self._handed(client, letter, content))

    def knock(self) -> str:
        """Connects and logs in; what the server said to that. Raises Failed."""
        assert self._server is not None
        exchange = Exchange(self._mask, "SMTP", address_of(self._server).url, [], None)
        return self._visited(self._server, exchange, lambda client: self._last[1])

    def _put_down(self, letter: Letter, exchange: Exchange) -> Delivery:
        """Into what stands in for a mail server while developing."""
        self._records.append(exchange.record)
        if self._dry:
            raise DryRun
        own_mail.put_down(letter.message, letter.sender, letter.recipients)
        exchange.answered(250, "OK", [], b"", False)
        exchange.finished()
        return Delivery({}, "OK")

    def _visited(self, server: MailServer, exchange: Exchange, act: Callable[[Client], Told]) -> Told:
        self._records.append(exchange.record)
        wire.begin(time.monotonic() + self._seconds)
        address = address_of(server)
        host = self._mask.text(address.host)
        try:
            if self._dry:
                raise DryRun
            return self._spoken(Client(server, address, self._heard), act)
        except (Failed, DryRun) as told:
            if isinstance(told, Failed):
                exchange.failed(self._mask.text(str(told)))
            raise
        except (smtplib.SMTPException, *ERRORS) as error:
            problem = self._problem(error, host)
            exchange.failed(str(problem))
            raise problem from None
        finally:
            exchange.finished()
            if self._last[0]:
                code, said = self._last
                exchange.answered(code, said[:LONGEST_SAID], [], "\n".join(self._said).encode(), False)

    def _spoken(self, client: Client, act: Callable[[Client], Told]) -> Told:
        try:
            client.open()
            told = act(client)
        except BaseException:
            client.close()
            raise
        last = self._last
        client.leave()
        self._last = last
        return told

    def _heard(self, line: str) -> None:
        if line[:3].isdigit():
            self._last = int(line[:3]), " ".join(line[4:].split())
        if sum(map(len, self._said)) < LONGEST_TRANSCRIPT:
            self._said.append(line)

    def _handed(self, client: Client, letter: Letter, content: bytes) -> Delivery:
        self._fits(client, content)
        options = _options(client, letter)
        self._expect(client.mail(letter.sender, options), _("the sender's address"))
        refused = self._addressed(client, letter)
        code, said = client.docmd("DATA")
        if code != 354:
            raise self._refused(code, said, "")
        wire.connected = self._sent = True
        client.send(_dotted(content))
        code, said = client.getreply()
        self._sent = False
        if code // 100 != 2:
            raise self._refused(code, said, "")
        return Delivery(refused, self._mask.text(self._last[1])[:LONGEST_SAID])

    def _addressed(self, client: Client, letter: Letter) -> dict[str, str]:
        """Who is refused for good. When somebody is refused for now, nobody gets it yet: a repeat would reach the
        others twice, and there is no telling them apart later."""
        refused: dict[str, str] = {}
        later: Failed | None = None
        for recipient in letter.recipients:
            code, said = client.rcpt(recipient)
            if code // 100 == 2:
                continue
            problem = self._refused(code, said, recipient)
            if problem.retry:
                problem.after = None  # one mailbox asks to wait, and not the server for all that goes there
                later = later or problem
            refused[recipient] = self._shown(code, said)
        if later:
            raise later
        if len(refused) == len(letter.recipients):
            raise problem
        return refused

    def _expect(self, answer: tuple[int, bytes], what: str) -> None:
        code, said = answer
        if code // 100 != 2:
            raise self._refused(code, said, what)

    def _fits(self, client: Client, content: bytes) -> None:
        """RFC 1870: the size that a server tells it takes, 0 for any."""
        told = client.esmtp_features.get("size", "")
        if told.isdigit() and 0 < int(told) < len(content):
            mebibytes = f"{int(told) / 2**20:.3g}"
            raise Failed(_("The letter is too large: the mail server takes at most %(size)s MiB") % {"size": mebibytes})

    def _refused(self, code: int, said: Any, what: str) -> Failed:
        """4xx means “not now” and 5xx “never” (RFC 5321, section 4.2.1)."""
        retry = code // 100 == 4
        names = {"what": what, "said": self._shown(code, said)}
        if what and retry:
            sentence = _("The mail server does not take %(what)s just now: %(said)s") % names
        elif what:
            sentence = _("The mail server refuses %(what)s: %(said)s") % names
        elif retry:
            sentence = _("The mail server does not take the letter just now: %(said)s") % names
        else:
            sentence = _("The mail server refuses the letter: %(said)s") % names
        return Failed(sentence, retry=retry, after=_after(names["said"]) if retry else None)

    def _shown(self, code: int, said: Any) -> str:
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return self._mask.text(f"{code} {' '.join(text.split())}".strip())[:LONGEST_SAID]

    def _problem(self, error: BaseException, host: str) -> Failed:
        names = {"host": host}
        match error:
            case smtplib.SMTPAuthenticationError():
                return self._not_let_in(error.smtp_code, error.smtp_error)
            case smtplib.SMTPNotSupportedError():
                return Failed(
                    _("The mail server %(host)s does not offer what is asked of it: check the port and the encryption")
                    % names
                )
            case smtplib.SMTPResponseException():
                return self._refused(error.smtp_code, error.smtp_error, "")
            case smtplib.SMTPException() if not isinstance(error, smtplib.SMTPServerDisconnected):
                return Failed(_("The mail server %(host)s offers no way to log in that is known here") % names)
            case ssl.SSLError() if not isinstance(error, ssl.SSLCertVerificationError) and not wire.is_over:
                return Failed(
                    _("No secure connection to %(host)s could be made: check the port and the encryption") % names,
                    retry=True,
                    unknown=self._sent,
                )
        return failed(error, host, self._seconds, connected=self._sent, over=wire.is_over)

    def _not_let_in(self, code: int, said: Any) -> Failed:
        names = {"said": self._shown(code, said)}
        if self._server and self._server.ours:
            log.error("the mail server of EMAIL_URL does not let us in: %s", names["said"])
            return Failed(_("The service's own mail does not work just now: support will mend it"), retry=True)
        if code // 100 == 4:
            return Failed(_("The mail server cannot log anybody in just now: %(said)s") % names, retry=True)
        return Failed(
            _(
                "The mail server does not take the login and the password: %(said)s. Yandex, Mail.ru and Gmail want a "
                "password made for programs here"
            )
            % names,
            denied=True,
        )


def _policy(letter: Letter) -> policy.EmailPolicy[Any]:
    return _WIRE.clone(utf8=True) if not _plain(letter) else _WIRE


def _plain(letter: Letter) -> bool:
    return all(address.isascii() for address in (letter.sender, *letter.recipients))


def _options(client: Client, letter: Letter) -> list[str]:
    """Addresses like иван@почта.рф need a server that knows them (RFC 6531)."""
    if _plain(letter):
        return []
    if not client.has_extn("smtputf8"):
        raise Failed(_("The mail server takes no addresses with letters other than Latin before the @"))
    client.command_encoding = "utf-8"
    return ["SMTPUTF8", "BODY=8BITMIME"]


def _headers(letter: Letter) -> list[tuple[str, str]]:
    """The envelope, then those of the message."""
    return [("MAIL FROM", letter.sender), *(("RCPT TO", one) for one in letter.recipients), *letter.headers]


def _dotted(content: bytes) -> bytes:
    """RFC 5321, section 4.5.2."""
    whole = re.sub(rb"(?m)^\.", b"..", content)
    return whole + (b"" if whole.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _after(said: str) -> float | None:
    """Seconds that a greylisting server names: “try again in 300 seconds”."""
    found = _WAIT.search(said)
    if not found:
        return None
    return min(float(found[1]) * (60 if found[2].lower() in ("min", "мин") else 1), 24 * 3600.0)
