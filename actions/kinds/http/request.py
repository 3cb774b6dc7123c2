"""«HTTP-запрос»: any request to any address."""

import re
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from actions import values
from actions.kind import ActionKind, Data, Pasted
from actions.kinds.http import curl, success
from actions.kinds.http.bodies import JSON_TYPE, body_of, with_values
from actions.kinds.http.form import RequestForm
from actions.kinds.http.paging import BODY, QUERY, Paging
from webjack import status_codes
from webjack.config import Config
from webjack.decode import read_answer
from webjack.http import Answer, Failed, Http
from webjack.http.address import DEFAULT_PORTS, parse


class SendRequest(ActionKind):
    key = "http.request"
    alias = "http"
    title = _("HTTP request")
    about = _("Sends data to any address: choose the method, the address, the body and the headers")
    common = True
    pastes = _("curl command")
    words = "http запрос webhook вебхук api get post rest"
    form = RequestForm
    sample: ClassVar[dict[str, Any]] = {
        "status": 200,
        "headers": {"content-type": "application/json"},
        "body": {"id": 1},
        "text": '{"id":1}',
    }

    def execute(self, config: Config, http: Http) -> Data:
        patterns = status_codes.parse(config.get("success_codes") or "") or status_codes.SUCCESS
        body, content_type = body_of(config, http)
        headers = pairs(config.get("headers"))
        names = {name.lower() for name, _value in headers}
        paging = paging_of(config, http)
        if paging and paging.place == BODY:
            content_type = content_type or JSON_TYPE
            body = body or b"{}"
        if body is not None and "content-type" not in names:
            headers.append(("Content-Type", content_type))
        sender = http.through(config.get("connection") or None)

        def ask(url: str, query: list[tuple[str, str]], number: int, more: dict[str, Any]) -> tuple[Answer, Data]:
            # Each page is a request of its own: with the first one's key a service might answer it again.
            page = number > 1 and http.key and "idempotency-key" not in names
            own = [("Idempotency-Key", f"{http.key}-{number}")] if page else []
            answer = sender.request(
                config["method"],
                url,
                query=query,
                headers=headers + own,
                body=with_values(body, more),
                follow_redirects=bool(config.get("follow_redirects")),
            )
            told = output(answer)
            success.check(config, patterns, answer, told)
            return answer, told

        url, query = values.text(config["url"]), pairs(config.get("query"))
        return paging.collect(url, query, ask) if paging else ask(url, query, 1, {})[1]

    def pasted(self, text: str) -> Pasted:
        return curl.read(text)

    def account(self, config: Config) -> str:
        return account_of(str(config.get("url") or ""))

    def goes_by_answers(self, config: Config) -> bool:
        return bool((config.get("paging") or {}).get("kind"))

    def harmless(self, config: Config) -> bool:
        return config.get("method") in ("GET", "HEAD", "PUT", "DELETE")

    def summary(self, config: Config) -> str:
        return f"{config.get('method', '')} {str(config.get('url', '')).split('://')[-1]}"


def account_of(url: str) -> str:
    """The host, with its port where that is not the usual one; "" unless it is certain before any placeholder."""
    certain = re.split(r"\{\{|\{%", url, maxsplit=1)[0]
    if certain != url and not re.match(r"[^/?#]*//[^/?#]+[/?#]", certain):
        return ""
    try:
        address = parse(certain)
    except Failed:
        return ""
    host = f"[{address.host}]" if ":" in address.host else address.host
    return host if address.port == DEFAULT_PORTS[address.scheme] else f"{host}:{address.port}"


def paging_of(config: Config, http: Http) -> Paging | None:
    told = config.get("paging") or {}
    if not told.get("kind"):
        return None
    texts: dict[str, Any] = {name: str(told.get(name) or "") for name in ("kind", "next", "parameter", "items")}
    texts["place"] = told.get("place") or QUERY
    limits: dict[str, Any] = {
        name: int(told[name]) for name in ("first", "pages", "most") if told.get(name) is not None
    }
    return Paging(**texts, **limits, seconds=http.seconds)


def pairs(rows: list[dict[str, Any]] | None) -> list[tuple[str, str]]:
    return [(row["name"], values.text(row["value"])) for row in rows or []]


def output(answer: Answer) -> Data:
    """What later actions can use: `body` is decoded like a source's request; a file is only described."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    body = read_answer(answer.headers.get("Content-Type", ""), answer.body, answer.text)
    text = "" if body.form == "binary" else answer.text
    return {"status": answer.status, "headers": headers, "body": body.value, "text": text}
