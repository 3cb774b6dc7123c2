"""The client that every kind gets: sends, follows, records."""

from __future__ import annotations

import base64
import copy
import math
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from django.utils.translation import gettext as _
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict

import webjack

from . import own_mail
from .address import Address, parse
from .answer import Answer
from .exchange import RESPONSE_KEPT, Exchange
from .failed import DryRun, Failed
from .headers import Headers, checked, from_wire, has, to_wire, value_of
from .letter import Delivery, Letter, MailServer
from .mailing import Mailing
from .mask import Mask, secret_header
from .problems import ERRORS, Broken, failed
from .signer import DIRECT, Outgoing, Route, Signer
from .ways import ways
from .wire import wire

MOST_REDIRECTS = 5
_DEFAULTS = [("User-Agent", f"Webjack/{webjack.__version__}"), ("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate")]
_REDIRECTS = {301, 302, 303, 307, 308}
_CHUNK = 64 * 1024
_METHOD = re.compile(r"[A-Z][A-Z0-9_-]{0,31}")
_REPEATABLE = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}  # idempotent: RFC 9110, section 9.2.2
_WITH_LENGTH = {"POST", "PUT", "PATCH"}  # servers expect a Content-Length from them even without a body


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it goes out."""

    method: str
    address: Address
    headers: Headers
    body: bytes | None
    route: Route = DIRECT


class Http:
    """Sends requests for one performed action and records each exchange.

    key: value of the Idempotency-Key header, sent unless the caller gives one or it is "".
    deadline: seconds that one request() may take in all: lookup, connecting, sending, redirects, the last byte read.
    whole: seconds from now on that all requests together may take, where that matters.
    secrets: texts that must not appear in what is recorded. dry: record and raise DryRun instead of sending.
    exchanges: what was sent and what came back, JSON-ready and masked; a redirect that was followed is one of its own.
    """

    def __init__(
        self,
        *,
        key: str = "",
        deadline: float = 30.0,
        whole: float = math.inf,
        secrets: Iterable[str] = (),
        dry: bool = False,
    ) -> None:
        self.exchanges: list[dict[str, Any]] = []
        self._key = key
        self._deadline = deadline
        self._ends = time.monotonic() + whole
        self._mask = Mask(secrets)
        self._dry = dry
        self._signer: Signer | None = None

    @property
    def dry(self) -> bool:
        return self._dry

    @property
    def key(self) -> str:
        """The value of the Idempotency-Key header, or ""."""
        return self._key

    @property
    def seconds(self) -> float:
        """The deadline of one request: 0 where the time for all of them is over."""
        return max(min(self._deadline, self._ends - time.monotonic()), 0.0)

    def pause(self, seconds: float) -> None:
        """Between two requests of one action, such as questions whether a task is done."""
        time.sleep(seconds)

    def hide(self, secrets: Iterable[str]) -> None:
        """These texts must not appear in what is recorded from now on."""
        self._mask.hide(secrets)

    def hidden(self, value: Any) -> Any:
        """Any JSON value or text without the secrets that it was told to hide; others are data and stay."""
        return self._mask.hidden(value)

    def through(self, signer: Signer | None) -> Http:
        """This client for requests in an account's name; None: for nobody. Both record in the same place."""
        signed = copy.copy(self)
        signed._signer = signer
        if signer is not None:
            self.hide(signer.hidden)
        return signed

    def bare(self) -> Http:
        """This client for requests that are not the action itself: unsigned and without an Idempotency-Key.

        Nor does the time for all hold for them: a token that is being issued must not be lost.
        """
        bare = self.through(None)
        bare._key, bare._ends = "", math.inf
        return bare

    def masked(self, config: dict[str, Any]) -> dict[str, Any]:
        """The config that this client serves, as it may be kept and shown."""
        shown: dict[str, Any] = self._mask.config(config)
        return shown

    def request(
        self,
        method: str,
        url: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        follow_redirects: bool = False,
    ) -> Answer:
        """Send a request and read the answer, whatever its status.

        Query pairs are added to those in the url. user:password@ in the url becomes Basic authorization.
        Raises Failed when no answer came, DryRun when dry.
        """
        asked = Outgoing(method, url, list(query), list(headers), body)
        if self._signer is None:
            return self._request(asked, follow_redirects)
        answer = self._request(self._signer.signed(asked, self), follow_redirects)
        if self._signer.heard(answer, self):
            answer = self._request(self._signer.signed(asked, self), follow_redirects)
            self._signer.heard(answer, self)
        return answer

    def mail(self, letter: Letter, server: MailServer | None = None) -> Delivery:
        """Hand a letter to a mail server; None: to the service's own mail.

        Raises Failed when nobody got it, or nobody knows whether; DryRun when dry.
        """
        return self._mailing(server).deliver(letter)

    def knock(self, server: MailServer) -> str:
        """Log in at a mail server and leave; what it said. Raises Failed."""
        return self._mailing(server).knock()

    @property
    def own_mailbox(self) -> tuple[str, str]:
        """Name and address that letters by the service's own mail come from."""
        return own_mail.sender()

    def _mailing(self, server: MailServer | None) -> Mailing:
        server = server or own_mail.server()
        if server and server.ours:
            self.hide([server.password])
        return Mailing(server, self._mask, self.seconds, self.exchanges, self._dry)

    def _request(self, asked: Outgoing, follow_redirects: bool) -> Answer:
        try:
            call = self._call(asked)
        except Failed as error:
            self._fail(error)
        seconds = self.seconds
        if not seconds:
            raise Failed(_("The service takes too long for all that it is asked. Try again later"), retry=True)
        ends = time.monotonic() + seconds
        answer = self._send(call, ends)
        for _hop in range(MOST_REDIRECTS):
            if not (follow_redirects and _redirects(answer)):
                return answer
            call = self._followed(call, answer)
            answer = self._send_on(call, ends)
        if follow_redirects and _redirects(answer):
            raise Failed(
                _("The server redirected more than %(count)s times: check the address") % {"count": MOST_REDIRECTS}
            )
        return answer

    def _call(self, asked: Outgoing) -> Call:
        address, headers, method = parse(asked.url, asked.query), checked(asked.headers), asked.method.strip().upper()
        if not _METHOD.fullmatch(method) or method == "CONNECT":  # CONNECT asks a proxy for a tunnel
            raise Failed(_("This method cannot be sent: choose GET, POST or another one from the list"))
        if self._key and not has(headers, "idempotency-key"):
            headers = [*headers, *checked([("Idempotency-Key", self._key)])]
        signed = _apart(_with_authorization(_with_defaults(headers), address))
        return Call(method, address, signed, asked.body or None, asked.route)

    def _send(self, call: Call, ends: float) -> Answer:
        try:
            return self._exchange(call, ends)
        except Broken:
            # A server may close a kept connection just while we send on it, and then nothing comes back. Whether it
            # read the request first cannot be known, so only a method that may be repeated is: a POST is never sent
            # twice by this client. Its Failed says unknown, and the engine goes by the action's own setting.
            if wire.opened or wire.received or call.method not in _REPEATABLE:
                raise
            return self._exchange(call, ends)

    def _send_on(self, call: Call, ends: float) -> Answer:
        """To where a redirect leads. Who redirected has taken the request: after a failure its outcome is unknown."""
        try:
            return self._send(call, ends)
        except Failed as error:
            error.unknown = True
            raise

    def _exchange(self, call: Call, ends: float) -> Answer:
        exchange = Exchange(self._mask, call.method, call.address.url, _sent(call), call.body)
        self.exchanges.append(exchange.record)
        wire.begin(ends)
        try:
            return self._answer(call, exchange)
        except ERRORS as error:
            host = self._mask.text(call.address.host)
            problem = failed(error, host, self._deadline, connected=wire.connected, over=wire.is_over)
            exchange.failed(str(problem))
            # Without the cause: its text holds the address with its keys, and would go into logs.
            raise problem from None
        finally:
            exchange.finished()

    def _answer(self, call: Call, exchange: Exchange) -> Answer:
        way = ways().way(call.address, call.route)
        if self._dry:
            raise DryRun
        raw = way.begin(call.method, call.address, _on_the_wire(call), call.body)
        received = [(name, from_wire(value)) for name, value in raw.headers.items()]
        body = bytearray()
        truncated = True  # until the end has been read: it may never come
        try:
            truncated = not _read(raw, body)
        finally:
            if truncated:
                raw.close()  # the connection too: what is left is not worth reading
            raw.release_conn()
            reason = from_wire(raw.reason or "")
            exchange.answered(raw.status, reason, received, bytes(body), truncated)
        return Answer(raw.status, reason, _joined(received), bytes(body), truncated, call.address.url)

    def _followed(self, call: Call, answer: Answer) -> Call:
        """The request that a redirect asks for, as browsers make it (fetch.spec.whatwg.org, HTTP-redirect fetch)."""
        try:
            address = call.address.join(answer.headers["Location"])
        except Failed as error:
            self._fail(Failed(_("The server redirects to a wrong address. %(reason)s") % {"reason": error}))
        headers, body, method = call.headers, call.body, call.method
        if (answer.status == 303 and method != "HEAD") or (answer.status in (301, 302) and method == "POST"):
            method, body = "GET", None
            headers = [(name, value) for name, value in headers if not name.lower().startswith("content-")]
        if not (call.address.same_origin(address) or call.address.upgraded_to(address)):
            headers = [(name, value) for name, value in headers if not self._stays(name, value)]
        return replace(call, method=method, address=address, headers=_with_authorization(headers, address), body=body)

    def _stays(self, name: str, value: str) -> bool:
        """Whether a header is for the first server alone."""
        return secret_header(name) or name.lower() == "host" or self._mask.hidden(value) != value

    def _fail(self, error: Failed) -> NoReturn:
        raise Failed(self._mask.text(str(error)), error.retry, error.after, unknown=error.unknown) from None


def _with_defaults(headers: Headers) -> Headers:
    named = {name.lower() for name, _value in headers}
    return [(name, value) for name, value in _DEFAULTS if name.lower() not in named] + headers


def _with_authorization(headers: Headers, address: Address) -> Headers:
    if address.credentials is None or has(headers, "authorization"):
        return headers
    basic = base64.b64encode(":".join(address.credentials).encode()).decode()
    return [*headers, ("Authorization", f"Basic {basic}")]


def _apart(headers: Headers) -> Headers:
    """These authorise the connection and not the request (RFC 4559, section 6): it is not kept, so for nobody else."""
    scheme = value_of(headers, "authorization").partition(" ")[0].lower()
    return [*headers, ("Connection", "close")] if scheme in ("negotiate", "ntlm") else headers


def _sent(call: Call) -> Headers:
    """The headers with the length, which is known only now."""
    if call.body is None and call.method not in _WITH_LENGTH:
        return call.headers
    return [*call.headers, ("Content-Length", str(len(call.body or b"")))]


def _on_the_wire(call: Call) -> HTTPHeaderDict:
    """The headers; a name may come several times."""
    headers = HTTPHeaderDict()
    for name, value in _sent(call):
        headers.add(name, to_wire(value))
    return headers


def _read(raw: Any, body: bytearray) -> bool:
    """Read the answer's decoded body up to the limit; whether that is all of it."""
    while chunk := raw.read1(min(_CHUNK, RESPONSE_KEPT + 1 - len(body)), decode_content=True):
        body += chunk
        if len(body) > RESPONSE_KEPT:
            del body[RESPONSE_KEPT:]
            return False
    return True


def _joined(headers: Headers) -> CaseInsensitiveDict[str]:
    joined: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _redirects(answer: Answer) -> bool:
    return answer.status in _REDIRECTS and "Location" in answer.headers
