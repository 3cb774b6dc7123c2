"""How the processes do; for the supervisor and for containers' health checks.

python -m scripts.health alive URL    exits with 1 unless the web process answers
python -m scripts.health beats NAME   exits with 1 unless a worker of this machine's app or operations cluster works
"""

import os
import socket
import sys
from http.client import HTTPResponse
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import psycopg

from webjack import local

FRESH = 30.0  # seconds; workers write the time every few seconds (history/heartbeat.py)
PATIENCE = 10.0  # seconds for an answer
SEEN = """
SELECT 1 FROM history_heartbeat
WHERE host = %s AND cluster = %s AND seen_at > now() - %s * interval '1 second'
"""


def main(question: str = "", about: str = "") -> int:
    match question:
        case "alive":
            return 0 if alive(about) else 1
        case "beats":
            return 0 if beats(about) else 1
        case _:
            sys.exit(__doc__)


def alive(url: str) -> bool:
    try:
        with ask(f"{url}/healthz") as answer:
            return answer.status == 200
    except OSError:
        return False


def beats(cluster: str) -> bool:
    """Whether a worker of that cluster on this machine took a task lately. Without the database: no."""
    url = os.environ.get("DATABASE_URL") or local.database_url()
    try:
        with psycopg.connect(url, connect_timeout=int(PATIENCE)) as connection:
            return connection.execute(SEEN, [socket.gethostname(), cluster, FRESH]).fetchone() is not None
    except psycopg.Error:
        return False


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
