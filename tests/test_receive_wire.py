"""The webhook address behind the real web server: what senders do to a connection, byte by byte."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from history.models import Operation, Status
from sources.models import Source
from tests.factories import SourceFactory
from tests.gunicorn_server import gunicorn

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = 100_000


@pytest.fixture
def source(transactional_db: None) -> Source:
    return SourceFactory(fields=[], sample={})


@pytest.fixture
def port(source: Source) -> Iterator[int]:
    with gunicorn(MAX_BODY_BYTES=str(LIMIT)) as port:
        yield port


def say(port: int, *pieces: bytes, hang_up: bool = False) -> tuple[int, dict[str, str], bytes]:
    """Sends bytes and returns the answer: status, headers by lower-case name, body."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        for piece in pieces:
            connection.sendall(piece)
        if hang_up:
            connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]) if head else 0, headers, body


def head(source: Source, *lines: str, method: str = "POST", tail: str = "/?a=1", version: str = "1.1") -> bytes:
    first = f"{method} /webhooks/http/{source.key}{tail} HTTP/{version}"
    return "\r\n".join([first, "Host: localhost", "Connection: close", *lines, "", ""]).encode()


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}".encode() + b"\r\n" + content + b"\r\n"


def test_the_wire(port: int, source: Source) -> None:
    """One server for all of these: starting it takes longer than they do."""
    a_chunked_body_is_read(port, source)
    a_chunked_body_above_the_limit_is_refused(port, source)
    a_large_body_is_heard_out_and_refused(port, source)
    a_body_that_breaks_off_is_not_kept(port, source)
    a_chunked_body_that_breaks_off_is_not_kept(port, source)
    a_broken_chunk_is_not_kept(port, source)
    http_1_0_is_answered(port, source)
    head_and_preflight_have_no_body(port, source)
    two_requests_on_one_connection_stay_apart(port, source)
    bytes_beyond_ascii_in_the_address_are_kept(port, source)
    an_address_full_of_data_is_kept(port, source)


def a_chunked_body_is_read(port: int, source: Source) -> None:
    body = b'{"name": "' + b"x" * 70_000 + b'"}'
    pieces = [chunk(body[:10]), chunk(body[10:60_000]), chunk(body[60_000:]), chunk(b"")]
    lines = "Transfer-Encoding: chunked", "Content-Type: application/json"
    status, headers, answer = say(port, head(source, *lines), *pieces)
    kept = Operation.objects.get(pk=json.loads(answer)["id"])
    assert (status, headers["content-type"]) == (200, "application/json")
    assert bytes(kept.body) == body
    assert kept.query == "a=1"


def a_chunked_body_above_the_limit_is_refused(port: int, source: Source) -> None:
    pieces = [chunk(b"x" * 60_000), chunk(b"x" * 60_000), chunk(b"")]
    status, _, answer = say(port, head(source, "Transfer-Encoding: chunked"), *pieces)
    assert status == 413
    kept = Operation.objects.get(pk=json.loads(answer)["id"])
    assert (kept.status, bytes(kept.body)) == (Status.REJECTED, b"")


def a_large_body_is_heard_out_and_refused(port: int, source: Source) -> None:
    """Whoever stops reading too early breaks the connection, and the sender never learns why."""
    status, _, answer = say(port, head(source, "Content-Length: 3000000"), b"x" * 3_000_000)
    assert status == 413
    assert Operation.objects.get(pk=json.loads(answer)["id"]).status == Status.REJECTED


def a_body_that_breaks_off_is_not_kept(port: int, source: Source) -> None:
    before = Operation.objects.count()
    status, _, _ = say(port, head(source, "Content-Length: 100"), b"only this", hang_up=True)
    assert status == 400
    assert Operation.objects.count() == before


def a_chunked_body_that_breaks_off_is_not_kept(port: int, source: Source) -> None:
    before = Operation.objects.count()
    status, _, _ = say(port, head(source, "Transfer-Encoding: chunked"), chunk(b"only this"), hang_up=True)
    assert status == 400
    assert Operation.objects.count() == before


def a_broken_chunk_is_not_kept(port: int, source: Source) -> None:
    before = Operation.objects.count()
    status, _, _ = say(port, head(source, "Transfer-Encoding: chunked"), b"zz\r\nno size\r\n")
    assert status == 400
    assert Operation.objects.count() == before


def http_1_0_is_answered(port: int, source: Source) -> None:
    status, _, answer = say(port, head(source, "Content-Length: 3", version="1.0"), b"b=2")
    assert status == 200
    assert bytes(Operation.objects.get(pk=json.loads(answer)["id"]).body) == b"b=2"


def head_and_preflight_have_no_body(port: int, source: Source) -> None:
    before = Operation.objects.count()
    assert say(port, head(source, method="HEAD"))[::2] == (200, b"")
    status, headers, body = say(port, head(source, "Access-Control-Request-Method: POST", method="OPTIONS"))
    assert (status, body, headers["access-control-allow-origin"]) == (204, b"", "*")
    assert Operation.objects.count() == before


def two_requests_on_one_connection_stay_apart(port: int, source: Source) -> None:
    first = head(source, "Content-Length: 3").replace(b"Connection: close\r\n", b"")
    before = set(Operation.objects.values_list("pk", flat=True))
    say(port, first + b"c=1" + head(source, "Content-Length: 3"), b"c=2")
    kept = Operation.objects.exclude(pk__in=before).order_by("pk")
    assert [bytes(one.body) for one in kept] == [b"c=1", b"c=2"]


def bytes_beyond_ascii_in_the_address_are_kept(port: int, source: Source) -> None:
    request = head(source, method="GET", tail="/%20?name=Й").decode().encode("cp1251")
    status, _, answer = say(port, request)
    assert status == 200
    kept = Operation.objects.get(pk=json.loads(answer)["id"])
    assert kept.query == "name=%C9"
    assert source.spec.read(kept, {}).data == {"name": "Й"}


def an_address_full_of_data_is_kept(port: int, source: Source) -> None:
    description = "Консультация " * 300
    status, _, answer = say(port, head(source, method="GET", tail=f"?description={quote(description)}"))
    assert status == 200
    kept = Operation.objects.get(pk=json.loads(answer)["id"])
    assert source.spec.read(kept, {}).data == {"description": description}
