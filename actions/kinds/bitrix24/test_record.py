"""«Битрикс24: прочитать запись»: the record of an event and its client, by one request."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.bitrix24.record import ReadRecord, RecordForm
from tests.fakes.bitrix24 import Bitrix24, offered, on_this_machine, perform
from webjack.config import initial
from webjack.http import Failed


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def read(portal: Bitrix24, entity: str, id: Any, client: bool = True) -> dict[str, Any]:
    return perform(portal, ReadRecord(), entity=entity, record_id=id, client=client)


def test_a_deal_is_read_together_with_its_contact(portal: Bitrix24) -> None:
    contact = portal.store.put("contact", NAME="Анна", LAST_NAME="Петрова", PHONE=[{"VALUE": "+79161234567"}])
    deal = portal.store.put("deal", TITLE="Приём", CONTACT_ID=contact)
    output = read(portal, "deal", deal)
    assert (output["id"], output["record"]["TITLE"], output["contact"]["NAME"]) == (deal, "Приём", "Анна")
    assert (output["name"], output["phone"], output["email"]) == ("Анна Петрова", "+79161234567", "")
    assert output["link"] == f"{portal.target.url}/crm/deal/details/{deal}/"
    assert len(portal.target.requests) == 1


def test_a_lead_without_a_contact_tells_of_its_own_client(portal: Bitrix24) -> None:
    lead = portal.store.put("lead", TITLE="Заявка", NAME="Анна", EMAIL=[{"VALUE": "anna@example.com"}])
    output = read(portal, "LEAD", str(lead))
    assert (output["contact"], output["name"], output["email"]) == ({}, "Анна", "anna@example.com")


def test_a_task_and_an_item_are_read(portal: Bitrix24) -> None:
    portal.store.records["task"][5] = {"TITLE": "Позвонить"}
    portal.store.records["1268"][12] = {"id": 12, "title": "Договор"}
    assert read(portal, "task", 5)["record"]["title"] == "Позвонить"
    assert read(portal, "dynamic_1268", 12)["record"] == {"id": 12, "title": "Договор"}
    assert read(portal, "dynamic_1268", 12)["link"].endswith("/crm/type/1268/details/12/")


@pytest.mark.parametrize(("code", "raised"), [("QUERY_LIMIT_EXCEEDED", True), ("ID is not defined", False)])
def test_a_contact_that_could_not_be_read_just_now_is_asked_for_again(
    portal: Bitrix24, code: str, raised: bool
) -> None:
    told = {"result": {"record": {"ID": "5"}}, "result_error": {"contact": {"error": code, "error_description": code}}}
    portal.troubles.append((200, json.dumps({"result": told}).encode(), {}))
    if raised:
        with pytest.raises(Failed) as refused:
            read(portal, "deal", 5)
        assert refused.value.retry
    else:
        assert read(portal, "deal", 5)["contact"] == {}


@pytest.mark.parametrize(
    ("entity", "id", "words"),
    [
        ("deal", "404", "не находит"),
        ("deal", "", "Номер записи пуст"),
        ("deal", "x", "число"),
        ("quote", "1", "«quote» прочитать нельзя"),
    ],
)
def test_what_cannot_be_read_is_said(portal: Bitrix24, entity: str, id: str, words: str) -> None:
    with pytest.raises(Failed, match=words) as refused:
        read(portal, entity, id)
    assert not refused.value.retry


def test_the_form_is_ready_for_an_event_of_the_portal(portal: Bitrix24) -> None:
    assert initial(RecordForm) == {"entity": "{{ entity }}", "record_id": "{{ id }}", "client": True}
    found = offered(portal, ReadRecord(), "what")
    assert {"{{ entity }}", "lead", "deal", "task", "dynamic_1268"} <= set(found)
