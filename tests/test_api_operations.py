"""Operations by the API."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from history.models import Operation, Status
from processings.models import Processing
from tests.api import Program
from tests.factories import (
    ActionFactory,
    OperationFactory,
    ProcessingFactory,
    SourceFactory,
    StepFactory,
)

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("search", ["", "анна"])
def test_several_statuses_are_paged_as_one_list(search: str, program: Program, processing: Processing) -> None:
    statuses = ["failed", "held", "failed", "running", "held", "failed", "running", "succeeded"]
    made = [OperationFactory(processing=processing, status=status) for status in statuses][::-1]
    ids = [str(one.pk) for one in made if one.status != "succeeded"]
    query = {"limit": 2, "status": "held,running,failed"} | ({"search": search} if search else {})
    page = program.read("operations/", query)
    seen, pages = page["results"], [page]
    while page["next"]:
        page = program.read(page["next"].removeprefix("http://testserver"))
        seen, pages = seen + page["results"], [*pages, page]
    assert [row["id"] for row in seen] == ids
    for before in pages[-2::-1]:
        page = program.read(page["previous"].removeprefix("http://testserver"))
        assert page["results"] == before["results"]


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


@pytest.mark.parametrize("statuses", [{}, {"status": "failed,succeeded"}])
def test_tests_are_told_from_real_operations(
    statuses: dict[str, str], program: Program, processing: Processing
) -> None:
    ids = {test: str(OperationFactory(processing=processing, status="failed", test=test).pk) for test in (True, False)}
    for test, id in ids.items():
        found = program.read("operations/", statuses | {"test": str(test).lower()})["results"]
        assert [row["id"] for row in found] == [id]


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
