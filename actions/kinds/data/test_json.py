"""«JSON»: always a valid text, whatever the values."""

import json
from typing import Any

import pytest

from actions.kinds.data.json import BuildJson, JsonForm
from webjack.config import bind
from webjack.http import Failed, Http

EVIL = "кавычки \" ' \\ \n\r\t строка 😀 {{ x }} \x00 </script>"


def build(*rows: dict[str, Any]) -> Any:
    return json.loads(BuildJson().execute({"fields": list(rows)}, Http())["text"])


def test_values_keep_the_type_they_came_with() -> None:
    filled = [{"name": name, "value": value} for name, value in [("a", 1), ("b", [1, None]), ("c", EVIL), ("d", True)]]
    assert build(*filled) == {"a": 1, "b": [1, None], "c": EVIL, "d": True}


@pytest.mark.parametrize(
    ("kind", "value", "becomes"),
    [
        ("text", 5, "5"),
        ("text", EVIL, EVIL),
        ("number", "1 200,5", 1200.5),
        ("number", "", None),
        ("boolean", "да", True),
        ("json", '{"a": [1]}', {"a": [1]}),
        ("empty", "anything", None),
        ("auto", None, None),
    ],
)
def test_a_row_has_a_type(kind: str, value: Any, becomes: Any) -> None:
    assert build({"name": "x", "value": value, "type": kind}) == {"x": becomes}


def test_dots_in_names_nest() -> None:
    rows = [
        {"name": "client.name", "value": "Анна"},
        {"name": "client.phones[]", "value": "1"},
        {"name": "a\\.b", "value": "2"},
    ]
    assert build(*rows) == {"client": {"name": "Анна", "phones": ["1"]}, "a.b": "2"}


@pytest.mark.parametrize(("kind", "value"), [("number", "много"), ("boolean", "может быть"), ("json", "{")])
def test_a_value_that_does_not_fit_is_named_and_not_tried_again(kind: str, value: str) -> None:
    with pytest.raises(Failed, match="сумма") as failed:
        build({"name": "сумма", "value": value, "type": kind})
    assert not failed.value.retry


def test_at_least_one_row_is_needed() -> None:
    assert not bind(JsonForm, {"fields": [{"name": "", "value": ""}]}).is_valid()
    assert not bind(JsonForm, {"fields": "no rows"}).is_valid()
    assert not bind(JsonForm, {"fields": [{"name": "a", "value": 1, "type": "date"}]}).is_valid()
    assert not bind(JsonForm, {"fields": [{"name": "a", "value": {"b": 1}}]}).is_valid()
    assert bind(JsonForm, {"fields": [{"name": "a", "value": "{{ b }}"}]}).is_valid()


def test_there_are_no_more_rows_than_a_page_can_show() -> None:
    rows = [{"name": f"n{number}", "value": "{{ x }}"} for number in range(301)]
    assert bind(JsonForm, {"fields": rows[:300]}).is_valid()
    assert list(bind(JsonForm, {"fields": rows}).errors) == ["fields"]


def test_it_builds_here_and_may_be_repeated() -> None:
    assert not BuildJson.network
    assert BuildJson().harmless({})
    assert BuildJson().summary({"fields": [{"name": "a"}, {"name": "b"}]}) == "a, b"
