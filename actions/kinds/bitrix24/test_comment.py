"""«Битрикс24: комментарий»: into the timeline of any record."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.bitrix24.comment import AddComment
from tests.fakes.bitrix24 import Bitrix24, on_this_machine, perform
from webjack.http import Failed


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def add(portal: Bitrix24, **config: Any) -> dict[str, Any]:
    return perform(portal, AddComment(), **{"comment": "Перезвонить после обеда"} | config)


def test_a_comment_is_written_to_a_deal(portal: Bitrix24) -> None:
    id = portal.store.put("deal", TITLE="Приём")
    output = add(portal, record="deal", record_id=id)
    assert output == {"id": 101, "link": f"{portal.target.url}/crm/deal/details/{id}/"}
    assert portal.store.records["comment"][101] == {
        "ENTITY_ID": id,
        "ENTITY_TYPE": "deal",
        "COMMENT": "Перезвонить после обеда",
    }


def test_a_comment_is_written_to_an_item_of_a_smart_process(portal: Bitrix24) -> None:
    portal.store.records["1268"][12] = {"id": 12}
    assert add(portal, record="item", type="1268", record_id="12")["link"].endswith("/crm/type/1268/details/12/")
    assert portal.store.records["comment"][101]["ENTITY_TYPE"] == "dynamic_1268"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"record": "lead", "record_id": "404"}, "нет права"),
        ({"record_id": ""}, "Номер записи пуст"),
        ({"record_id": "1", "comment": " "}, "Текст пустой"),
    ],
)
def test_a_comment_to_nothing_is_refused(portal: Bitrix24, config: dict[str, str], words: str) -> None:
    with pytest.raises(Failed, match=words):
        add(portal, **config)
