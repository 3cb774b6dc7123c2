"""«Опрос адреса»: lists of all shapes become elements, each with what it is known by."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sources.kinds.poll.address import Address, PollForm, elements
from tests.fakes.target import Target, target_server
from webjack.config import bind, errors
from webjack.http import Failed, Http

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def target(settings: Any) -> Iterator[Target]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with target_server() as server:
        yield server


@pytest.mark.parametrize(
    ("told", "where", "marks"),
    [
        ([{"id": 1}, {"id": 2}], "", ["1", "2"]),
        ({"data": {"items": [{"id": "a"}]}}, "data.items", ["a"]),
        ({"orders": {"17": {"id": 17}, "18": {"id": 18}}}, "orders", ["17", "18"]),
        ({"id": 5, "name": "Анна"}, "", ["5"]),
        ({"data": []}, "data", []),
        ([None, "", {}], "", []),
    ],
)
def test_a_list_is_taken_apart(told: Any, where: str, marks: list[str]) -> None:
    assert [element.mark for element in elements(told, where, "id")] == marks


def test_an_element_without_the_field_is_known_by_all_it_holds() -> None:
    one, same, other = elements([{"name": "Анна"}, {"name": "Анна"}, {"name": "Олег"}], "", "id")
    assert one.mark == same.mark != other.mark
    assert [element.data for element in elements(["a", 7], "", "")] == [{"value": "a"}, {"value": 7}]


def test_a_list_that_is_not_there_is_told() -> None:
    with pytest.raises(Failed, match=r"data\.items"):
        elements({"data": {}}, "data.items", "id")


def test_an_address_is_asked_with_all_that_was_set(target: Target) -> None:
    target.answer = lambda request: (200, json.dumps([{"id": 1}]).encode())
    rows = [{"name": "since", "value": "2026"}]
    config = {"url": target.url, "method": "POST", "query": rows, "headers": rows, "body": '{"a": 1}'}
    (element,) = Address().gather(config, NOW, UTC, Http())
    assert element.data == {"id": 1}
    (asked,) = target.requests
    assert (asked.method, asked.path, asked.headers["since"]) == ("POST", "/?since=2026", "2026")
    assert (asked.body, asked.headers["Content-Type"]) == (b'{"a": 1}', "application/json")


def test_a_refusal_is_a_failure(target: Target) -> None:
    target.answer = lambda request: (500, b"")
    with pytest.raises(Failed) as refused:
        Address().gather({"url": target.url}, NOW, UTC, Http())
    assert refused.value.retry


def test_the_form_wants_an_address() -> None:
    assert "url" in errors(bind(PollForm, {"url": "не адрес"}))
    assert bind(PollForm, {"url": "https://example.com/orders"}).is_valid()
