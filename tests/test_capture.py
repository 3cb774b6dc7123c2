"""«Получить»: fields from the newest request, whatever became of it, and what the customer has made of them."""

from typing import Any

import pytest
from django.test import Client

from history.models import Operation, Status
from processings.models import Processing
from sources.capture import NothingYet, capture, newest, recent
from sources.models import Source
from tests.factories import OperationFactory, ProcessingFactory, SourceFactory


@pytest.fixture
def source(processing: Processing) -> Source:
    return SourceFactory(processing=processing, fields=[], sample={})


def call(source: Source, query: str = "", method: str = "GET", body: bytes = b"", content_type: str = "") -> None:
    Client().generic(method, f"/webhooks/http/{source.key}/?{query}", body, content_type=content_type)


def captured(source: Source, operation: Operation | None = None) -> dict[str, dict[str, Any]]:
    capture(source, operation)
    source.refresh_from_db()
    return {field["name"]: field for field in source.fields}


def test_nothing_can_be_captured_before_anything_came(source: Source) -> None:
    with pytest.raises(NothingYet):
        capture(source)
    assert newest(source) is None


def test_the_newest_request_gives_its_fields_with_samples(source: Source) -> None:
    call(source, "old=1")
    call(source, "client_id=7&client_name=%D0%90%D0%BD%D0%BD%D0%B0&appointment.time=14:30&empty=")
    fields = captured(source)
    assert {name: field["sample"] for name, field in fields.items()} == {
        "client_id": "7",
        "client_name": "Анна",
        "appointment.time": "14:30",
        "empty": "",
    }
    assert all(not field["hidden"] and field["label"] == "" for field in fields.values())
    assert source.sample["client_name"] == "Анна"
    assert source.captured_id == Operation.objects.latest("id").pk


def test_a_refused_request_serves_as_well(source: Source) -> None:
    call(source, "a=1")
    call(source, "b=2", method="PUT", body=b'{"c": 3}', content_type="application/json")
    assert set(captured(source)) == {"b", "c"}
    assert newest(source).status == Status.REJECTED  # type: ignore[union-attr]


def test_nested_values_are_named_as_placeholders_write_them(source: Source) -> None:
    call(source, "", "POST", b'{"form": {"phones": [{"value": "+7"}], "n": 5}, "flag": true}', "application/json")
    fields = captured(source)
    assert {name: field["sample"] for name, field in fields.items()} == {
        "form.phones[0].value": "+7",
        "form.n": "5",
        "flag": "true",
    }


def test_an_earlier_request_can_be_chosen(source: Source) -> None:
    for name in ("a", "b", "c"):
        call(source, f"{name}=1")
    last, middle, first = recent(source)
    assert set(captured(source, middle)) == {"b"}
    assert source.captured_id == middle.pk
    assert [one.query for one in (first, last)] == ["a=1", "c=1"]
    assert recent(source, 1) == [last]


def test_labels_hidden_and_added_fields_stay_with_their_names(source: Source) -> None:
    call(source, "a=1&b=2&gone=3")
    captured(source)
    source.fields[0] |= {"label": "Первое"}
    source.fields[1] |= {"hidden": True}
    source.fields.append({"name": "mine", "sample": "", "label": "Моё", "hidden": False, "added": True})
    source.save()
    call(source, "b=20&c=30&a=10")
    fields = captured(source)
    assert list(fields) == ["b", "c", "a", "mine"]
    assert (fields["a"]["label"], fields["a"]["sample"]) == ("Первое", "10")
    assert fields["b"]["hidden"] is True
    assert fields["mine"]["label"] == "Моё"


def test_a_field_added_by_hand_gets_its_sample_once_it_comes(source: Source) -> None:
    source.fields = [{"name": "mine", "sample": "", "label": "Моё", "hidden": False, "added": True}]
    source.save()
    call(source, "mine=5")
    assert captured(source)["mine"] == {
        "name": "mine",
        "sample": "5",
        "label": "Моё",
        "hidden": False,
        "added": True,
    }


def test_an_undecodable_request_is_captured_as_what_it_is(source: Source) -> None:
    call(source, "a=1", "POST", b"{broken", "application/json")
    fields = captured(source)
    assert fields["text"]["sample"] == "{broken"
    assert fields["a"]["sample"] == "1"


def test_long_values_and_many_fields_stay_within_bounds(source: Source) -> None:
    body = "&".join(f"f{number}={'x' * 300}" for number in range(1000)).encode()
    call(source, "", "POST", body, "application/x-www-form-urlencoded")
    fields = captured(source)
    assert len(fields) == 500
    assert all(len(field["sample"]) <= 200 for field in fields.values())
    assert len(source.sample) == 1000


def test_a_request_of_another_source_or_company_is_never_taken(source: Source) -> None:
    stranger = SourceFactory(processing=ProcessingFactory(), fields=[], sample={})
    call(stranger, "theirs=1")
    OperationFactory(processing=stranger.processing, source_id=source.pk)  # even if its row named our source
    assert newest(source) is None
