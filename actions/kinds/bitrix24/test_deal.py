"""«Битрикс24: сделка»: its contact, its funnel, and the client's deal that is in work."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.bitrix24.deal import DealForm, SaveDeal
from tests.fakes.bitrix24 import Bitrix24, offered, on_this_machine, perform
from webjack.config import bind, errors


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def save(portal: Bitrix24, **config: Any) -> dict[str, Any]:
    return perform(portal, SaveDeal(), **{"title": "Приём", "phone": "+79161234567", "name": "Анна"} | config)


def deal(portal: Bitrix24, id: int) -> dict[str, Any]:
    return portal.store.records["deal"][id]


def test_a_deal_is_added_into_a_funnel_with_its_contact(portal: Bitrix24) -> None:
    output = save(portal, funnel="9", stage="C9:VISIT", amount="3500", currency="RUB", company="4", comments="Осмотр")
    assert (output["created"], output["contact_created"]) == (True, True)
    assert output["link"] == f"{portal.target.url}/crm/deal/details/{output['id']}/"
    told = deal(portal, output["id"])
    assert (told["TITLE"], told["CATEGORY_ID"], told["STAGE_ID"]) == ("Приём", "9", "C9:VISIT")
    assert (told["OPPORTUNITY"], told["COMPANY_ID"], told["CONTACT_IDS"]) == ("3500", "4", [output["contact_id"]])


def test_a_deal_without_a_client_is_added_as_well(portal: Bitrix24) -> None:
    assert save(portal, phone="", name="")["contact_id"] is None
    assert save(portal, client="off")["contact_id"] is None
    assert portal.store.records["contact"] == {}


def test_the_clients_deal_in_work_is_updated_in_its_funnel(portal: Bitrix24) -> None:
    first = save(portal, funnel="9", stage="C9:NEW", find="update")
    again = save(portal, funnel="9", stage="C9:VISIT", find="update", title="Приём 2")
    assert (again["id"], again["updated"]) == (first["id"], True)
    assert (deal(portal, first["id"])["STAGE_ID"], deal(portal, first["id"])["TITLE"]) == ("C9:VISIT", "Приём 2")
    assert "CATEGORY_ID" not in portal.asked("crm.deal.update")[0]["fields"]
    assert save(portal, funnel="0", find="update")["created"]
    deal(portal, first["id"])["STAGE_ID"] = "C9:WON"
    assert save(portal, funnel="9", find="use")["created"]


def test_another_attempt_of_the_same_step_adds_no_second_deal(portal: Bitrix24) -> None:
    for config in ({}, {"find": "use"}, {"client": "off"}):
        first = save(portal, key=f"step-{config}", **config)
        assert save(portal, key=f"step-{config}", **config)["id"] == first["id"]


def test_stages_are_those_of_the_chosen_funnel(portal: Bitrix24) -> None:
    kind = SaveDeal()
    assert [one.label for one in offered(portal, kind, "funnels").values()] == ["Общая", "Приёмы"]
    assert "PREPARATION" in offered(portal, kind, "stages", funnel="")
    assert set(offered(portal, kind, "stages", funnel="9")) == {"C9:NEW", "C9:VISIT", "C9:WON"}
    assert "PREPARATION" in offered(portal, kind, "stages", funnel="{{ funnel }}")


def test_a_form_without_a_portal_is_not_taken() -> None:
    assert set(errors(bind(DealForm, {}))) == {"connection"}
