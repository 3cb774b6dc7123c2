"""«Google Таблицы: найти строку» and «изменить строку»: which rows are found, and what is written where."""

from typing import Any

import pytest

from actions.kind import Then
from actions.kinds.googlesheets import sheet
from actions.kinds.googlesheets.cells import EXACT, same
from actions.kinds.googlesheets.find import FindForm, FindRow
from actions.kinds.googlesheets.update import UpdateForm, UpdateRow
from tests.fakes.google import TABLE, Google
from tests.google_account import Account, account, service
from webjack.config import bind, errors
from webjack.http import DryRun, Failed, Http

__all__ = ["account", "service"]
ROWS: list[list[Any]] = [
    ["Имя", "Телефон", "Сумма", "Имя"],
    ["Анна", "8 (916) 123-45-67", 100, "вторая"],
    ["", "", "", ""],
    ["анна ", "+7 999 000-00-00", 12.5],
    ["Пётр", 79161112233],
]


@pytest.fixture(autouse=True)
def table(service: Google) -> None:
    service.rows.extend([list(row) for row in ROWS])


def config(account: Account, **more: Any) -> dict[str, Any]:
    return {"connection": account, "spreadsheet": TABLE, "sheet": "Лист1", "column": "Имя", "value": "Анна"} | more


def find(account: Account, **more: Any) -> dict[str, Any]:
    return FindRow().execute(config(account, **more), Http())


def update(account: Account, **more: Any) -> dict[str, Any]:
    asked = config(account, columns=[{"name": "Сумма", "value": 777}]) | more
    return UpdateRow().execute(asked, Http())


def test_the_first_the_last_or_all_rows_are_found(account: Account) -> None:
    first = find(account)
    assert (first["found"], first["count"], first["row"], first["items"]) == (True, 2, 2, [])
    assert first["values"] == {"Имя": "Анна", "Телефон": "8 (916) 123-45-67", "Сумма": 100}
    assert find(account, which="last")["row"] == 4
    everything = find(account, which="all")
    assert [item["row"] for item in everything["items"]] == [2, 4]
    assert everything["items"][1]["values"]["Сумма"] == 12.5


def test_a_long_sheet_is_read_by_windows(account: Account, service: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "WINDOW", 400)
    assert find(account)["row"] == 2
    service.rows.extend([[""]] * 1_200)
    service.rows.append(["Анна", "последняя"])
    service.calls.clear()
    last = find(account, which="last")
    assert (last["row"], last["count"]) == (1_206, 3)
    assert last["values"]["Телефон"] == "последняя"
    columns = [path.rpartition("!")[2] for _method, path, query, _told in service.calls if "majorDimension" in query]
    assert columns == ["A1:A400", "A401:A800", "A801:A1200", "A1201:A1600"]
    assert all(query["prettyPrint"] == ["false"] for *_told, query, _body in service.calls if "majorDimension" in query)


def test_a_column_larger_than_an_answer_may_be_is_read(account: Account, service: Google) -> None:
    service.rows.extend([[f"Имя {number:060}"] for number in range(20_000)])
    service.rows.append(["Пётр Первый"])
    assert find(account, value="Пётр Первый")["row"] == 20_006


def test_a_small_sheet_costs_one_request_for_its_column(account: Account, service: Google) -> None:
    find(account)
    assert len(service.calls) == 3  # the header, the column, the row


@pytest.mark.parametrize(
    ("more", "row"),
    [
        ({"column": "Телефон", "value": "+79161234567", "match": "phone"}, 2),
        ({"column": "Телефон", "value": "8 916 111-22-33", "match": "phone"}, 5),
        ({"column": "Телефон", "value": "000-00", "match": "part"}, 4),
        ({"column": "Сумма", "value": "12,5"}, 4),
        ({"column": "C", "value": 100}, 2),
        ({"value": "  АННА "}, 2),
    ],
)
def test_what_counts_as_the_same(account: Account, more: dict[str, Any], row: int) -> None:
    assert find(account, **more)["row"] == row


@pytest.mark.parametrize(
    ("cell", "wanted", "found"),
    [("0012", "12", False), ("0012", "0012", True), ("1 200", "1200", False), (12, "0012", True), ("0012", 12, True)],
)
def test_numbers_are_compared_only_where_one_side_is_a_number(cell: Any, wanted: Any, found: bool) -> None:
    assert same(cell, wanted, EXACT) is found


@pytest.mark.parametrize("value", ["Мария", "", None, "   "])
def test_what_is_not_there_goes_on_ends_or_fails(account: Account, value: Any) -> None:
    nothing = find(account, value=value)
    assert (nothing["found"], nothing["row"], FindRow().then(nothing)) == (False, None, Then.ON)
    assert FindRow().then(find(account, value=value, missing="stop")) is Then.STOP
    with pytest.raises(Failed, match="Имя"):
        find(account, value=value, missing="fail")


def test_only_the_named_cells_are_changed(service: Google, account: Account) -> None:
    output = update(account)
    assert (output["updated"], output["row"], output["added"]) == (True, 2, False)
    assert service.rows[1] == ["Анна", "8 (916) 123-45-67", 777, "вторая"]
    assert service.rows[3] == ROWS[3]
    update(account, columns=[{"name": "Телефон", "value": ""}])
    assert service.rows[1][1] == ""


def test_a_row_is_changed_by_its_number(service: Google, account: Account) -> None:
    assert update(account, by="number", row="5")["row"] == 5
    assert service.rows[4] == ["Пётр", 79161112233, 777]
    for wrong in ("", "1", "x", "-3"):
        with pytest.raises(Failed):
            update(account, by="number", row=wrong)


def test_a_missing_row_is_an_error_or_nothing_or_added(service: Google, account: Account) -> None:
    with pytest.raises(Failed, match="Мария"):
        update(account, value="Мария")
    assert update(account, value="Мария", missing="go_on")["updated"] is False
    rows = [{"name": "Имя", "value": "Мария"}, {"name": "Сумма", "value": 5}]
    added = update(account, value="Мария", missing="add", columns=rows)
    assert (added["added"], added["row"]) == (True, 6)
    assert update(account, value="Мария", missing="add", columns=rows)["added"] is False
    assert UpdateRow().harmless({"missing": "add", "column": "Имя", "columns": rows})
    assert not UpdateRow().harmless({"missing": "add", "column": "Почта", "columns": rows})


def test_a_dry_run_shows_what_would_be_written(account: Account, service: Google) -> None:
    http = Http(dry=True)
    account.held.token = account.spec.renew(account.config, None, Http())
    with pytest.raises(DryRun):
        UpdateRow().execute(config(account, by="number", row="5", columns=[{"name": "C", "value": "x"}]), http)
    assert http.exchanges[-1]["request"]["method"] == "PUT"
    assert service.calls == []


def test_the_forms_say_what_is_missing() -> None:
    assert set(errors(bind(FindForm, {}))) == {"connection", "spreadsheet", "column", "value"}
    assert {"columns", "column", "value"} <= set(errors(bind(UpdateForm, {})))
    assert "row" in errors(bind(UpdateForm, {"by": "number"}))
