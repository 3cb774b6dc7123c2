"""GetCourse's import API on this machine (github.com/getcourse-ru/GetCourse-PHP-SDK, May 2026)."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.service import Service
from tests.fakes.target import Received, Target, target_server

KEY = "getcourse-fake-secret-key-0123456789"


class Refused(Exception):
    """A failure that is answered 200."""


@dataclass
class GetCourse:
    """users: by e-mail. deals: by number. letters: mailings that were sent. words: booleans come as texts.

    troubles: answers to the next calls, instead of the usual ones.
    """

    target: Target
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    deals: dict[str, dict[str, Any]] = field(default_factory=dict)
    letters: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[tuple[int, bytes]] = field(default_factory=list)
    words: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def host(self) -> str:
        """What stands for the school's address."""
        return self.target.url.split("//")[1]

    def answer(self, request: Received) -> tuple[int, bytes]:
        with self.lock:
            if self.troubles:
                return self.troubles.pop(0)
            address = urlsplit(request.path)
            if address.path == "/pl/api/account/groups":
                return 200, _json(self._groups(dict(parse_qsl(address.query))))
            asked = dict(parse_qsl(request.body.decode()))
            handler = getattr(self, "_" + address.path.removeprefix("/pl/api/"), None)
            if handler is None:
                return 404, b"<html>404</html>"
            try:
                return 200, self._told(asked, True, handler(self._params(asked)))
            except Refused as refused:
                wrong = {"error": True, "error_message": str(refused)}
                return 200, self._told(asked, str(refused) != "Неверный ключ", wrong | {"success": False})

    def _told(self, asked: dict[str, str], success: bool, result: dict[str, Any]) -> bytes:
        whole = {
            "success": success,
            "action": asked.get("action"),
            "result": {"success": True, "error": False} | result,
        }
        return _json(_worded(whole) if self.words else whole)

    def _params(self, asked: dict[str, str]) -> dict[str, Any]:
        if asked.get("key") != KEY:
            raise Refused("Неверный ключ")
        try:
            told = json.loads(base64.b64decode(asked.get("params", ""), validate=True))
        except ValueError:
            raise Refused("Неверный формат params") from None
        return told if isinstance(told, dict) else {}

    def _groups(self, asked: dict[str, str]) -> Any:
        if asked.get("key") != KEY:
            return {"success": False, "error": True, "error_message": "Неверный ключ", "error_code": 902}
        return {"success": True, "info": [{"id": 1, "name": "Ученики"}, {"id": 2, "name": "Гости"}], "error": False}

    def _users(self, params: dict[str, Any]) -> dict[str, Any]:
        person = params.get("user") or {}
        email = str(person.get("email") or "")
        if "@" not in email:
            raise Refused("Неверный формат email")
        known = self.users.get(email)
        if known is None:
            self.users[email] = dict(person)
        elif params.get("system", {}).get("refresh_if_exists"):
            known |= person
        status = "added" if known is None else "updated"
        return {"user_id": 1000 + list(self.users).index(email), "user_status": status, "error_message": ""}

    def _deals(self, params: dict[str, Any]) -> dict[str, Any]:
        deal = params.get("deal") or {}
        if not any(deal.get(name) for name in ("offer_code", "offer_id", "product_title")):
            raise Refused("Не указано предложение")
        told = self._users(params)
        number = str(deal.get("deal_number") or f"auto-{len(self.deals)}")
        self.deals[number] = self.deals.get(number, {}) | deal
        told |= {"deal_id": 5000 + list(self.deals).index(number), "deal_number": number}
        if params.get("system", {}).get("return_payment_link"):
            told["payment_link"] = f"{self.target.url}/sales/shop/dealPay/id/{told['deal_id']}/hash/1a2b"
        return told

    def _messages(self, params: dict[str, Any]) -> dict[str, Any]:
        self.letters.append(params["message"])
        return {}


def _worded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _worded(inner) for name, inner in value.items()}
    return str(value).lower() if isinstance(value, bool) else value


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@contextmanager
def getcourse() -> Iterator[GetCourse]:
    """To be reached with GETCOURSE_SCHEME=http and `host` as the school's address."""
    with target_server() as target:
        service = GetCourse(target)
        target.answer = service.answer
        yield service


SERVICE = Service(
    key="getcourse",
    title="GetCourse",
    port=8104,
    serve=getcourse,
    environment=lambda fake: {"GETCOURSE_SCHEME": "http"},
    account=lambda fake: {"account": fake.host, "key": KEY},
)
