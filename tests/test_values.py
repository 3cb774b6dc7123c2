"""Values: JSON text, form text and objects built from rows."""

import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from actions.values import build_object, form_text, json_text, number, text

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DATA = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)
ANY_TEXT = st.text() | st.sampled_from(["\x00", "{{ a }}", "\"'\r\n", "😀", "a[b]", "~*-._ +&=%"])


@pytest.fixture(autouse=True, scope="module")
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def shortened(value: object) -> str:
    return repr(value)[:30]


def row(name: str, value: Any, kind: str | None = None) -> dict[str, Any]:
    return {"name": name, "value": value} | ({} if kind is None else {"type": kind})


@given(DATA)
def test_json_text_is_read_back_as_the_same_value(value: Any) -> None:
    assert json.loads(json_text(value)) == value


@given(st.text(st.characters(codec=None)))
def test_json_text_of_any_text_can_be_sent_as_utf_8(value: str) -> None:
    written = json_text([value])
    assert json.loads(written.encode()) == json.loads(json.dumps([value]))


def test_json_text_keeps_cyrillic_and_escapes_what_must_be() -> None:
    assert json_text({"имя": "Ё\x00\ud800😀"}) == '{"имя":"Ё\\u0000\\ud800😀"}'
    assert json_text([math.nan, math.inf, -math.inf, 1.5]) == "[null,null,null,1.5]"
    assert json_text(10**40) == str(10**40)


def test_json_text_writes_dates_and_ids_as_text() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert json_text([moment, UUID(int=1)]) == ('["2026-01-02T03:04:05+00:00","00000000-0000-0000-0000-000000000001"]')
    assert text(moment) == "2026-01-02T03:04:05+00:00"
    assert text(UUID(int=1)) == "00000000-0000-0000-0000-000000000001"


def test_json_text_refuses_endless_numbers_with_a_sentence() -> None:
    for endless in (10**5000, [math.nan, 10**5000]):
        with pytest.raises(ValueError, match="too large"):
            json_text(endless)


def test_json_text_refuses_endless_depth_with_a_sentence() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="too deeply"):
        json_text(circle)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12,5", 12.5),
        ("12.50", 12.5),
        ("1 200", 1200),
        ("1\u00a0200\u202f300,5", 1200300.5),
        (" -3 ", -3),
        ("+7", 7),
        ("007", 7),
        ("1e3", 1000.0),
        (str(10**50), 10**50),
        (5, 5),
        (1.0, 1.0),
    ],
)
def test_a_number_is_read_as_people_write_it(written: Any, read: float) -> None:
    assert number(written) == read
    assert type(number(written)) is type(read)


@pytest.mark.parametrize(
    "written",
    [
        *["", "abc", "1 2", "1 2000", "1,2,3", "1,200.50", "nan", "inf", "1e999", "0x10", "٣", "1_000", "9" * 5000],
        *[True, None, []],
    ],
    ids=shortened,
)
def test_what_is_no_number_is_refused_with_a_short_sentence(written: Any) -> None:
    with pytest.raises(ValueError, match="number") as caught:
        number(written)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("value", "kind", "built"),
    [
        (5, None, 5),
        (None, None, None),
        ({"a": 1}, "auto", {"a": 1}),
        ("5", "auto", "5"),
        (5, "text", "5"),
        (None, "text", ""),
        ([1], "text", "[1]"),
        ("1 200", "number", 1200),
        ("", "number", None),
        (None, "number", None),
        ("Да", "boolean", True),
        (" off ", "boolean", False),
        (1, "boolean", True),
        (False, "boolean", False),
        (None, "boolean", None),
        ('{"a": [1, null]}', "json", {"a": [1, None]}),
        ([1], "json", [1]),
        ("", "json", None),
        ("anything", "empty", None),
    ],
)
def test_a_row_has_the_value_of_its_type(value: Any, kind: str | None, built: Any) -> None:
    result = build_object([row("a", value, kind)])["a"]
    assert result == built
    assert type(result) is type(built)


def test_names_nest_and_escaped_dots_do_not() -> None:
    rows = [
        row("client.phone", 1),
        row("client.name", 2),
        row(r"appointment\.time", 3),
        row("items[0].name", "а"),
        row("items[0].price", 5),
        row("items[].name", "б"),
        row("tags[]", "x"),
        row("tags[]", "y"),
        row("grid[0][0]", 1),
        row("grid[0][1]", 2),
        row("fields[TITLE]", "т"),
        row(r"list\[0\]", "z"),
        row("С пробелом", 4),
    ]
    assert build_object(rows) == {
        "client": {"phone": 1, "name": 2},
        "appointment.time": 3,
        "items": [{"name": "а", "price": 5}, {"name": "б"}],
        "tags": ["x", "y"],
        "grid": [[1, 2]],
        "fields[TITLE]": "т",
        "list[0]": "z",
        "С пробелом": 4,
    }


@given(st.dictionaries(st.text(min_size=1, max_size=30), DATA, max_size=6))
def test_any_names_are_kept_when_escaped(data: dict[str, Any]) -> None:
    def escaped(name: str) -> str:
        return "".join("\\" + one if one in ".[]\\" else one for one in name)

    assert build_object([row(escaped(name), value) for name, value in data.items()]) == data


@pytest.mark.parametrize(
    "rows",
    [
        [row("a", 1), row("a", 2)],
        [row("a", 1), row("a.b", 2)],
        [row("a", None), row("a.b", 2)],
        [row("a.b", 1), row("a", 2)],
        [row("a", {"x": 1}), row("a.b", 2)],
        [row("a.b", 1), row("a[]", 2)],
        [row("a[0]", 1), row("a[0]", 2)],
        [row("a[0]", 1), row("a[2]", 2)],
        [row("x", 1), row("", 2)],
        [row("x", 1), row("a..b", 2)],
        [row("x", 1), row("[0]", 2)],
        [row("x", 1), row("a." * 40 + "a", 2)],
        [row("x", 1), row("a" * 501, 2)],
        [row("x", 1), row("b", "abc", "number")],
        [row("x", 1), row("b", "maybe", "boolean")],
        [row("x", 1), row("b", "{", "json")],
        [row("x", 1), row("b", "NaN", "json")],
        [row("x", 1), row("b", "[" * 100_000, "json")],
        [row("x", 1), row("b", 1, "strange")],
    ],
    ids=lambda rows: shortened(rows[1]),
)
def test_a_row_that_does_not_fit_is_named(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match=r"^Row 2 “") as caught:
        build_object(rows)
    assert len(str(caught.value)) < 300


def test_an_object_that_came_as_a_value_is_never_changed() -> None:
    shared = {"x": 1}
    with pytest.raises(ValueError, match="Row 2"):
        build_object([row("a", shared), row("a.b", 2)])
    assert shared == {"x": 1}


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT)))
def test_form_text_is_read_back_as_the_same_pairs(pairs: list[tuple[str, str]]) -> None:
    written = form_text([row(name, value) for name, value in pairs])
    assert written.isascii()
    assert parse_qsl(written, keep_blank_values=True) == pairs


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "a="),
        (True, "a=true"),
        (1.5, "a=1.5"),
        ([1, "б", None], "a=1&a=%D0%B1&a="),
        ([], ""),
        ({"k": [1]}, "a=%7B%22k%22%3A%5B1%5D%7D"),
        ([[1, 2]], "a=%5B1%2C2%5D"),
        ("\ud800x", "a=%EF%BF%BDx"),
        ("\ud83d\ude00", "a=%F0%9F%98%80"),
        ("~*-._ +", "a=%7E*-._+%2B"),
    ],
)
def test_form_text_writes_values_as_forms_do(value: Any, written: str) -> None:
    assert form_text([row("a", value)]) == written


def test_form_text_keeps_names_and_applies_types() -> None:
    rows = [row("fields[TITLE]", "т"), row("n", "1 200", "number")]
    assert form_text(rows) == "fields%5BTITLE%5D=%D1%82&n=1200"


@pytest.mark.parametrize("write", [build_object, form_text])
def test_a_bad_number_names_its_row_in_both(write: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError, match=r"Row 1 “n”: “x” is not a number"):
        write([row("n", "x", "number")])
