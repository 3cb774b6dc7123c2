"""Bizon365 on this machine, both versions of its API (https://blog.bizon365.ru/api/v1/ and /api/v2/, May 2026)."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.service import Service
from tests.fakes.target import Received, Target, target_server

TOKEN = "bizon-fake-token-0123456789"
PROJECT = "p1a2b3"


class Refused(Exception):
    def __init__(self, status: int, told: dict[str, Any]) -> None:
        super().__init__(told)
        self.status, self.told = status, told


@dataclass
class Bizon365:
    """students: by e-mail. subscribers: what was asked of addSubscriber. tasks: how many questions each still waits.

    troubles: answers to the next calls, instead of the usual ones. failing: tasks fail.
    """

    target: Target
    students: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscribers: list[dict[str, Any]] = field(default_factory=list)
    granted: list[dict[str, Any]] = field(default_factory=list)
    tasks: dict[str, int] = field(default_factory=dict)
    troubles: list[tuple[int, bytes]] = field(default_factory=list)
    polls: int = 2
    failing: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Received) -> tuple[int, bytes]:
        with self.lock:
            if self.troubles:
                return self.troubles.pop(0)
            try:
                return 200, _json(self._result(request))
            except Refused as refused:
                return refused.status, _json(refused.told)

    def _result(self, request: Received) -> Any:
        if request.headers.get("X-Token") != TOKEN:
            raise Refused(401, {"message": "Unauthorized"})
        address = urlsplit(request.path)
        asked = dict(parse_qsl(address.query)) | (json.loads(request.body) if request.body else {})
        path = address.path.removeprefix("/api/")
        if path == "v2/user/getProjects":
            return {"projects": [{"id": PROJECT, "title": "Школа", "deleted": False}]}
        for prefix in ("v1/", f"v2/{PROJECT}/"):
            if path.startswith(prefix):
                method = getattr(self, "_" + path.removeprefix(prefix).replace("/", "_").lower(), None)
                if method and (prefix == "v1/") != path.endswith(("grantAccess", "checkTaskStatus")):
                    return method(asked)
                if method and not path.endswith("student/add"):
                    return method(asked)
        raise Refused(404, {"message": "Not found"})

    def _course_student_add(self, asked: dict[str, Any]) -> Any:
        email = str(asked.get("email") or "")
        if "@" not in email:
            return {"ok": False, "details": "Неверный e-mail"}
        new = email not in self.students
        self.students.setdefault(email, asked)
        return {
            "useOldPassword": not new,
            "studentCreated": new,
            "ok": True,
            "details": "Пользователю отправлено письмо",
        }

    def _webinars_subpages_getsubpages(self, asked: dict[str, Any]) -> Any:
        pages = [{"pageId": "1234:test", "title": "Вебинар", "room": "1234:test"}]
        return {"skip": 0, "limit": 50, "total": 1, "rooms": [], "pages": pages}

    def _webinars_subpages_addsubscriber(self, asked: dict[str, Any]) -> Any:
        missing = [name for name in ("pageId", "email", "time") if not asked.get(name)]
        if missing:
            raise Refused(400, {"errors": [f"{name} is required" for name in missing]})
        if asked["pageId"] != "1234:test":
            return {"errors": ["Страница не найдена"]}
        self.subscribers.append(asked)
        link = "https://online.bizon365.ru/click/abc"
        return {"hash": "abc", "url_default": link, "url_userdomain": link}

    def _kassa_orders_getorders(self, asked: dict[str, Any]) -> Any:
        return {"skip": 0, "limit": 100, "total": 0, "list": []}

    def _student_grantaccess(self, asked: dict[str, Any]) -> Any:
        self.granted.append(asked)
        task = f"t{len(self.granted)}"
        self.tasks[task] = self.polls
        if asked.get("autoCreate"):
            self.students |= {each["email"]: each for each in asked["students"]}
        return {"status": "queued", "task_id": task}

    def _student_checktaskstatus(self, asked: dict[str, Any]) -> Any:
        left = self.tasks.get(asked.get("task_id", ""), 0)
        if left <= 0:
            return {"status": "not_found"}
        self.tasks[asked["task_id"]] = left - 1
        return {"status": "failed" if self.failing else "in_queue" if left > 1 else "running"}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@contextmanager
def bizon365() -> Iterator[Bizon365]:
    """To be reached by BIZON365_URL."""
    with target_server() as target:
        service = Bizon365(target)
        target.answer = service.answer
        yield service


SERVICE = Service(
    key="bizon365",
    title="Bizon365",
    port=8103,
    serve=bizon365,
    environment=lambda fake: {"BIZON365_URL": fake.target.url},
    account=lambda fake: {"token": TOKEN, "project": PROJECT},
)
