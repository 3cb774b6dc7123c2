"""Asks a running web process how it and the workers do; for the supervisor and for containers' health checks.

    python -m scripts.health alive URL    exits with 1 unless the web process answers
    python -m scripts.health moving URL   exits with 1 if the operations cluster stands still

django-q freezes for ever when a worker that waits for a task is killed (https://github.com/django-q2/django-q2/issues/23,
open on 2026-11-24), and it cannot notice that itself.
"""

import json
import os
import sys
from http.client import HTTPResponse
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

# The broker and each drain show life every 5 s; a broker keeps silent while nobody takes the drain it handed out.
SILENT = 60.0  # seconds without a sign of life
WAITING = 20.0  # seconds that the oldest operation has been due
PATIENCE = 10.0  # seconds for an answer


def main(question: str = "", url: str = "") -> int:
    match question:
        case "alive":
            return 0 if alive(url) else 1
        case "moving":
            return 1 if stalled(url) else 0
        case _:
            sys.exit(__doc__)


def alive(url: str) -> bool:
    try:
        with ask(f"{url}/healthz") as answer:
            return answer.status == 200
    except OSError:
        return False


def stalled(url: str) -> bool:
    """Work is due and no worker has shown life for a while. Without an answer nothing is known of the workers."""
    try:
        with ask(f"{url}/readyz") as answer:
            checks = json.load(answer)["checks"]
        silent, waiting = checks["worker"]["seconds_since_heartbeat"], checks["queue"]["oldest_due_seconds"]
    except (OSError, ValueError, KeyError):
        return False
    return waiting > WAITING and (silent is None or silent > SILENT)


def ask(url: str) -> HTTPResponse | HTTPError:
    """The answer to a GET under the public host name (another one would be refused), be it 200 or an error's."""
    host = urlsplit(os.environ.get("PUBLIC_URL", "")).netloc or urlsplit(url).netloc
    request = Request(url, headers={"Host": host})  # noqa: S310 (our own address)
    try:
        answer: HTTPResponse = build_opener(ProxyHandler({})).open(request, timeout=PATIENCE)
    except HTTPError as error:
        return error
    return answer


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
