"""«Google Таблицы: добавить строку»: what stands in the table afterwards, and what each refusal becomes."""

import json
from typing import Any

import pytest

from actions.kinds.googlesheets.row import AddRow, RowForm
from actions.kinds.googlesheets.sheet import letters, table_of
from connections.kinds.googlesheets.account import KeyForm, ServiceAccount
from tests.fakes.google import EMAIL, TABLE, Google, Refused, Table, key_file
from tests.fakes.target import NoAnswer
from tests.google_account import Account, account, service
from webjack.config import bind, errors
from webjack.http import DryRun, Failed, Http

__all__ = ["account", "service"]
LINK = f"https://docs.google.com/spreadsheets/d/{TABLE}/edit#gid=0"
HEADER = ["Дата", "Имя", "Телефон", "Сумма", "Операция"]


@pytest.fixture(autouse=True)
def table(service: Google) -> None:
    service.rows.append(list(HEADER))


def columns(**values: Any) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def add(account: Account, http: Http | None = None, **config: Any) -> dict[str, Any]:
    asked = {"connection": account, "spreadsheet": LINK, "sheet": "Лист1"} | config
    asked.setdefault("columns", columns(Имя="Анна", Телефон="+79161234567", Сумма=12500))
    return AddRow().execute(asked, http or Http())


def refused(account: Account, **config: Any) -> Failed:
    with pytest.raises(Failed) as failed:
        add(account, **config)
    return failed.value


def test_a_row_stands_under_the_names_of_its_columns(service: Google, account: Account) -> None:
    output = add(account)
    assert service.rows == [HEADER, ["", "Анна", "+79161234567", 12500]]
    assert (output["added"], output["row"], output["sheet"]) == (True, 2, "Лист1")
    assert TABLE in output["link"]
    assert add(account, columns=columns(**{"  имя ": "Пётр", "E": "op-1"}))["row"] == 3
    assert service.rows[2] == ["", "Пётр", "", "", "op-1"]


def test_the_first_sheet_or_the_one_of_the_address_is_taken(service: Google, account: Account) -> None:
    service.tables[TABLE].sheets["Отчёт 'май'"] = [["Имя"]]
    assert add(account, sheet="")["sheet"] == "Лист1"
    chosen = add(account, sheet="", spreadsheet=LINK.replace("gid=0", "gid=100"), columns=columns(Имя="Анна"))
    assert chosen["sheet"] == "Отчёт 'май'"
    assert service.tables[TABLE].sheets["Отчёт 'май'"] == [["Имя"], ["Анна"]]


def test_an_empty_sheet_gets_the_names_first(service: Google, account: Account) -> None:
    service.tables[TABLE].sheets["Новый"] = []
    add(account, sheet="Новый")
    assert service.tables[TABLE].sheets["Новый"] == [["Имя", "Телефон", "Сумма"], ["Анна", "+79161234567", 12500]]


@pytest.mark.parametrize(
    ("how", "stands"),
    [
        ("text", ["=1+1", "+7916", "-5", "@x", 7, "'a"]),
        ("typed", ["=1+1", "+7916", -5.0, "@x", 7, "a"]),
        ("formulas", ["<formula =1+1>", "<formula +7916>", -5.0, "@x", 7, "a"]),
    ],
)
def test_what_a_stranger_sends_becomes_a_formula_only_when_that_is_wanted(
    service: Google, account: Account, how: str, stands: list[Any]
) -> None:
    given = dict(zip("ABCDEF", ["=1+1", "+7916", "-5", "@x", 7, "'a"], strict=True))
    add(account, input=how, columns=columns(**given))
    assert service.rows[1] == stands


def test_values_of_any_kind_are_written(service: Google, account: Account) -> None:
    add(account, columns=columns(A=None, B=True, C={"a": [1]}, D=1.5, E="\ud800x"))
    assert service.rows[1] == ["", True, '{"a":[1]}', 1.5, "\ufffdx"]
    assert "50" in str(refused(account, columns=columns(A="a" * 50_001)))


def test_a_column_that_tells_rows_apart_lets_none_come_twice(service: Google, account: Account) -> None:
    asked: dict[str, Any] = {"columns": columns(Имя="Анна", Операция="op-1"), "unique": "Операция"}
    service.troubles += [None, None, NoAnswer]
    lost = refused(account, **asked)
    assert (lost.retry, lost.unknown) == (True, True)
    again = add(account, **asked)
    assert (again["added"], again["row"]) == (False, 2)
    assert len(service.rows) == 2
    assert AddRow().harmless(asked)
    assert not AddRow().harmless({})
    assert "Операция" in str(refused(account, columns=columns(Имя="Анна", Операция=""), unique="Операция"))


def test_a_table_that_is_not_shared_says_with_whom_to_share_it(service: Google, account: Account) -> None:
    service.tables[TABLE].shared = False
    problem = refused(account)
    assert EMAIL in str(problem)
    assert (problem.retry, problem.denied, account.denied) == (False, False, False)
    assert EMAIL in str(refused(account, spreadsheet="https://docs.google.com/spreadsheets/d/1another-table/edit"))


@pytest.mark.parametrize(
    ("trouble", "judged"),
    [
        (Refused(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Write requests'"), (True, 20.0, False)),
        (Refused(503, "UNAVAILABLE", "The service is currently unavailable."), (True, None, False)),
        ((500, b"<html>"), (True, None, False)),
        (Refused(400, "INVALID_ARGUMENT", "Something is wrong"), (False, None, False)),
        (
            Refused(403, "PERMISSION_DENIED", "Google Sheets API has not been used in project 1 before"),
            (False, None, True),
        ),
        ((200, b"<html>"), (False, None, False)),
        ((200, b"[]"), (False, None, False)),
    ],
)
def test_each_refusal_is_judged(account: Account, service: Google, trouble: Any, judged: Any) -> None:
    service.troubles.append(trouble)
    problem = refused(account)
    assert (problem.retry, problem.after, problem.denied) == judged


def test_missing_sheets_and_columns_are_named(service: Google, account: Account) -> None:
    assert "лист" in str(refused(account, sheet="Нет такого")).lower()
    problem = str(refused(account, columns=columns(Фамилия="Петрова")))
    assert "Фамилия" in problem
    assert "Телефон" in problem


def test_a_token_that_was_taken_back_is_renewed_once(service: Google, account: Account) -> None:
    add(account)
    service.issued.append("nobody-has-this-one")
    assert add(account)["row"] == 3
    assert len(service.issued) == 3


def test_neither_key_nor_token_is_kept_in_history(service: Google, account: Account) -> None:
    http = Http()
    add(account, http)
    told = json.dumps(http.exchanges)
    assert "grant_type" in told
    assert "eyJ" not in told
    assert service.issued[0] not in json.dumps([one["request"] for one in http.exchanges])


def test_a_dry_run_shows_the_row_and_asks_nobody(service: Google, account: Account) -> None:
    http = Http(dry=True)
    account.held.token = account.held.token or ServiceAccount().renew(account.config, None, Http())
    with pytest.raises(DryRun):
        add(account, http)
    assert ":append" in http.exchanges[-1]["request"]["url"]
    assert "Анна" in http.exchanges[-1]["request"]["body"]
    assert service.calls == []


def test_the_form_offers_sheets_and_columns(service: Google, account: Account) -> None:
    service.tables[TABLE].sheets["Второй"] = []
    config, http = {"connection": account, "spreadsheet": LINK, "sheet": ""}, Http().through(account)
    assert [one.value for one in AddRow().options("sheets", config, http)] == ["Лист1", "Второй"]
    found = AddRow().options("columns", config, http)
    assert [(one.label, one.about) for one in found] == list(zip(HEADER, "ABCDE", strict=True))
    with pytest.raises(Failed):
        AddRow().options("columns", config | {"spreadsheet": "{{ table }}"}, http)


def test_the_check_says_whom_to_share_with(service: Google, account: Account) -> None:
    assert EMAIL in ServiceAccount().check(account.config, Http().through(account))
    service.troubles.append(Refused(403, "PERMISSION_DENIED", "Google Sheets API is disabled"))
    with pytest.raises(Failed):
        ServiceAccount().check(account.config, Http().through(account))


@pytest.mark.parametrize("said", ["Invalid JWT Signature.", "Invalid grant: account not found"])
def test_a_key_that_google_does_not_take_needs_attention(service: Google, account: Account, said: str) -> None:
    service.refuses = said
    problem = refused(account)
    assert said in str(problem)
    assert (problem.denied, problem.retry) == (True, False)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "{}",
        "not JSON",
        '{"installed": {"client_id": "1"}}',
        '{"type": "service_account", "client_email": "a@b.c"}',
        '{"type": "service_account", "client_email": "a@b.c", "private_key": "-----BEGIN"}',
    ],
)
def test_what_is_no_key_is_refused_at_once(key: str) -> None:
    assert set(errors(bind(KeyForm, {"key": key}))) == {"key"}


def test_a_good_key_gives_its_address() -> None:
    form = bind(KeyForm, {"key": "\ufeff" + key_file()})
    assert errors(form) == {}
    assert form.cleaned_data["email"] == EMAIL


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (LINK, (TABLE, 0)),
        (f"https://docs.google.com/spreadsheets/u/1/d/{TABLE}/edit?gid=12#gid=12", (TABLE, 12)),
        (f" {TABLE} ", (TABLE, None)),
    ],
)
def test_tables_are_named_as_people_paste_them(text: str, found: tuple[str, int | None]) -> None:
    assert table_of(text) == found


def test_columns_have_letters() -> None:
    assert [letters(number) for number in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({}, {"connection", "spreadsheet", "columns"}),
        ({"spreadsheet": "https://example.com/"}, {"connection", "spreadsheet", "columns"}),
        ({"spreadsheet": LINK, "columns": columns(Имя="x"), "unique": "Другая"}, {"connection", "unique"}),
        ({"spreadsheet": "{{ table }}", "columns": columns(Имя="x"), "unique": "имя"}, {"connection"}),
    ],
)
def test_the_form_says_what_is_missing(config: dict[str, Any], wrong: set[str]) -> None:
    assert set(errors(bind(RowForm, config))) == wrong


def test_another_table_is_another_table(service: Google, account: Account) -> None:
    service.tables["1second-table-of-the-clinic"] = Table(sheets={"Лист1": [["Имя"]]})
    add(account, spreadsheet="1second-table-of-the-clinic", columns=columns(Имя="Анна"))
    assert service.rows == [HEADER]
