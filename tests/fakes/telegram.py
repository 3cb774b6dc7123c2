"""Telegram's Bot API on this machine, with the errors of the real one (github.com/tdlib/telegram-bot-api, May 2026)."""

import email.policy
import html
import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.service import Service
from tests.fakes.target import Received, Target, target_server

TOKEN = "123456789:AAE-fake_token_of_a_bot_for_tests"
TAGS = r"</?(?:b|strong|i|em|s|strike|del|u|ins|tg-spoiler|pre|code|blockquote|a|span)(?:\s[^<>]*)?>"


class Refused(Exception):
    """An error as the server tells it."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass
class Telegram:
    """chats: what becomes of messages to each: "ok", "blocked", "kicked", or the new id of an upgraded group.

    sent: what was asked and taken, by method. troubles: answers to the next calls, instead of the usual ones;
    None: the usual one. updates: what people did, not delivered yet. local: as a server of one's own it calls http://
    as well.
    """

    target: Target
    chats: dict[int | str, Any] = field(default_factory=lambda: {987654321: "ok", "@clinic": "ok"})
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    troubles: list[Refused | tuple[int, bytes] | None] = field(default_factory=list)
    numbers: dict[Any, int] = field(default_factory=lambda: defaultdict(int))
    webhook: dict[str, Any] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    local: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [asked for method, asked in self.sent if method == "sendmessage"]

    def answer(self, request: Received) -> tuple[int, bytes]:
        with self.lock:
            trouble = self.troubles.pop(0) if self.troubles else None
            if isinstance(trouble, tuple):
                return trouble
            try:
                if trouble:
                    raise trouble
                return 200, _json({"ok": True, "result": self._result(request)})
            except Refused as refused:
                told = {"ok": False, "error_code": refused.code, "description": refused.description}
                return refused.code, _json(told | ({"parameters": refused.parameters} if refused.parameters else {}))

    def _result(self, request: Received) -> Any:
        path = urlsplit(request.path)
        found = re.fullmatch(r"/bot([^/]*)/(\w+)", path.path)
        if not found:
            raise Refused(404, "Not Found")
        if not re.fullmatch(r"[1-9]\d*:[\w-]+", found[1]):
            raise Refused(401, "Unauthorized: invalid token specified")
        if found[1] != TOKEN:
            raise Refused(401, "Unauthorized")
        asked = dict(parse_qsl(path.query)) | _body(request)
        method = getattr(self, f"_{found[2].lower()}", None)
        if method is None:
            raise Refused(404, "Not Found: method not found")
        result = method(asked)
        self.sent.append((found[2].lower(), asked))
        return result

    def _getme(self, asked: dict[str, Any]) -> Any:
        return {"id": 123456789, "is_bot": True, "first_name": "Клиника", "username": "clinic_bot"}

    def _sendmessage(self, asked: dict[str, Any]) -> Any:
        chat = self._chat(asked)
        text = str(asked.get("text") or "")
        if asked.get("parse_mode") == "HTML":
            unknown = re.search(r"<(?!/)(\w+)", re.sub(TAGS, "", text))
            if unknown:
                raise Refused(
                    400, f'Bad Request: can\'t parse entities: Unsupported start tag "{unknown[1]}" at byte offset 0'
                )
            text = re.sub(TAGS, "", text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        if not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise Refused(400, "Bad Request: message is too long")
        for row in (asked.get("reply_markup") or {}).get("inline_keyboard", ()):
            for button in row:
                if not str(button.get("url", "")).startswith(("http://", "https://", "tg://")):
                    raise Refused(400, "Bad Request: BUTTON_URL_INVALID")
        self.numbers[chat] += 1
        return self._message(self.numbers[chat], chat) | {"text": text}

    def _sendphoto(self, asked: dict[str, Any]) -> Any:
        return self._file(asked, "photo")

    def _senddocument(self, asked: dict[str, Any]) -> Any:
        return self._file(asked, "document")

    def _file(self, asked: dict[str, Any], name: str) -> Any:
        chat, file = self._chat(asked), asked.get(name)
        if isinstance(file, str) and file.startswith("attach://"):
            file = asked[name] = asked.pop(file.removeprefix("attach://"), None)
        caption = re.sub(TAGS, "", str(asked.get("caption") or ""))
        if not file:
            raise Refused(400, f"Bad Request: there is no {name} in the request")
        if len(html.unescape(caption).encode("utf-16-le")) // 2 > 1024:
            raise Refused(400, "Bad Request: message caption is too long")
        if isinstance(file, str) and "://" in file and not file.startswith(("http://", "https://")):
            raise Refused(400, "Bad Request: wrong HTTP URL specified")
        if isinstance(file, str) and "://" not in file and not re.fullmatch(r"[\w-]{16,}", file):
            raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        self.numbers[chat] += 1
        stored: dict[str, Any] = {
            "file_id": f"BQACAgIAAxkBAAIB{self.numbers[chat]:04}",
            "file_unique_id": "AgAD",
            "file_size": 1,
        }
        size = {"width": 640, "height": 480}
        sizes = [stored | size | {"file_id": "small-" + stored["file_id"]}, stored | size]
        told: Any = sizes if name == "photo" else stored
        return self._message(self.numbers[chat], chat) | {"caption": caption, name: told}

    def _message(self, number: int, chat: Any) -> dict[str, Any]:
        bot = {"id": 123456789, "is_bot": True, "first_name": "Клиника", "username": "clinic_bot"}
        return {"message_id": number, "from": bot, "date": 1767000000, "chat": {"id": chat, "type": "private"}}

    def _setwebhook(self, asked: dict[str, Any]) -> Any:
        url = str(asked.get("url") or "")
        if not url:
            return self._deletewebhook(asked)
        if not url.startswith("https://") and not self.local:
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", str(asked.get("secret_token") or "")):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = asked
        return True

    def _deletewebhook(self, asked: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    def _getwebhookinfo(self, asked: dict[str, Any]) -> Any:
        allowed = (
            {"allowed_updates": _listed(self.webhook["allowed_updates"])} if "allowed_updates" in self.webhook else {}
        )
        told = {"url": self.webhook.get("url", ""), "has_custom_certificate": False}
        return told | {"pending_update_count": len(self.updates)} | allowed

    def _getupdates(self, asked: dict[str, Any]) -> Any:
        if self.webhook:
            why = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise Refused(409, f"Conflict: {why}")
        offset, limit = int(asked.get("offset") or 0), int(asked.get("limit") or 100)
        if offset < 0:
            self.updates = self.updates[offset:]
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        return self.updates[:limit]

    def write(self, text: str, chat: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """A person writes to the bot; returns the update, which waits for getUpdates or is called out (`deliver`)."""
        person = {"id": 987654321, "is_bot": False, "first_name": "Анна", "last_name": "Петрова", "username": "anna"}
        told = {
            "message_id": 100 + len(self.updates),
            "date": 1767000000,
            "chat": chat or {"id": 987654321, "type": "private", "first_name": "Анна", "last_name": "Петрова"},
            "from": person,
            **({"text": text} if text else {}),
            **more,
        }
        self.numbers["update"] += 1
        update = {"update_id": 20_000 + self.numbers["update"], "message": told}
        self.updates.append(update)
        return update

    def _chat(self, asked: dict[str, Any]) -> Any:
        chat = asked.get("chat_id")
        if chat in (None, ""):
            raise Refused(400, "Bad Request: chat_id is empty")
        match self.chats.get(chat):
            case None:
                raise Refused(400, "Bad Request: chat not found")
            case "blocked":
                raise Refused(403, "Forbidden: bot was blocked by the user")
            case "kicked":
                raise Refused(403, "Forbidden: bot was kicked from the group chat")
            case int(new):
                description = "Bad Request: group chat was upgraded to a supergroup chat"
                raise Refused(400, description, migrate_to_chat_id=new)
        return chat


def _body(request: Received) -> dict[str, Any]:
    if not request.body:
        return {}
    if "json" in request.headers.get("Content-Type", ""):
        told = json.loads(request.body)
        return told if isinstance(told, dict) else {}
    if "multipart" in request.headers.get("Content-Type", ""):
        return _multipart(request)
    return {name: _read(text) for name, text in parse_qsl(request.body.decode())}


def _multipart(request: Received) -> dict[str, Any]:
    """Files as `{"name", "content"}`; numbers and nested parameters come as texts."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    told: dict[str, Any] = {}
    for part in email.message_from_bytes(head + request.body, policy=email.policy.HTTP).iter_parts():
        name, content = part.get_param("name", header="Content-Disposition"), part.get_payload(decode=True) or b""
        file = part.get_filename()
        told[str(name)] = {"name": file, "content": content} if file else _read(bytes(content).decode())
    return told


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _listed(value: Any) -> Any:
    """Of a list that came as a text, as forms have it."""
    return json.loads(value) if isinstance(value, str) else value


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@contextmanager
def telegram() -> Iterator[Telegram]:
    with target_server() as target:
        service = Telegram(target)
        target.answer = service.answer
        yield service


SERVICE = Service(
    key="telegram",
    title="Telegram",
    port=8101,
    serve=telegram,
    environment=lambda fake: {"TELEGRAM_API_URL": fake.target.url},
    account=lambda fake: {"token": TOKEN},
)
