"""What a sender gets to hear."""

import http
import json
import logging
import re
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from actions.placeholders import Context, fill
from actions.values import text
from webjack.config import Config

log = logging.getLogger(__name__)

# A customer's answer comes from our own host: it must never run as a page of ours, nor touch our cookies.
GUARD = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
# Headers that a customer may not set: those of the connection, and those that speak for the whole host.
_CONNECTION = """
connection content-length keep-alive proxy-authenticate proxy-connection te trailer transfer-encoding upgrade
"""
_HOST = """
alt-svc clear-site-data content-security-policy content-security-policy-report-only nel origin-agent-cluster
public-key-pins report-to reporting-endpoints service-worker-allowed set-cookie strict-transport-security
x-content-type-options
"""
# Web servers in front of us take these as orders: nginx would serve any internal address to whoever calls.
_SERVER = "status x-lighttpd-send-file x-litespeed-location x-reproxy-url x-sendfile x-sendfile2"
_ORDERS = ("x-accel-",)
OURS = frozenset(f"{_CONNECTION} {_HOST} {_SERVER}".split())
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, 5.6.2
BODILESS = {204, 205, 304}
Rows = list[dict[str, Any]]


def is_ours(name: str) -> bool:
    """Whether a customer may not set this header; underscores count as dashes, as in some servers."""
    plain = name.strip().lower().replace("_", "-")
    return plain in OURS or plain.startswith(_ORDERS)


def is_default(config: Config) -> bool:
    """Whether a source with this config gives the default answer to whatever it takes."""
    response = config.get("response") or {}
    return response.get("status") in (None, 200) and not any(
        response.get(name) for name in ("reason", "headers", "body", "wait")
    )


def accepted(id: uuid.UUID) -> HttpResponse:
    """The default answer."""
    return _guarded(HttpResponse(json.dumps({"status": "ok", "id": str(id)}), content_type="application/json"))


def known() -> HttpResponse:
    """The answer to HEAD, which asks only whether somebody lives here."""
    return _guarded(HttpResponse(content_type="application/json"))


def problem(status: int, detail: str, id: uuid.UUID | None = None, **headers: str) -> HttpResponse:
    """A refusal as RFC 9457 has it; id: of the operation that keeps the refused call."""
    title = http.HTTPStatus(status).phrase
    told: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if id:
        told["id"] = str(id)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(told, ensure_ascii=False)
    return _guarded(HttpResponse(body, status=status, content_type="application/problem+json", headers=named))


def configured(response: Config, id: uuid.UUID, context: Callable[[], Context] | None) -> HttpResponse:
    """The answer that the customer has set; the default one if its placeholders cannot be filled.

    The context is asked for only where there are placeholders. None: the texts are data, whatever they look like.
    """
    try:
        return _guarded(_configured(response, id, context))
    except Exception:  # the request is taken: whatever the customer's texts do, the sender must not send it again
        log.info("the answer of a source could not be made", exc_info=True)
        return accepted(id)


def _configured(response: Config, id: uuid.UUID, context: Callable[[], Context] | None) -> HttpResponse:
    told: dict[str, Any] = {"body": response.get("body") or "", "headers": response.get("headers") or []}
    if context and any(mark in words for words in _texts(told) for mark in ("{{", "{%")):
        told = fill(told, context())
    status = int(response.get("status") or 200)
    headers = _headers(told["headers"])
    body = text(told["body"])
    if not body and status not in BODILESS:
        body, headers = json.dumps({"status": "ok", "id": str(id)}), {"Content-Type": "application/json"} | headers
    answer = HttpResponse("" if status in BODILESS else body, status=status, reason=_reason(response))
    answer.headers["Content-Type"] = _type_of(body)
    for name, value in headers.items():
        answer.headers[name] = value
    return answer


def _texts(told: dict[str, Any]) -> list[str]:
    return [text(told["body"]), *(text(row.get("value")) for row in told["headers"])]


def _headers(rows: Rows) -> dict[str, str]:
    named = ((row["name"].strip().title(), text(row["value"]).strip()) for row in rows)
    return {name: value for name, value in named if _TOKEN.fullmatch(name) and not is_ours(name)}


def _reason(response: Config) -> str | None:
    """The status text, if it can go into the first line of an answer of HTTP/1.1."""
    reason = str(response.get("reason") or "").strip()
    return reason if reason and reason.isascii() and reason.isprintable() else None


def _type_of(body: str) -> str:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return "text/plain; charset=utf-8"
    return "application/json"


def _guarded(answer: HttpResponse) -> HttpResponse:
    for name, value in GUARD.items():
        answer.headers.setdefault(name, value)
    if answer.status_code not in BODILESS:
        answer.headers["Content-Length"] = str(len(answer.content))
    return answer


def preflight(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    """The answer to a browser's question whether a page of another site may send here: it may."""
    asked = request.headers.get("Access-Control-Request-Headers", "")
    return HttpResponse(
        status=204,
        headers={
            "Allow": allow(methods),
            "Access-Control-Allow-Methods": allow(methods),
            "Access-Control-Allow-Headers": asked if asked.isascii() and asked.isprintable() and asked else "*",
            "Access-Control-Max-Age": "86400",
        },
    )


def allow(methods: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys([*methods, "HEAD", "OPTIONS"]))


def for_any_site(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Lets any site read the answer. Browsers that send cookies along insist on their own name instead of a star."""
    if request.method == "HEAD":
        answer.content = b""
    origin = request.headers.get("Origin", "")
    if origin and origin.isascii() and origin.isprintable():
        answer.headers.setdefault("Access-Control-Allow-Origin", origin)
        answer.headers.setdefault("Access-Control-Allow-Credentials", "true")
        answer.headers.setdefault("Vary", "Origin")
    else:
        answer.headers.setdefault("Access-Control-Allow-Origin", "*")
    return answer
