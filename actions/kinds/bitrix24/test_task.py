"""«Битрикс24: задача»: what is sent, its deadline and its link to the CRM."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.bitrix24.task import AddTask, TaskForm
from tests.fakes import bitrix24 as fake
from tests.fakes.bitrix24 import Bitrix24, offered, on_this_machine, perform
from webjack.config import bind, errors
from webjack.http import Failed


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def add(portal: Bitrix24, **config: Any) -> dict[str, Any]:
    return perform(portal, AddTask(), **{"title": "Позвонить", "responsible": "7"} | config)


def test_a_task_is_set_with_a_link_to_a_lead(portal: Bitrix24) -> None:
    rows = [{"name": "GROUP_ID", "value": 5}, {"name": "TAGS", "value": ""}]
    output = add(
        portal, description="Уточнить время", deadline="01.10.2026 18:00", priority="2", record="lead", record_id=3465,
        creator="1", fields=rows,
    )  # fmt: skip
    link = f"{portal.target.url}/company/personal/user/7/tasks/task/view/{output['id']}/"
    assert output == {"id": 101, "link": link}
    assert portal.store.records["task"][101] == {
        "TITLE": "Позвонить",
        "RESPONSIBLE_ID": 7,
        "DESCRIPTION": "Уточнить время",
        "DEADLINE": "2026-10-01T18:00:00+03:00",
        "PRIORITY": "2",
        "CREATED_BY": 1,
        "UF_CRM_TASK": ["L_3465"],
        "GROUP_ID": 5,
    }


@pytest.mark.parametrize(
    ("deadline", "sent"),
    [
        ("2026-10-01", "2026-10-01T19:00:00+03:00"),
        ("2026-10-01T10:00:00+05:00", "2026-10-01T10:00:00+05:00"),
        ("", None),
    ],
)
def test_a_deadline_is_by_the_companys_clock(portal: Bitrix24, deadline: str, sent: str | None) -> None:
    add(portal, deadline=deadline)
    assert portal.store.records["task"][101].get("DEADLINE") == sent


@pytest.mark.parametrize(
    ("record", "binding"), [("deal", "D_12"), ("contact", "C_12"), ("company", "CO_12"), ("item", "T4f4_12")]
)
def test_a_task_can_belong_to_any_record(portal: Bitrix24, record: str, binding: str) -> None:
    add(portal, record=record, record_id="12", type="1268")
    assert portal.store.records["task"][101]["UF_CRM_TASK"] == [binding]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"title": " "}, "нет текста"),
        ({"responsible": ""}, "Ответственный не указан"),
        ({"responsible": "Мария"}, "«Ответственный» — число"),
        ({"deadline": "скоро"}, "Срок"),
        ({"record": "lead", "record_id": ""}, "Номер записи пуст"),
        ({"record": "item", "record_id": "1"}, "смарт-процесс"),
        ({"responsible": "404"}, "Responsible person"),
    ],
)
def test_what_is_missing_is_said(portal: Bitrix24, config: dict[str, str], words: str) -> None:
    with pytest.raises(Failed, match=words) as refused:
        add(portal, **config)
    assert not refused.value.retry
    assert portal.store.records["task"] == {}


def test_a_limit_is_waited_for(portal: Bitrix24) -> None:
    portal.troubles = [fake.busy_method(120)]
    with pytest.raises(Failed) as refused:
        add(portal)
    assert refused.value.retry
    assert refused.value.after == pytest.approx(120, abs=2)


def test_the_form_needs_a_task_and_whose_it_is(portal: Bitrix24) -> None:
    assert {"connection", "title", "responsible"} == set(errors(bind(TaskForm, {})))
    assert set(offered(portal, AddTask(), "users")) == {"1", "7"}
