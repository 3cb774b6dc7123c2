"""One recorded exchange as the page shows it: the request, the answer, and the command that repeats it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from history.bodies import Body, binary, body
from history.curl import command
from history.models import Step
from webjack.http.mask import MASK

Pairs = list[tuple[str, str]]
PARTS = ("request", "response")


@dataclass
class Exchange:
    """masked: something in it is hidden. share: its length in percent of the longest on the page."""

    step: Step
    number: int
    method: str
    url: str
    headers: Pairs
    body: Body | None
    answered: bool
    status: int
    reason: str
    answer_headers: Pairs
    answer_body: Body | None
    error: str
    duration_ms: int
    curl: str
    masked: bool
    share: int = 100

    @property
    def ids(self) -> dict[str, str]:
        """Names of its foldable parts, the same on every page that shows it."""
        return {
            part: f"{part}-{self.step.pk}-{self.number}"
            for part in ("headers", "body", "answer_headers", "answer_body")
        }

    @property
    def address(self) -> str:
        """The url for people: escapes of Cyrillic are read."""
        return unquote(self.url)

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


def exchange(record: dict[str, Any], step: Step, number: int) -> Exchange:
    """record: as webjack.http.exchange writes it."""
    request, response = record["request"], record["response"] or {}
    headers, answer_headers = _pairs(request), _pairs(response)
    method, url = request["method"], request["url"]
    texts = [
        url,
        request["body"] or "",
        response.get("body") or "",
        *(value for _name, value in headers + answer_headers),
    ]
    return Exchange(
        step=step,
        number=number,
        method=method,
        url=url,
        headers=headers,
        body=_body(request, headers),
        answered=bool(response),
        status=response.get("status", 0),
        reason=response.get("reason", ""),
        answer_headers=answer_headers,
        answer_body=_body(response, answer_headers),
        error=record["error"] or "",
        duration_ms=record["duration_ms"],
        curl=_curl(method, url, headers, request),
        masked=any(MASK in text for text in texts),
    )


def _curl(method: str, url: str, headers: Pairs, request: dict[str, Any]) -> str:
    """Only what went over HTTP can be repeated so."""
    if not url.startswith("http"):
        return ""
    return command(method, url, headers, request["body"], binary=bool(request.get("binary")))


def _pairs(message: dict[str, Any]) -> Pairs:
    return [(header["name"], header["value"]) for header in message.get("headers", [])]


def _body(message: dict[str, Any], headers: Pairs) -> Body | None:
    content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    if message.get("binary"):
        return binary(message["size"], message["binary"], message["truncated"])
    return body(message.get("body"), message.get("size", 0), content_type, message.get("truncated", False))
