"""«Form Urlencoded»: a form's body out of rows."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from actions.kinds.data.form import BuildForm, FormForm
from webjack.config import bind
from webjack.http import Failed, Http


def build(*rows: tuple[str, Any]) -> str:
    config = {"fields": [{"name": name, "value": value} for name, value in rows]}
    text: str = BuildForm().execute(config, Http())["text"]
    return text


def test_every_value_comes_through_unharmed() -> None:
    rows = [("имя", 'Анна & "Ко" = 1+1'), ("phone", "+7 916"), ("emoji", "😀\n{{ x }}"), ("nul", "\x00")]
    assert parse_qsl(build(*rows), strict_parsing=True) == rows


def test_order_and_repeated_names_stay_and_empty_values_are_sent() -> None:
    assert build(("tag[]", "b"), ("a", ""), ("tag[]", "a")) == "tag%5B%5D=b&a=&tag%5B%5D=a"


def test_values_of_other_types_are_written_as_forms_have_them() -> None:
    assert build(("n", 5), ("yes", True), ("none", None), ("list", ["x", "y"])) == "n=5&yes=true&none=&list=x&list=y"


def test_what_cannot_be_written_is_named_and_not_tried_again() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(Failed, match="loop") as failed:
        build(("loop", {"a": endless}))
    assert not failed.value.retry


def test_at_least_one_row_is_needed() -> None:
    assert not bind(FormForm, {"fields": []}).is_valid()
    assert bind(FormForm, {"fields": [{"name": "a", "value": ""}]}).is_valid()


def test_it_builds_here_and_may_be_repeated() -> None:
    assert not BuildForm.network
    assert BuildForm().harmless({})
