"""«amoCRM: сделка с контактом и компанией»: all at once, the contact found or added, one lead or one more."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.amocrm.complex import SaveComplex
from tests.fakes.amocrm import Amocrm, on_this_machine, perform
from tests.fakes.amocrm_account import TALKS
from webjack.http import Failed


@pytest.fixture
def amo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amocrm]:
    with on_this_machine(settings, monkeypatch) as service:
        yield service


def save(**config: Any) -> dict[str, Any]:
    told = {"name": "Заявка", "contact_name": "Анна", "phone": "8 (916) 123-45-67", "email": "anna@example.com"}
    return perform(SaveComplex(), **told | config)


def test_lead_contact_and_company_are_added_in_one_call(amo: Amocrm) -> None:
    output = save(
        price=3422,
        tags="сайт",
        company="ООО «Рога и копыта»",
        fields_of_lead=[{"name": "294471:textarea", "value": "Срочно"}],
        fields_of_contact=[{"name": "66200:text", "value": "Врач"}],
        fields_of_company=[{"name": "66211:textarea", "value": "Омск"}],
    )
    [lead], [contact], [company] = amo.account.leads, amo.account.contacts, amo.account.companies
    assert output == {
        "id": lead["id"],
        "link": f"https://clinic.amocrm.ru/leads/detail/{lead['id']}",
        "created": True,
        "contact_id": contact["id"],
        "company_id": company["id"],
        "contact_created": True,
    }
    assert [path for method, path in amo.calls if method == "POST"] == ["/leads/complex"]
    assert (lead["name"], lead["price"], lead["_embedded"]["tags"][0]["name"]) == ("Заявка", 3422, "сайт")
    assert [one["field_name"] for one in contact["custom_fields_values"]] == ["Должность", "Телефон", "Email"]
    assert company["custom_fields_values"][0]["values"][0]["value"] == "Омск"


def test_the_contact_and_the_company_are_found_the_next_time(amo: Amocrm) -> None:
    first = save(company="ООО «Рога и копыта»")
    second = save(company="ооо «рога и копыта»", phone="+7 916 123 45 67", email="second@example.com")
    assert (second["contact_id"], second["company_id"]) == (first["contact_id"], first["company_id"])
    assert (second["created"], second["contact_created"]) == (True, False)
    [contact] = amo.account.contacts
    mails = next(one for one in contact["custom_fields_values"] if one["field_code"] == "EMAIL")["values"]
    assert [mail["value"] for mail in mails] == ["anna@example.com", "second@example.com"]
    assert len(amo.account.leads) == 2


def test_the_open_lead_may_be_added_to_instead(amo: Amocrm) -> None:
    first = save(status=str(TALKS))
    second = save(existing="open", price=900, status="")
    assert (second["id"], second["created"]) == (first["id"], False)
    assert (amo.account.leads[0]["price"], amo.account.leads[0]["status_id"]) == (900, TALKS)
    amo.account.leads[0]["status_id"] = 143
    assert save(existing="open")["created"]


def test_a_lead_without_a_contact_is_a_lead_too(amo: Amocrm) -> None:
    output = save(contact_name="", phone="", email="")
    assert (output["contact_id"], output["company_id"]) == (None, None)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"fields_of_contact": [{"name": "1:text", "value": "x"}]}, "Дополнительное поле «1»"),
        ({"fields_of_lead": [{"name": "2:text", "value": "x"}]}, "Дополнительное поле «2»"),
        ({"status": "5"}, "Этап"),
    ],
)
def test_what_is_wrong_is_told_wherever_it_stands_and_nothing_is_added(amo: Amocrm, config: Any, words: str) -> None:
    with pytest.raises(Failed, match=words):
        save(**config)
    assert (amo.account.leads, amo.account.contacts) == ([], [])
