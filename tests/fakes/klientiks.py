"""The REST API of Klientiks on this machine, with the forms of answers that public clients were seen to expect."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.service import Service
from tests.fakes.target import Received, Target, target_server

ACCOUNT, USER, TOKEN = "a1b2c3d4e5f6", "f6e5d4c3b2a1", "0123456789abcdef0123456789abcdef"
ROUTE = re.compile(r"/clientix/restapi/(list|add|edit)/a/([^/]+)/u/([^/]+)/t/([^/]+)/m/(.+)", re.IGNORECASE)

Asked = dict[str, list[str]]


@dataclass
class Klientiks:
    """clients: by number. visits: what was asked for. says: what `status` of a good answer is, a boolean or "ok".

    troubles: answers to the next calls, instead of the usual ones.
    """

    target: Target
    clients: dict[int, dict[str, Any]] = field(default_factory=dict)
    visits: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[tuple[int, bytes]] = field(default_factory=list)
    says: Any = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Received) -> tuple[int, bytes]:
        with self.lock:
            if self.troubles:
                return self.troubles.pop(0)
            address = urlsplit(request.path)
            found = ROUTE.fullmatch(unquote(address.path))
            if not found:
                return 404, b"<html>404</html>"
            action, account, user, token, model = found.groups()
            if (account, user, token) != (ACCOUNT, USER, TOKEN):
                return 200, _json({"status": False, "messages": [], "errors": ["Неверный токен доступа"]})
            asked = parse_qs(request.body.decode() if request.method == "POST" else address.query)
            handler = getattr(self, f"_{action}_{model.split('/')[0]}".lower(), None)
            if handler is None:
                return 404, b"<html>404</html>"
            return 200, _json(handler(asked, model))

    def _saved(self, made: dict[str, Any] | None, errors: Any = ()) -> Any:
        return {"status": self.says, "messages": [], "errors": errors or [], "object": made}

    def _list_getclientbyphone(self, asked: Asked, model: str) -> Any:
        phone = model.rstrip("/").split("/")[-1]
        found = next((each for each in self.clients.values() if each["phone"] == phone), None)
        return {"items": found or "No data"}

    def _list_users(self, asked: Asked, model: str) -> Any:
        return _page([{"id": 11, "name": "Доктор Иванова", "archived": False}])

    def _list_services(self, asked: Asked, model: str) -> Any:
        return _page([{"id": 5, "type": "service", "name": "Консультация", "price": 1500, "archived": False}])

    def _list_availabletimes(self, asked: Asked, model: str) -> Any:
        return {"items": {"2026-12-01": ["2026-12-01 10:00:00", "2026-12-01 10:15:00"]}}

    def _add_clients(self, asked: Asked, model: str) -> Any:
        told = {name: texts[0] for name, texts in asked.items()}
        missing = {
            name: [f"Поле {title} обязательно для заполнения"]
            for name, title in (("phone", "Телефон"), ("first_name", "Имя"))
            if not told.get(name)
        }
        if missing:
            return self._saved(None, missing)
        id = 6439301 + len(self.clients)
        self.clients[id] = {"id": id, "deleted": False} | told
        return self._saved(self.clients[id])

    def _edit_clients(self, asked: Asked, model: str) -> Any:
        told: dict[str, Any] = {name: texts[0] for name, texts in asked.items()}
        known = self.clients.get(int(told.pop("id", 0)))
        if known is None:
            return self._saved(None, {"id": ["Клиент не найден"]})
        known |= told
        return self._saved(known)

    def _add_appointments(self, asked: Asked, model: str) -> Any:
        needed = ("executor_id", "start_datetime")
        missing = {name: ["Обязательное поле"] for name in needed if not asked.get(name)}
        if missing:
            return self._saved(None, missing)
        self.visits.append({"id": 7000001 + len(self.visits), "model": model} | asked)
        return self._saved({"id": self.visits[-1]["id"]})

    def _edit_appointments(self, asked: Asked, model: str) -> Any:
        self.visits.append({"model": model} | asked)
        return self._saved({"id": int(asked["id"][0])})


def _page(items: list[Any]) -> Any:
    return {"offset": 50, "items": items, "count": len(items), "limit": 50}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@contextmanager
def klientiks() -> Iterator[Klientiks]:
    """To be reached by KLIENTIKS_URL."""
    with target_server() as target:
        service = Klientiks(target)
        target.answer = service.answer
        yield service


SERVICE = Service(
    key="klientiks",
    title="Klientiks",
    port=8105,
    serve=klientiks,
    environment=lambda fake: {"KLIENTIKS_URL": fake.target.url},
    account=lambda fake: {"account": ACCOUNT, "user": USER, "token": TOKEN},
)
