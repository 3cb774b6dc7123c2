"""«Битрикс24: компания»: found by phone and e-mail, else by name."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.bitrix24.company import CompanyForm, SaveCompany
from tests.fakes.bitrix24 import Bitrix24, offered, on_this_machine, perform
from webjack.config import bind, errors


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def save(portal: Bitrix24, **config: Any) -> dict[str, Any]:
    return perform(portal, SaveCompany(), **{"title": "ООО «Ромашка»"} | config)


def test_a_company_is_added_and_found_by_its_phone(portal: Bitrix24) -> None:
    first = save(portal, phone="8 495 111-22-33", email="info@example.com, нет", type="CUSTOMER")
    assert (first["created"], first["left_out"]) == (True, ["нет"])
    again = save(portal, title="Ромашка", phone="+74951112233")
    assert (again["id"], again["updated"]) == (first["id"], True)
    told = portal.store.records["company"][first["id"]]
    assert (told["TITLE"], told["COMPANY_TYPE"], len(told["PHONE"])) == ("Ромашка", "CUSTOMER", 1)


def test_without_phone_and_address_it_is_found_by_its_name(portal: Bitrix24) -> None:
    first = save(portal)
    assert save(portal, find="use") == first | {"created": False}
    assert save(portal, find="off")["id"] != first["id"]


def test_the_form_needs_a_name_and_offers_types(portal: Bitrix24) -> None:
    assert {"connection", "title"} == set(errors(bind(CompanyForm, {})))
    assert offered(portal, SaveCompany(), "types")["CUSTOMER"].label == "Клиент"
