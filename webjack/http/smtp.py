"""The way out for letters: SMTP by smtplib over a guarded socket, with the same deadline and record as any request."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from ssrfguard import connect, resolve

from .address import Address, parse
from .egress import anywhere, egress
from .letter import NOW, STARTTLS, MailServer
from .mask import MASK
from .ways import trusting
from .wire import ATTEMPTS, CONNECT_TIMEOUT, PlainSocket, wire

LONGEST_LINE = 4096
MOST_LINES = 100
"""Of one answer; a server that never ends it is broken off."""
Say = Callable[[str], None]


@cache
def tls_context() -> ssl.SSLContext:
    return trusting()


def address_of(server: MailServer) -> Address:
    """Raises Failed when the host is none."""
    host = f"[{server.host}]" if ":" in server.host else server.host
    web = parse(f"https://{host}:{server.port}/")
    return Address("smtp", web.host, server.port, f"smtp://{web.host}:{server.port}", None)


def guarded(address: Address, ours: bool) -> socket.socket:
    """A socket to an address that was checked. Raises ssrfguard's errors and OSError."""
    rules = egress()
    policy = anywhere() if ours else rules.opened if rules.is_opened(address) else rules.public
    host = f"[{address.host}]" if ":" in address.host else address.host
    target = policy.check_url(f"https://{host}:{address.port}/")
    found = resolve(target, policy=policy, resolver=wire.lookup)
    made = connect(found, policy=policy, timeout=min(CONNECT_TIMEOUT, wire.left() / ATTEMPTS))
    plain = PlainSocket(made.family, made.type, made.proto, fileno=made.detach())
    plain.settimeout(wire.left())
    return plain


class Client(smtplib.SMTP):
    """smtplib's, which tells every line by `say`, but for what is said while logging in."""

    def __init__(self, server: MailServer, address: Address, say: Say) -> None:
        super().__init__(local_hostname=_own_name())
        self._server, self._address, self._say = server, address, say
        self._secret = False

    def open(self) -> None:
        """Connects, encrypts as asked, and logs in. Raises smtplib's and ssrfguard's errors, OSError."""
        self._host = self._address.host
        code, said = self.connect(self._address.host, self._address.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        self.ehlo_or_helo_if_needed()
        if self._server.encryption == STARTTLS:
            code, said = self.starttls(context=tls_context())
            if code != 220:
                raise smtplib.SMTPResponseException(code, said)
            self.ehlo_or_helo_if_needed()
        if self._server.user:
            self._log_in()

    def _log_in(self) -> None:
        self._say(f"> AUTH {MASK}")
        self._secret = True
        try:
            code, said = self.login(self._server.user, self._server.password)
        finally:
            self._secret = False
        self._say(f"{code} {_text(said)}")

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = guarded(self._address, self._server.ours)
        if self._server.encryption != NOW:
            return plain
        try:
            return tls_context().wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    def putcmd(self, cmd: str, args: str = "") -> None:
        if not self._secret:
            self._say(f"> {cmd.upper()} {args}".rstrip())
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib's, with a bound on what a server may say."""
        if self.file is None:
            assert self.sock is not None
            self.file = self.sock.makefile("rb")
        lines: list[bytes] = []
        for _number in range(MOST_LINES):
            line = self.file.readline(LONGEST_LINE + 1)
            if not line or len(line) > LONGEST_LINE:
                break
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                return self._heard(line[:3], b"\n".join(lines))
        self.close()
        raise smtplib.SMTPServerDisconnected("no whole answer")

    def _heard(self, digits: bytes, said: bytes) -> tuple[int, bytes]:
        if not digits.isdigit():
            self.close()
            raise smtplib.SMTPServerDisconnected("no code")
        if not self._secret:
            self._say(f"{digits.decode()} {_text(said)}")
        return int(digits), said

    def leave(self) -> None:
        """Says goodbye; whether it is heard changes nothing."""
        try:
            self.quit()
        except (OSError, ssl.SSLError, smtplib.SMTPException):
            self.close()


def _text(said: Any) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _own_name() -> str:
    """What EHLO says. Not the machine's name, which is nobody's business."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    return host if "." in host and not host.replace(".", "").isdigit() else "localhost"
