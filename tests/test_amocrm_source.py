"""«amoCRM» as a source: nested forms become fields, calls of other accounts are refused, repeated ones known."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from history.models import Operation, Status
from processings.models import Processing
from sources.kind import FORM, form_body
from sources.kinds.amocrm import sent
from sources.kinds.amocrm.webhook import Webhook, WebhookForm
from sources.models import Source
from tests.factories import SourceFactory
from webjack.config import bind, errors


class Call:
    method, query, headers = "POST", "", {"Content-Type": FORM}
    content_type = FORM

    def __init__(self, fields: dict[str, str]) -> None:
        self.body = urlencode(fields).encode()


def read(fields: dict[str, str]) -> dict[str, Any]:
    return Webhook().read(Call(fields), {}).data


def test_a_lead_that_was_added_becomes_plain_fields() -> None:
    assert read(sent.LEAD) == {
        "event": "leads.add",
        "entity": "leads",
        "action": "add",
        "id": "25399013",
        "name": "Заявка с сайта",
        "status_id": "32392159",
        "price": "20000",
        "responsible_user_id": "504141",
        "last_modified": "1795509000",
        "date_create": "1795509000",
        "pipeline_id": "3177727",
        "account_id": "28805383",
        "fields": {
            "Комментарий": "Перезвоните после обеда",
            "Услуги": ["Массаж", "Консультация"],
            "Дата визита": "1795595400",
        },
        "account": {"id": "28805383", "subdomain": "clinic"},
    }


def test_a_stage_that_changed_and_a_contact_that_was_added() -> None:
    status = read(sent.STATUS)
    assert (status["event"], status["status_id"], status["old_status_id"]) == ("leads.status", "142", "32392159")
    contact = read(sent.CONTACT)
    assert (contact["event"], contact["phone"], contact["email"]) == (
        "contacts.add",
        "+79161234567",
        "anna@example.com",
    )
    company = read(sent.CONTACT | {"contacts[add][0][type]": "company"})
    assert (company["event"], company["entity"]) == ("companies.add", "companies")


def test_several_records_in_one_call_are_all_there() -> None:
    told = read(sent.STATUS | {"leads[status][1][id]": "2", "leads[status][1][name]": "Вторая"})
    assert told["id"] == "25399013"
    assert [record["id"] for record in told["records"]] == ["25399013", "2"]
    gaps = read({"leads[add][3][id]": "3", "leads[add][7][id]": "7"})
    assert [record["id"] for record in gaps["records"]] == ["3", "7"]


@pytest.mark.parametrize(
    "fields", [{"hello": "world"}, {"leads": "1"}, {"leads[add]": ""}, {"leads[add][0]": "x"}, {"account[id]": "1"}, {}]
)
def test_what_is_no_event_stays_as_it_came(fields: dict[str, str]) -> None:
    assert "event" not in read(fields)


def test_odd_custom_fields_do_no_harm() -> None:
    before = "leads[update][0][custom_fields]"
    told = read(
        {"leads[update][0][id]": "1", f"{before}[0]": "x", f"{before}[1][id]": "5", f"{before}[2][values]": "y"}
    )
    assert (told["id"], told["fields"]) == ("1", {"": "y"})


@pytest.fixture
def source(processing: Processing) -> Source:
    Processing.objects.update(state="running")
    found: Source = SourceFactory(
        processing=processing, kind="amocrm", config={"account": "clinic.amocrm.ru"}, fields=[]
    )
    return found


def call(source: Source, fields: dict[str, str]) -> Any:
    return Client().generic("POST", f"/webhooks/amocrm/{source.key}/", form_body(fields), content_type=FORM)


@pytest.mark.django_db(transaction=True)
def test_a_call_of_the_account_is_taken_once_and_one_of_another_is_refused(source: Source) -> None:
    first = json.loads(call(source, sent.LEAD).content)
    again = json.loads(call(source, sent.LEAD).content)
    assert first["id"] == again["id"]
    assert call(source, sent.STATUS).status_code == 200
    other = call(source, sent.LEAD | {"account[subdomain]": "other"})
    assert other.status_code == 401
    assert call(source, {"hello": "world"}).status_code == 401
    assert Operation.objects.filter(status=Status.QUEUED).count() == 2
    refused = Operation.objects.filter(status=Status.REJECTED).order_by("received_at")[0]
    assert "other" in refused.error


def test_the_account_is_taken_as_it_is_pasted() -> None:
    form = bind(WebhookForm, {"account": "https://Clinic.amocrm.ru/leads/"})
    assert form.is_valid()
    assert form.cleaned_data["account"] == "clinic.amocrm.ru"
    assert "account" in errors(bind(WebhookForm, {"account": "example.com"}))
