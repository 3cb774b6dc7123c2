"""What an action's page says before anything runs: the picker, marks, previews and «Проверить»."""

import json
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import escape
from pytest_httpserver import HTTPServer

from actions.models import Action
from history.models import Step
from processings.models import Processing
from tests.actions import JSON_ROWS, REQUEST, new, of
from tests.conftest import Person
from tests.factories import ActionFactory, OperationFactory, SourceFactory, StepFactory

pytestmark = pytest.mark.django_db


def picker(text: str) -> dict[str, list[dict[str, str]]]:
    found = re.search(r'<script id="picker-data" type="application/json">(.*?)</script>', text, re.DOTALL)
    assert found
    return {group["title"]: group["items"] for group in json.loads(found[1])["groups"]}


def test_an_unknown_placeholder_is_saved_but_marked_at_its_field(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    posted = REQUEST | {
        "url": "https://example.com/{{ clientphone }}",
        "query-name": ["q"],
        "query-value": ["{{ steps.jso.text }}"],
    }
    answer = owner.post(new(processing), posted, follow=True)
    action = processing.actions.get()
    assert answer.redirect_chain == [(of(action), 302)]
    said = "Адрес: нет «clientphone» (возможно, client_phone); Параметры строки запроса, строка 1: нет «steps.jso.text»"
    assert said in answer.content.decode()
    again = owner.get(of(action)).content.decode()
    assert (
        again.index('name="url"')
        < again.index("нет «clientphone» (возможно, client_phone)")
        < again.index('name="body"')
    )


def test_nothing_is_marked_while_no_field_is_known(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing, fields=[], sample={})
    answer = owner.post(new(processing), REQUEST)
    assert answer["Location"] == reverse("processings:detail", args=[processing.pk])


def test_an_answer_may_hold_more_than_its_sample(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    ActionFactory(processing=processing)
    known, unknown = "{{ steps.http.body.result[0].id }}", "{{ steps.http.answer }}"
    answer = owner.post(new(processing), REQUEST | {"body": f"{known} {unknown}"}, follow=True)
    text = answer.content.decode()
    assert "нет «steps.http.answer»" in text
    assert "нет «steps.http.body" not in text


def test_the_picker_offers_fields_and_earlier_results(owner: Person, processing: Processing, builder: Action) -> None:
    SourceFactory(processing=processing)
    ActionFactory(processing=processing, alias="off", enabled=False)
    groups = picker(owner.get(new(processing)).content.decode())
    fields = groups["Поля источника данных"]
    assert [field["name"] for field in fields] == ["client_name", "client_phone", "appointment.time"]
    assert fields[1] == {
        "label": "Телефон",
        "name": "client_phone",
        "placeholder": "{{ client_phone }}",
        "sample": "+79161234567",
    }
    assert fields[2]["placeholder"] == '{{ source["appointment.time"] }}'
    (result,) = groups["Результат: JSON"]
    assert (result["placeholder"], result["sample"]) == ("{{ steps.json.text }}", '{"name":"Анна Петрова"}')
    assert groups["Компания"][0]["sample"] == owner.tenant.name
    assert {item["placeholder"] for item in groups["Операция"]} == {"{{ operation.id }}", "{{ operation.received_at }}"}
    assert not any("off" in title for title in groups)


def test_an_action_sees_only_what_stands_before_it(owner: Person, processing: Processing, builder: Action) -> None:
    assert "Результат: JSON" not in picker(owner.get(of(builder)).content.decode())


def test_the_newest_real_answer_serves_as_sample(owner: Person, processing: Processing) -> None:
    action = ActionFactory(processing=processing)
    for number, status in [(1, Step.Status.SUCCEEDED), (2, Step.Status.SUCCEEDED), (3, Step.Status.FAILED)]:
        operation = OperationFactory(processing=processing)
        StepFactory(
            operation=operation, action_id=action.pk, status=status, output={"status": 200, "body": {"lead": number}}
        )
    groups = picker(owner.get(new(processing)).content.decode())
    assert groups["Результат: HTTP-запрос"][-1]["placeholder"] == "{{ steps.http.body.lead }}"
    assert groups["Результат: HTTP-запрос"][-1]["sample"] == "2"


def test_the_preview_fills_every_text_on_the_sample(owner: Person, processing: Processing, builder: Action) -> None:
    SourceFactory(processing=processing)
    posted = REQUEST | {
        "body": "{{ steps.json.text }}",
        "query-name": ["a", "b"],
        "query-value": ["{{ client_phone }}", "{{ clientphone }}"],
        "success_codes": "{{ no placeholder here }}",
    }
    previews = owner.post(new(processing, "preview_new"), posted).json()["previews"]
    assert previews["url"] == {"text": "https://example.com/Анна Петрова", "error": "", "unknown": []}
    assert previews["body"]["text"] == '{"name":"Анна Петрова"}'
    assert [preview["text"] for preview in previews["query-value"]] == ["+79161234567", ""]
    assert previews["query-value"][1]["unknown"] == ["clientphone (возможно, client_phone)"]
    assert "success_codes" not in previews


def test_the_preview_says_what_cannot_be_read(owner: Person, processing: Processing) -> None:
    action = ActionFactory(processing=processing)
    previews = owner.post(of(action, "preview"), REQUEST | {"url": "{{ client_name | nofilter }}"}).json()["previews"]
    assert previews["url"]["error"] == "Нет фильтра «nofilter»"


def test_checking_shows_the_request_and_sends_nothing(
    owner: Person, processing: Processing, builder: Action, httpserver: HTTPServer, settings: Any
) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    SourceFactory(processing=processing)
    posted = REQUEST | {"url": httpserver.url_for("/lead"), "body": "{{ steps.json.text }}"}
    answer = owner.post(new(processing, "check_new"), posted, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "Так уйдёт запрос" in text
    assert escape('{"name":"Анна Петрова"}') in text
    assert "Content-Type: application/json" in text
    assert "Отправить по-настоящему" in text
    assert httpserver.log == []
    assert list(processing.actions.all()) == [builder]


def test_it_is_sent_for_real_only_when_asked(
    owner: Person, processing: Processing, httpserver: HTTPServer, settings: Any
) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    SourceFactory(processing=processing)
    httpserver.expect_request("/lead", method="PUT", data="+79161234567").respond_with_data('{"id": 77}', status=201)
    action = ActionFactory(processing=processing)
    posted = REQUEST | {
        "method": "PUT",
        "url": httpserver.url_for("/lead"),
        "body": "{{ client_phone }}",
        "send": "yes",
    }
    text = owner.post(of(action, "check"), posted).content.decode()
    assert len(httpserver.log) == 1
    assert "Отправлено" in text
    assert escape('{"id": 77}') in text
    assert ">201</span>" in text
    action.refresh_from_db()
    assert action.config["method"] == "POST"


def test_a_failed_check_says_why(owner: Person, processing: Processing, httpserver: HTTPServer, settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    httpserver.expect_request("/").respond_with_data("no", status=401)
    action = ActionFactory(processing=processing)
    text = owner.post(of(action, "check"), REQUEST | {"url": httpserver.url_for("/"), "send": "yes"}).content.decode()
    assert "Сервер отказал в доступе (401)" in text


def test_checking_names_what_is_to_be_corrected(owner: Person, processing: Processing) -> None:
    answer = owner.post(new(processing, "check_new"), REQUEST | {"url": "x"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Адрес: Адрес должен начинаться с https:// или http://" in answer.content.decode()


def test_a_builder_shows_its_result(owner: Person, processing: Processing, builder: Action) -> None:
    SourceFactory(processing=processing)
    text = owner.post(of(builder, "check"), JSON_ROWS).content.decode()
    assert "Результат на образце" in text
    assert escape('{"name":"Анна Петрова","phone":"+79161234567"}') in text
