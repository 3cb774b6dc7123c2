"""amoCRM on this machine: OAuth with tokens that rotate, the API v4 of its accounts, its limits and its errors.

After reference/apis/amocrm.md. Accounts are reached as /<subdomain>/api/v4/…, or by the Host as the real ones are.
"""

import base64
import json
import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from actions.kind import ActionKind
from connections import pace
from connections.models import Connection
from connections.opened import Opened
from tests.fakes.amocrm_account import Account, Json
from tests.fakes.amocrm_entities import Entities
from tests.fakes.amocrm_refused import Refused, nothing
from tests.fakes.service import Service
from tests.fakes.target import Received, Target, target_server
from webjack.config import initial
from webjack.http import Http

CLIENT, SECRET = "4b6f7d5e-1f3c-4a53-9d53-0f3c6a1b2c3d", "oauth-secret-of-the-integration"
LONG_LIVED = "eyJ0eXAiOiJKV1QifQ.long-lived-token-of-the-account.c2lnbmF0dXJl"
TOO_MANY = "You have sent too many requests in a given amount of time. Please try again later."
Reply = tuple[int, bytes] | tuple[int, bytes, dict[str, str]]


@dataclass
class Amocrm:
    """redirect: registered in the integration. lasts: expires_in. per_second: above, 429. slow: seconds for each call.

    troubles: answers to the next calls of the API, instead of the usual ones. access, refresh: the tokens that are
    good; used: refresh tokens that are not any more. renewals: refreshes that were asked for. fastest: most requests
    of the API in one second, counting those that were refused; limited: how many were.
    """

    target: Target
    accounts: dict[str, Account] = field(default_factory=lambda: {"clinic": Account()})
    redirect: str = "https://webjack.example/connections/authorised/"
    secret: str = SECRET
    lasts: int = 86400
    per_second: int = 7
    slow: float = 0.0
    troubles: list[Refused | Reply] = field(default_factory=list)
    codes: dict[str, tuple[str, float]] = field(default_factory=dict)
    access: dict[str, float] = field(default_factory=lambda: {LONG_LIVED: float("inf")})
    refresh: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    renewals: int = 0
    refused_renewals: int = 0
    fastest: int = 0
    limited: int = 0
    served: int = 0
    calls: list[tuple[str, str]] = field(default_factory=list)
    recent: deque[float] = field(default_factory=deque)
    made: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def account(self) -> Account:
        return next(iter(self.accounts.values()))

    def revoke(self) -> None:
        """Access tokens are no more, before their time; the long-lived one stays."""
        self.access = {LONG_LIVED: float("inf")}

    def answer(self, request: Received) -> Reply:
        if self.slow:
            time.sleep(self.slow)
        with self.lock:
            try:
                return self._answer(request)
            except Refused as refused:
                return refused.reply

    def _answer(self, request: Received) -> Reply:
        path = urlsplit(request.path)
        if path.path.rstrip("/") == "/oauth":
            return self._page(dict(parse_qsl(path.query)))
        subdomain, place = self._place(request, path.path)
        account = self.accounts.get(subdomain)
        if account is None:
            raise Refused(404, "Not Found", "This account does not exist")
        if place == "/oauth2/access_token":
            return _json(self._tokens(account, _told(request)))
        if not place.startswith("/api/v4/"):
            raise Refused(404, "Not Found", f"Cannot {request.method} {path.path}")
        self._limit()
        self.calls.append((request.method, place.removeprefix("/api/v4")))
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, tuple):
            return trouble
        if trouble:
            raise trouble
        self._let_in(request)
        entities = Entities(account, self.target.url + f"/{subdomain}")
        query = {name: values[-1] for name, values in parse_qs(path.query).items()}
        told = entities.call(request.method, place.removeprefix("/api/v4/").strip("/"), query, _told(request))
        self.served += 1
        return nothing() if told is None else _json(told)

    def _place(self, request: Received, path: str) -> tuple[str, str]:
        found = re.fullmatch(r"/([a-z0-9-]+)(/(?:api/v4|oauth2)/.*)", path)
        if found:
            return found[1], found[2]
        return str(request.headers.get("Host") or "").split(".")[0], path

    def _limit(self) -> None:
        now = time.monotonic()
        self.recent.append(now)
        while self.recent[0] <= now - 1:
            self.recent.popleft()
        self.fastest = max(self.fastest, len(self.recent))
        if len(self.recent) > self.per_second:
            self.limited += 1
            raise Refused(429, "Too Many Requests", TOO_MANY, retry_after=1)

    def _let_in(self, request: Received) -> None:
        given = str(request.headers.get("Authorization") or "").removeprefix("Bearer ")
        if self.access.get(given, 0.0) < time.monotonic():
            raise Refused(401, "Unauthorized", "Invalid user name or password")

    # OAuth

    def _page(self, asked: dict[str, str]) -> Reply:
        """Where the person is asked whether the integration may see the account."""
        if asked.get("client_id") != CLIENT:
            return 400, b"<h1>Unknown integration</h1>", {"Content-Type": "text/html; charset=utf-8"}
        links = []
        for account in self.accounts.values():
            back = urlencode(self.agreed(account.subdomain) | {"state": asked.get("state", "")})
            links.append(
                f"<p><a href='{escape(self.redirect)}?{escape(back)}'>Разрешить: {escape(account.name)}</a></p>"
            )
        refused = urlencode({"error": "access_denied", "state": asked.get("state", "")})
        links.append(f"<p><a href='{escape(self.redirect)}?{escape(refused)}'>Отказать</a></p>")
        page = f"<!doctype html><html lang=ru><link rel=icon href='data:,'><h1>amoCRM</h1>{''.join(links)}</html>"
        return 200, page.encode(), {"Content-Type": "text/html; charset=utf-8"}

    def agreed(self, subdomain: str) -> dict[str, str]:
        """What the person brings back after a yes."""
        self.made += 1
        code = f"def502-code-{self.made}"
        self.codes[code] = subdomain, time.monotonic() + 20 * 60
        return {"code": code, "referer": f"{subdomain}.amocrm.ru", "platform": "1", "from_widget": ""}

    def _tokens(self, account: Account, told: Any) -> Json:
        told = told if isinstance(told, dict) else {}
        if (told.get("client_id"), told.get("client_secret")) != (CLIENT, self.secret):
            raise Refused(401, "Некорректный клиент", "Авторизация клиента не прошла", oauth=True)
        if told.get("redirect_uri") != self.redirect:
            raise Refused(400, "Некорректный запрос", "redirect_uri", oauth=True, hint="Redirect URI mismatch")
        match told.get("grant_type"):
            case "authorization_code":
                subdomain, ends = self.codes.pop(str(told.get("code")), ("", 0.0))
                if subdomain != account.subdomain:
                    hint = "Authorization code has been revoked"
                    raise Refused(400, "Некорректный запрос", "Код не подходит", oauth=True, hint=hint)
                if ends < time.monotonic():
                    hint = "Authorization code has expired"
                    raise Refused(400, "Некорректный запрос", "Код устарел", oauth=True, hint=hint)
            case "refresh_token":
                self.renewals += 1
                self._rotate(str(told.get("refresh_token")))
            case _:
                raise Refused(400, "Некорректный запрос", "grant_type", oauth=True)
        return self._pair()

    def _rotate(self, refresh: str) -> None:
        if refresh not in self.refresh:
            self.refused_renewals += 1
            detail = "В запросе отсутствует ряд параметров или параметры невалидны"
            raise Refused(401, "Некорректный запрос", detail, oauth=True, hint="Token has been revoked")
        self.refresh.discard(refresh)
        self.used.add(refresh)

    def pair(self) -> tuple[str, str]:
        """A new access token and its refresh token."""
        self.made += 1
        access, refresh = jwt(self.made, self.lasts), f"def50200refresh-{self.made}"
        self.access[access] = time.monotonic() + self.lasts
        self.refresh.add(refresh)
        return access, refresh

    def _pair(self) -> Json:
        access, refresh = self.pair()
        told = {"token_type": "Bearer", "expires_in": self.lasts, "server_time": int(time.time())}
        return told | {"access_token": access, "refresh_token": refresh}


def jwt(number: int, lasts: float) -> str:
    """An access token as amoCRM's are: clients look into it for its end. Nobody checks its signature."""
    parts = (
        {"typ": "JWT", "alg": "RS256"},
        {"jti": f"access-{number}", "exp": int(time.time() + lasts), "scopes": ["crm"]},
    )
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*coded, "c2lnbmF0dXJl"])


def _told(request: Received) -> Any:
    if not request.body:
        return None
    if "json" in str(request.headers.get("Content-Type", "")):
        return json.loads(request.body)
    return dict(parse_qsl(request.body.decode()))


def _json(value: Any) -> Reply:
    return 200, json.dumps(value, ensure_ascii=False).encode(), {"Content-Type": "application/hal+json"}


def _unpaced(act: Any, *args: Any) -> Any:
    """Keeps tokens nowhere and time for nobody, so that a kind's test needs no database."""
    return 0.0 if act is pace.wait else act(*args)


def opened(token: str = LONG_LIVED) -> Opened:
    """A connection by a token."""
    config = {"address": "clinic.amocrm.ru", "way": "token", "token": token}
    return Opened(Connection(kind="amocrm", config=config), _unpaced)


def perform(kind: ActionKind, http: Http | None = None, token: str = LONG_LIVED, **config: Any) -> Json:
    """What an action gives, with the settings that its form has at first unless others are given."""
    first = {
        name: "" if isinstance(value := initial(kind.form).get(name), str) and "{{" in value else value
        for name in kind.form.base_fields
    }
    return kind.execute(first | {"connection": opened(token)} | config, http or Http())


@contextmanager
def on_this_machine(settings: Any, monkeypatch: Any) -> Iterator[Amocrm]:
    """Where the product looks for amoCRM, and may."""
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with amocrm() as service:
        service.per_second = 1000
        monkeypatch.setenv("AMOCRM_URL", service.target.url)
        yield service


@contextmanager
def amocrm(port: int = 0) -> Iterator[Amocrm]:
    with target_server(port=port) as target:
        service = Amocrm(target)
        target.answer = service.answer
        yield service


SERVICE = Service(
    key="amocrm",
    title="amoCRM",
    port=8106,
    serve=amocrm,
    environment=lambda fake: {"AMOCRM_URL": fake.target.url},
    account=lambda fake: {"address": "clinic.amocrm.ru", "way": "token", "token": LONG_LIVED},
)
