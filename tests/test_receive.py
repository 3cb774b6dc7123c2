"""The webhook address: what it keeps, what it answers, what it refuses."""

import gzip
import json
import uuid
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client

from history import accept as accepting
from history.accept import Call
from history.models import Operation, Status
from processings.models import Processing, State
from sources import door
from sources.incoming import without
from sources.inflate import MOST_JOINED, inflate
from sources.models import Source
from tests.factories import ProcessingFactory, SourceFactory
from webjack.http import MASK

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(processing: Processing) -> Source:
    """A webhook with its settings untouched, in a stopped processing."""
    return SourceFactory(processing=processing, fields=[], sample={})


@pytest.fixture
def anyone() -> Client:
    """Somebody's program: no log-in, no cookies, and CSRF checks as in real life."""
    return Client(enforce_csrf_checks=True)


def path(source: Source, tail: str = "/") -> str:
    return f"/webhooks/http/{source.key}{tail}"


def only() -> Operation:
    return Operation.objects.get()


def configure(source: Source, **config: Any) -> None:
    source.config = config
    source.save()


def another_connection() -> psycopg.Connection[Any]:
    known = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return psycopg.connect(**{name: known[name] for name in names if known.get(name)}, autocommit=True)


def detail(response: Any) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(response.content)
    assert told["status"] == response.status_code
    return told


def test_a_request_is_kept_as_it_came(anyone: Client, source: Source) -> None:
    response = anyone.generic(
        "POST",
        path(source, "/?a=1&b=%D0%B9&c={{x}}"),
        b'{"name": "\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0"}\x00\xff',
        content_type="application/json; charset=utf-8",
        headers={"User-Agent": "Sender/1", "X-Name": "x"},
        REMOTE_ADDR="203.0.113.9",
    )
    kept = only()
    assert (response.status_code, response.json()) == (200, {"status": "ok", "id": str(kept.id)})
    assert response.headers["Content-Type"] == "application/json"
    assert (kept.tenant_id, kept.processing_id, kept.source_id) == (source.tenant_id, source.processing_id, source.pk)
    assert (kept.kind, kept.method, kept.query) == ("http", "POST", "a=1&b=%D0%B9&c={{x}}")
    assert bytes(kept.body) == b'{"name": "\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0"}\x00\xff'
    assert kept.content_type == "application/json; charset=utf-8"
    assert kept.headers["User-Agent"] == "Sender/1"
    assert kept.headers["X-Name"] == "x"
    assert kept.address == "203.0.113.9"
    assert (kept.run, kept.attempts, kept.forced, kept.error, kept.data) == (1, 0, False, "", None)


def test_a_stopped_processing_holds_its_requests(anyone: Client, source: Source) -> None:
    anyone.get(path(source))
    assert (only().status, only().due_at) == (Status.HELD, None)


def test_a_running_processing_queues_its_requests(anyone: Client, source: Source) -> None:
    Processing.objects.update(state=State.RUNNING)
    anyone.get(path(source))
    kept = only()
    assert kept.status == Status.QUEUED
    assert kept.due_at == kept.received_at


@pytest.mark.django_db(transaction=True)
def test_the_workers_are_told_of_a_queued_request_and_only_of_that(anyone: Client, source: Source) -> None:
    with another_connection() as listener:
        listener.execute("LISTEN history_operation")
        anyone.get(path(source))
        assert list(listener.notifies(timeout=0.2)) == []
        Processing.objects.update(state=State.RUNNING)
        anyone.get(path(source))
        assert len(list(listener.notifies(timeout=10, stop_after=1))) == 1


@pytest.mark.parametrize(
    "tail",
    ["", "/", "//", "%20", "/%20", "%20/", "%09/", "/%0A", "/%C2%A0", "%20%20/%20", "%E2%80%8B/", "%EF%BB%BF"],
)
def test_slashes_and_stray_blanks_around_the_address_do_not_matter(anyone: Client, source: Source, tail: str) -> None:
    assert anyone.get(f"{path(source, tail)}?client_id=1").status_code == 200
    assert anyone.post(f"/webhooks/http/%20{source.key}{tail}?client_id=1").status_code == 200
    assert anyone.get(f"/webhooks/%20http/{source.key}{tail}?client_id=1").status_code == 200
    assert [kept.query for kept in Operation.objects.all()] == ["client_id=1"] * 3


@pytest.mark.parametrize(
    "address",
    [
        "/webhooks/http/{}0/",
        "/webhooks/http/0{}/",
        "/webhooks/http/x{}",
        "/webhooks/http/{}/more",
        "/webhooks/tilda/{}/",
        "/webhooks/{}/",
        "/webhooks/http/",
    ],
)
def test_what_is_no_address_answers_404_and_keeps_nothing(anyone: Client, source: Source, address: str) -> None:
    response = anyone.post(address.format(source.key), {"a": "1"})
    assert response.status_code == 404
    assert detail(response)["detail"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert not Operation.objects.exists()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "PUT"])
def test_an_unknown_address_answers_404_to_every_method(anyone: Client, method: str) -> None:
    assert anyone.generic(method, f"/webhooks/http/{uuid.uuid4().hex}/").status_code == 404


def test_a_deleted_processing_answers_404(anyone: Client, source: Source) -> None:
    Processing.objects.update(deleted_at="2026-01-01T00:00:00Z")
    assert anyone.post(path(source)).status_code == 404
    assert not Operation.objects.exists()


def test_a_processing_deleted_while_the_request_is_read_answers_404(
    anyone: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_and_delete(service: str, key: str) -> door.Door | None:
        found = door.find(service, key)
        Processing.objects.update(deleted_at="2026-01-01T00:00:00Z")
        return found

    monkeypatch.setattr("sources.receive.find", find_and_delete)
    assert anyone.post(path(source)).status_code == 404
    assert not Operation.objects.exists()


def test_head_answers_200_and_keeps_nothing(anyone: Client, source: Source) -> None:
    configure(source, methods=["POST"])
    response = anyone.head(path(source))
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Type"] == "application/json"
    assert not Operation.objects.exists()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PURGE", "A-VERY-LONG-METHOD-NAME"])
def test_a_wrong_method_answers_405_and_is_kept_with_its_body_as_rejected(
    anyone: Client, source: Source, method: str
) -> None:
    Processing.objects.update(state=State.RUNNING)
    response = anyone.generic(method, path(source, "/?a=1"), b'{"b": 2}', content_type="application/json")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    kept = only()
    assert detail(response)["id"] == str(kept.id)
    assert (kept.status, kept.due_at, kept.method) == (Status.REJECTED, None, method[:16])
    assert kept.finished_at
    assert method[:16] in kept.error
    assert (kept.query, bytes(kept.body)) == ("a=1", b'{"b": 2}')


def test_the_methods_of_the_settings_decide(anyone: Client, source: Source) -> None:
    configure(source, methods=["PUT"])
    assert anyone.put(path(source), b"1", content_type="text/plain").status_code == 200
    assert anyone.get(path(source)).status_code == 405


def test_a_body_at_the_limit_is_kept_and_one_above_it_answers_413(
    anyone: Client, source: Source, settings: Any
) -> None:
    settings.MAX_BODY_BYTES = 100_000
    response = anyone.generic("POST", path(source), b"x" * 100_000, content_type="text/plain")
    assert response.status_code == 200
    assert bytes(only().body) == b"x" * 100_000
    response = anyone.generic("POST", path(source, "?a=1"), b"x" * 100_001, content_type="text/plain")
    assert response.status_code == 413
    kept = Operation.objects.get(status=Status.REJECTED)
    assert (bytes(kept.body), kept.query) == (b"", "a=1")
    assert "100000" in kept.error
    assert detail(response)["id"] == str(kept.id)


def test_a_request_that_breaks_off_answers_400_and_keeps_nothing(anyone: Client, source: Source) -> None:
    response = anyone.generic("POST", path(source), b"", content_type="text/plain", CONTENT_LENGTH="10")
    assert response.status_code == 400
    assert detail(response)["detail"]
    assert not Operation.objects.exists()


def test_a_preflight_is_allowed_for_any_site_and_keeps_nothing(anyone: Client, source: Source) -> None:
    response = anyone.options(
        path(source),
        headers={
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type, x-mine",
        },
    )
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert response.headers["Access-Control-Allow-Methods"] == "GET, POST, HEAD, OPTIONS"
    assert response.headers["Access-Control-Allow-Headers"] == "content-type, x-mine"
    assert int(response.headers["Access-Control-Max-Age"]) > 0
    assert not Operation.objects.exists()


def test_options_without_a_question_is_answered_too(anyone: Client, source: Source) -> None:
    assert anyone.options(path(source)).status_code == 204
    assert not Operation.objects.exists()


def test_a_source_that_accepts_options_keeps_it_unless_it_is_a_preflight(anyone: Client, source: Source) -> None:
    configure(source, methods=["OPTIONS"])
    assert anyone.options(path(source), headers={"Access-Control-Request-Method": "POST"}).status_code == 204
    assert not Operation.objects.exists()
    assert anyone.options(path(source)).status_code == 200
    assert only().method == "OPTIONS"


def test_every_answer_may_be_read_by_any_site(anyone: Client, source: Source) -> None:
    for answer in (anyone.get(path(source)), anyone.put(path(source)), anyone.get("/webhooks/http/nobody/")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    answer = anyone.get(path(source), headers={"Origin": "https://shop.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "Origin" in answer.headers["Vary"]


def test_secrets_in_headers_are_not_kept(anyone: Client, source: Source) -> None:
    secret = {
        "Authorization": "Bearer t0ps3cret",
        "Cookie": "sid=t0ps3cret",
        "Proxy-Authorization": "Basic t0ps3cret",
        "X-Auth-Token": "t0ps3cret",
        "X-Api-Key": "t0ps3cret",
        "X-Client-Secret": "t0ps3cret",
    }
    anyone.get(path(source), headers={**secret, "X-Plain": "plain"})
    kept = only().headers
    assert set(secret) < set(kept)
    assert kept["X-Plain"] == "plain"
    assert "t0ps3cret" not in str(kept)


def test_bytes_that_no_address_should_hold_are_kept_escaped(anyone: Client, source: Source) -> None:
    anyone.get(path(source), QUERY_STRING="a=\xe9\x00 b&c=%41")
    assert only().query == "a=%E9%00%20b&c=%41"


def test_nothing_of_the_caller_is_asked_or_set(anyone: Client, source: Source, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        response = anyone.get(path(source), headers={"Cookie": "sessionid=abc", "Accept-Language": "en"})
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "kept"),
    [
        ([], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (["10.0.0.0/8"], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", "made up, 10.0.0.2", "10.0.0.2"),
        (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.0/8"], "", "198.51.100.1:5123", "198.51.100.1"),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", "[2001:db8::7]:443", "2001:db8::7"),
        ([], "", "198.51.100.1", None),
    ],
)
def test_the_senders_address_is_taken_from_trusted_proxies_only(
    anyone: Client, source: Source, settings: Any, trusted: list[str], remote: str, forwarded: str, kept: str | None
) -> None:
    settings.TRUSTED_PROXIES = trusted
    anyone.get(path(source), headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=remote)
    assert only().address == kept


def test_a_configured_answer_is_given(anyone: Client, source: Source) -> None:
    rows = [{"name": "X-Mine", "value": "yes"}, {"name": "content-type", "value": "text/xml"}]
    configure(source, response={"status": 201, "reason": "Taken", "headers": rows, "body": "<ok/>"})
    response = anyone.get(path(source))
    assert (response.status_code, response.reason_phrase, response.content) == (201, "Taken", b"<ok/>")
    assert (response.headers["X-Mine"], response.headers["Content-Type"]) == ("yes", "text/xml")
    assert only().status == Status.HELD


def test_a_configured_answer_is_filled_with_the_data_of_the_request(anyone: Client, source: Source) -> None:
    body = '{"for": "{{ client_name }}", "id": "{{ operation.id }}", "at": "{{ company.name }} {{ request.method }}"}'
    rows = [{"name": "X-Client", "value": "{{ client_id }}"}]
    configure(source, response={"status": 200, "headers": rows, "body": body})
    response = anyone.get(path(source, "/?client_id=7&client_name=%D0%90%D0%BD%D0%BD%D0%B0"))
    told = {"for": "Анна", "id": str(only().id), "at": f"{source.tenant.name} GET"}
    assert response.json() == told
    assert response.headers["X-Client"] == "7"
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "response",
    [
        {"body": "{{ client_name | no_such_filter }}"},
        {"body": "{{ client_name"},
        {"headers": [{"name": "X-Name", "value": "{{ two_lines }}"}]},
        {"headers": [{"name": "Bad\nname", "value": "x"}]},
        {"status": "many"},
        {"headers": "none"},
    ],
)
def test_an_answer_that_cannot_be_made_loses_no_request(
    anyone: Client, source: Source, response: dict[str, Any]
) -> None:
    configure(source, response=response)
    answer = anyone.get(path(source, "/?client_name=A&two_lines=a%0D%0AX-Evil:1"))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "id": str(only().id)})


def test_a_status_without_body_has_none(anyone: Client, source: Source) -> None:
    configure(source, response={"status": 204, "body": "text"})
    answer = anyone.get(path(source))
    assert (answer.status_code, answer.content) == (204, b"")


def test_an_answer_with_a_status_alone_has_the_default_body(anyone: Client, source: Source) -> None:
    configure(source, response={"status": 202, "reason": "Принято", "headers": [], "body": ""})
    answer = anyone.get(path(source))
    assert (answer.status_code, answer.json()) == (202, {"status": "ok", "id": str(only().id)})
    assert answer.reason_phrase == "Accepted"


def test_a_customers_answer_cannot_act_as_a_page_of_ours(anyone: Client, source: Source) -> None:
    rows = [
        {"name": "Content-Type", "value": "text/html"},
        {"name": "Set-Cookie", "value": "sessionid=stolen"},
        {"name": "Content-Security-Policy", "value": "default-src *"},
        {"name": " content-length ", "value": "3"},
        {"name": "X-Accel-Redirect", "value": "/internal/secrets"},
        {"name": "x_accel_redirect", "value": "/internal/secrets"},
        {"name": "X-Sendfile", "value": "/etc/passwd"},
    ]
    configure(source, response={"headers": rows, "body": "<script>alert(1)</script>"})
    answer = anyone.get(path(source))
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies
    assert [name for name in answer.headers if "accel" in name.lower() or "sendfile" in name.lower()] == []
    assert answer.headers["Content-Length"] == "25"


def test_a_compressed_body_is_kept_as_it_came_and_read_unpacked(anyone: Client, source: Source) -> None:
    packed = gzip.compress(b'{"name": "Anna"}')
    configure(source, response={"body": "{{ name }}"})
    answer = anyone.generic(
        "POST", path(source), packed, content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    assert answer.content == b"Anna"
    assert bytes(only().body) == packed
    assert source.spec.read(only(), {}).data == {"name": "Anna"}


def test_a_bomb_is_not_unpacked(anyone: Client, source: Source) -> None:
    bomb = gzip.compress(b"0" * 20_000_000)
    headers = {"Content-Encoding": "gzip"}
    assert anyone.generic("POST", path(source), bomb, content_type="text/plain", headers=headers).status_code == 200
    decoded = source.spec.read(only(), {})
    assert decoded.problem
    assert len(str(decoded.data)) < 200_000


def test_a_body_of_a_few_packed_parts_is_unpacked_and_one_of_thousands_is_not() -> None:
    part = gzip.compress(b"1", mtime=0)
    assert inflate(part * MOST_JOINED, "gzip") == b"1" * MOST_JOINED
    assert inflate(part * (MOST_JOINED + 1), "gzip") == part * (MOST_JOINED + 1)


def test_a_database_that_is_away_answers_503_and_never_2xx(
    anyone: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(connection, "close", lambda: None)  # of the test's own transaction
    for seam in ("sources.receive.accept", "sources.receive.find"):
        monkeypatch.setattr(seam, away)
        response = anyone.post(path(source), {"a": "1"})
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert detail(response)["detail"]
    assert not Operation.objects.exists()


def test_workers_that_cannot_be_woken_do_not_matter(
    anyone: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("the connection is lost")

    Processing.objects.update(state=State.RUNNING)
    monkeypatch.setattr(accepting, "wake", away)
    assert anyone.get(path(source)).status_code == 200
    assert only().status == Status.QUEUED


def cut_connections() -> None:
    """What a restart of the database does to us."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()[0]
    with another_connection() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [mine])


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_between_requests_costs_nothing(anyone: Client, source: Source) -> None:
    cut_connections()
    assert anyone.get(path(source, "/?a=1")).status_code == 200
    assert only().query == "a=1"


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_before_the_row_is_written_costs_nothing(
    anyone: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_and_cut(service: str, key: str) -> door.Door | None:
        found = door.find(service, key)
        cut_connections()
        return found

    monkeypatch.setattr("sources.receive.find", find_and_cut)
    assert anyone.get(path(source)).status_code == 200
    assert only().status == Status.HELD


@pytest.mark.django_db(transaction=True)
def test_a_commit_whose_answer_got_lost_leaves_one_row(
    anyone: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[Status] = []

    def write_and_lose(*arguments: Any) -> Status:
        status = accepting.accept(*arguments)
        if not lost:
            lost.append(status)
            cut_connections()
            raise OperationalError("the connection is lost")
        return status

    monkeypatch.setattr("sources.receive.accept", write_and_lose)
    response = anyone.get(path(source))
    assert (response.status_code, response.json()["id"]) == (200, str(only().id))
    assert lost == [Status.HELD]


def test_a_request_reaches_only_its_own_company(anyone: Client, source: Source) -> None:
    other = SourceFactory(processing=ProcessingFactory())
    anyone.get(path(other, f"?name={quote('Пётр')}"))
    assert only().tenant_id == other.tenant_id != source.tenant_id


def test_texts_that_are_too_long_to_look_for_stay() -> None:
    """The last bound, whatever a kind asks for: a megabyte in all its forms takes many seconds."""
    call = Call("POST", query="a=" + "s" * 1000, headers={"X-Long": "s" * 1001}, body=b"t" * 1001)
    kept = without(call, ["s" * 1000, "t" * 1001])
    assert kept.query == f"a={quote(MASK)}"
    assert kept.headers == {"X-Long": f"{MASK}s"}
    assert kept.body == call.body
