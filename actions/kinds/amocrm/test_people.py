"""«amoCRM: контакт» and «компания»: one person is found in all spellings, and has each number once."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.amocrm.company import SaveCompany
from actions.kinds.amocrm.contact import SaveContact
from tests.fakes.amocrm import Amocrm, on_this_machine, perform
from tests.fakes.amocrm_account import ANNA, BORIS


@pytest.fixture
def amo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amocrm]:
    with on_this_machine(settings, monkeypatch) as service:
        yield service


def contact(**config: Any) -> dict[str, Any]:
    return perform(SaveContact(), **{"name": "Анна Петрова"} | config)


def company(**config: Any) -> dict[str, Any]:
    return perform(SaveCompany(), **{"name": "ООО «Рога и копыта»"} | config)


def known(amo: Amocrm, phone: str = "+7 (916) 123-45-67", email: str = "anna@example.com", **more: Any) -> int:
    told = [
        {"field_code": "PHONE", "values": [{"value": phone, "enum_code": "MOB"}]},
        {"field_code": "EMAIL", "values": [{"value": email, "enum_code": "WORK"}]},
    ]
    return amo.account.add("contacts", **{"name": "Анна", "custom_fields_values": told} | more)


def reach(row: dict[str, Any], code: str) -> list[tuple[str, str]]:
    fields = [one for one in row["custom_fields_values"] or () if one["field_code"] == code]
    return [(value["value"], value["enum_code"]) for one in fields for value in one["values"]]


def test_a_new_person_is_added_with_phones_and_e_mails(amo: Amocrm) -> None:
    firm = amo.account.add("companies", name="Фирма")
    output = contact(
        phone="8 916 123-45-67, +7 (495) 765-43-21",
        email="Anna@Example.com",
        responsible=BORIS,
        company=firm,
        tags="vip",
    )
    [row] = amo.account.contacts
    link = f"https://clinic.amocrm.ru/contacts/detail/{row['id']}"
    assert output == {"id": row["id"], "link": link, "created": True}
    assert reach(row, "PHONE") == [("+79161234567", "WORK"), ("+74957654321", "WORK")]
    assert reach(row, "EMAIL") == [("anna@example.com", "WORK")]
    assert (row["responsible_user_id"], row["_embedded"]["companies"]) == (BORIS, [{"id": firm}])


@pytest.mark.parametrize("phone", ["89161234567", "+7 916 123 45 67", "7(916)1234567", "9161234567", 79161234567])
@pytest.mark.parametrize("kept", ["+7 (916) 123-45-67", "89161234567", "+79161234567"])
def test_a_person_is_found_by_phone_in_all_spellings(amo: Amocrm, phone: Any, kept: str) -> None:
    id = known(amo, kept)
    output = contact(phone=phone)
    assert (output["id"], output["created"]) == (id, False)
    assert reach(amo.account.contacts[0], "PHONE") == [(kept, "MOB")]


def test_what_the_search_finds_by_chance_is_not_the_person(amo: Amocrm) -> None:
    known(amo, "+7 (495) 123-45-67", "not-anna@example.com.example")
    assert contact(phone="+79161234567", email="anna@example.com")["created"]
    assert contact(phone="нет", email="")["created"]


def test_a_person_is_found_by_e_mail_and_gets_the_new_phone_beside_the_old_one(amo: Amocrm) -> None:
    id = known(amo)
    output = contact(phone="8 903 000-11-22", email="ANNA@example.com")
    assert (output["id"], output["created"]) == (id, False)
    row = amo.account.contacts[0]
    assert reach(row, "PHONE") == [("+7 (916) 123-45-67", "MOB"), ("+79030001122", "WORK")]
    assert reach(row, "EMAIL") == [("anna@example.com", "WORK")]
    contact(phone="8 903 000-11-22", email="anna@example.com")
    assert reach(row, "PHONE") == [("+7 (916) 123-45-67", "MOB"), ("+79030001122", "WORK")]


def test_if_a_change_adds_values_instead_of_replacing_them_no_number_is_lost(amo: Amocrm) -> None:
    amo.account.appends = True
    known(amo)
    contact(phone="8 903 000-11-22", email="anna@example.com")
    assert {number for number, _sort in reach(amo.account.contacts[0], "PHONE")} == {
        "+7 (916) 123-45-67",
        "+79030001122",
    }


@pytest.mark.parametrize(
    ("existing", "name", "responsible", "position"),
    [
        ("update", "Анна Петрова", BORIS, "Директор"),
        ("fill", "Анна", ANNA, "Врач"),
        ("keep", "Анна", ANNA, "Врач"),
    ],
)
def test_a_person_who_is_found_is_changed_filled_in_or_left_alone(
    amo: Amocrm, existing: str, name: str, responsible: int, position: str
) -> None:
    phone = {"field_code": "PHONE", "values": [{"value": "89161234567", "enum_code": "WORK"}]}
    job = {"field_code": "POSITION", "values": [{"value": "Врач"}]}
    amo.account.add("contacts", name="Анна", custom_fields_values=[phone, job])
    fields = [{"name": "66200:text", "value": "Директор"}]
    contact(phone="+79161234567", existing=existing, responsible=str(BORIS), fields_of_contact=fields)
    [row] = amo.account.contacts
    assert (row["name"], row["responsible_user_id"]) == (name, responsible)
    assert row["custom_fields_values"][1]["values"][0]["value"] == position


def test_a_new_person_may_be_added_always(amo: Amocrm) -> None:
    known(amo)
    assert contact(phone="+79161234567", existing="new")["created"]
    assert len(amo.account.contacts) == 2


@pytest.mark.parametrize("empty", [{}, {"phone": "", "email": None}, {"phone": [], "email": " "}])
def test_a_person_without_phone_and_e_mail_is_not_added_twice(amo: Amocrm, empty: dict[str, Any]) -> None:
    known(amo, name="Анна Петрова")
    first = contact(**empty)
    again = contact(name="анна  петрова", **empty)
    assert (first["created"], again["created"], again["id"]) == (True, False, first["id"])
    assert contact(existing="new", **empty)["created"]


def test_only_who_is_found_by_phone_or_e_mail_may_be_saved_twice() -> None:
    kind = SaveContact()
    assert kind.harmless({"name": "Анна", "phone": "{{ phone }}"})
    assert kind.harmless({"name": "Анна", "email": "{{ email }}"})
    assert not kind.harmless({"name": "Анна", "phone": " "})
    assert not kind.harmless({"name": "Анна", "phone": "{{ phone }}", "existing": "new"})


def test_of_several_the_one_that_was_changed_last_counts(amo: Amocrm) -> None:
    known(amo)
    newer = known(amo)
    amo.account.rows["contacts"][newer]["updated_at"] = 1767000000
    assert contact(phone="+79161234567")["id"] == newer


def test_a_company_is_found_by_its_exact_name_or_its_phone(amo: Amocrm) -> None:
    amo.account.add("companies", name="ООО «Рога и копыта» и партнёры")
    first = company(phone="+74951234567", fields_of_company=[{"name": "66210:url", "value": "https://roga.example"}])
    assert first["created"]
    assert (company(name="ооо «рога и  копыта»")["id"], company(name="Иначе", phone="84951234567")["id"]) == (
        first["id"],
        first["id"],
    )
    assert first["link"] == f"https://clinic.amocrm.ru/companies/detail/{first['id']}"
    assert len(amo.account.companies) == 2
