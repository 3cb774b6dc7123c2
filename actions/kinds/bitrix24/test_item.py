"""«Битрикс24: элемент смарт-процесса»: added, or found by a field and updated."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.bitrix24.item import ItemForm, SaveItem
from tests.fakes.bitrix24 import Bitrix24, offered, on_this_machine, perform
from webjack.config import bind, errors
from webjack.http import Failed


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def save(portal: Bitrix24, **config: Any) -> dict[str, Any]:
    return perform(portal, SaveItem(), **{"type": "1268", "title": "Договор"} | config)


def items(portal: Bitrix24) -> dict[int, dict[str, Any]]:
    return portal.store.records["1268"]


def test_an_item_is_added_with_its_fields(portal: Bitrix24) -> None:
    rows = [{"name": "ufCrm9Number", "value": "17/2"}, {"name": "ufCrm9Colour", "value": "красный"}]
    output = save(portal, funnel="52", stage="DT1268_52:NEW", assigned="7", contact="46", fields=rows)
    link = f"{portal.target.url}/crm/type/1268/details/101/"
    assert output == {"id": 101, "link": link, "created": True, "updated": False}
    assert items(portal)[101] == {
        "id": 101,
        "title": "Договор",
        "categoryId": 52,
        "stageId": "DT1268_52:NEW",
        "assignedById": 7,
        "contactIds": [46],
        "ufCrm9Number": "17/2",
        "ufCrm9Colour": "44",
    }


def test_an_item_is_found_by_a_field(portal: Bitrix24) -> None:
    items(portal)[5] = {"id": 5, "title": "Старый", "ufCrm9Number": "17/2"}
    asked = {"find_field": "ufCrm9Number", "find_value": "17/2", "funnel": "52"}
    assert save(portal, find="use", **asked)["id"] == 5
    assert items(portal)[5]["title"] == "Старый"
    output = save(portal, find="update", **asked)
    assert (output["id"], output["updated"]) == (5, True)
    assert items(portal)[5] == {"id": 5, "title": "Договор", "ufCrm9Number": "17/2"}
    assert save(portal, find="update", find_field="ufCrm9Number", find_value="18")["created"]


def test_another_attempt_of_the_same_step_adds_no_second_item(portal: Bitrix24) -> None:
    first = save(portal, key="step")
    assert save(portal, key="step")["id"] == first["id"]
    assert save(portal, key="step-2")["id"] != first["id"]


def test_another_attempt_adds_no_second_item_where_what_is_looked_for_is_not_written(portal: Bitrix24) -> None:
    asked = {"find": "update", "find_field": "ufCrm9Number", "find_value": "17/2"}
    first = save(portal, key="step", **asked)
    again = save(portal, key="step", **asked)
    assert (again["id"], again["created"], len(items(portal))) == (first["id"], True, 1)


@pytest.mark.parametrize("told", [{"items": {"0": {"id": 5}}}, {"items": [5]}, {"items": [{"ID": 5}]}])
def test_a_list_of_another_shape_is_told_and_nothing_added(portal: Bitrix24, told: Any) -> None:
    portal.troubles.append((200, json.dumps({"result": told}).encode(), {}))
    with pytest.raises(Failed, match="непонятно"):
        save(portal, key="step")
    assert items(portal) == {}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"type": "404"}, "не находит"),
        ({"fields": [{"name": "ufCrm404", "value": "x"}]}, "нет поля"),
        ({"find": "use", "find_field": "нет", "find_value": "1"}, "not allowed in filter"),
    ],
)
def test_what_there_is_not_is_told(portal: Bitrix24, config: dict[str, Any], words: str) -> None:
    with pytest.raises(Failed, match=words):
        save(portal, **config)
    assert items(portal) == {}


def test_the_form_offers_what_the_smart_process_has(portal: Bitrix24) -> None:
    kind = SaveItem()
    assert offered(portal, kind, "types")["1268"].label == "Договоры"
    assert set(offered(portal, kind, "funnels", type="1268")) == {"52"}
    assert "DT1268_52:NEW" in offered(portal, kind, "stages", type="1268", funnel="")
    assert offered(portal, kind, "fields", type="1268")["ufCrm9Number"].label == "Номер договора"
    with pytest.raises(Failed, match="Сначала выберите смарт-процесс"):
        offered(portal, kind, "fields", type="")


def test_who_looks_for_an_item_says_by_what() -> None:
    assert {"connection", "type"} == set(errors(bind(ItemForm, {})))
    assert {"find_field", "find_value"} <= set(errors(bind(ItemForm, {"find": "use"})))
