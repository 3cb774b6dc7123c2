"""The whole path by the API alone: create, send, capture, act, start, send, read the operation, repeat."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_httpserver import HTTPServer

from history.drain import drain
from tests.api import Program
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def local_targets(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]


@pytest.fixture
def target() -> Iterator[HTTPServer]:
    with HTTPServer(host="127.0.0.1") as server:
        yield server


def arrives(url: str, **fields: str) -> str:
    """Sends a form to a webhook address like a stranger and returns the operation's id."""
    response = Client().post("/webhooks/" + url.split("/webhooks/")[1], fields)
    assert response.status_code == 200
    told: dict[str, str] = response.json()
    return told["id"]


def test_from_nothing_to_a_request_at_the_target_by_the_api_alone(target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_json({"id": 7})
    program = Program(TenantFactory())
    processing = program.send("processings/", {"name": "Klientiks"}, code=201)["id"]
    source = program.send("sources/", {"processing": processing, "kind": "http"}, code=201)
    held = arrives(source["url"], client_name="Анна", client_phone="+79161234567")
    assert program.read(f"operations/{held}/")["status"] == "held"
    names = [row["name"] for row in program.send(f"sources/{source['id']}/capture/")["fields"]]
    assert names == ["client_name", "client_phone"]

    rows = [{"name": "client.name", "value": "{{ client_name }}", "type": "text"}]
    builder = {"processing": processing, "kind": "data.json", "config": {"fields": rows}}
    assert program.send("actions/", builder, code=201)["warnings"] == []
    request = {"method": "POST", "url": target.url_for("/in"), "body": "{{ steps.json.text }}"}
    sender = program.send("actions/", {"processing": processing, "kind": "http.request", "config": request}, code=201)
    assert sender["warnings"] == []
    tried = program.send(f"actions/{sender['id']}/test/")
    assert (tried["ok"], tried["output"]["body"]) == (True, {"id": 7})
    assert json.loads(target.log[0][0].data) == {"client": {"name": "Анна"}}

    program.send(f"processings/{processing}/start/")
    sent = arrives(source["url"], client_name="Борис")
    assert drain() == 1
    operation = program.read(f"operations/{sent}/")
    assert (operation["status"], operation["error"], operation["data"]) == ("succeeded", "", {"client_name": "Борис"})
    assert [(step["alias"], step["status"], step["run"]) for step in operation["steps"]] == [
        ("json", "succeeded", 1),
        ("http", "succeeded", 1),
    ]
    exchange = operation["steps"][1]["exchanges"][0]
    assert json.loads(exchange["request"]["body"]) == {"client": {"name": "Борис"}}
    assert exchange["response"]["status"] == 200

    program.send(f"operations/{sent}/repeat/", {"from": "start"}, code=202)
    program.send("operations/repeat/", {"filter": {"processing": processing, "status": ["held"]}}, code=202)
    assert drain() == 2
    statuses = {row["id"]: row["status"] for row in program.read("operations/", {"status": "succeeded"})["results"]}
    assert statuses == {sent: "succeeded", held: "succeeded"}
    assert [step["run"] for step in program.read(f"operations/{sent}/")["steps"]] == [1, 1, 2, 2]
    assert len(target.log) == 4


def test_a_failed_operation_goes_on_from_the_failed_action(target: HTTPServer) -> None:
    target.expect_request("/first").respond_with_data("ok")
    target.expect_oneshot_request("/second").respond_with_data("no", status=400)
    target.expect_request("/second").respond_with_data("ok")
    program = Program(TenantFactory())
    processing = program.send("processings/", {"name": "Klientiks"}, code=201)["id"]
    source = program.send("sources/", {"processing": processing, "kind": "http"}, code=201)
    for path in ("/first", "/second"):
        request = {"method": "POST", "url": target.url_for(path), "body": "{{ a }}"}
        program.send("actions/", {"processing": processing, "kind": "http.request", "config": request}, code=201)
    program.send(f"processings/{processing}/start/")
    sent = arrives(source["url"], a="1")
    drain()
    failed = program.read(f"operations/{sent}/")
    assert (failed["status"], bool(failed["error"])) == ("failed", True)

    program.send(f"operations/{sent}/repeat/", {"from": "failed"}, code=202)
    drain()

    done = program.read(f"operations/{sent}/")
    assert (done["status"], done["error"]) == ("succeeded", "")
    told = [(step["alias"], step["attempt"], step["status"]) for step in done["steps"]]
    assert told == [("http", 1, "succeeded"), ("http_2", 1, "failed"), ("http_2", 2, "succeeded")]
    assert [request.path for request, _ in target.log] == ["/first", "/second", "/second"]
