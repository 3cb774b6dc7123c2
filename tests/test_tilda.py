"""«Tilda»: its probe, its forms and orders, its key, and that a request it repeats is one."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from history.accept import Call
from history.models import Operation, Status
from processings.models import Processing, State
from sources.capture import capture
from sources.fields import matches
from sources.kind import FORM
from sources.kinds.tilda import sent
from sources.kinds.tilda.site import Site, SiteForm
from sources.models import Source
from tests.api import Program
from tests.conftest import Person
from tests.factories import SourceFactory
from webjack.config import bind, errors, nest

pytestmark = pytest.mark.django_db

SECRET = "длинный ключ & 7"


@pytest.fixture
def source(processing: Processing) -> Source:
    Processing.objects.update(state=State.RUNNING)
    return SourceFactory(processing=processing, kind="tilda", fields=[], sample={})


@pytest.fixture
def guarded(source: Source) -> Source:
    form = bind(SiteForm, {"key": {"check": "on", "name": "X-Site-Key", "secret": SECRET}})
    assert errors(form) == {}
    source.config = nest(form.cleaned_data)
    source.save()
    return source


def send(source: Source, fields: dict[str, Any], as_json: bool = False, **headers: str) -> Any:
    body = json.dumps(fields).encode() if as_json else urlencode(fields).encode()
    content_type = "application/json" if as_json else FORM
    return Client().post(f"/webhooks/tilda/{source.key}/", body, content_type=content_type, headers=headers)


def read(operation: Operation, source: Source) -> dict[str, Any]:
    return Site().read(operation, source.config).data


def test_the_probe_is_answered_and_kept_but_never_runs(source: Source, owner: Person) -> None:
    answer = send(source, sent.PROBE)
    kept = Operation.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "id": str(kept.pk)})
    assert (kept.status, kept.due_at) == (Status.FILTERED, None)
    assert "адрес работает" in owner.get(f"/history/{kept.pk}/").content.decode()


def test_the_page_says_that_the_probe_came_and_goes_on_waiting(source: Source, owner: Person) -> None:
    asking = {"waiting": "1", "probe": ""}
    place, htmx = f"/sources/{source.pk}/capture/", {"HX-Request": "true"}
    assert owner.post(place, asking, headers=htmx).status_code == 204
    send(source, sent.PROBE)
    shown = owner.post(place, asking, headers=htmx).content.decode()
    assert "Адрес проверен и работает" in shown
    again = asking | {"probe": str(Operation.objects.get().pk)}
    assert owner.post(place, again, headers=htmx).status_code == 204
    send(source, sent.FORM)
    assert "Анна Петрова" in owner.post(place, again, headers=htmx).content.decode()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_filled_in_form_runs_and_gives_its_fields(source: Source, as_json: bool) -> None:
    assert send(source, sent.FORM, as_json).status_code == 200
    kept = Operation.objects.get()
    assert kept.status == Status.QUEUED
    utm = {"utm_source": "vk", "utm_medium": "social", "utm_campaign": "autumn"}
    assert read(kept, source) == utm | {name: value for name, value in sent.FORM.items() if name != sent.COOKIES}


def test_the_fields_have_russian_labels_whatever_their_case(source: Source) -> None:
    send(source, {"name": "Анна", "PHONE": "+7", "tranid": "1:2", "Свой вопрос": "да"})
    labels = {field["name"]: field["label"] for field in capture(source).fields}
    assert labels == {"name": "Имя посетителя", "PHONE": "Телефон", "tranid": "Номер заявки", "Свой вопрос": ""}


@pytest.mark.parametrize("as_text", [False, True])
def test_an_order_is_taken_apart_however_it_comes(source: Source, as_text: bool) -> None:
    order = {"orderid": "1", "amount": "7400", "products": [{"name": "Курс", "price": "7400"}]}
    if as_text:
        send(source, {"Name": "Анна", "payment": json.dumps(order)})
    else:
        send(source, sent.ORDER)
    payment = read(Operation.objects.get(), source)["payment"]
    assert (payment["amount"], payment["products"][0]["name"][:4]) == ("7400", "Курс")


def test_a_repeated_request_is_one_operation(source: Source) -> None:
    answers = [send(source, sent.FORM).json()["id"] for _try in range(3)]
    assert len(set(answers)) == Operation.objects.count() == 1
    send(source, sent.FORM | {"tranid": "467251:9"})
    send(source, {"Name": "без номера"})
    send(source, {"Name": "без номера"})
    assert Operation.objects.count() == 4


@pytest.mark.parametrize("way", ["header", "form", "json"])
def test_the_key_lets_in_as_header_or_field_and_is_kept_nowhere(guarded: Source, way: str) -> None:
    if way == "header":
        answer = send(guarded, sent.FORM, False, **{"X-Site-Key": SECRET.encode().decode("latin-1")})
    else:
        answer = send(guarded, sent.FORM | {"X-Site-Key": SECRET}, way == "json")
    assert answer.status_code == 200
    kept = Operation.objects.get()
    assert kept.status == Status.QUEUED
    assert "X-Site-Key" not in read(kept, guarded)
    everything = f"{kept.headers} {kept.query} {bytes(kept.body).decode()}"
    assert SECRET not in everything
    assert urlencode({"": SECRET})[1:] not in everything
    assert json.dumps(SECRET)[1:-1] not in everything


@pytest.mark.parametrize("given", ["", "неверный ключ"])
def test_without_the_key_a_request_is_refused_and_kept(guarded: Source, given: str) -> None:
    answer = send(guarded, sent.FORM | ({"X-Site-Key": given} if given else {}))
    kept = Operation.objects.get()
    assert (answer.status_code, kept.status) == (401, Status.REJECTED)
    assert answer.json()["detail"] == kept.error
    assert "ключ" in kept.error.lower()


@pytest.mark.parametrize("given", ["1", "k" * 1000])
def test_a_wrong_key_of_no_keys_length_is_not_looked_for(guarded: Source, given: str) -> None:
    """One character would be taken out of every number; a megabyte of them, in all its forms, takes many seconds."""
    assert send(guarded, sent.FORM | {"X-Site-Key": given}).status_code == 401
    assert read(Operation.objects.get(), guarded)["tranid"] == sent.FORM["tranid"]
    body = urlencode({"X-Site-Key": given}).encode()
    assert Site().meet(Call("POST", content_type=FORM, body=body), {}, guarded.config).hidden == ()


def test_the_probe_needs_no_key_but_a_wrong_one_is_refused(guarded: Source) -> None:
    assert send(guarded, sent.PROBE).status_code == 200
    assert send(guarded, sent.PROBE | {"X-Site-Key": "неверный ключ"}).status_code == 401
    assert send(guarded, sent.PROBE | {"X-Site-Key": SECRET}).status_code == 200
    assert [row.status for row in Operation.objects.order_by("id")] == ["filtered", "rejected", "filtered"]


def test_the_key_is_never_shown_and_stays_when_it_is_left_empty(guarded: Source, owner: Person) -> None:
    page = f"/sources/{guarded.pk}/"
    before = guarded.config["key"]["secret"]
    assert matches(before, SECRET)
    assert before not in owner.get(page).content.decode()
    owner.post(page, {"own-name": "", "key__check": "on", "key__name": "api_key", "key__secret": ""})
    guarded.refresh_from_db()
    assert guarded.config["key"] == {"check": "on", "name": "api_key", "secret": before}
    owner.post(page, {"own-name": "", "key__check": "off", "key__name": "api_key", "key__secret": ""})
    guarded.refresh_from_db()
    assert guarded.config["key"]["secret"] == ""


def test_what_the_api_gives_it_takes_back(guarded: Source, program: Program) -> None:
    place = f"/api/v1/sources/{guarded.pk}/"
    config = program.read(place)["config"]
    assert SECRET not in str(config)
    assert program.change(place, {"config": config})["config"] == config
    short = {"key": {"check": "on", "secret": "short"}}
    program.change(place, {"config": short}, 400)


def test_the_examples_give_fields(source: Source, owner: Person) -> None:
    for example in Site.examples:
        owner.post(f"/sources/{source.pk}/example/", {"example": example.key})
        source.refresh_from_db()
        assert {"Name", "Phone", "tranid"} <= {field["name"] for field in source.fields}
