"""«Битрикс24: произвольный метод» and «пакет методов»: whatever the REST has."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.bitrix24.batch import BatchForm, CallBatch
from actions.kinds.bitrix24.method import CallMethod, MethodForm
from tests.fakes import bitrix24 as fake
from tests.fakes.bitrix24 import Bitrix24, offered, on_this_machine, perform
from webjack.config import bind, errors
from webjack.http import Failed

BOTH = """{
  "contact": {"method": "crm.contact.add", "params": {"fields": {"NAME": "Анна & Ко"}}},
  "deal": {"method": "crm.deal.add", "params": {"fields": {"TITLE": "Приём", "CONTACT_ID": "$result[contact]"}}}
}"""


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def test_a_method_takes_its_parameters_as_fields(portal: Bitrix24) -> None:
    rows = [
        {"name": "fields", "type": "object", "fields": [
            {"name": "TITLE", "value": "Приём", "type": "auto"},
            {"name": "CONTACT_IDS", "type": "list", "fields": [{"name": "", "value": "46", "type": "number"}]},
        ]},
    ]  # fmt: skip
    output = perform(portal, CallMethod(), method="crm.deal.add", written="rows", parameters=rows)
    assert output == {"result": 101, "total": None, "next": None}
    assert portal.asked("crm.deal.add") == [{"fields": {"TITLE": "Приём", "CONTACT_IDS": [46]}}]


def test_a_method_takes_its_parameters_as_json_and_tells_of_further_pages(portal: Bitrix24) -> None:
    for number in range(60):
        portal.store.put("lead", TITLE=f"Лид {number}")
    output = perform(portal, CallMethod(), method="crm.lead.list", written="json", json='{"select": ["ID"]}')
    assert (len(output["result"]), output["total"], output["next"]) == (50, 60, 50)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"method": "crm.lead.add", "written": "json", "json": "{"}, "не удалось прочитать"),
        ({"method": "crm.lead.add", "written": "json", "json": "[1]"}, "объект"),
        ({"method": "../profile"}, "не название метода"),
        ({"method": "crm.no.such"}, "нет такого метода"),
    ],
)
def test_what_cannot_be_called_is_said(portal: Bitrix24, config: dict[str, Any], words: str) -> None:
    with pytest.raises(Failed, match=words):
        perform(portal, CallMethod(), **config)


@pytest.mark.parametrize(
    ("method", "harmless"),
    [("crm.lead.list", True), ("profile", True), ("crm.duplicate.findbycomm", True), ("crm.lead.add", False)],
)
def test_only_reading_may_be_repeated(method: str, harmless: bool) -> None:
    assert CallMethod().harmless({"method": method}) is harmless


def test_the_form_of_a_method_takes_names_only_and_offers_what_there_is(portal: Bitrix24) -> None:
    assert {"connection"} == set(errors(bind(MethodForm, {"method": " crm.lead.add.json "})))
    assert "method" in errors(bind(MethodForm, {"method": "https://example.com/"}))
    assert offered(portal, CallMethod(), "methods")["crm.lead.add"].group == "crm"


def test_a_batch_gives_the_answers_by_name(portal: Bitrix24) -> None:
    output = perform(portal, CallBatch(), commands=BOTH, halt=True)
    assert output == {"results": {"contact": 101, "deal": 101}}
    assert portal.store.records["contact"][101]["NAME"] == "Анна & Ко"
    assert portal.store.records["deal"][101]["CONTACT_ID"] == "101"
    assert len(portal.target.requests) == 1


def test_a_failed_command_says_which_one_and_is_not_done_twice(portal: Bitrix24) -> None:
    commands = BOTH.replace('"TITLE": "Приём"', '"CURRENCY_ID": "DOGE"')
    with pytest.raises(Failed, match=r"deal: .*Currency") as refused:
        perform(portal, CallBatch(), commands=commands)
    assert not refused.value.retry


def test_a_batch_of_which_nothing_was_done_is_repeated(portal: Bitrix24) -> None:
    told = b'{"result": {"result": [], "result_error": {"a": {"error": "OPERATION_TIME_LIMIT"}}}}'
    portal.troubles = [(200, told, {}), fake.LIMIT]
    for _time in range(2):
        with pytest.raises(Failed) as refused:
            perform(portal, CallBatch(), commands=BOTH)
        assert refused.value.retry


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ("{", "не удалось прочитать"),
        ("{}", "объект"),
        ('{"a": {"params": {}}}', "«a»"),
        ('{"a": {"method": "profile", "params": [1]}}', "«a»"),
        ("{" + ",".join(f'"{number}": {{"method": "profile"}}' for number in range(51)) + "}", "не больше 50"),
    ],
)
def test_commands_that_cannot_be_read_are_not_sent(portal: Bitrix24, commands: str, words: str) -> None:
    with pytest.raises(Failed, match=words):
        perform(portal, CallBatch(), commands=commands)
    assert portal.target.requests == []


def test_the_form_of_a_batch_shows_how_it_is_written() -> None:
    assert "$result[contact]" in str(BatchForm.base_fields["commands"].initial)
    assert {"connection"} == set(errors(bind(BatchForm, {})))
