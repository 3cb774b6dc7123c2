"""Sources by the API."""

import uuid

import pytest

from processings.models import Processing
from sources.models import Source
from tests.api import Program
from tests.factories import (
    OperationFactory,
    ProcessingFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db


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
