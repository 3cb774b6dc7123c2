"""What was received, sent and answered as plain text, for operators."""

import json
from typing import Any

from django.utils.translation import gettext as _

from history.bodies import in_words
from history.models import Operation
from webjack import plain

Headers = dict[str, Any] | list[dict[str, Any]]


def received(operation: Operation) -> str:
    """The request's method and query string as they were sent, its headers and its body."""
    query = f" ?{operation.query}" if operation.query else ""
    return _written(operation.method + query, operation.headers, plain.body(bytes(operation.body)))


def exchange(record: dict[str, Any]) -> tuple[str, str]:
    """Request and answer of one exchange (webjack/http/exchange.py); without an answer the error stands there."""
    asked, answered = record.get("request") or {}, record.get("response") or {}
    sent = _message(f"{asked.get('method', '')} {asked.get('url', '')}", asked)
    came = _message(f"{answered.get('status', '')} {answered.get('reason', '')}", answered) if answered else ""
    return sent, "\n\n".join(part for part in (came, plain.text(record.get("error") or "")) if part)


def _message(line: str, message: dict[str, Any]) -> str:
    binary = message.get("binary")
    content = in_words(message["size"], binary) if binary else _body(message.get("body") or "")
    if message.get("truncated"):
        content += "\n" + _("… (only the beginning was kept)")
    return _written(line, message.get("headers") or [], content)


def _written(line: str, headers: Headers, content: str) -> str:
    pairs = headers.items() if isinstance(headers, dict) else [(row.get("name"), row.get("value")) for row in headers]
    lines = [plain.text(line), *(plain.text(f"{name}: {value}") for name, value in pairs)]
    return "\n".join([*lines, "", content]).rstrip()


def _body(content: str) -> str:
    if content[:1] in ("{", "[") and len(content) <= plain.SHOWN:
        try:
            return plain.pretty(json.loads(content))
        except (ValueError, RecursionError):
            pass
    return plain.text(content)
