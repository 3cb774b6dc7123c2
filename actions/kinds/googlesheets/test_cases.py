"""How tests/test_kinds.py tries these kinds."""

from typing import Any

from tests.fakes.google import TABLE
from tests.fakes.service import Case

PLACE = {"spreadsheet": TABLE, "sheet": "Лист1"}
ROW = {"columns": [{"name": "Имя", "value": "Анна"}]}


def with_a_row(fake: Any) -> None:
    fake.rows[:] = [["Имя", "Телефон"], ["Анна", "+79161234567"]]


CASES = {
    "googlesheets.row": Case(PLACE | ROW, refused=PLACE | ROW | {"sheet": "Нет такого"}, arrange=with_a_row),
    "googlesheets.find": Case(
        PLACE | {"column": "Имя", "value": "Анна"},
        refused=PLACE | {"sheet": "Нет такого", "column": "Имя", "value": "Анна"},
        arrange=with_a_row,
    ),
    "googlesheets.update": Case(
        PLACE | ROW | {"by": "number", "row": "2"},
        refused=PLACE | ROW | {"by": "number", "row": "2", "sheet": "Нет такого"},
        arrange=with_a_row,
    ),
}
