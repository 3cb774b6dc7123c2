"""A Bitrix24 portal on this machine: its REST by an incoming webhook, with the answers of the real one.

After the official documentation (github.com/bitrix24/b24restdocs, August 2026) and the client of Bitrix24 itself
(b24pysdk, June 2026); where they disagree on an HTTP status, as that client's tests measured it.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest
import requests

from actions.kind import ActionKind, Option
from connections.models import Connection
from connections.opened import Opened
from tests.fakes.bitrix24_data import Refused, Store, scope_of
from tests.fakes.service import Service
from tests.fakes.target import Received, Target, target_server
from webjack.http import Http

USER, SECRET = "1", "abcdef0123456789"
TOKEN = "application0token0of0an0outgoing0"
MOST_COMMANDS = 50
Whole = tuple[int, bytes, dict[str, str]]

LIMIT = Refused(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
OVERLOAD = Refused(503, "OVERLOAD_LIMIT", "REST API is blocked due to overload.")
BUSY_METHOD = Refused(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
UNPAID = Refused(401, "PAYMENT_REQUIRED", "Subscription has been ended")
NO_REST = Refused(403, "ACCESS_DENIED", "REST is available only on commercial plans.")
DELETED = Refused(410, "PORTAL_DELETED", "Portal was deleted")
BROKEN = Refused(500, "INTERNAL_SERVER_ERROR", "Internal server error")
PAGE: Whole = (502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", {"Content-Type": "text/html"})


@dataclass
class Bitrix24:
    """scopes: what was ticked for the webhook. troubles: answers to the next calls, instead of the usual ones.

    calls: what was asked and answered well, commands of a batch each for itself. renamed: where it has moved to.
    most: how many requests the bucket holds; it loses two each second. slow: seconds before each answer.
    """

    target: Target
    store: Store = field(default_factory=Store)
    scopes: list[str] = field(default_factory=lambda: ["crm", "task", "im", "user"])
    troubles: list[Refused | Whole] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    renamed: str = ""
    most: int = 50
    slow: float = 0.0
    level: float = 0.0
    filled_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def portal(self) -> str:
        return self.target.url.removeprefix("http://")

    @property
    def webhook(self) -> str:
        return f"{self.target.url}/rest/{USER}/{SECRET}/"

    def asked(self, method: str) -> list[dict[str, Any]]:
        """The parameters of each call of a method."""
        return [parameters for name, parameters in self.calls if name == method]

    def answer(self, request: Received) -> Whole:
        time.sleep(self.slow)
        with self.lock:
            if self.renamed:
                moved = f"{self.renamed}{request.path}"
                return 302, b"<html>Moved</html>", {"Location": moved, "Content-Type": "text/html"}
            trouble = self.troubles.pop(0) if self.troubles else None
            if isinstance(trouble, tuple):
                return trouble
            try:
                if trouble:
                    raise trouble
                return 200, _json(self._told(request)), {}
            except Refused as refused:
                told = {"error": refused.code, "error_description": refused.description}
                return refused.status, _json(told | refused.more), {}

    def event(self, name: str, id: int | str) -> bytes:
        """The body of an outgoing webhook's request."""
        half = {"data[FIELDS][ID]": id}
        if name.startswith("ONTASK"):
            gone = name == "ONTASKDELETE"
            half = (
                {
                    "data[FIELDS_BEFORE]": "undefined",
                    "data[FIELDS_AFTER][ID]": id,
                }
                if not gone
                else {"data[FIELDS_BEFORE][ID]": id, "data[FIELDS_AFTER]": "undefined"}
            )
        told = (
            {"event": name, "event_handler_id": "975"}
            | half
            | {
                "ts": "1724140800",
                "auth[domain]": "example.bitrix24.ru",
                "auth[client_endpoint]": "https://example.bitrix24.ru/rest/",
                "auth[server_endpoint]": "https://oauth.bitrix.info/rest/",
                "auth[member_id]": "a223c6b3710f85df22e9377d6c4f7553",
                "auth[application_token]": TOKEN,
            }
        )
        return urlencode(told).encode()

    def tell(self, address: str, name: str, id: int | str) -> requests.Response:
        """Sends an event to who listens to it."""
        form = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Bitrix24 Webhook Engine"}
        return requests.post(address, data=self.event(name, id), headers=form, timeout=30)

    def _told(self, request: Received) -> dict[str, Any]:
        path = urlsplit(request.path)
        self._fill()
        found = re.fullmatch(r"/rest/(?:(\d+)/)?([^/]+)(?:/(\w+(?:\.\w+)*?))?(?:\.json)?/?", path.path)
        if not found or not found[1]:
            raise Refused(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        if (found[1], found[2]) != (USER, SECRET):
            raise Refused(401, "INVALID_CREDENTIALS", "Invalid request credentials")
        parameters = nested(path.query) | _body(request)
        method = (found[3] or "").lower()
        if method == "batch":
            return {"result": self._batch(parameters), "time": _time()}
        return self._call(method, parameters) | {"time": _time()}

    def _fill(self) -> None:
        now = time.monotonic()
        self.level = max(0.0, self.level - 2.0 * (now - self.filled_at))
        self.filled_at = now
        if self.level + 1 > self.most:
            raise LIMIT
        self.level += 1

    def _call(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        scope = scope_of(method)
        if method == "scope":
            return {"result": [*self.scopes]}
        if scope and scope not in self.scopes:
            raise Refused(
                401, "insufficient_scope", "The request requires higher privileges than provided by the webhook token"
            )
        told = self.store.call(method, parameters)
        self.calls.append((method, parameters))
        return told

    def _batch(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Commands one after another."""
        commands = parameters.get("cmd") or {}
        if isinstance(commands, list):
            commands = {str(number): command for number, command in enumerate(commands)}
        if len(commands) > MOST_COMMANDS:
            raise Refused(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
        told: dict[str, dict[str, Any]] = {"result": {}, "error": {}, "total": {}, "next": {}, "time": {}}
        for name, command in commands.items():
            method, _sign, query = str(command).partition("?")
            try:
                one = self._call(method.lower(), _substituted(nested(query), told["result"]))
            except Refused as refused:
                told["error"][name] = {"error": refused.code, "error_description": refused.description}
                if str(parameters.get("halt")) in ("1", "True", "true"):
                    break
                continue
            told["time"][name] = _time()
            for key in ("result", "total", "next"):
                if key in one:
                    told[key][name] = one[key]
        return {"result": _as_php(told["result"])} | {
            f"result_{key}": _as_php(told[key]) for key in ("error", "total", "next", "time")
        }


def nested(query: str) -> dict[str, Any]:
    """`fields[PHONE][0][VALUE]=…` as PHP reads it."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        first, rest = re.fullmatch(r"([^\[]*)(.*)", name, re.S).groups()  # type: ignore[union-attr]
        keys = [first, *re.findall(r"\[([^\]]*)\]", rest)]
        place = found
        for key in keys[:-1]:
            place = place.setdefault(key or str(len(place)), {})
        place[keys[-1] or str(len(place))] = value
    return {name: _as_list(value) for name, value in found.items()}


def _as_list(value: Any) -> Any:
    return _as_php({key: _as_list(one) for key, one in value.items()}) if isinstance(value, dict) else value


def _as_php(found: dict[str, Any]) -> Any:
    """PHP tells a map whose keys are 0, 1, 2 as a list, and so an empty one too."""
    return [*found.values()] if [*found] == [str(number) for number in range(len(found))] else found


def _substituted(value: Any, results: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _substituted(one, results) for key, one in value.items()}
    if isinstance(value, list):
        return [_substituted(one, results) for one in value]
    found = re.fullmatch(r"\$result((?:\[[^\]]+\])+)", str(value))
    if not found:
        return value
    place: Any = results
    for key in re.findall(r"\[([^\]]+)\]", found[1]):
        place = place.get(key, "") if isinstance(place, dict) else place[int(key)] if isinstance(place, list) else ""
    return place


def _body(request: Received) -> dict[str, Any]:
    if not request.body:
        return {}
    if "json" not in request.headers.get("Content-Type", ""):
        return nested(request.body.decode())
    told = json.loads(request.body)
    return told if isinstance(told, dict) else {}


def _time() -> dict[str, Any]:
    now = time.time()
    date = "2026-11-24T18:35:32+03:00"
    return {
        "start": now - 0.1, "finish": now, "duration": 0.1, "processing": 0.05, "date_start": date,
        "date_finish": date, "operating_reset_at": int(now) + 600, "operating": 0.05,
    }  # fmt: skip


def busy_method(seconds: int) -> Refused:
    """OPERATION_TIME_LIMIT that passes after so many seconds."""
    now = time.time()
    told = {"start": now, "finish": now, "operating": 480.1, "operating_reset_at": int(now) + seconds}
    return Refused(BUSY_METHOD.status, BUSY_METHOD.code, BUSY_METHOD.description, time=told)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@contextmanager
def bitrix24() -> Iterator[Bitrix24]:
    with target_server() as target:
        portal = Bitrix24(target)
        target.answer = portal.answer
        yield portal


@contextmanager
def on_this_machine(settings: Any, environment: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    """A portal that requests of this process can reach."""
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    environment.setenv("BITRIX24_SCHEME", "http")
    with bitrix24() as portal:
        yield portal


def opened(portal: Bitrix24, key: str = f"{USER}/{SECRET}") -> Opened:
    return Opened(Connection(kind="bitrix24", config={"portal": portal.portal, "webhook": key}), _unpaced)


def _unpaced(*_asked: Any) -> float:
    """In place of the database, which knows of the requests of others."""
    return 0.0


def perform(portal: Bitrix24, kind: ActionKind, *, key: str = "", dry: bool = False, **config: Any) -> dict[str, Any]:
    """What an action of Bitrix24 gives. key: of the operation's step."""
    given = {"connection": opened(portal), "zone": ZoneInfo("Europe/Moscow")}
    return kind.execute(given | config, Http(key=key, dry=dry))


def offered(portal: Bitrix24, kind: ActionKind, name: str, **config: Any) -> dict[str, Option]:
    """The options of a field, by their values."""
    account = opened(portal)
    found = kind.options(name, {"connection": account} | config, Http().through(account))
    return {option.value: option for option in found}


SERVICE = Service(
    key="bitrix24",
    title="Битрикс24",
    port=8102,
    serve=bitrix24,
    environment=lambda fake: {"BITRIX24_SCHEME": "http"},
    account=lambda fake: {"portal": fake.portal, "webhook": f"{USER}/{SECRET}"},
)
