"""SMSC.ru on this machine, as its documentation says (https://smsc.ru/api/http/, May 2026)."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.service import Service
from tests.fakes.target import Received, Target, target_server

LOGIN, PASSWORD, KEY = "clinic", "s3cret-of-sms", "apikey-of-the-clinic"
PRICE = 3.4


@dataclass
class Smsc:
    """sent: messages that went out. key_needs_login: an apikey alone is not enough. refused: errors of single numbers.

    troubles: answers to the next calls, as (status, body) or (error_code, text). forgets: a repeat is refused, but the
    status of messages is not known.
    """

    target: Target
    balance: float = 100.0
    sent: list[dict[str, str]] = field(default_factory=list)
    key_needs_login: bool = False
    refused: dict[str, str] = field(default_factory=dict)
    troubles: list[tuple[int, Any]] = field(default_factory=list)
    forgets: bool = False
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Received) -> tuple[int, bytes]:
        path = urlsplit(request.path)
        asked = dict(parse_qsl(path.query)) | dict(parse_qsl(request.body.decode()))
        with self.lock:
            self.calls.append((path.path, asked))
            trouble = self.troubles.pop(0) if self.troubles else None
            if trouble and isinstance(trouble[1], bytes):
                return trouble[0], trouble[1]
            told = _error(*trouble) if trouble else self._told(path.path, asked)
        return 200, json.dumps(told, ensure_ascii=False).encode()

    def _told(self, path: str, asked: dict[str, str]) -> dict[str, Any]:
        if not self._known(asked):
            return _error(2, "authorise error")
        match path:
            case "/sys/balance.php":
                return {"balance": f"{self.balance:g}"}
            case "/sys/send.php":
                return self._send(asked)
            case "/sys/status.php":
                known = not self.forgets and any(one.get("id") == asked.get("id") for one in self.sent)
                return {"status": 1 if known else -3, "last_date": "24.11.2026 12:00:00", "last_timestamp": 1795510800}
        return _error(1, "parameters error")

    def _known(self, asked: dict[str, str]) -> bool:
        if "apikey" in asked:
            return asked["apikey"] == KEY and (asked.get("login") == LOGIN or not self.key_needs_login)
        return (asked.get("login"), asked.get("psw")) == (LOGIN, PASSWORD)

    def _send(self, asked: dict[str, str]) -> dict[str, Any]:
        phones = [phone for phone in asked.get("phones", "").replace(";", ",").split(",") if phone]
        if not phones or not asked.get("mes") or asked.get("fmt") != "3":
            return _error(1, "parameters error")
        if any(not phone.lstrip("+").isdigit() for phone in phones):
            return _error(7, "invalid number")
        taken = [phone for phone in phones if phone not in self.refused]
        cost = PRICE * len(taken)
        if asked.get("cost") == "1":
            return {"cnt": len(phones), "cost": f"{cost:g}"}
        if cost > self.balance:
            return _error(3, "no money")
        if any((one["phones"], one["mes"]) == (asked["phones"], asked["mes"]) for one in self.sent):
            return _error(9, "duplicate request, wait a minute")
        self.balance -= cost
        self.sent.append(asked)
        id = asked.get("id") or str(len(self.sent))
        told: dict[str, Any] = {"id": int(id), "cnt": len(taken)}
        if asked.get("cost") in ("2", "3"):
            told["cost"] = f"{cost:g}"
        if asked.get("cost") == "3":
            told["balance"] = f"{self.balance:g}"
        if asked.get("op") == "1":
            told["phones"] = [self._of(phone) for phone in phones]
        return told

    def _of(self, phone: str) -> dict[str, str]:
        told = {"phone": phone, "mccmnc": "25001", "cost": f"{PRICE:g}", "status": "0"}
        return {"phone": phone, "error": self.refused[phone]} if phone in self.refused else told


def _error(code: int, text: str) -> dict[str, Any]:
    return {"error": text, "error_code": code}


@contextmanager
def smsc() -> Iterator[Smsc]:
    with target_server() as target:
        service = Smsc(target)
        target.answer = service.answer
        yield service


SERVICE = Service(
    key="smsc",
    title="SMSC.ru",
    port=8107,
    serve=smsc,
    environment=lambda fake: {"SMSC_URL": fake.target.url},
    account=lambda fake: {"apikey": KEY, "login": LOGIN},
)
