"""Whether the operations cluster stands still, as /readyz tells: work is due and no worker has shown life for a while.

django-q freezes for ever when a worker that waits for a task is killed (https://github.com/django-q2/django-q2/issues/23,
open on 2026-11-24), and it cannot notice that itself. `python -m scripts.stalled URL` exits with 1 then.
"""

import json
import os
import sys
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

# A drain hands the pusher no free worker for its budget and one slow request: 10 s and 30 s by default.
SILENT = 60.0  # seconds without a sign of life
WAITING = 20.0  # seconds that the oldest operation has been due
PATIENCE = 10.0  # seconds for the answer


def stalled(url: str) -> bool:
    """Asks the web process at the URL. An answer that cannot be had says nothing about the workers."""
    try:
        checks = ask(url)["checks"]
        silent, waiting = checks["worker"]["seconds_since_heartbeat"], checks["queue"]["oldest_due_seconds"]
    except (OSError, ValueError, KeyError):
        return False
    return waiting > WAITING and (silent is None or silent > SILENT)


def ask(url: str) -> Any:
    """The JSON object of /readyz, asked for under the public host name: under another one it would be refused."""
    host = urlsplit(os.environ.get("PUBLIC_URL", "")).netloc or urlsplit(url).netloc
    request = Request(f"{url}/readyz", headers={"Host": host})  # noqa: S310 (our own address)
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            return json.load(answer)
    except HTTPError as refused:  # 503 when a check failed, with the same object
        with refused:
            return json.load(refused)


if __name__ == "__main__":
    sys.exit(1 if stalled(sys.argv[1]) else 0)
