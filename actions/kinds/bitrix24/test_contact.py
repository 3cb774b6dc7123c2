"""«Битрикс24: контакт»: found, updated without doubling its phones, or added."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.bitrix24 import ways
from actions.kinds.bitrix24.contact import SaveContact
from tests.fakes.bitrix24 import Bitrix24, offered, on_this_machine, perform


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def save(portal: Bitrix24, **config: Any) -> dict[str, Any]:
    return perform(portal, SaveContact(), **{"name": "Анна"} | config)


def values(portal: Bitrix24, id: int, way: str) -> list[str]:
    return [one["VALUE"] for one in portal.store.records["contact"][id][way]]


def test_a_contact_gets_only_the_phones_and_addresses_that_it_lacks(portal: Bitrix24) -> None:
    id = portal.store.put(
        "contact", NAME="Аня", PHONE=[{"VALUE": "8 (916) 123-45-67"}], EMAIL=[{"VALUE": "Anna@Example.com"}]
    )
    asked = {"phone": "+79161234567, 8 495 111-22-33", "email": ["anna@example.com", "work@example.com"]}
    for _time in range(2):
        output = save(portal, source="WEB", **asked)
        assert (output["id"], output["created"], output["updated"]) == (id, False, True)
    assert values(portal, id, "PHONE") == ["8 (916) 123-45-67", "+74951112233"]
    assert values(portal, id, "EMAIL") == ["Anna@Example.com", "work@example.com"]
    assert portal.store.records["contact"][id]["SOURCE_ID"] == "WEB"


def test_a_phone_of_another_field_is_added_beside_that_of_the_form(portal: Bitrix24) -> None:
    rows = [{"name": "PHONE", "value": "8 916 123-45-67, +375291234567"}, {"name": "IM", "value": "@anna"}]
    id = save(portal, phone="+79161234567", fields=rows)["id"]
    assert values(portal, id, "PHONE") == ["+79161234567", "+375291234567"]
    assert values(portal, id, "IM") == ["@anna"]


def test_a_found_contact_is_taken_as_it_is(portal: Bitrix24) -> None:
    id = portal.store.put("contact", NAME="Аня", EMAIL=[{"VALUE": "anna@example.com"}])
    output = save(portal, email="anna@example.com", find="use")
    assert (output["id"], output["updated"], portal.store.records["contact"][id]["NAME"]) == (id, False, "Аня")


def test_nothing_to_find_by_adds_and_repeats_of_the_step_do_not(portal: Bitrix24) -> None:
    first = save(portal, key="step")
    assert save(portal, key="step")["id"] == first["id"]
    assert save(portal, key="step-2")["id"] != first["id"]
    assert save(portal, find="off", phone="+79161234567", key="step-3")["created"]


def test_numbers_of_other_countries_are_looked_for_with_and_without_a_plus() -> None:
    assert ways.spellings(["+375291234567"]) == ["+375291234567", "375291234567"]
    many = ways.spellings([f"+7916000000{number}" for number in range(5)])
    assert (len(many), many[:2]) == (20, ["+79160000000", "+79160000001"])


def test_the_form_offers_the_types_of_contacts(portal: Bitrix24) -> None:
    assert offered(portal, SaveContact(), "types")["CLIENT"].label == "Клиенты"
