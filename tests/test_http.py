"""Outgoing requests, against local servers: what is sent, what comes back, what is recorded."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import os
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

import webjack
from tests.raw_servers import RawServer, certificate, drips, ok, raw_server, says
from webjack.http import MASK, DryRun, Failed, Http, idle
from webjack.http.ways import close, tls_context, ways
from webjack.http.wire import PlainSocket


@pytest.fixture(autouse=True)
def _local_servers_are_open(settings: Settings) -> Iterator[None]:
    settings.EGRESS_ALLOW = ["127.0.0.0/8"]
    yield
    close()


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server(says(ok())) as started:
        yield started


def failure(call: Callable[[], Any]) -> Failed:
    with pytest.raises(Failed) as caught:
        call()
    for internal in ("HTTPConnection", "Error", "object at", "Errno", "Max retries"):
        assert internal not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


def refused(url: str, **given: Any) -> str:
    """The sentence for a request that fails for good."""
    error = failure(lambda: Http(deadline=3).request("GET", url, **given))
    assert not error.retry
    return str(error)


def sent(url: str, server: RawServer, **given: Any) -> str:
    """The request line and headers that the server got for a GET."""
    Http().request("GET", url, **given)
    return server.requests[-1].partition(b"\r\n\r\n")[0].decode()


# What is sent


def test_a_request_arrives_and_its_answer_comes_back(server: RawServer) -> None:
    http = Http()
    answer = http.request("POST", server.url + "/lead", headers=[("Content-Type", "text/plain")], body="Иван".encode())
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert (answer.status, answer.reason, answer.body, answer.truncated) == (200, "OK", b"ok", False)
    assert answer.headers["content-length"] == "2"
    assert head.decode().splitlines() == [
        "POST /lead HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"User-Agent: Webjack/{webjack.__version__}",
        "Accept: */*",
        "Accept-Encoding: gzip, deflate",
        "Content-Type: text/plain",
        "Content-Length: 8",
    ]
    assert body.decode() == "Иван"


def test_the_exchange_has_the_promised_shape(server: RawServer) -> None:
    http = Http()
    http.request("POST", server.url + "/a", headers=[("X-Name", "Иван")], body=b'{"a": 1}')
    [exchange] = http.exchanges
    assert json.loads(json.dumps(exchange)) == exchange
    assert exchange["request"]["method"] == "POST"
    assert exchange["request"]["url"] == server.url + "/a"
    assert {"name": "X-Name", "value": "Иван"} in exchange["request"]["headers"]
    assert {"name": "Content-Length", "value": "8"} in exchange["request"]["headers"]
    assert exchange["request"]["body"] == '{"a": 1}'
    assert exchange["request"]["size"] == 8
    assert exchange["response"] == {
        "status": 200,
        "reason": "OK",
        "headers": [{"name": "Content-Length", "value": "2"}],
        "body": "ok",
        "size": 2,
        "truncated": False,
    }
    assert exchange["error"] is None
    assert exchange["duration_ms"] >= 0
    assert exchange["started_at"].endswith("Z")
    assert len(exchange["started_at"]) == len("2026-01-31T12:00:00.000Z")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/путь?имя=Иван Петров", "/%D0%BF%D1%83%D1%82%D1%8C?%D0%B8%D0%BC%D1%8F=%D0%98%D0%B2%D0%B0%D0%BD%20%D0%9F"),
        ("/a%20b/%d0%bf?x=%2B+%26", "/a%20b/%D0%BF?x=%2B+%26 "),
        ("/100%?a=50%#part", "/100%25?a=50%25 "),
        ("/a b\\c?fields[TITLE]=1", "/a%20b%5Cc?fields%5BTITLE%5D=1 "),
        ("", "/ "),
        ("?a=1", "/?a=1 "),
    ],
)
def test_an_address_is_percent_encoded_once_and_recorded_as_sent(server: RawServer, path: str, line: str) -> None:
    http = Http()
    http.request("GET", f"  {server.url}{path}\n")
    got = server.requests[0].decode().splitlines()[0]
    assert got.startswith("GET " + line)
    assert http.exchanges[0]["request"]["url"] == server.url + got.split(" ")[1]


def test_query_pairs_come_after_those_in_the_address(server: RawServer) -> None:
    got = sent(server.url + "/?a=1", server, query=[("б", "1 + 1"), ("a", "&="), ("a", "")])
    assert got.startswith("GET /?a=1&%D0%B1=1%20%2B%201&a=%26%3D&a= HTTP/1.1")


def test_a_russian_host_goes_out_as_punycode(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolve_to_loopback(monkeypatch)
    got = sent(f"http://Пример.рф:{server.port}/", server)
    assert asked == ["xn--e1afmkfd.xn--p1ai"]
    assert f"Host: xn--e1afmkfd.xn--p1ai:{server.port}" in got


def test_the_idempotency_key_is_sent_unless_the_caller_gave_one(server: RawServer) -> None:
    Http(key="k-1").request("POST", server.url)
    Http(key="k-1").request("POST", server.url, headers=[("idempotency-key", "own")])
    assert b"Idempotency-Key: k-1\r\n" in server.requests[0]
    assert b"Content-Length: 0" in server.requests[0]
    assert b"k-1" not in server.requests[1]


def test_userinfo_becomes_basic_authorization_and_is_masked(server: RawServer) -> None:
    http = Http()
    http.request("GET", f"http://us%40er:pa%3Ass@127.0.0.1:{server.port}/")
    assert b"Authorization: Basic " + base64.b64encode(b"us@er:pa:ss") in server.requests[0]
    assert "pa" not in http.exchanges[0]["request"]["url"]
    assert {"name": "Authorization", "value": MASK} in http.exchanges[0]["request"]["headers"]


def test_a_header_may_come_twice_and_beyond_latin_1_goes_as_utf_8(server: RawServer) -> None:
    got = sent(server.url, server, headers=[("X-A", "1"), ("X-A", "2"), ("X-Name", " Иван\r\n"), ("User-Agent", "me")])
    assert "X-A: 1\r\nX-A: 2\r\nX-Name: Иван" in got
    assert "Webjack" not in got


def test_copied_connection_headers_do_not_contradict_the_body(server: RawServer) -> None:
    headers = [("Content-Length", "99"), ("Transfer-Encoding", "chunked"), ("Connection", "close")]
    Http().request("POST", server.url, headers=headers, body=b"abc")
    got = server.requests[0].decode()
    assert got.count("Content-Length") == 1
    assert "Content-Length: 3" in got
    assert "chunked" not in got
    assert "close" not in got


@pytest.mark.parametrize(("name", "value"), [("X-A", "1\r\nX-B: 2"), ("X-A", "1\x002"), ("X-A", "\ud800")])
def test_a_header_with_a_line_break_or_worse_is_refused_by_name(server: RawServer, name: str, value: str) -> None:
    assert f"«{name}»" in refused(server.url, headers=[(name, value)]).replace("“", "«").replace("”", "»")
    assert server.requests == []


@pytest.mark.parametrize("name", ["X A", "X:", "Имя", "X\r\nY", ""])
def test_a_header_with_a_bad_name_is_refused(server: RawServer, name: str) -> None:
    refused(server.url, headers=[(name, "1")])
    assert server.requests == []


@pytest.mark.parametrize("method", ["GET / HTTP/1.1\r\nX: 1\r\n", "", "CONNECT", "ГЕТ"])
def test_a_bad_method_is_refused(server: RawServer, method: str) -> None:
    assert not failure(lambda: Http().request(method, server.url)).retry
    assert server.requests == []


def test_a_dry_client_records_and_sends_nothing(server: RawServer) -> None:
    http = Http(dry=True)
    with pytest.raises(DryRun):
        http.request("POST", server.url + "/x", body=b"a")
    assert http.exchanges[0]["request"]["body"] == "a"
    assert http.exchanges[0]["response"] is None
    assert server.connections == 0


# Addresses


@pytest.mark.parametrize(
    "url", ["example.ru/path", "", "ftp://example.ru", "file:///etc/passwd", "//example.ru", "http:/a"]
)
def test_an_address_without_http_is_refused_with_what_to_do(url: str) -> None:
    assert "https://" in refused(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "https:///path",
        "http://a b/",
        "http://exa\nmple.ru/",
        "http://example.ru:99999/",
        "http://example.ru:port/",
        "http://[::1/",
        "http://0177.0.0.1/",
        "http://2130706433/",
        "http://a..b/",
        "http://good.example\\@127.0.0.1/",
        "http://x.ru/\ud800",
        "http://" + "a" * 300 + ".ru/",
    ],
)
def test_a_malformed_address_is_refused(url: str) -> None:
    http = Http()
    assert not failure(lambda: http.request("GET", url)).retry
    assert all(exchange["response"] is None for exchange in http.exchanges)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
        "168.63.129.16",
        "[::ffff:0:127.0.0.1]",
        "①②⑦.0.0.1",
    ],
)
def test_an_internal_address_is_refused(settings: Settings, host: str) -> None:
    settings.EGRESS_ALLOW = []
    http = Http()
    error = failure(lambda: http.request("GET", f"http://{host}/"))
    assert "internal" in str(error) or "внутренн" in str(error)
    assert not error.retry
    assert http.exchanges[0]["error"] == str(error)


def test_a_name_that_leads_inside_is_refused(
    settings: Settings, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EGRESS_ALLOW = []
    resolve_to_loopback(monkeypatch)
    refused(f"http://crm.example.ru:{server.port}/")
    assert server.connections == 0


@pytest.mark.parametrize(
    "entry", ["127.0.0.1", "127.0.0.0/8", "inside.example", "inside.example:{port}", "Inside.Example."]
)
def test_the_operator_opens_networks_and_names(
    settings: Settings, server: RawServer, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    resolve_to_loopback(monkeypatch)
    settings.EGRESS_ALLOW = [entry.format(port=server.port)]
    assert Http().request("GET", f"http://inside.example:{server.port}/").status == 200
    if "inside" in entry.lower():
        refused(f"http://other.example:{server.port}/")
        refused(server.url)
    settings.EGRESS_ALLOW = []
    refused(f"http://inside.example:{server.port}/")


def test_an_opened_name_opens_one_port_only_if_it_says_so(
    settings: Settings, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to_loopback(monkeypatch)
    settings.EGRESS_ALLOW = [f"inside.example:{server.port + 1}"]
    refused(f"http://inside.example:{server.port}/")


def test_an_opened_name_does_not_open_the_metadata_service(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to_loopback(monkeypatch, "169.254.169.254")
    settings.EGRESS_ALLOW = ["inside.example"]
    refused("http://inside.example/")


# Redirects


def redirect(to: str, status: str = "302 Found") -> bytes:
    return ok(b"", f"Location: {to}", status=status)


def test_a_redirect_is_not_followed_unless_chosen() -> None:
    with raw_server(says(redirect("/b"))) as server:
        answer = Http().request("GET", server.url)
        assert answer.status == 302
        assert len(server.requests) == 1
        assert not answer.failure().retry


@pytest.mark.parametrize(
    ("method", "status", "then"),
    [
        ("POST", "301 Moved", "GET"),
        ("POST", "302 Found", "GET"),
        ("POST", "303 See", "GET"),
        ("PUT", "302 Found", "PUT"),
        ("PUT", "303 See", "GET"),
        ("HEAD", "303 See", "HEAD"),
        ("POST", "307 Same", "POST"),
        ("POST", "308 Same", "POST"),
    ],
)
def test_a_followed_redirect_changes_the_method_as_browsers_do(method: str, status: str, then: str) -> None:
    done = ok(b"") if method == "HEAD" else ok()
    with raw_server(says(redirect("путь?a=1", status), done)) as server:
        http = Http()
        headers = [("Content-Type", "text/plain"), ("Authorization", "Bearer x")]
        answer = http.request(method, server.url + "/dir/a", headers=headers, body=b"abc", follow_redirects=True)
    head, _, body = server.requests[1].partition(b"\r\n\r\n")
    assert answer.status == 200
    assert answer.url.endswith("/dir/%D0%BF%D1%83%D1%82%D1%8C?a=1")
    assert head.startswith(f"{then} /dir/%D0%BF%D1%83%D1%82%D1%8C?a=1 ".encode())
    assert body == (b"" if then == "GET" else b"abc")
    assert (b"Content-Type" in head) == (then != "GET")
    assert b"Authorization: Bearer x" in head
    assert [exchange["response"]["status"] for exchange in http.exchanges] == [int(status[:3]), 200]


def test_keys_are_not_sent_on_to_another_origin(server: RawServer) -> None:
    with raw_server(says(redirect(server.url + "/b", "307 Same"))) as first:
        keys = [("Authorization", "a"), ("Cookie", "b"), ("X-Api-Key", "c"), ("Host", "d"), ("X-Plain", "e")]
        Http().request("POST", first.url, headers=keys, body=b"x", follow_redirects=True)
    got = server.requests[0].decode()
    assert "X-Plain: e" in got
    for name in ("Authorization", "Cookie", "X-Api-Key", "Host: d"):
        assert name not in got


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", "gopher://a/", "http://[/"]
)
def test_each_hop_is_checked(target: str) -> None:
    with raw_server(says(redirect(target))) as server:
        error = failure(lambda: Http().request("GET", server.url, follow_redirects=True))
    assert not error.retry


def test_more_than_five_redirects_end() -> None:
    with raw_server(says(redirect("/again"))) as server:
        error = failure(lambda: Http().request("GET", server.url, follow_redirects=True))
        assert "5" in str(error)
        assert len(server.requests) == 6


# Time


def timed_failure(url: str, deadline: float, method: str = "GET", **given: Any) -> tuple[Failed, dict[str, Any]]:
    http = Http(deadline=deadline)
    started = time.monotonic()
    error = failure(lambda: http.request(method, url, **given))
    assert time.monotonic() - started < deadline + 2  # without a deadline these servers hold for ever
    assert error.retry
    return error, http.exchanges[-1]


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-A: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
    ids=["status", "header", "body", "chunks", "endless"],
)
def test_a_server_that_drips_ends_at_the_deadline(start: bytes) -> None:
    with raw_server(drips(start, 0.05)) as server:
        error, exchange = timed_failure(server.url, 0.4)
    assert "0.4" in str(error)
    assert error.unknown
    if start.endswith(b"\n"):
        assert exchange["response"]["status"] == 200
        assert exchange["response"]["body"].startswith("aa")
        assert exchange["response"]["truncated"] is True
    assert exchange["error"] == str(error)


def test_a_silent_server_and_a_chain_of_slow_redirects_end_at_the_deadline() -> None:
    def converse(connection: socket.socket, _request: bytes) -> None:
        threading.Event().wait(0.15)
        connection.sendall(redirect("/again"))

    with raw_server(lambda *_: None) as server:
        timed_failure(server.url, 0.3)
    with raw_server(converse) as server:
        error, _exchange = timed_failure(server.url, 0.35, follow_redirects=True)
    assert "0.35" in str(error)


def test_who_redirected_has_taken_the_request_so_a_failure_behind_leaves_its_outcome_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with raw_server(says(redirect(nobody))) as server:
        error = failure(lambda: Http().request("POST", server.url, body=b"x", follow_redirects=True))
    assert (error.retry, error.unknown) == (True, True)


def test_a_server_that_does_not_take_the_upload_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        error, _exchange = timed_failure(url, 0.4, "POST", body=bytes(20_000_000))
    assert error.unknown


def test_a_tls_handshake_that_stalls_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        error, _exchange = timed_failure(f"https://127.0.0.1:{listener.getsockname()[1]}/", 0.4)
    assert not error.unknown


def test_a_lookup_that_stalls_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def stalled(*_args: Any) -> list[Any]:
        over.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", stalled)
    error, _exchange = timed_failure("http://crm.example.ru/", 0.3)
    over.set()
    assert "crm.example.ru" in str(error)
    assert not error.unknown


# Bodies


def test_all_requests_of_a_client_may_have_a_time_together_but_not_those_for_tokens(server: RawServer) -> None:
    http = Http(whole=0.0)
    assert failure(lambda: http.request("GET", server.url)).retry
    assert server.requests == []
    assert http.seconds == 0
    assert http.bare().request("GET", server.url).status == 200
    assert 0 < Http(deadline=30, whole=5).seconds <= 5


def test_an_answer_is_cut_at_a_mebibyte_and_the_rest_is_not_read() -> None:
    def endless(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
        while True:
            connection.sendall(b"a" * 65536)

    with raw_server(endless) as server:
        http = Http(deadline=5)
        answer = http.request("GET", server.url)
    assert answer.truncated
    assert len(answer.body) == 1024 * 1024
    assert http.exchanges[0]["response"]["truncated"] is True
    failure(answer.json)


def test_an_answer_of_exactly_a_mebibyte_is_whole() -> None:
    with raw_server(says(ok(b"a" * 1024 * 1024))) as server:
        answer = Http().request("GET", server.url)
        assert (len(answer.body), answer.truncated) == (1024 * 1024, False)
        Http().request("GET", server.url)
        assert server.connections == 1


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
def test_a_decompression_bomb_does_not_fill_the_memory(encoding: str) -> None:
    bomb = gzip.compress(bytes(100_000_000), 9)
    bomb = gzip.compress(bomb, 9) if "," in encoding else bomb
    with raw_server(says(ok(bomb, f"Content-Encoding: {encoding}"))) as server:
        tracemalloc.start()
        answer = Http(deadline=10).request("GET", server.url)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert answer.truncated
    assert len(answer.body) == 1024 * 1024
    assert peak < 16_000_000


def test_gzip_and_chunks_are_decoded() -> None:
    packed = gzip.compress("Привет".encode())
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in packed) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    with raw_server(says(head + chunks)) as server:
        assert Http().request("GET", server.url).text == "Привет"
        assert Http().request("GET", server.url).text == "Привет"
        assert server.connections == 1


def test_broken_gzip_is_an_answer_not_understood() -> None:
    with raw_server(says(ok(b"not gzip at all", "Content-Encoding: gzip"))) as server:
        http = Http()
        assert not failure(lambda: http.request("GET", server.url)).retry
    assert http.exchanges[0]["response"]["status"] == 200


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Encoding: gzip\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("DELETE", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
        ("OPTIONS", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_answers_without_a_body_come_at_once_and_keep_the_connection(method: str, answer: bytes) -> None:
    with raw_server(says(answer)) as server:
        assert Http().request(method, server.url).body == b""
        assert Http().request(method, server.url).body == b""
        assert server.connections == 1


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain; charset=windows-1251", "Привет".encode("cp1251"), "Привет"),
        ("text/plain", "Привет".encode(), "Привет"),
        ("text/plain", "Привет".encode("cp1251"), "Привет"),
        ("application/json; charset=none-such", "Привет".encode(), "Привет"),
        ("text/plain; charset=unicode_escape", b"\\ud800", "\\ud800"),
        ("text/plain; charset=utf-8", b"\xef\xbb\xbfa\xff", "a\ufffd"),
    ],
)
def test_text_is_read_by_its_charset_or_a_guess(content_type: str, body: bytes, text: str) -> None:
    with raw_server(says(ok(body, f"Content-Type: {content_type}"))) as server:
        assert Http().request("GET", server.url).text == text


def test_undecodable_bytes_are_shown_as_escapes_that_a_database_takes() -> None:
    with raw_server(says(ok(b"a\xff\x00b", "Content-Type: text/plain"))) as server:
        http = Http()
        http.request("POST", server.url, headers=[("Content-Type", "text/plain")], body=b"\x00\xd0")
    assert http.exchanges[0]["response"]["body"] == r"a\xff\x00b"
    assert http.exchanges[0]["request"]["body"] == r"\x00\xd0"


def test_a_long_request_body_is_kept_in_part(server: RawServer) -> None:
    http = Http()
    http.request("POST", server.url, body=b"a" * 300_000)
    kept = http.exchanges[0]["request"]
    assert (len(kept["body"]), kept["size"], kept["truncated"]) == (256 * 1024, 300_000, True)
    assert len(server.requests[0]) > 300_000


@pytest.mark.parametrize("body", [b"<html>", b"", b"[" * 100_000, b"\xff\xfe"])
def test_json_that_is_none_fails_with_a_sentence(body: bytes) -> None:
    with raw_server(says(ok(body))) as server:
        assert not failure(Http().request("GET", server.url).json).retry


def test_json_is_read() -> None:
    with raw_server(says(ok('{"имя": "Иван"}'.encode()))) as server:
        assert Http().request("GET", server.url).json() == {"имя": "Иван"}


# Statuses


@pytest.mark.parametrize(
    ("status", "retry"),
    [(status, False) for status in (302, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422)]
    + [(status, True) for status in (408, 425, 429, 500, 503, 599)],
)
def test_a_bad_status_says_what_to_do_and_whether_to_retry(status: int, retry: bool) -> None:
    with raw_server(says(ok(status=f"{status} Some Reason"))) as server:
        error = Http().request("GET", server.url).failure()
    assert str(status) in str(error)
    assert (error.retry, error.after, error.status, error.unknown) == (retry, None, status, False)


@pytest.mark.parametrize(
    ("header", "after"),
    [
        ("120", 120.0),
        ("1.5", 1.5),
        ("99999999999", 86400.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1e999", 86400.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 86400.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, after: float | None) -> None:
    with raw_server(says(ok(b"", f"Retry-After: {header}", status="503 Busy"))) as server:
        assert Http().request("GET", server.url).failure().after == after


# Connections


def test_a_proxy_or_netrc_of_the_machine_is_not_used(
    server: RawServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert "Authorization" not in sent(server.url, server)


def test_only_the_connections_used_last_are_kept_whatever_hosts_they_lead_to(server: RawServer) -> None:
    ways().idle.most = 4
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(raw_server(says(ok()))) for _ in range(4)]
        for each in [server, *others, *reversed(others), server]:
            Http().request("GET", each.url)
    assert server.connections == 2
    assert [other.connections for other in others] == [1] * 4


def test_a_connection_that_was_silent_for_long_is_not_used_again(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Http().request("GET", server.url)
    monkeypatch.setattr(idle, "LONGEST_SECONDS", 0.0)
    Http().request("GET", server.url)
    assert server.connections == 2


def in_threads(*calls: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_and_clients_share_connections_and_no_cookies() -> None:
    with raw_server(says(ok(b"ok", "Set-Cookie: session=alice; Path=/"))) as server:
        for _ in range(3):
            in_threads(lambda: Http().request("GET", server.url))
        Http().request("GET", server.url)
        assert server.connections == 1
        assert len(server.requests) == 4
        assert not any(b"cookie" in request.lower() for request in server.requests)


def test_requests_at_once_have_a_connection_each_and_their_own_answers() -> None:
    together = threading.Barrier(8)
    answers: dict[int, bytes] = {}

    def converse(connection: socket.socket, request: bytes) -> None:
        together.wait(5)
        connection.sendall(ok(request.partition(b"\r\n\r\n")[2]))

    def ask(number: int) -> None:
        answers[number] = Http().request("POST", crowd.url, body=str(number).encode()).body

    with raw_server(converse) as crowd:
        for _round in range(3):
            answers.clear()
            in_threads(*(partial(ask, number) for number in range(8)))
            assert answers == {number: str(number).encode() for number in range(8)}
        assert crowd.connections == 8


def test_a_connection_that_another_thread_opened_keeps_the_deadline_of_who_uses_it() -> None:
    def converse(connection: socket.socket, _request: bytes) -> None:
        if len(slow.requests) == 1:
            connection.sendall(ok())

    with raw_server(converse) as slow:
        in_threads(lambda: Http(deadline=30).request("GET", slow.url))
        error, _exchange = timed_failure(slow.url, 0.3)
        assert slow.connections == 1
    assert error.unknown


@pytest.mark.parametrize("scheme", ["Negotiate", "NTLM"])
def test_what_authorises_a_connection_and_not_a_request_has_one_for_itself(server: RawServer, scheme: str) -> None:
    head = sent(server.url, server, headers=[("Authorization", f"{scheme} abc")])
    Http().request("GET", server.url)
    assert "Connection: close" in head
    assert server.connections == 2


def closes_second_time(server_requests: list[bytes]) -> Callable[[socket.socket, bytes], None]:
    """Answers the first request of all and, when the second comes on the kept connection, closes it unanswered."""

    def converse(connection: socket.socket, request: bytes) -> None:
        server_requests.append(request)
        if len(server_requests) == 2:
            connection.shutdown(socket.SHUT_RDWR)
        else:
            connection.sendall(ok())

    return converse


def test_a_get_on_a_connection_that_has_just_died_is_sent_once_more() -> None:
    seen: list[bytes] = []
    with raw_server(closes_second_time(seen)) as server:
        Http().request("GET", server.url)
        http = Http()
        assert http.request("GET", server.url).status == 200
        assert server.connections == 2
    assert len(seen) == 3
    assert [exchange["response"] is None for exchange in http.exchanges] == [True, False]


def test_a_post_on_a_connection_that_has_just_died_is_not_repeated() -> None:
    seen: list[bytes] = []
    with raw_server(closes_second_time(seen)) as server:
        Http().request("GET", server.url)
        error = failure(lambda: Http().request("POST", server.url, body=b"x"))
        assert (error.retry, error.unknown) == (True, True)
    assert len(seen) == 2


def test_a_get_on_a_new_connection_that_breaks_is_not_repeated() -> None:
    with raw_server(lambda connection, _: connection.shutdown(socket.SHUT_RDWR)) as server:
        assert failure(lambda: Http().request("GET", server.url)).retry
        assert len(server.requests) == 1


def test_a_connection_that_the_server_closed_meanwhile_is_replaced_even_for_a_post() -> None:
    closed = threading.Event()

    def converse(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(ok())
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    with raw_server(converse) as server:
        Http().request("GET", server.url)
        assert closed.wait(2)
        assert Http().request("POST", server.url).status == 200


def answers_and_closes(answer: bytes) -> Callable[[socket.socket, bytes], None]:
    def converse(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    return converse


@pytest.mark.parametrize(
    ("answer", "retry"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf", True),
        (b"SSH-2.0-OpenSSH_9.6\r\n", False),
        (b"\x15\x03\x01\x00\x02\x02\x0a\r\n", False),
        (b"HTTP/1.1 abc OK\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", False),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", False),
    ],
)
def test_a_bad_answer_fails_with_a_sentence(answer: bytes, retry: bool) -> None:
    with raw_server(answers_and_closes(answer)) as server:
        http = Http(deadline=3)
        error = failure(lambda: http.request("GET", server.url))
    assert (error.retry, error.unknown, error.status) == (retry, True, None)
    assert http.exchanges[0]["error"] == str(error)


def test_refused_and_unknown_say_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(lambda: Http().request("GET", f"http://127.0.0.1:{port}/"))
    assert (error.retry, error.unknown) == (True, False)
    assert "127.0.0.1" in str(error)

    def unknown(*_args: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failure(lambda: Http().request("GET", "https://crm.example.ru/?token=abc"))
    assert (error.retry, error.unknown) == (True, False)
    assert "crm.example.ru" in str(error)
    assert "abc" not in str(error)


# TLS


@pytest.mark.parametrize(("host", "days"), [("127.0.0.1", 30), ("127.0.0.1", -5), ("other.example", 30)])
def test_tls_certificates_are_always_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, days: int
) -> None:
    file, context = certificate(tmp_path, host, days=days)
    with raw_server(says(ok()), tls=context) as server:
        url = server.url.replace("http:", "https:")
        untrusted = refused(url)
        assert server.requests == []
        trust(monkeypatch, file)
        if (host, days) == ("127.0.0.1", 30):
            assert Http().request("GET", url).status == 200
            assert Http().request("GET", url).status == 200
            assert server.connections == 2
        else:
            assert refused(url) != untrusted
    tls_context.cache_clear()


def test_the_deadline_holds_under_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, context = certificate(tmp_path, "127.0.0.1")
    trust(monkeypatch, file)
    with raw_server(drips(b"HTTP/1.1 200 OK\r\nX: ", 0.05), tls=context) as server:
        timed_failure(server.url.replace("http:", "https:"), 0.4)
    with raw_server(says(ok()), tls=context, reads=False) as server:
        timed_failure(server.url.replace("http:", "https:"), 0.4, "POST", body=bytes(10_000_000))
    tls_context.cache_clear()


def test_https_to_a_plain_port_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_in_plain() -> None:
            connection, _address = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(ok(status="400 Bad Request"))

        thread = threading.Thread(target=answer_in_plain)
        thread.start()
        port = listener.getsockname()[1]
        error = failure(lambda: Http(deadline=3).request("GET", f"https://127.0.0.1:{port}/"))
        thread.join()
    assert not error.unknown
    assert "https://" in str(error)


# Masking


def test_secrets_are_masked_wherever_they_stand() -> None:
    secret = 'пароль/1+"2"'
    echo = json.dumps({"a": secret}).encode() + secret.encode()
    with raw_server(says(ok(echo, "X-Echo: " + secret.encode().decode("latin-1"), "Set-Cookie: a=b"))) as server:
        http = Http(secrets=[secret, "", "bot123:ABC"])
        headers = [("X-Mine", secret), ("X-Api-Key", "k"), ("X-Shop-Token", "t"), ("X-Plain", "p")]
        http.request("POST", f"{server.url}/bot123:ABC/{secret}", query=[("q", secret)], headers=headers, body=echo)
    assert secret.encode() in server.requests[0]
    recorded = json.dumps(http.exchanges, ensure_ascii=False)
    for form in (secret, "bot123", "пароль", "%D0%BF", "u043f"):
        assert form not in recorded
    names = {header["name"]: header["value"] for header in http.exchanges[0]["request"]["headers"]}
    assert (names["X-Mine"], names["X-Api-Key"], names["X-Shop-Token"], names["X-Plain"]) == (MASK, MASK, MASK, "p")
    assert {"name": "Set-Cookie", "value": MASK} in http.exchanges[0]["response"]["headers"]


@pytest.mark.parametrize(
    "name", ["token", "access_token", "api_key", "apikey", "key", "secret", "password", "auth", "sign"]
)
def test_query_parameters_that_name_a_secret_are_masked(server: RawServer, name: str) -> None:
    http = Http()
    http.request("GET", f"{server.url}/?a=1&{name}=hush&b=2", query=[(f"x[{name}]", "hush")] if "t" in name else [])
    url = http.exchanges[0]["request"]["url"]
    assert f"a=1&{name}={MASK}&b=2" in url
    assert b"hush" in server.requests[0]


def test_a_key_that_the_answer_echoes_is_masked_there_too() -> None:
    with raw_server(says(ok(b'{"Authorization": "Bearer 0123456789abcdef0"}'))) as server:
        http = Http()
        http.request("GET", server.url, headers=[("Authorization", "Bearer 0123456789abcdef0")])
    assert http.exchanges[0]["response"]["body"] == json.dumps({"Authorization": MASK}, ensure_ascii=False)


def test_a_secret_that_the_limit_cuts_does_not_show_its_beginning() -> None:
    secret = "0123456789"
    with raw_server(says(ok(b"a" * (1024 * 1024 - 5) + secret.encode()))) as server:
        http = Http(secrets=[secret])
        http.request("POST", server.url, body=b"b" * (256 * 1024 - 5) + secret.encode())
    assert "0" not in http.exchanges[0]["request"]["body"]
    assert "0" not in http.exchanges[0]["response"]["body"]


def test_a_config_is_masked_by_the_names_in_it_and_by_its_secrets() -> None:
    config = {
        "url": "https://a.ru/?key=hush&b=1",
        "headers": [{"name": "Authorization", "value": "hush"}, {"name": "X-A", "value": "1 known"}],
        "follow_redirects": True,
    }
    assert Http(secrets=["known"]).masked(config) == {
        "url": f"https://a.ru/?key={MASK}&b=1",
        "headers": [{"name": "Authorization", "value": MASK}, {"name": "X-A", "value": f"1 {MASK}"}],
        "follow_redirects": True,
    }


def test_sentences_hide_secrets(settings: Settings) -> None:
    settings.EGRESS_ALLOW = []
    error = failure(lambda: Http(secrets=["hush"]).request("GET", "http://hush.x_y/"))
    assert "hush" not in str(error)


# The seam


def test_a_forked_child_starts_with_no_connections(server: RawServer) -> None:
    Http().request("GET", server.url)
    kept = ways()
    child = os.fork()
    if child == 0:
        os._exit(0 if ways() is not kept else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def resolve_to_loopback(monkeypatch: pytest.MonkeyPatch, address: str = "127.0.0.1") -> list[str]:
    """Make every name lead to an address; returns the names that are asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def lookup(host: str, port: int, *args: Any) -> list[Any]:
        if host[0].isdigit():
            return real(host, port, *args)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


def trust(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """Add an authority, as an operator does."""
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    tls_context.cache_clear()
    close()
    assert isinstance(tls_context(), ssl.SSLContext)


def test_head_and_body_go_out_at_once(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a new connection and on a kept one; the server need not be woken twice."""
    told: list[int] = []
    send = PlainSocket.sendall

    def noted(socket: PlainSocket, data: bytes) -> None:
        told.append(len(data))
        send(socket, data)

    monkeypatch.setattr(PlainSocket, "sendall", noted)
    for _again in range(2):
        assert Http().request("POST", server.url, body=b"x" * 500).status == 200
    assert len(told) == 2
    assert min(told) > 500
