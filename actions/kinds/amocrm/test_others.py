"""«amoCRM»: tasks, notes, tags, unsorted requests, any method, and what the forms offer."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from actions.kinds.amocrm.lead import SaveLead
from actions.kinds.amocrm.method import CallMethod, MethodForm
from actions.kinds.amocrm.note import AddNote
from actions.kinds.amocrm.tags import ChangeTags
from actions.kinds.amocrm.task import AddTask
from actions.kinds.amocrm.unsorted import AddUnsorted
from tests.fakes.amocrm import Amocrm, on_this_machine, opened, perform
from tests.fakes.amocrm_account import BORIS, MAIN
from webjack.config import bind, errors
from webjack.http import Failed, Http


@pytest.fixture
def amo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amocrm]:
    with on_this_machine(settings, monkeypatch) as service:
        yield service


@pytest.fixture
def lead(amo: Amocrm) -> int:
    return amo.account.add("leads", name="Заявка", tags_to_add=[{"name": "старый"}, {"name": "лишний"}])


def test_a_task_has_its_record_its_person_and_its_deadline(amo: Amocrm, lead: int) -> None:
    told: dict[str, Any] = {
        "record": lead,
        "type": "2",
        "responsible": str(BORIS),
        "zone": "Asia/Omsk",
    }
    output = perform(AddTask(), text="Перезвонить", due="24.11.2026 14:30", **told)
    [task] = amo.account.tasks
    assert output == {"id": task["id"], "due": "2026-11-24T08:30:00+00:00"}
    assert (task["entity_id"], task["entity_type"], task["task_type_id"]) == (lead, "leads", 2)
    assert (task["responsible_user_id"], task["complete_till"]) == (BORIS, 1795509000)


@time_machine.travel(datetime(2026, 11, 24, 10, 0, tzinfo=UTC), tick=False)
def test_a_task_without_a_deadline_gets_the_time_it_takes(amo: Amocrm, lead: int) -> None:
    output = perform(AddTask(), text="Перезвонить", record=lead, amount=2, unit="hours")
    assert output["due"] == "2026-11-24T12:00:00+00:00"
    whole = perform(AddTask(), text="Перезвонить", record=lead, due="25.11.2026", zone="UTC")
    assert whole["due"] == "2026-11-25T23:59:00+00:00"
    assert perform(AddTask(), text="Сама по себе", entity="")["id"]
    with pytest.raises(Failed, match="не дата"):
        perform(AddTask(), text="x", record=lead, due="скоро")
    with pytest.raises(Failed, match="омер карточки не заполнен"):
        perform(AddTask(), text="x")


def test_a_note_is_written_into_the_feed(amo: Amocrm, lead: int) -> None:
    output = perform(AddNote(), record=str(lead), text="Имя: Анна\nТелефон: +7916")
    perform(AddNote(), record=lead, text="Пришло SMS", type="sms_in", phone="+79161234567")
    perform(AddNote(), record=lead, text="Готово", type="service_message", service="Запись")
    common, sms, service = amo.account.notes
    assert output == {"id": common["id"], "record": lead}
    assert (common["note_type"], common["params"]) == ("common", {"text": "Имя: Анна\nТелефон: +7916"})
    assert sms["params"] == {"text": "Пришло SMS", "phone": "+79161234567"}
    assert service["params"] == {"text": "Готово", "service": "Запись"}
    with pytest.raises(Failed, match="нет такой карточки"):
        perform(AddNote(), record="404404", text="x")
    with pytest.raises(Failed, match=r"Текст.*нужно заполнить"):
        perform(AddNote(), record=lead, text="")


def test_tags_come_and_go_and_the_others_stay(amo: Amocrm, lead: int) -> None:
    perform(ChangeTags(), record=lead, added="новый, vip", removed="лишний")
    tags = [tag["name"] for tag in amo.account.leads[0]["_embedded"]["tags"]]
    assert tags == ["старый", "новый", "vip"]


def test_an_unsorted_request_waits_for_a_manager(amo: Amocrm) -> None:
    told: dict[str, Any] = {
        "contact_name": "Анна",
        "phone": "89161234567",
        "page": "https://clinic.example/",
    }
    output = perform(AddUnsorted(), name="Заявка", pipeline=str(MAIN), tags="сайт", ip="8.8.8.8", **told)
    [unsorted] = amo.account.unsorted
    assert (output["lead_id"], output["contact_id"]) == (amo.account.leads[0]["id"], amo.account.contacts[0]["id"])
    assert (unsorted["pipeline_id"], unsorted["metadata"]["form_page"]) == (MAIN, "https://clinic.example/")
    assert amo.account.leads[0]["_embedded"]["tags"][0]["name"] == "сайт"


def test_any_method_is_called(amo: Amocrm, lead: int) -> None:
    found = perform(CallMethod(), path=f"leads/{lead}")
    assert (found["found"], found["body"]["name"]) == (True, "Заявка")
    assert perform(CallMethod(), path="/api/v4/leads", query=[{"name": "query", "value": "нет такой"}]) == {
        "found": False,
        "body": None,
    }
    body = json.dumps([{"name": "Ещё одна"}])
    made = perform(CallMethod(), method="POST", path="https://clinic.amocrm.ru/api/v4/leads", body=body)
    assert made["body"]["_embedded"]["leads"][0]["id"] == amo.account.leads[-1]["id"]
    with pytest.raises(Failed, match="не JSON"):
        perform(CallMethod(), method="POST", path="leads", body="{name: x}")
    with pytest.raises(Failed, match="не путь"):
        perform(CallMethod(), path="leads/../../oauth2/access_token")


@pytest.mark.parametrize("path", ["сделки", "leads/²", "leads?a=1#b", "leads?a=1 b", "?a=1", "leads/%2e%2e/x"])
def test_what_is_no_path_is_not_asked_for(amo: Amocrm, path: str) -> None:
    with pytest.raises(Failed, match="не путь метода"):
        perform(CallMethod(), path=path)
    assert amo.calls == []


def test_the_path_is_kept_as_the_documentation_has_it() -> None:
    form = bind(MethodForm, {"path": "https://clinic.amocrm.ru/api/v4/leads/{{ id }}"})
    assert set(errors(form)) == {"connection"}
    assert form.cleaned_data["path"] == "leads/{{ id }}"


def offered(name: str, **config: Any) -> list[tuple[str, str, str]]:
    account = opened()
    found = SaveLead().options(name, {"connection": account} | config, Http().through(account))
    return [(option.value, option.label, option.group) for option in found]


def test_the_forms_offer_what_the_account_has(amo: Amocrm) -> None:
    assert offered("pipelines") == [("3177727", "Воронка", ""), ("3177730", "Повторные", "")]
    assert offered("statuses", pipeline=str(MAIN))[0] == ("32392159", "Первичный контакт", "")
    assert len(offered("statuses", pipeline="{{ which }}")) == 8
    assert offered("users")[1] == ("504142", "Борис Директор", "")
    assert offered("task_types")[0] == ("1", "Связаться", "")
    assert len(offered("lead_fields")) == 55  # of two pages
    assert offered("contact_fields") == [("66200:text", "Должность", "")]
    assert ("66210:url", "Web", "") in offered("company_fields")


def test_what_cannot_be_asked_says_why(amo: Amocrm) -> None:
    amo.revoke()
    amo.access.clear()
    with pytest.raises(Failed, match="истёк или отозван"):
        offered("pipelines")
