"""«Передать в обработку» and «Ответить отправителю»: what their pages say, and what the history keeps."""

import json
from typing import Any

import pytest
from django.urls import reverse

from actions import arrange
from actions.models import Action
from history.models import Answer
from processings.models import Processing
from tests.api import Program
from tests.conftest import Person
from tests.factories import OperationFactory, ProcessingFactory, SourceFactory

pytestmark = pytest.mark.django_db


def call(processing: Processing, target: Any, **row: str) -> Action:
    rows = [{"name": name, "value": value, "type": "auto"} for name, value in (row or {"клиент": "Анна"}).items()]
    return arrange.add(processing, "flow.call", {"processing": str((target and target.pk) or ""), "data": rows})


def said(answer: Any) -> str:
    return str(answer.content.decode())


def page(owner: Person, processing: Processing) -> str:
    return said(owner.get(reverse("processings:detail", args=[processing.pk])))


@pytest.fixture
def other(processing: Processing) -> Processing:
    return ProcessingFactory(tenant=processing.tenant, name="Начисление баллов")


def test_the_form_offers_the_companys_processings_and_the_card_names_the_one(
    owner: Person, processing: Processing, other: Processing, stranger: Person
) -> None:
    theirs = ProcessingFactory(tenant=stranger.tenant, name="Чужая обработка")
    form = reverse("actions:add", args=[processing.pk]) + "?kind=flow.call"
    assert ("Начисление баллов" in said(owner.get(form)), "Чужая" in said(owner.get(form))) == (True, False)
    posted = {"data-name": "клиент", "data-value": "{{ client_name }}", "data-type": "auto"}

    refused = owner.post(form, posted | {"processing": str(theirs.pk)})
    owner.post(form, posted | {"processing": str(other.pk)})

    assert "нет такой обработки" in said(refused)
    assert processing.actions.get().config["processing"] == str(other.pk)
    assert "Начисление баллов" in page(owner, processing)


def test_a_circle_is_told_at_once(owner: Person, processing: Processing, other: Processing, program: Program) -> None:
    third = ProcessingFactory(tenant=processing.tenant, name="Третья")
    action = call(processing, other)
    call(other, third)
    assert "по кругу" not in page(owner, processing)

    call(third, processing)

    for place in (page(owner, processing), said(owner.get(reverse("actions:detail", args=[action.pk])))):
        assert "по кругу: Заявки с сайта → Начисление баллов → Третья → Заявки с сайта" in place
    assert "по кругу" in program.read(f"actions/{action.pk}/")["warnings"][0]["detail"]


def test_a_target_that_is_missing_or_deleted_is_told(owner: Person, processing: Processing, other: Processing) -> None:
    call(processing, None)
    assert "Выберите обработку" in page(owner, processing)
    processing.actions.all().delete()
    call(processing, other)
    owner.post(reverse("processings:delete", args=[other.pk]))

    assert "удалена: выберите другую" in page(owner, processing)


def test_its_source_has_no_address_and_takes_the_fields_of_its_callers(
    owner: Person, processing: Processing, other: Processing
) -> None:
    SourceFactory(processing=processing)
    action = call(processing, other, клиент="{{ client_name }}", город="Сочи")
    owner.post(reverse("sources:add", args=[other.pk]) + "?kind=call", {"own-name": ""})
    source = other.sources.get()
    place = reverse("sources:detail", args=[source.pk])

    before = said(owner.get(place))
    assert ("/webhooks/" in before, action.title in before, processing.name in before) == (False, True, True)
    assert "/webhooks/" not in page(owner, other)
    owner.post(reverse("sources:capture", args=[source.pk]), {"caller": str(action.pk)})

    source.refresh_from_db()
    assert source.sample == {"клиент": "Anna", "город": "Сочи"} or source.sample["город"] == "Сочи"
    assert [field["name"] for field in source.fields] == ["клиент", "город"]
    assert owner.post(reverse("sources:example", args=[source.pk])).status_code == 404
    OperationFactory(
        processing=other, source_id=source.pk, kind="call", body=json.dumps({"заказ": 7}).encode(), data=None
    )
    owner.post(reverse("sources:capture", args=[source.pk]))
    source.refresh_from_db()
    assert source.sample == {"заказ": 7}


def test_a_caller_of_another_company_gives_no_fields(owner: Person, other: Processing, stranger: Person) -> None:
    theirs = call(ProcessingFactory(tenant=stranger.tenant), other)
    source = SourceFactory(processing=other, kind="call", fields=[], sample={})

    answer = owner.post(reverse("sources:capture", args=[source.pk]), {"caller": str(theirs.pk)})

    assert answer.status_code == 404


def test_an_import_drops_a_target_that_the_company_does_not_have_and_says_so(
    program: Program, other: Processing, stranger: Person
) -> None:
    theirs = ProcessingFactory(tenant=stranger.tenant)
    data = [{"name": "a", "value": "b", "type": "auto"}]
    actions = [
        {"kind": "flow.call", "alias": f"c{n}", "config": {"processing": str(one.pk), "data": data}}
        for n, one in enumerate((theirs, other))
    ]

    made = program.send("processings/import/", {"name": "Копия", "actions": actions}, 201)

    found = Action.objects.filter(processing_id=made["id"])
    assert [action.config["processing"] for action in found] == ["", str(other.pk)]
    assert len(made["left_out"]) == 1


def test_an_action_without_a_target_fails_with_a_sentence(program: Program, processing: Processing) -> None:
    action = call(processing, None)

    assert "Выберите обработку" in program.send(f"actions/{action.pk}/test/", {"dry": True})["error"]


REPLY: dict[str, Any] = {"status": 200, "headers": [], "body": "{{ client_name }}"}


def test_a_reply_that_nobody_waits_for_is_told_and_mended_by_a_click(owner: Person, processing: Processing) -> None:
    source = SourceFactory(processing=processing, config={"methods": ["POST"], "response": {"status": 202}})
    action = arrange.add(processing, "flow.reply", REPLY)
    place = reverse("actions:detail", args=[action.pk])
    assert ["не ждёт" in one for one in (page(owner, processing), said(owner.get(place)))] == [True, True]

    mended = owner.post(reverse("sources:wait", args=[source.pk]), {"next": place})

    source.refresh_from_db()
    assert (mended["Location"], source.config["response"]) == (place, {"status": 202, "wait": 10})
    assert ["не ждёт" in one for one in (page(owner, processing), said(owner.get(place)))] == [False, False]
    elsewhere = owner.post(reverse("sources:wait", args=[source.pk]), {"next": "https://example.com/"})
    assert elsewhere["Location"] == reverse("processings:detail", args=[processing.pk])


@pytest.mark.parametrize(
    ("given", "status", "headers"),
    [
        ({"status": "{{ code }}"}, 422, []),
        ({"content_type": "text/{{ kind }}"}, 200, [{"name": "Content-Type", "value": "text/csv"}]),
        (
            {"content_type": "text/csv", "headers": [{"name": "content-type", "value": "a/b"}]},
            200,
            [{"name": "Content-Type", "value": "text/csv"}],
        ),
    ],
)
def test_status_type_and_body_are_made_of_the_data(
    program: Program, processing: Processing, given: dict[str, Any], status: int, headers: list[Any]
) -> None:
    sample = {"code": "422", "kind": "csv", "client_name": "Анна"}
    SourceFactory(processing=processing, sample=sample, fields=[])
    made = program.send(
        "actions/", {"processing": str(processing.pk), "kind": "flow.reply", "config": REPLY | given}, 201
    )

    tried = program.send(f"actions/{made['id']}/test/", {"dry": True})

    assert tried["output"] == {"status": status, "headers": headers, "body": "Анна"}


@pytest.mark.parametrize("status", [99, 600, "abc", "2000", [1]])
def test_a_status_that_is_none_is_refused(program: Program, processing: Processing, status: Any) -> None:
    config = REPLY | {"status": status}
    program.send("actions/", {"processing": str(processing.pk), "kind": "flow.reply", "config": config}, 400)


def test_a_status_that_becomes_none_fails_with_a_sentence(program: Program, processing: Processing) -> None:
    config = REPLY | {"status": "{{ client_name }}"}
    made = program.send("actions/", {"processing": str(processing.pk), "kind": "flow.reply", "config": config}, 201)
    SourceFactory(processing=processing)

    assert "200" in program.send(f"actions/{made['id']}/test/", {"dry": True})["error"]


def test_the_history_says_what_the_sender_was_told(owner: Person, processing: Processing) -> None:
    operations = [OperationFactory(processing=processing) for _ in range(3)]
    told = {"status": 201, "headers": [{"name": "X-A", "value": "1"}], "body": "готово", "size": 12}
    for operation, in_time in zip(operations, (True, False), strict=False):
        Answer.objects.create(
            operation_id=operation.pk, tenant=operation.tenant, told=told, in_time=in_time, waited_ms=1200
        )
    for operation, words in zip(operations, ("Отправителю ответили через", "не успел", ""), strict=True):
        shown = said(owner.get(reverse("history:detail", args=[operation.pk]), headers={"Accept-Language": "ru"}))
        assert (words in shown, "готово" in shown) == (True, bool(words))


@pytest.mark.parametrize("kind", ["flow.foreach", "flow.delay", "data.lookup", "flow.reply", "flow.call", "data.value"])
def test_the_form_says_what_an_action_brings_on_the_sample(owner: Person, processing: Processing, kind: str) -> None:
    sample = {"services": [{"name": "Стрижка"}, {"name": "Окраска"}, {"name": "Укладка"}, {"name": "Мытьё"}]}
    SourceFactory(processing=processing, sample=sample, fields=[])
    other = ProcessingFactory(tenant=processing.tenant)
    posted = {
        "flow.foreach": (
            {"items": "{{ services }}", "limit": "10", "on_error": "stop"},
            "4 элемента: Стрижка, Окраска",
        ),
        "flow.delay": ({"mode": "moment", "moment": "01.01.2020"}, "прошёл"),
        "data.lookup": ({"table": "Нет", "lookup": "1", "missing": "fail"}, "Нет справочника «Нет»"),
        "flow.reply": ({"status": "201", "body": "ok"}, "201 ok"),
        "flow.call": ({"processing": str(other.pk), "data-name": "a", "data-value": "b", "data-type": "auto"}, "a = b"),
        "data.value": ({"values-name": "a", "values-value": "b", "values-type": "auto"}, ""),
    }[kind]
    place = reverse("actions:preview_new", args=[processing.pk]) + f"?kind={kind}"

    answer = owner.post(place, posted[0] | {"own-alias": "x"}, headers={"Accept-Language": "ru"})

    assert posted[1] in answer.json()["told"]
    assert bool(posted[1]) == bool(answer.json()["told"])
