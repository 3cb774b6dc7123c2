"""The REST API, by programs with keys of companies."""

import json
import uuid
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from actions.models import Action
from history.models import Operation, Status
from processings.models import Processing
from sources.models import Source
from tenants.models import ApiKey, Tenant
from tests.api import Program
from tests.conftest import Person
from tests.factories import (
    ActionFactory,
    OperationFactory,
    ProcessingFactory,
    SourceFactory,
    StepFactory,
    TenantFactory,
)
from webjack import kinds, schema
from webjack.api_fields import cleaned

pytestmark = pytest.mark.django_db

BODY = {"name": "title", "value": "{{ client_name }}", "type": "text"}
REQUEST = {"method": "POST", "url": "https://example.com/in"}


@pytest.fixture
def program(tenant: Tenant) -> Program:
    return Program(tenant)


@pytest.fixture
def foreign() -> Processing:
    """A processing of another company."""
    return ProcessingFactory()


# Keys


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wj_wrong"}, {"Authorization": "Basic eDp5"}])
def test_without_a_good_key_nothing_is_shown(header: dict[str, str]) -> None:
    response = Client(headers=header).get("/api/v1/processings/")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["title"] == "Unauthorized"
    assert response.json()["detail"]


def test_being_logged_in_opens_no_api(owner: Person) -> None:
    assert owner.get("/api/v1/processings/").status_code == 401


def test_a_deleted_key_opens_nothing(program: Program) -> None:
    program.key.delete()
    program.read("processings/", code=401)


def test_a_key_remembers_within_a_minute_when_it_was_used(program: Program) -> None:
    program.read("kinds/")
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    program.read("kinds/")
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    program.read("kinds/")
    assert (ApiKey.objects.get().last_used_at or first) > first


# Processings


def test_a_processing_is_created_renamed_and_deleted_with_its_history_kept(program: Program) -> None:
    created = program.send("processings/", {"name": " Заявки "}, code=201)
    assert (created["name"], created["state"]) == ("Заявки", "stopped")
    address = f"processings/{created['id']}/"
    operation = OperationFactory(processing=Processing.objects.get())
    told = {"name": "Лиды", "notify": False, "notice_emails": ["a@example.com", "a@example.com"]}
    assert program.change(address, told)["notice_emails"] == ["a@example.com"]
    assert program.read(address)["name"] == "Лиды"

    assert program.delete(address).status_code == 204

    program.read(address, code=404)
    assert program.read("processings/") == []
    assert Processing.everything.get().deleted_at
    assert program.read(f"operations/{operation.pk}/")["processing"] == created["id"]


def test_wrong_values_are_named_by_their_path(program: Program) -> None:
    problem = program.send("processings/", {"name": "", "notice_emails": ["a@example.com", "no"]}, code=400)
    assert set(problem["errors"]) == {"name", "notice_emails.1"}
    assert (problem["type"], problem["title"]) == ("about:blank", "Bad Request")


def test_a_processing_starts_only_when_it_is_whole(program: Program, processing: Processing) -> None:
    address = f"processings/{processing.pk}/"
    assert program.send(address + "start/", code=409)["detail"]
    SourceFactory(processing=processing)
    ActionFactory(processing=processing)
    assert program.send(address + "start/")["state"] == "running"
    assert program.send(address + "stop/")["state"] == "stopped"


def test_a_copy_has_sources_and_actions_of_its_own(program: Program, processing: Processing) -> None:
    source, action = SourceFactory(processing=processing), ActionFactory(processing=processing)
    copied = program.send(f"processings/{processing.pk}/copy/", code=201)
    (other,) = program.read("sources/", {"processing": copied["id"]})
    assert other["url"] != source.url
    (again,) = program.read("actions/", {"processing": copied["id"]})
    assert (again["config"], again["alias"]) == (action.config, action.alias)


def test_processings_are_found_by_state_and_name(program: Program, processing: Processing) -> None:
    running = ProcessingFactory(tenant=program.tenant, name="Оплаты", state="running")
    assert [row["id"] for row in program.read("processings/", {"state": "running"})] == [str(running.pk)]
    assert [row["id"] for row in program.read("processings/", {"search": "заявки"})] == [str(processing.pk)]
    assert "state" in program.read("processings/", {"state": "odd"}, code=400)["errors"]


def test_a_processing_is_exported_without_secrets_and_imported_again(program: Program, processing: Processing) -> None:
    SourceFactory(processing=processing, config=cleaned("source", "http", {"methods": ["PUT"]}))
    rows = {"fields": [{"name": "a", "value": "{{ b }}", "type": "text"}]}
    ActionFactory(processing=processing, kind="data.json", alias="json", config=rows)
    ActionFactory(processing=processing, alias="crm", config=cleaned("action", "http.request", REQUEST))
    Action.objects.filter(alias="crm").update(enabled=False)
    exported = program.read(f"processings/{processing.pk}/export/")
    assert processing.sources.get().key not in json.dumps(exported)
    assert "Петрова" not in json.dumps(exported, ensure_ascii=False)

    other = Program(TenantFactory())
    made = other.send("processings/import/", exported, code=201)

    assert made["state"] == "stopped"
    assert other.read(f"processings/{made['id']}/export/") == exported
    problem = other.send("processings/import/", exported | {"actions": [{"kind": "http.request"}]}, code=400)
    assert list(problem["errors"]) == ["actions.0.config.url"]
    assert len(other.read("processings/")) == 1
    program.read(f"processings/{made['id']}/export/", code=404)


def test_a_database_that_is_away_is_a_reason_to_come_back(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("processings.switch.start", away)
    processing = ProcessingFactory(tenant=program.tenant)
    response = program.post(f"processings/{processing.pk}/start/")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "closed" not in response.content.decode()


# Sources


def test_a_source_gets_its_address_and_defaults(program: Program, processing: Processing) -> None:
    source = program.send("sources/", {"processing": str(processing.pk), "kind": "http"}, code=201)
    assert source["url"] == Source.objects.get().url
    assert source["config"]["methods"] == ["GET", "POST"]
    assert source["config"]["response"]["status"] == 200
    assert source["fields"] == []


def test_a_wrong_config_is_refused_by_the_path_of_the_setting(program: Program, processing: Processing) -> None:
    told = {"processing": str(processing.pk), "kind": "http"}
    for config, path in (
        ({"response": {"status": 700}}, "config.response.status"),
        ({"response": {"status": "ok"}}, "config.response.status"),
        ({"response": {"body": {"a": 1}}}, "config.response.body"),
        ({"response": {"body": "{{ unclosed"}}, "config.response.body"),
        ({"response": 5}, "config.response"),
        ({"methods": "GET"}, "config.methods"),
        ({"methods": ["BREW"]}, "config.methods"),
        ({"odd": 1}, "config"),
        ([], "config"),
        ("text", "config"),
    ):
        problem = program.send("sources/", told | {"config": config}, code=400)
        assert list(problem["errors"]) == [path], problem
    assert not Source.objects.exists()


def test_a_changed_config_replaces_the_old_one_whole(program: Program, processing: Processing) -> None:
    source = SourceFactory(processing=processing, config={"methods": ["PUT"], "response": {"status": 201}})
    found = program.change(f"sources/{source.pk}/", {"config": {"response": {"status": 202}}})
    assert found["config"]["methods"] == ["GET", "POST"]
    assert found["config"]["response"]["status"] == 202
    assert program.change(f"sources/{source.pk}/", {"name": "Klientiks"})["config"] == found["config"]


def test_kind_and_processing_of_a_source_stay(program: Program, processing: Processing) -> None:
    source = SourceFactory(processing=processing)
    other = ProcessingFactory(tenant=program.tenant)
    assert "kind" in program.change(f"sources/{source.pk}/", {"kind": "no.such"}, code=400)["errors"]
    assert "processing" in program.change(f"sources/{source.pk}/", {"processing": str(other.pk)}, code=400)["errors"]
    whole = program.read(f"sources/{source.pk}/")
    assert program.change(f"sources/{source.pk}/", whole)["id"] == whole["id"]


def test_capturing_takes_the_newest_request_or_a_named_one(program: Program, processing: Processing) -> None:
    source = SourceFactory(processing=processing, fields=[], sample={})
    address = f"sources/{source.pk}/capture/"
    assert source.url in program.send(address, code=409)["detail"]
    shared = {"processing": processing, "source_id": source.pk, "content_type": "application/json"}
    older = OperationFactory(body='{"имя": "Анна"}'.encode(), **shared)
    newer = OperationFactory(body=b'{"phone": "+7"}', status="rejected", **shared)

    found = program.send(address)
    assert [(row["name"], row["sample"]) for row in found["fields"]] == [("phone", "+7")]
    assert found["captured_id"] == str(newer.pk)
    found = program.send(address, {"operation": str(older.pk)})
    assert [row["name"] for row in found["fields"]] == ["имя"]
    program.send(address, {"operation": str(uuid.uuid4())}, code=404)


def test_fields_are_named_hidden_and_added_and_outlive_the_next_capture(
    program: Program, processing: Processing
) -> None:
    source = SourceFactory(processing=processing, fields=[], sample={})
    OperationFactory(processing=processing, source_id=source.pk, body=b'{"phone": "+7"}')
    program.send(f"sources/{source.pk}/capture/")
    rows = [{"name": "phone", "sample": "+7", "label": "Телефон", "hidden": True}, {"name": "city"}]
    program.change(f"sources/{source.pk}/", {"fields": rows})

    found = program.send(f"sources/{source.pk}/capture/")["fields"]

    assert found[0] == rows[0]
    assert found[1] == {"name": "city", "sample": "", "label": "", "hidden": False}
    problem = program.change(f"sources/{source.pk}/", {"fields": [{"name": "a"}, {"name": "a"}]}, code=400)
    assert list(problem["errors"]) == ["fields"]
    problem = program.change(f"sources/{source.pk}/", {"fields": [{"name": "a"}, {}]}, code=400)
    assert list(problem["errors"]) == ["fields.1.name"]


def test_a_deleted_source_is_gone(program: Program, processing: Processing) -> None:
    source = SourceFactory(processing=processing)
    assert program.delete(f"sources/{source.pk}/").status_code == 204
    program.read(f"sources/{source.pk}/", code=404)


# Actions


def test_actions_are_added_last_with_aliases_of_their_kind(program: Program, processing: Processing) -> None:
    told = {"processing": str(processing.pk), "kind": "http.request", "config": REQUEST}
    first = program.send("actions/", told, code=201)
    second = program.send("actions/", told | {"enabled": False, "name": "Вторая"}, code=201)
    builder = {"processing": str(processing.pk), "kind": "data.json", "config": {"fields": [BODY]}}
    third = program.send("actions/", builder | {"alias": "lead"}, code=201)
    found = [(row["position"], row["alias"], row["enabled"]) for row in (first, second, third)]
    assert found == [(1, "http", True), (2, "http_2", False), (3, "lead", True)]
    assert (
        first["config"] | {"success_codes": "2**", "query": [], "headers": [], "follow_redirects": False}
        == first["config"]
    )
    assert [row["id"] for row in program.read("actions/", {"processing": str(processing.pk)})] == [
        first["id"], second["id"], third["id"],
    ]  # fmt: skip


def test_the_config_of_an_action_is_checked_like_on_the_page(program: Program, processing: Processing) -> None:
    told = {"processing": str(processing.pk), "kind": "http.request"}
    for config, path in (
        ({"method": "POST"}, "config.url"),
        (REQUEST | {"method": "BREW"}, "config.method"),
        (REQUEST | {"success_codes": "2x"}, "config.success_codes"),
        (REQUEST | {"body": {"a": 1}}, "config.body"),
        (REQUEST | {"headers": {"a": "b"}}, "config.headers"),
        (REQUEST | {"headers": [{"name": "", "value": "x"}]}, "config.headers"),
        (REQUEST | {"follow_redirects": "yes"}, "config.follow_redirects"),
        (REQUEST | {"url": "{{ a | nofilter }}"}, "config.url"),
    ):
        assert list(program.send("actions/", told | {"config": config}, code=400)["errors"]) == [path]
    assert list(program.send("actions/", told, code=400)["errors"]) == ["config.url"]
    assert list(program.send("actions/", told | {"kind": "no.such"}, code=400)["errors"]) == ["kind"]
    assert not Action.objects.exists()


def test_aliases_are_words_and_stand_once(program: Program, processing: Processing) -> None:
    first, second = ActionFactory(processing=processing), ActionFactory(processing=processing)
    for alias in (first.alias, "a b", "имя", "a" * 65):
        assert list(program.change(f"actions/{second.pk}/", {"alias": alias}, code=400)["errors"]) == ["alias"]
    assert program.change(f"actions/{second.pk}/", {"alias": "crm"})["alias"] == "crm"
    assert program.change(f"actions/{second.pk}/", {"enabled": False, "name": "CRM"})["alias"] == "crm"
    second.refresh_from_db()
    assert (second.alias, second.enabled, second.name) == ("crm", False, "CRM")


def test_unknown_placeholders_are_saved_and_said(program: Program, processing: Processing) -> None:
    SourceFactory(processing=processing)
    config = REQUEST | {"body": "{{ client_nam }} {{ client_phone }}"}
    told = {"processing": str(processing.pk), "kind": "http.request", "config": config}
    (warning,) = (made := program.send("actions/", told, code=201))["warnings"]
    assert (warning["path"], warning["name"], warning["row"]) == ("config.body", "client_nam", None)
    assert warning["detail"]
    good = program.change(f"actions/{made['id']}/", {"config": REQUEST})
    assert good["warnings"] == []


def test_actions_are_put_in_another_order(program: Program, processing: Processing) -> None:
    ids = [str(ActionFactory(processing=processing).pk) for _ in range(3)]
    address = f"processings/{processing.pk}/reorder/"
    found = program.send(address, {"actions": ids[::-1]})
    assert [(row["id"], row["position"]) for row in found] == [(ids[2], 1), (ids[1], 2), (ids[0], 3)]
    program.send(address, {"actions": ids[:2]}, code=409)
    program.send(address, {"actions": "all"}, code=400)
    program.send(address, {"actions": [*ids, str(ActionFactory().pk)]}, code=404)
    assert program.delete(f"actions/{ids[1]}/").status_code == 204
    assert list(processing.actions.values_list("position", flat=True)) == [1, 2]


def test_a_dry_test_shows_the_request_and_sends_nothing(program: Program, processing: Processing) -> None:
    SourceFactory(processing=processing)
    action = ActionFactory(processing=processing, config=REQUEST | {"body": "{{ client_name }}"})
    told = program.send(f"actions/{action.pk}/test/", {"dry": True})
    assert (told["ok"], told["error"], told["output"]) == (True, "", None)
    assert told["config"]["body"] == told["exchanges"][0]["request"]["body"] == "Анна Петрова"
    assert told["exchanges"][0]["response"] is None


def test_a_real_test_tells_why_it_failed(program: Program, processing: Processing, settings: Any) -> None:
    settings.EGRESS_ALLOW = []
    told = program.send(f"actions/{ActionFactory(processing=processing).pk}/test/")
    assert told["ok"] is False
    assert told["error"]


# Operations


def test_operations_are_paged_from_the_newest_on(program: Program, processing: Processing) -> None:
    ids = [str(OperationFactory(processing=processing).pk) for _ in range(5)][::-1]
    page = program.read("operations/", {"limit": 2})
    seen = [row["id"] for row in page["results"]]
    assert (page["previous"], seen) == (None, ids[:2])
    while page["next"]:
        page = program.read(page["next"].removeprefix("http://testserver"))
        seen += [row["id"] for row in page["results"]]
    assert seen == ids
    assert program.read(page["previous"].removeprefix("http://testserver"))["results"]
    program.read("operations/", {"cursor": "nonsense"}, code=404)
    program.read("operations/", {"cursor": "cD14"}, code=400)  # p=x, which is no key


def test_operations_are_filtered(program: Program, processing: Processing) -> None:
    other = ProcessingFactory(tenant=program.tenant)
    failed = OperationFactory(processing=processing, status="failed", source_id=uuid.uuid4())
    held = OperationFactory(processing=other, status="held", data={"client": "Борис"})
    OperationFactory(processing=other)

    def found(**query: Any) -> set[str]:
        return {row["id"] for row in program.read("operations/", query)["results"]}

    assert found(processing=str(processing.pk)) == {str(failed.pk)}
    assert found(source=str(failed.source_id)) == {str(failed.pk)}
    assert found(status="failed,held") == {str(failed.pk), str(held.pk)}
    assert found(search="борис") == {str(held.pk)}
    moment = held.received_at.isoformat()
    assert found(received_before=moment) == {str(failed.pk)}
    assert len(found(received_after=moment)) == 2
    assert found(received_after=moment, status="held") == {str(held.pk)}
    for wrong in ({"status": "odd"}, {"processing": "x"}, {"received_after": "yesterday"}, {"search": "\0"}):
        assert list(program.read("operations/", wrong, code=400)["errors"]) == list(wrong)
    assert len(found(received_after="0001-01-01T00:00:00+14:00")) == 3
    assert len(found(received_before="9999-12-31T23:59:59-14:00")) == 3
    assert len(found(received_after="2020-01-01T00:00:00+20:00")) == 3  # an offset that PostgreSQL would refuse


def test_an_operation_shows_request_data_and_steps(program: Program, processing: Processing) -> None:
    body = '{"client_name": "Анна"}'.encode()
    headers = {"User-Agent": "Klientiks"}
    shared: dict[str, Any] = {"headers": headers, "query": "a=1", "address": "192.0.2.1", "body": body}
    operation = OperationFactory(processing=processing, run=2, **shared)
    action = ActionFactory(processing=processing)
    told = {"operation": operation, "action_id": action.pk}
    second = StepFactory(run=2, started_at=timezone.now(), **told)
    first = StepFactory(run=1, status="failed", error="Нет ответа", **told)
    found = program.read(f"operations/{operation.pk}/")
    assert found["request"] == {
        "method": "POST", "query": "a=1", "headers": headers, "content_type": "application/json",
        "body": body.decode(), "body_encoding": "text", "size": len(body), "address": "192.0.2.1",
    }  # fmt: skip
    assert found["data"] == operation.data
    assert [row["id"] for row in found["steps"]] == [str(first.pk), str(second.pk)]
    assert found["steps"][0]["action"] == str(action.pk)
    assert found["steps"][0]["error"] == "Нет ответа"
    assert found["steps"][1]["output"] == second.output
    assert found["steps"][1]["exchanges"] == []


def test_bytes_that_are_no_text_and_signs_that_are_no_utf8_come_through(
    program: Program, processing: Processing
) -> None:
    operation = OperationFactory(processing=processing, body=b"\xff\x00", data={"a": "\ud800\0"})
    found = program.read(f"operations/{operation.pk}/")
    assert (found["request"]["body"], found["request"]["body_encoding"]) == ("/wA=", "base64")
    assert found["data"] == {"a": "\ud800\0"}


def test_what_no_worker_has_read_is_read_when_asked_for(program: Program, processing: Processing) -> None:
    source = SourceFactory(processing=processing)
    held = OperationFactory(processing=processing, source_id=source.pk, status="held", data=None)
    assert program.read(f"operations/{held.pk}/")["data"] == {"client_name": "Anna"}


def test_only_the_time_of_a_next_attempt_is_shown(program: Program, processing: Processing) -> None:
    moment = timezone.now()
    waiting = OperationFactory(processing=processing, status="waiting", due_at=moment)
    running = OperationFactory(processing=processing, status="running", due_at=moment)
    assert program.read(f"operations/{waiting.pk}/")["due_at"]
    assert program.read(f"operations/{running.pk}/")["due_at"] is None


def test_operations_are_repeated_and_cancelled(program: Program, processing: Processing) -> None:
    operation = OperationFactory(processing=processing, status="failed")
    address = f"operations/{operation.pk}/"
    told = program.send(address + "repeat/", {"from": "start"}, code=202)
    assert (told["status"], told["run"]) == ("queued", 2)
    program.send(address + "repeat/", code=409)
    assert program.send(address + "cancel/")["status"] == "cancelled"
    program.send(address + "cancel/", code=409)
    told = program.send(address + "repeat/", {"from": "failed"}, code=202)
    assert (told["status"], told["run"]) == ("queued", 2)
    assert list(program.send(address + "repeat/", {"from": "middle"}, code=400)["errors"]) == ["from"]


def test_many_operations_are_repeated_by_id_or_filter(program: Program, processing: Processing) -> None:
    failed = [OperationFactory(processing=processing, status="failed") for _ in range(3)]
    rejected = OperationFactory(processing=processing, status="rejected")
    foreign = OperationFactory(status="failed")
    ids = [str(failed[0].pk), str(rejected.pk)]
    assert program.send("operations/repeat/", {"ids": ids}, code=202) == {"repeated": 1}
    chosen = {"status": ["failed", "held"], "received_before": timezone.now().isoformat(), "search": "Анна"}
    assert program.send("operations/repeat/", {"filter": chosen, "from": "start"}, code=202) == {"repeated": 2}
    program.send("operations/repeat/", {"ids": [str(foreign.pk)]}, code=404)
    wrongs: list[dict[str, Any]] = [{}, {"filter": {}}, {"ids": [], "from": "start"}, {"ids": ids, "filter": chosen}]
    for wrong in wrongs:
        program.send("operations/repeat/", wrong, code=400)
    foreign.refresh_from_db()
    assert foreign.status == Status.FAILED
    assert Operation.objects.filter(status=Status.QUEUED).count() == 3


# Kinds


def test_the_catalogue_says_what_each_config_looks_like(program: Program) -> None:
    found = {(row["family"], row["kind"]): row for row in program.read("kinds/")}
    webhook = found["source", "http"]["schema"]["properties"]
    assert webhook["response"]["properties"]["status"]["maximum"] == 599
    assert webhook["methods"]["items"]["enum"][:2] == ["GET", "POST"]
    request = found["action", "http.request"]
    assert request["schema"]["required"] == ["url"]
    assert request["schema"]["properties"]["query"]["items"]["required"] == ["name"]
    assert request["schema"]["properties"]["success_codes"]["default"] == "2**"
    assert request["sample"]["status"] == 200
    assert {row["family"] for row in program.read("kinds/", {"family": "action"})} == {"action"}
    program.read("kinds/", {"family": "odd"}, code=400)


@pytest.mark.parametrize(
    ("family", "kind", "config"),
    [
        ("source", "http", {}),
        ("source", "http", {"methods": None, "response": {"status": None, "headers": [{"name": "A", "value": "b"}]}}),
        ("action", "http.request", REQUEST | {"query": [{"name": "a", "value": "{{ b }}"}]}),
        (
            "action",
            "data.json",
            {"fields": [{"name": "n", "value": 1, "type": "number"}, {"name": "t", "value": True}]},
        ),
        ("action", "data.form", {"fields": [{"name": "a", "value": None}]}),
    ],
)
def test_a_stored_config_fits_its_schema_and_can_be_sent_again(family: str, kind: str, config: Any) -> None:
    stored = cleaned(family, kind, config)
    jsonschema.validate(stored, schema.of(kinds.get(family, kind).form))
    assert cleaned(family, kind, stored) == stored


def test_every_schema_is_a_json_schema(program: Program) -> None:
    for row in program.read("kinds/"):
        jsonschema.Draft202012Validator.check_schema(row["schema"])
        assert row["title"], row["kind"]


# Strangers, broken requests, other addresses


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


# Speed


@pytest.mark.parametrize("path", ["processings/", "sources/", "actions/", "operations/"])
def test_a_list_takes_as_few_queries_however_long_it_is(
    program: Program, path: str, django_assert_max_num_queries: Any
) -> None:
    program.read("kinds/")  # the key has been used within this minute
    for _ in range(10):
        processing = ProcessingFactory(tenant=program.tenant)
        SourceFactory(processing=processing)
        ActionFactory(processing=processing)
        OperationFactory(processing=processing)
    with django_assert_max_num_queries(2):
        found = program.read(path)
    assert len(found["results"] if path == "operations/" else found) == 10


def test_an_operation_takes_as_few_queries_however_many_steps_it_has(
    program: Program, processing: Processing, django_assert_max_num_queries: Any
) -> None:
    program.read("kinds/")
    operation = OperationFactory(processing=processing)
    for attempt in range(1, 8):
        StepFactory(operation=operation, attempt=attempt)
    with django_assert_max_num_queries(3):
        assert len(program.read(f"operations/{operation.pk}/")["steps"]) == 7


def test_another_company_sees_nothing_of_it(processing: Processing) -> None:
    assert Program(TenantFactory()).read("processings/") == []
