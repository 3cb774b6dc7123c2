"""Calls the REST of a Bitrix24 portal (github.com/bitrix24/b24restdocs, read in August 2026)."""

import json
import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from connections.kinds.bitrix24 import query
from connections.kinds.bitrix24.errors import failure
from webjack.config import Config
from webjack.http import Answer, Failed, Http

MOST_COMMANDS = 50
MOST_PAGES = 20
REDIRECTS = (301, 302, 307, 308)
JSON = [("Content-Type", "application/json"), ("Accept", "application/json")]


@dataclass(frozen=True)
class Told:
    """What a method gave. next: where the next page begins. total: of all pages. portal: the host that answered."""

    result: Any
    next: int | None = None
    total: int | None = None
    portal: str = ""


@dataclass(frozen=True)
class Results:
    """What the commands of a batch gave, by their names, and the errors of those that failed."""

    results: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, Failed] = field(default_factory=dict)


def call(http: Http, config: Config, method: str, parameters: dict[str, Any] | None = None) -> Told:
    """Raises Failed. http must hide the key, which is part of the address."""
    answer = _post(http, address(config, method), parameters or {})
    if answer.status in REDIRECTS and answer.headers.get("Location"):
        # A renamed portal; a client that follows by itself would send a GET and lose the parameters.
        config = config | {"portal": _moved(answer)}
        answer = _post(http, address(config, method), parameters or {})
    told = _read(answer)
    number = {name: told[name] for name in ("next", "total") if isinstance(told.get(name), int)}
    return Told(told.get("result"), portal=config["portal"], **number)


def batch(http: Http, config: Config, commands: dict[str, tuple[str, dict[str, Any]]], halt: bool = False) -> Results:
    """Several methods in one request, which counts as one; `$result[name]` in a parameter is an earlier answer.

    commands: method and parameters by a name, at most 50. Raises Failed where nothing was executed.
    """
    asked = {name: query.command(method, parameters) for name, (method, parameters) in commands.items()}
    told = call(http, config, "batch", {"halt": int(halt), "cmd": asked}).result
    told = told if isinstance(told, dict) else {}
    errors = {name: failure(None, one) for name, one in _map(told, "result_error").items()}
    return Results(_map(told, "result"), errors)


def several(http: Http, config: Config, commands: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """The results of methods that only read, in as few requests as it takes. Raises Failed when any of them fails."""
    if len(commands) == 1:
        [(name, (method, parameters))] = commands.items()
        return {name: call(http, config, method, parameters).result}
    found = batch(http, config, commands) if commands else Results()
    for error in found.errors.values():
        raise error
    return {name: found.results.get(name) for name in commands}


def every(http: Http, config: Config, method: str, parameters: dict[str, Any], most: int = 500) -> list[Any]:
    """The whole of a list, page by page, as far as its pages go on. Raises Failed."""
    found: list[Any] = []
    start = 0
    for _page in range(MOST_PAGES):
        told = call(http, config, method, parameters | {"start": start})
        rows = told.result if isinstance(told.result, list) else []
        found += rows
        if not rows or told.next is None or told.next <= start or len(found) >= most:
            break
        start = told.next
    return found


def address(config: Config, method: str) -> str:
    return f"{scheme()}://{config['portal']}/rest/{config['webhook']}/{method}.json"


def link(config: Config, path: str) -> str:
    """Where a person opens something on the portal."""
    return f"{scheme()}://{config['portal']}{path}"


def scheme() -> str:
    """https; a local fake has only http."""
    return "http" if os.environ.get("BITRIX24_SCHEME") == "http" else "https"


def _post(http: Http, url: str, parameters: dict[str, Any]) -> Answer:
    body = json.dumps(parameters, ensure_ascii=False, default=str).encode("utf-8", "replace")
    return http.request("POST", url, headers=JSON, body=body)


def _moved(answer: Answer) -> str:
    """The host that the portal has now; the rest of its Location may be anything. Raises Failed."""
    try:
        there = urlsplit(answer.headers["Location"])
    except ValueError:
        raise answer.failure() from None
    if not there.netloc or there.scheme not in ("https", scheme()):
        raise answer.failure()
    return there.netloc


def _read(answer: Answer) -> dict[str, Any]:
    """An answer without an error in it. Raises Failed; a page with 302, 403 or 500 may stand for an answer."""
    try:
        told = answer.json()
    except Failed:
        if answer.status < 400:
            raise
        raise failure(answer.status, {}, after=answer.failure().after) from None
    if not isinstance(told, dict) or "error" in told or answer.status >= 400:
        said = told if isinstance(told, dict) else {}
        raise failure(answer.status, said, time=said.get("time"), after=answer.failure().after)
    return told


def _map(told: dict[str, Any], name: str) -> dict[str, Any]:
    """PHP tells an empty map, and one with the keys 0, 1, 2, as a list."""
    found = told.get(name)
    if isinstance(found, list):
        return {str(number): one for number, one in enumerate(found)}
    return found if isinstance(found, dict) else {}
