"""Blocks: actions inside actions, by the real drain and a real target."""

import html
import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from actions import arrange
from actions.editing import Editing
from actions.models import Action, Table, TableRow
from actions.tree import TOP
from history.claim import Claimer
from history.drain import drain
from history.effects import caller
from history.models import Operation, Status, Step
from history.repeat import hurry, repeat
from processings.copy import copy
from processings.models import Processing
from tenants.models import ApiKey
from tests.factories import MembershipFactory, ProcessingFactory, SourceFactory
from tests.test_engine import local_targets, received, running, sends, target

__all__ = ["local_targets", "running", "target"]

pytestmark = pytest.mark.django_db(transaction=True)

THREE = json.dumps({"services": [{"name": "Стрижка"}, {"name": "Окраска"}, {"name": "Укладка"}]}).encode()


def each(processing: Processing, inside: Any = TOP, **config: Any) -> Action:
    asked = {"items": "{{ services }}", "limit": 1000, "on_error": "stop", "separator": ""} | config
    return arrange.add(processing, "flow.foreach", asked, inside=inside)


def posts(
    processing: Processing, target: HTTPServer, body: str, block: Action | None = None, path: str = "/in"
) -> Action:
    config = {"method": "POST", "url": target.url_for(path), "body": body, "success_codes": "2**"}
    return arrange.add(processing, "http.request", config, inside=(block.pk, "each") if block else TOP)


def fresh(operation: Operation) -> Operation:
    return Operation.objects.get(pk=operation.pk)


def bodies(target: HTTPServer) -> list[str]:
    return [request.get_data(as_text=True) for request, _answer in target.log]


def test_what_is_inside_runs_for_each_element_in_turn(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_json({"id": 7})
    block = each(running)
    text = "{{ steps.each.index }}/{{ steps.each.count }} {{ steps.each.item.name }}"
    arrange.add(running, "data.json", {"fields": [{"name": "t", "value": text}]}, inside=(block.pk, "each"))
    posts(running, target, "{{ steps.json.text }}", block)
    posts(running, target, "{{ steps.each.count }} {{ steps.each.failed }} {{ steps.json.text }}")
    operation = received(running, body=THREE)

    drain()

    assert fresh(operation).status == Status.SUCCEEDED
    assert bodies(target) == ['{"t":"1/3 Стрижка"}', '{"t":"2/3 Окраска"}', '{"t":"3/3 Укладка"}', "3 0 "]
    steps = operation.steps.order_by("started_at", "id").values_list("alias", "place")
    assert list(steps) == [
        ("each", ""),
        *((alias, place) for place in "012" for alias in ("json", "http")),
        ("http_2", ""),
    ]
    keys = {request.headers["Idempotency-Key"] for request, _answer in target.log}
    assert len(keys) == 4


def test_after_a_crash_it_goes_on_with_the_element_that_was_under_way(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    block = each(running)
    inside = posts(running, target, "{{ steps.each.item.name }}", block)
    operation = received(running, body=THREE)
    (claimed,) = Claimer().claim(1)
    done = {"run": 1, "attempt": 1, "status": "succeeded", "started_at": timezone.now(), "duration_ms": 1}
    items = json.loads(THREE)["services"]
    for action, place, output in [(block, "", {"items": items, "count": 3}), (inside, "0", {}), (inside, "1", {})]:
        Step.objects.create(
            tenant_id=operation.tenant_id, operation=claimed, position=action.position, action_id=action.pk,
            kind=action.kind, alias=action.alias, title="", place=place, output=output, **done,
        )  # fmt: skip
    Operation.objects.update(due_at=timezone.now() - timedelta(seconds=1))  # as when its worker is dead

    drain()

    assert fresh(operation).status == Status.SUCCEEDED
    assert bodies(target) == ["Укладка"]
    third = operation.steps.filter(action_id=inside.pk, place="2").order_by("started_at", "id")
    assert list(third.values_list("status", flat=True)) == ["unknown", "succeeded"]


def test_an_element_that_fails_stops_the_operation(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("no", status=404)
    posts(running, target, "{{ steps.each.item.name }}", each(running))
    operation = received(running, body=THREE)

    drain()

    assert (fresh(operation).status, bodies(target)) == (Status.FAILED, ["Стрижка"])


def test_or_the_others_go_on_and_a_repeat_does_only_what_failed(running: Processing, target: HTTPServer) -> None:
    refused = {"Окраска"}

    def answer(request: Request) -> Response:
        return Response("no", status=404 if request.get_data(as_text=True) in refused else 200)

    target.expect_request("/in").respond_with_handler(answer)
    target.expect_request("/after").respond_with_data("ok")
    posts(running, target, "{{ steps.each.item.name }}", each(running, on_error="continue"))
    posts(running, target, "{{ steps.each.failed }} of {{ steps.each.count }}", path="/after")
    operation = received(running, body=THREE)

    drain()

    assert fresh(operation).status == Status.FAILED
    assert "1 " in fresh(operation).error
    assert bodies(target) == ["Стрижка", "Окраска", "Укладка", "1 of 3"]
    assert operation.steps.get(status="given_up").place == "1"
    refused.clear()
    assert repeat(operation, start=False)

    drain()

    assert fresh(operation).status == Status.SUCCEEDED
    assert bodies(target)[4:] == ["Окраска"]


def test_lists_stand_inside_lists(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    outer = each(running, items="{{ orders }}")
    inner = each(running, items="{{ steps.each.item.goods }}", inside=(outer.pk, "each"))
    posts(running, target, "{{ steps.each.index }}{{ steps.each_2.item }}", inner)
    operation = received(running, body=json.dumps({"orders": [{"goods": ["a", "b"]}, {"goods": ["c"]}]}).encode())

    drain()

    assert bodies(target) == ["1a", "1b", "2c"]
    places = operation.steps.filter(kind="http.request").order_by("started_at").values_list("place", flat=True)
    assert list(places) == ["0.0", "0.1", "1.0"]


def test_a_list_too_long_fails_with_a_sentence_and_sends_nothing(running: Processing, target: HTTPServer) -> None:
    posts(running, target, "x", each(running, limit=2))
    operation = received(running, body=THREE)

    drain()

    assert (fresh(operation).status, target.log) == (Status.FAILED, [])
    assert "3" in fresh(operation).error


def test_an_operation_waits_as_long_as_it_is_told_and_can_be_hurried(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    arrange.add(running, "flow.delay", {"amount": 2, "unit": "days"})
    posts(running, target, "later")
    Processing.objects.filter(pk=running.pk).update(deadline_seconds=3600)  # the pause does not count
    operation = received(running)

    drain()

    waiting = fresh(operation)
    assert (waiting.status, target.log) == (Status.WAITING, [])
    assert waiting.due_at is not None
    assert timedelta(days=1, hours=23) < waiting.due_at - timezone.now() < timedelta(days=2, minutes=1)
    Operation.objects.filter(pk=operation.pk).update(started_at=timezone.now() - timedelta(hours=2))
    assert hurry(operation)

    drain()

    assert (fresh(operation).status, bodies(target)) == (Status.SUCCEEDED, ["later"])


def test_a_block_goes_with_all_inside_it_and_comes_back(running: Processing, target: HTTPServer) -> None:
    block = each(running)
    posts(running, target, "x", block)
    last = posts(running, target, "y")

    kept = arrange.remove(block)

    assert list(Action.objects.values_list("alias", "position")) == [(last.alias, 1)]
    arrange.restore(running, json.loads(json.dumps(kept)))
    told = Action.objects.order_by("position").values_list("alias", "parent_id", "slot")
    assert list(told) == [("each", None, ""), ("http", block.pk, "each"), ("http_2", None, "")]


def test_a_copy_and_a_duplicate_have_their_own_inside(running: Processing, target: HTTPServer) -> None:
    block = each(running)
    posts(running, target, "x", block)

    again = arrange.duplicate(block)
    copied = copy(running)

    assert list(Action.objects.filter(parent=again).values_list("alias", "position")) == [("http_2", 4)]
    inner = copied.actions.get(alias="http")
    assert inner.parent_id == copied.actions.get(alias="each").pk != block.pk


def test_actions_move_into_blocks_and_never_into_themselves(running: Processing, target: HTTPServer) -> None:
    block, other = each(running), each(running)
    action = posts(running, target, "x")
    ids = [block.pk, action.pk, other.pk]

    arrange.reorder(running, ids, {str(action.pk): (block.pk, "each"), str(other.pk): (block.pk, "each")})

    assert [str(row.pk) for row in Action.objects.order_by("position")] == list(map(str, ids))
    for places in (
        {str(block.pk): (other.pk, "each")},
        {str(action.pk): (block.pk, "no")},
        {str(action.pk): (uuid.uuid4(), "")},
    ):
        with pytest.raises(ValueError, match=r"\w"):
            arrange.reorder(running, ids, places)
    assert Action.objects.get(pk=block.pk).parent_id is None


def test_an_action_knows_what_is_before_it_on_its_way(running: Processing, target: HTTPServer) -> None:
    block = each(running)
    inside = posts(running, target, "x", block)
    behind = sends(running, target)

    assert [action.alias for action in Editing.of(behind, None).earlier] == ["each"]
    assert [action.alias for action in Editing.of(inside, None).earlier] == ["each"]
    assert Editing.of(inside, None).context.steps["each"]["item"]
    assert set(Editing.of(behind, None).context.steps["each"]) == {"count", "failed"}
    new = Editing.new(running, "http.request", inside=(block.pk, "each"))
    assert [action.alias for action in new.earlier] == ["each", "http"]


def call(processing: Processing, other: Processing, **row: str) -> Action:
    rows = [{"name": name, "value": value, "type": "auto"} for name, value in row.items()]
    return arrange.add(processing, "flow.call", {"processing": str(other.pk), "data": rows})


def test_data_are_handed_over_to_another_processing_once(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    other = ProcessingFactory(tenant=running.tenant, state="running")
    source = SourceFactory(processing=other, kind="call")
    call(running, other, who="{{ client_name }}")
    posts(other, target, "{{ who }}")
    operation = received(running, body='{"client_name": "Анна\\u0000"}'.encode())

    drain()
    drain()

    assert bodies(target) == ["Анна\0"]
    handed = Operation.objects.get(processing=other)
    assert (handed.status, handed.kind, handed.source_id) == (Status.SUCCEEDED, "call", source.pk)
    assert caller(handed) == operation.pk
    owner = Client(headers={"Accept-Language": "ru"})
    owner.force_login(
        MembershipFactory(tenant=running.tenant).user, "allauth.account.auth_backends.AuthenticationBackend"
    )
    for one, beside in ((operation, handed), (handed, operation)):
        assert f'href="/history/{beside.pk}/"' in owner.get(f"/history/{one.pk}/").content.decode()


def test_what_a_stopped_processing_is_given_waits_there(running: Processing) -> None:
    other = ProcessingFactory(tenant=running.tenant)
    call(running, other, who="x")
    received(running)

    drain()

    assert Operation.objects.get(processing=other).status == Status.HELD


def test_nothing_is_ever_handed_to_another_company(running: Processing) -> None:
    other = ProcessingFactory(state="running")
    call(running, other, who="x")
    received(running)

    drain()

    assert not Operation.objects.filter(processing=other).exists()


def test_processings_that_call_each_other_are_stopped(running: Processing) -> None:
    other = ProcessingFactory(tenant=running.tenant, state="running")
    call(running, other, who="x")
    call(other, running, who="x")
    received(running)

    for _round in range(30):
        drain()

    ended = list(Operation.objects.order_by("id").values_list("status", flat=True))
    assert ended == ["succeeded"] * 10 + ["failed"]


def test_what_one_operation_remembers_another_takes(running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    other = ProcessingFactory(tenant=running.tenant, state="running")
    stranger = ProcessingFactory(state="running")
    rows = [{"name": "сделка", "value": "{{ deal }}"}]
    arrange.add(running, "data.remember", {"table": "Сделки", "row": "{{ client }}", "values": rows, "days": None})
    for one in (other, stranger):
        taken = {"table": "Сделки", "lookup": "{{ client }}", "defaults": [{"name": "сделка", "value": "нет"}]}
        arrange.add(one, "data.lookup", taken)
        posts(one, target, '{{ steps.lookup.found }} {{ steps.lookup.values["сделка"] }}')
    for deal in (1, 2):
        received(running, body=json.dumps({"client": 7, "deal": deal}).encode())
        drain()

    received(other, body=b'{"client": "7"}')
    drain()
    received(stranger, body=b'{"client": "7"}')
    drain()

    assert bodies(target) == ["true 2", "false нет"]
    assert Table.objects.get().columns == ["сделка"]


def test_a_row_that_is_not_there_ends_the_operation_as_it_was_asked(running: Processing) -> None:
    for missing, status in (("stop", Status.FILTERED), ("fail", Status.FAILED)):
        processing = ProcessingFactory(tenant=running.tenant, state="running")
        arrange.add(processing, "data.lookup", {"table": "Нет", "lookup": "1", "defaults": [], "missing": missing})
        operation = received(processing)
        drain()
        assert (fresh(operation).status, "Нет" in fresh(operation).error) == (status, True)


def test_what_was_remembered_for_some_days_is_forgotten(running: Processing) -> None:
    row = {"table": "Т", "row": "1", "values": [{"name": "a", "value": "b"}], "days": 1}
    arrange.add(running, "data.remember", row)
    arrange.add(running, "data.lookup", {"table": "Т", "lookup": "1", "defaults": []})
    received(running)
    drain()
    taken = Step.objects.get(kind="data.lookup").output
    assert taken == {"found": True, "key": "1", "values": {"a": "b"}}
    TableRow.objects.update(expires_at=timezone.now())
    arrange.remove(Action.objects.get(kind="data.remember"))

    operation = received(running)
    drain()

    assert operation.steps.get().output["found"] is False


def test_the_page_shows_each_element_and_where_it_failed(
    running: Processing, target: HTTPServer, client: Client
) -> None:
    def answer(request: Request) -> Response:
        return Response("no", status=404 if "Окраска" in request.get_data(as_text=True) else 200)

    target.expect_request("/in").respond_with_handler(answer)
    posts(running, target, "{{ steps.each.item.name }}", each(running, on_error="continue"))
    operation = received(running, body=THREE)
    drain()
    client.force_login(MembershipFactory(tenant=running.tenant).user)

    page = html.unescape(client.get(f"/history/{operation.pk}/", headers={"Accept-Language": "ru"}).content.decode())

    assert "Не удалось обработать 1 элемент списка" in page
    assert [words in page for words in ("3 элемента", "Элемент 1: Стрижка", "Элемент 2: Окраска")] == [True] * 3
    folds = re.findall(r'<details class="fold" id="element-[^"]+"( open)?>', page)
    assert folds == ["", " open", ""]
    _key, words = ApiKey.make(running.tenant, "CRM")
    told = client.get(f"/api/v1/operations/{operation.pk}/", headers={"Authorization": f"Bearer {words}"})
    steps = told.json()["steps"]
    assert [step["place"] for step in steps] == ["", "0", "1", "1", "2"]


def test_a_list_that_stopped_at_an_element_has_not_gone_well(
    running: Processing, target: HTTPServer, client: Client
) -> None:
    target.expect_request("/in").respond_with_data("no", status=404)
    posts(running, target, "{{ steps.each.item.name }}", each(running))
    operation = received(running, body=THREE)
    drain()
    client.force_login(MembershipFactory(tenant=running.tenant).user)

    page = html.unescape(client.get(f"/history/{operation.pk}/", headers={"Accept-Language": "ru"}).content.decode())

    assert "1 из 3 элементов, не удался 1" in page
    assert re.findall(r'<li class="stage stage-(\w+)"', page) == ["failed"]


def test_a_page_with_many_elements_stays_small(running: Processing, client: Client) -> None:
    block = each(running, on_error="continue", limit=5000)
    inside = arrange.add(running, "data.json", {"fields": []}, inside=(block.pk, "each"))
    operation = received(running, status=Status.FAILED, due_at=None)
    same = {"tenant_id": operation.tenant_id, "operation": operation, "run": 1, "attempt": 1, "duration_ms": 1}
    now = timezone.now()
    rows = [
        Step(
            **same, position=number, action_id=action.pk, kind=action.kind, alias=action.alias, title=action.alias,
            place=place, started_at=now + timedelta(milliseconds=nth), status=status,
            output={"items": list(range(3000)), "count": 3000} if action is block and not place else {},
        )
        for nth, (number, action, place, status) in enumerate(
            [(1, block, "", "succeeded")]
            + [(2, inside, str(index), "succeeded") for index in range(3000)]
            + [(1, block, "2990", "given_up")]
        )
    ]  # fmt: skip
    Step.objects.bulk_create(rows)
    client.force_login(MembershipFactory(tenant=running.tenant).user)

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/history/{operation.pk}/", headers={"Accept-Language": "ru"})

    page = answer.content.decode()
    assert page.count('id="element-') == 51
    assert "2949" in page.replace("\xa0", "")
    assert len(page) < 400_000
    assert len(queries) < 40
