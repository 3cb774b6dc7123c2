"""«Проверить» a whole processing, and an action on a stored request: what is shown, sent and left behind."""

import json
import uuid
from typing import Any

import pytest
from django.core import mail
from pytest_httpserver import HTTPServer

from actions import arrange
from actions.models import Action, Table, TableRow
from actions.tree import TOP
from history.drain import drain
from history.models import Notice, Operation, Status, Step
from processings import today
from processings.models import Processing
from sources import capture
from tests.api import Program
from tests.conftest import Person
from tests.factories import ActionFactory, OperationFactory, ProcessingFactory, SourceFactory, StepFactory
from tests.test_engine import local_targets, target

__all__ = ["local_targets", "target"]

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = json.dumps({"client_name": "Борис", "services": [{"name": "Стрижка"}, {"name": "Окраска"}]}).encode()


@pytest.fixture
def stopped(processing: Processing) -> Processing:
    SourceFactory(processing=processing)
    return processing


def posts(processing: Processing, url: str, body: str, inside: Any = TOP) -> Action:
    config = {"method": "POST", "url": url, "body": body, "success_codes": "2**"}
    return arrange.add(processing, "http.request", config, inside=inside)


def stored(processing: Processing, **told: Any) -> Operation:
    source = processing.sources.get()
    return OperationFactory(processing=processing, source_id=source.pk, **{"body": NAMES, "data": None} | told)


def everything() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Operation, Step, Table, TableRow, Notice)}


def test_the_way_through_blocks_is_shown_and_nothing_is_sent_or_kept(
    owner: Person, stopped: Processing, target: HTTPServer
) -> None:
    other = ProcessingFactory(tenant=stopped.tenant, name="Учёт")
    each = arrange.add(stopped, "flow.foreach", {"items": "{{ services }}", "limit": 9, "on_error": "stop"})
    posts(stopped, target.url_for("/each"), "{{ steps.each.item.name }}", (each.pk, "each"))
    row = [{"name": "deal", "value": "{{ client_name }}"}]
    arrange.add(stopped, "data.remember", {"table": "Сделки", "row": "7", "values": row, "days": None})
    arrange.add(stopped, "data.lookup", {"table": "Сделки", "lookup": "7", "defaults": [], "missing": "stop"})
    arrange.add(stopped, "flow.call", {"processing": str(other.pk), "data": [{"name": "who", "value": "x"}]})
    operation = stored(stopped)
    before = everything()

    page = owner.get(f"/processings/{stopped.pk}/test/", {"check-request": str(operation.pk)})

    shown = page.content.decode()
    assert "2 запроса" in shown
    for words in ("Стрижка", "Окраска", "«Сделки»", "Борис", "«Учёт»", "образец этого вида действия"):
        assert words in shown
    assert everything() == before
    assert target.log == []


def test_a_link_of_an_operation_is_taken_and_another_companys_is_not(
    owner: Person, stopped: Processing, stranger: Person
) -> None:
    posts(stopped, "https://example.com/", "{{ client_name }}")
    operation = stored(stopped)
    link = f"http://127.0.0.1/history/{operation.pk}/"
    foreign = OperationFactory(processing=ProcessingFactory(tenant=stranger.tenant))
    place = f"/processings/{stopped.pk}/test/"

    assert "Борис" in owner.get(place, {"check-link": link}).content.decode()
    for wrong in (str(foreign.pk), str(uuid.uuid4()), "нет такой"):
        assert "Такого запроса нет" in owner.get(place, {"check-link": wrong}).content.decode()
    assert stranger.get(place, {"check-link": link}).status_code == 404


def test_what_came_back_then_stands_for_what_would_come_back(owner: Person, stopped: Processing) -> None:
    first = posts(stopped, "https://example.com/", "a")
    posts(stopped, "https://example.com/", "deal {{ steps.http.body.id }}")
    newest = stored(stopped)
    operation = stored(stopped)
    for one, id in ((operation, 41), (newest, 42)):
        StepFactory(operation=one, action_id=first.pk, kind=first.kind, output={"status": 200, "body": {"id": id}})
    place = f"/processings/{stopped.pk}/test/"

    then = owner.get(place, {"check-request": str(operation.pk)}).content.decode()
    lately = owner.get(place, {"check-request": "sample"}).content.decode()

    assert "deal 41" in then
    assert "что ответили на этот запрос тогда" in then
    assert "deal 4" in lately
    assert "последний настоящий ответ" in lately


def test_a_real_test_runs_by_the_workers_and_disturbs_nobody(
    owner: Person, stopped: Processing, target: HTTPServer
) -> None:
    target.expect_request("/in").respond_with_data("no", status=500)
    posts(stopped, target.url_for("/in"), "{{ client_name }}")
    operation = stored(stopped)

    answer = owner.post(f"/processings/{stopped.pk}/test/send/", {"check-request": str(operation.pk)})
    drain()

    test = Operation.objects.get(test=True)
    assert answer["Location"] == f"/history/{test.pk}/"
    assert (test.status, test.tries) == (Status.FAILED, 1)
    assert [request.get_data(as_text=True) for request, _ in target.log] == ["Борис"]
    assert (Notice.objects.count(), mail.outbox) == (0, [])
    day = today.days([stopped])[stopped.pk]
    assert (day.succeeded, day.failed) == (0, 0)
    assert capture.newest(stopped.sources.get()) == operation
    for place in ("/history/", f"/history/{test.pk}/"):
        assert "тест</span>" in owner.get(place).content.decode()


def test_the_sample_is_sent_for_real_too(owner: Person, stopped: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    posts(stopped, target.url_for("/in"), "{{ client_name }} {{ source['appointment.time'] }}")

    owner.post(f"/processings/{stopped.pk}/test/send/", {"check-request": "sample"})
    drain()

    assert Operation.objects.get().status == Status.SUCCEEDED
    assert target.log[0][0].get_data(as_text=True) == "Анна Петрова 14:00"


def test_a_test_goes_on_as_a_test_in_the_processing_that_it_is_handed_to(owner: Person, stopped: Processing) -> None:
    other = ProcessingFactory(tenant=stopped.tenant, state="running")
    arrange.add(stopped, "flow.call", {"processing": str(other.pk), "data": [{"name": "who", "value": "x"}]})

    owner.post(f"/processings/{stopped.pk}/test/send/", {"check-request": "sample"})
    drain()
    drain()

    assert list(Operation.objects.values_list("test", "status")) == [(True, "succeeded")] * 2


def test_a_viewer_looks_but_does_not_send(viewer: Person, stopped: Processing) -> None:
    posts(stopped, "https://example.com/", "{{ client_name }}")
    place = f"/processings/{stopped.pk}/test/"

    page = viewer.get(place, {"check-request": "sample"}).content.decode()

    assert "Анна Петрова" in page
    assert "Отправить по-настоящему" not in page
    assert viewer.post(f"{place}send/", {"check-request": "sample"}).status_code == 403
    assert Operation.objects.count() == 0


def test_an_unreadable_request_is_said_to_be_so(owner: Person, stopped: Processing) -> None:
    operation = stored(stopped, body=b'{"a": ', content_type="application/json", status="failed")

    page = owner.get(f"/processings/{stopped.pk}/test/", {"check-request": str(operation.pk)}).content.decode()

    assert "JSON" in page
    assert "Отправить по-настоящему" not in page


def test_the_api_tells_what_would_be_sent_or_sends(program: Program, stopped: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")
    posts(stopped, target.url_for("/in"), "{{ client_name }}")
    operation = stored(stopped)
    place = f"processings/{stopped.pk}/test/"

    dry = program.send(place, {"operation": str(operation.pk)})
    sample = program.send(place, {})
    sent = program.send(place, {"operation": str(operation.pk), "send": True}, 202)
    drain()

    assert (dry["sent"], dry["status"], dry["operation"]) == (False, "succeeded", str(operation.pk))
    assert [step["exchanges"][0]["request"]["body"] for step in dry["steps"]] == ["Борис"]
    assert dry["steps"][0]["output_from"] == "sample"
    assert sample["steps"][0]["exchanges"][0]["request"]["body"] == "Анна Петрова"
    test = program.read(f"operations/{sent['operation']}/")
    assert (test["test"], test["status"]) == (True, "succeeded")
    assert [one["id"] for one in program.read("operations/?test=true")["results"]] == [test["id"]]
    program.send(place, {"operation": str(uuid.uuid4())}, 404)


def test_an_action_is_tried_on_a_stored_request(owner: Person, program: Program, stopped: Processing) -> None:
    arrange.add(stopped, "data.json", {"fields": [{"name": "who", "value": "{{ client_name }}", "type": "text"}]})
    action = posts(stopped, "https://example.com/", "{{ steps.json.text }}")
    operation = stored(stopped)
    form = {"method": "POST", "url": "https://example.com/x", "body": "{{ steps.json.text }}!", "own-alias": "http"}

    chosen = owner.post(f"/actions/{action.pk}/check/", form | {"check-request": str(operation.pk)}).content.decode()
    sample = owner.post(f"/actions/{action.pk}/check/", form | {"check-request": "sample"}).content.decode()
    lost = owner.post(f"/actions/{action.pk}/check/", form | {"check-link": str(uuid.uuid4())}).content.decode()
    told = program.send(f"actions/{action.pk}/test/", {"dry": True, "operation": str(operation.pk)})

    assert "Борис" in chosen
    assert "Анна Петрова" in sample
    assert "Такого запроса нет" in lost
    assert told["exchanges"][0]["request"]["body"] == '{"who":"Борис"}'
    program.send(f"actions/{action.pk}/test/", {"operation": str(uuid.uuid4())}, 404)


@pytest.mark.parametrize(("paging", "said"), [({}, False), ({"kind": "page", "parameter": "page"}, True)])
def test_requests_that_nobody_can_know_yet_are_not_hidden(owner: Person, paging: dict[str, str], said: bool) -> None:
    source = SourceFactory(processing=ProcessingFactory(tenant=owner.tenant))
    config = {"method": "GET", "url": "https://example.com/list", "paging": paging}
    ActionFactory(processing=source.processing, config=config)
    page = owner.get(f"/processings/{source.processing.pk}/test/?check-request=sample").content.decode()
    assert ("Это первый запрос" in page) is said
