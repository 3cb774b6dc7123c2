"""The REST API: keys, processings and the catalogue."""

import json
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.utils import timezone

from actions.models import Action
from processings.models import Processing
from tenants.models import ApiKey
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
