"""What the API answers to strangers, broken requests and wrong addresses."""

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from processings.models import Processing
from tests.api import Program
from tests.factories import (
    ActionFactory,
    OperationFactory,
    ProcessingFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def foreign() -> Processing:
    """A processing of another company."""
    return ProcessingFactory()


def test_a_database_that_is_away_is_a_reason_to_come_back(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("processings.switch.start", away)
    processing = ProcessingFactory(tenant=program.tenant)
    response = program.post(f"processings/{processing.pk}/start/")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "closed" not in response.content.decode()


def test_what_belongs_to_others_does_not_exist(program: Program, foreign: Processing) -> None:
    source, action = SourceFactory(processing=foreign), ActionFactory(processing=foreign)
    operation = OperationFactory(processing=foreign)
    for path in ("processings/", "sources/", "actions/"):
        assert program.read(path) == []
    assert program.read("operations/")["results"] == []
    rows = {"processings": foreign, "sources": source, "actions": action, "operations": operation}
    for name, row in rows.items():
        program.read(f"{name}/{row.pk}/", code=404)
    for name in ("processings", "sources", "actions"):
        program.change(f"{name}/{rows[name].pk}/", {"name": "mine"}, code=404)
        assert program.delete(f"{name}/{rows[name].pk}/").status_code == 404
    for path in (
        f"processings/{foreign.pk}/start/", f"processings/{foreign.pk}/stop/", f"processings/{foreign.pk}/copy/",
        f"processings/{foreign.pk}/reorder/", f"sources/{source.pk}/capture/", f"actions/{action.pk}/test/",
        f"operations/{operation.pk}/repeat/", f"operations/{operation.pk}/cancel/",
    ):  # fmt: skip
        program.send(path, {"actions": []}, code=404)
    for path, kind in (("sources/", "http"), ("actions/", "data.json")):
        program.send(path, {"processing": str(foreign.pk), "kind": kind}, code=404)
    mine = SourceFactory(processing__tenant=program.tenant)
    program.change(f"sources/{mine.pk}/", {"processing": str(foreign.pk)}, code=404)
    program.send(f"sources/{mine.pk}/capture/", {"operation": str(operation.pk)}, code=404)


def test_rows_of_a_deleted_processing_are_gone(program: Program, processing: Processing) -> None:
    source, action = SourceFactory(processing=processing), ActionFactory(processing=processing)
    program.delete(f"processings/{processing.pk}/")
    program.read(f"sources/{source.pk}/", code=404)
    program.read(f"actions/{action.pk}/", code=404)
    assert program.read("actions/") == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 400),
        (b"\xff", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'{"name": NaN}', 400),
        (b'{"name": 1e999}', 400),
        (b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"name": "\\u0000"}', 400),
        (b'{"name": "\\ud800"}', 400),
        (b" " * 3_000_000, 413),
    ],
)
def test_a_broken_body_is_the_senders_fault(program: Program, body: bytes, code: int) -> None:
    response = program.generic("POST", "processings/", body, content_type="application/json; charset=nonsense")
    assert response.status_code == code
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"]


def test_values_that_no_column_holds_are_refused_or_kept(program: Program, processing: Processing) -> None:
    told = {"processing": str(processing.pk), "kind": "data.json"}
    odd = json.dumps(told | {"config": {"fields": [{"name": "a", "value": "\ud800"}]}})
    response = program.generic("POST", "actions/", odd, content_type="application/json")
    assert response.json()["config"]["fields"][0]["value"] == "\ud800"
    text = json.dumps(told | {"config": {"fields": [{"name": "a", "value": 0}]}}).replace(": 0}", ": 1e999}")
    assert program.generic("POST", "actions/", text, content_type="application/json").status_code == 400


def test_other_ways_of_asking_get_a_problem(program: Program) -> None:
    for response, code in (
        (program.put("processings/"), 405),
        (program.post("processings/", "name=x", content_type="application/x-www-form-urlencoded"), 415),
        (program.get("processings/", headers={"Accept": "text/html"}), 406),
        (program.get("/api/v1/nothing/"), 404),
        (program.get("/api/"), 404),
        (program.post("/api/v1/processings/not-an-id/start/"), 404),
        (Client().get("/api/v1/nothing/"), 404),
    ):
        assert response.status_code == code
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == code


def test_the_last_slash_may_be_missing(program: Program) -> None:
    assert program.send("processings", {"name": "Заявки"}, code=201)["name"] == "Заявки"
    assert len(program.read("processings")) == 1
    assert program.get("/api/v1/nothing").status_code == 404


def test_a_fault_of_ours_is_told_and_logged(
    program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("a secret inside")

    monkeypatch.setattr("webjack.kinds.catalogue", broken)
    problem = program.read("kinds/", code=500)
    assert "secret" not in json.dumps(problem)
    assert "a secret inside" in caplog.text


def test_answers_are_russian_unless_english_is_asked_for(program: Program) -> None:
    russian = program.read("processings/", {"state": "odd"}, code=400)["errors"]["state"]
    response = program.get("processings/", {"state": "odd"}, headers={"Accept-Language": "en"})
    assert response.json()["errors"]["state"] != russian


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("parent", "", "идентификатор"), ("enabled", "perhaps", "true или false"), ("name", [], "Здесь нужен текст")],
)
def test_values_of_the_wrong_type_are_told_in_russian(
    program: Program, processing: Processing, field: str, value: Any, words: str
) -> None:
    asked = {"processing": str(processing.pk), "kind": "data.json", field: value}
    told = program.send("actions/", asked, code=400)
    assert words in told["errors"][field][0]
