"""Errors as the local amoCRM tells them (reference/apis/amocrm.md, section 3)."""

import json
from typing import Any

OAUTH = "https://developers.amocrm.ru/v3/errors/OAuthProblemJson"


class Refused(Exception):
    """reply: status, body and headers."""

    def __init__(self, status: int, title: str, detail: str = "", *, oauth: bool = False, **more: Any) -> None:
        super().__init__(title)
        kind = OAUTH if oauth else f"https://httpstatus.es/{status}"
        told = {"title": title, "type": kind, "status": status, "detail": detail} | more
        body = json.dumps(told, ensure_ascii=False).encode()
        self.reply = status, body, {"Content-Type": "application/problem+json"}


def invalid(errors: list[dict[str, Any]]) -> Refused:
    """errors: `{"request_id", "errors": [{"code", "path", "detail"}]}` for each entity that was not taken."""
    told: dict[str, Any] = {"validation-errors": errors}
    return Refused(400, "Bad Request", "Request validation failed", **told)


def nothing() -> tuple[int, bytes, dict[str, str]]:
    """An empty list."""
    return 204, b"", {}


PAGE = 502, b"<html><h1>502 Bad Gateway</h1></html>", {"Content-Type": "text/html"}
UNPAID = Refused(402, "Payment Required", "Payment required")
FORBIDDEN = 403, b"<html>403 Forbidden</html>", {"Content-Type": "text/html"}
BROKEN = Refused(500, "ErrInternalServer", "Internal error", trace_id="6f1c")
