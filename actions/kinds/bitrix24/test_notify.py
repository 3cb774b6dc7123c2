"""«Битрикс24: уведомление»: to an employee, once."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.bitrix24.notify import Notify
from tests.fakes.bitrix24 import Bitrix24, on_this_machine, perform
from webjack.http import Failed


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def notify(portal: Bitrix24, **config: Any) -> dict[str, Any]:
    return perform(portal, Notify(), **{"user": "7", "message": "[b]Новая заявка[/b]"} | config)


def test_an_employee_is_notified(portal: Bitrix24) -> None:
    assert notify(portal) == {"id": 101}
    told = portal.store.records["notice"][101]
    assert (told["USER_ID"], told["MESSAGE"], told["TYPE"]) == (7, "[b]Новая заявка[/b]", "SYSTEM")
    notify(portal, personal=True)
    assert portal.store.records["notice"][102]["TYPE"] == "USER"


def test_another_attempt_takes_the_place_of_the_first(portal: Bitrix24) -> None:
    notify(portal, key="step")
    notify(portal, key="step")
    notify(portal, key="step-2")
    assert set(portal.store.records["notice"]) == {102, 103}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"user": ""}, "Сотрудник не указан"),
        ({"user": "Мария"}, "«Сотрудник» — число"),
        ({"message": " "}, "Текст пустой"),
        ({"user": "404"}, "не приняла|не принял"),
    ],
)
def test_a_notification_to_nobody_is_refused(portal: Bitrix24, config: dict[str, str], words: str) -> None:
    with pytest.raises(Failed, match=words):
        notify(portal, **config)
    assert portal.store.records["notice"] == {}
