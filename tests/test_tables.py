"""Справочники: the pages' grid, files, what is remembered, the API; everything through the edge."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from actions import arrange
from actions.models import Action, Table, TableRow
from actions.tables import models as bounds
from actions.tables import rows as writing
from actions.tables.forgetting import forget
from processings.models import Processing
from tenants.models import Tenant
from tests.api import Program
from tests.conftest import Person

pytestmark = pytest.mark.django_db
HOSTILE = {"нуль": "a\0b", "половина": "\ud83d", "мегабайт": "ю" * 1000}


@pytest.fixture
def table(tenant: Tenant) -> Table:
    table = Table.objects.create(tenant=tenant, name="Филиалы", columns=["менеджер", "телефон"])
    writing.put(table, [writing.Given("Центр", {"менеджер": "Анна", "телефон": 79161234567})])
    return table


def at(name: str, table: Table, *ids: Any) -> str:
    return reverse(f"tables:{name}", args=[table.pk, *ids])


def rows(table: Table) -> dict[str, Any]:
    return dict(table.rows.values_list("key", "values"))


def said(answer: Any) -> str:
    return str(answer.content.decode())


def uses(processing: Processing, table: Table) -> Action:
    return arrange.add(processing, "data.lookup", {"table": table.name, "lookup": "{{ branch }}", "defaults": []})


def test_a_table_is_made_filled_and_changed_by_hand(owner: Person, tenant: Tenant) -> None:
    answer = owner.post(reverse("tables:create"), {"name": " Филиалы ", "columns": "менеджер\n\nтелефон"})
    table = Table.objects.get(tenant=tenant)
    assert (answer["Location"], table.name, table.columns) == (at("detail", table), "Филиалы", ["менеджер", "телефон"])

    owner.post(at("add_row", table), {"new-key": " Центр ", "new-column-0": "Анна", "new-column-1": "1"})
    twice = owner.post(at("add_row", table), {"new-key": "Центр", "new-column-0": "Кто-то"})

    assert "строка с ключом «Центр» уже есть" in said(twice).casefold().replace("центр", "Центр")
    assert rows(table) == {"Центр": {"менеджер": "Анна", "телефон": "1"}}
    kept = table.rows.get()
    prefix = f"row-{kept.pk}"
    assert 'value="Анна"' in said(owner.get(at("change_row", table, kept.pk)))
    changed = {f"{prefix}-key": "Север", f"{prefix}-column-0": "Ольга", f"{prefix}-column-1": "1"}
    owner.post(at("change_row", table, kept.pk), changed)
    assert rows(table) == {"Север": {"менеджер": "Ольга", "телефон": "1"}}


def test_what_is_not_changed_keeps_its_type(owner: Person, table: Table) -> None:
    kept = table.rows.get()
    prefix = f"row-{kept.pk}"
    typed = {f"{prefix}-key": "Центр", f"{prefix}-column-0": "Ольга", f"{prefix}-column-1": "79161234567"}

    owner.post(at("change_row", table, kept.pk), typed)

    assert rows(table) == {"Центр": {"менеджер": "Ольга", "телефон": 79161234567}}


def test_a_deleted_row_comes_back_whole(owner: Person, table: Table) -> None:
    kept, before = table.rows.get(), rows(table)
    removed = owner.post(at("remove_row", table, kept.pk), follow=True)
    assert rows(table) == {}
    assert at("restore_row", table, kept.pk) in said(removed)

    owner.post(at("restore_row", table, kept.pk))

    assert rows(table) == before
    assert owner.post(at("restore_row", table, kept.pk)).status_code == 404


def test_a_deleted_row_does_not_come_back_over_a_newer_one(owner: Person, table: Table) -> None:
    kept = table.rows.get()
    owner.post(at("remove_row", table, kept.pk))
    writing.put(table, [writing.Given(kept.key, {"телефон": "1"})])

    told = owner.post(at("restore_row", table, kept.pk), follow=True)

    assert rows(table) == {kept.key: {"телефон": "1"}}
    assert kept.key in said(told)


def test_columns_are_renamed_added_and_deleted_in_all_rows(owner: Person, table: Table, processing: Processing) -> None:
    action = uses(processing, table)
    told = {"name": "Отделы", "was": ["телефон", "менеджер", ""], "column": ["номер", "", "адрес"]}

    owner.post(at("settings", table), told)

    table.refresh_from_db()
    action.refresh_from_db()
    assert (table.name, table.columns, action.config["table"]) == ("Отделы", ["номер", "адрес"], "Отделы")
    assert rows(table) == {"Центр": {"номер": 79161234567}}


def test_a_table_in_use_is_deleted_only_by_its_name(owner: Person, table: Table, processing: Processing) -> None:
    uses(processing, table)
    assert processing.name in said(owner.get(at("detail", table)))

    owner.post(at("delete", table))
    assert Table.objects.filter(pk=table.pk).exists()
    owner.post(at("delete", table), {"name": "Филиалы"})

    assert not Table.objects.filter(pk=table.pk).exists()


def test_the_grid_is_searched_by_key_and_value_and_paged(owner: Person, table: Table) -> None:
    writing.put(table, [writing.Given(f"k{n:03}", {"менеджер": f"Имя {n}"}) for n in range(120)])

    first, last = (said(owner.get(at("detail", table), {"page": page})) for page in (1, 3))
    found = said(owner.get(at("detail", table), {"q": "имя 77"}))

    assert ("k000" in first, "k119" in first, "Центр" in last) == (True, False, True)
    assert ("k077" in found, "k078" in found) == (True, False)


@pytest.mark.parametrize(
    ("encoding", "separator"), [("utf-8", ";"), ("utf-8-sig", ","), ("cp1251", ";"), ("cp1251", "\t"), ("utf-16", ",")]
)
def test_a_file_is_read_whatever_program_wrote_it(owner: Person, table: Table, encoding: str, separator: str) -> None:
    lines = [["Филиал", "менеджер", "город"], ["Центр", "Ольга", "Москва"], ["Юг", '"Пётр; да, он"', "Сочи"]]
    words = "\r\n".join(separator.join(line) for line in lines)

    look = owner.post(at("load", table), {"file": SimpleUploadedFile("a.csv", words.encode(encoding))}, follow=True)

    assert "2 строки в файле" in said(look)
    assert len(rows(table)) == 1  # nothing is changed yet
    asked = {name: look.wsgi_request.GET[name] for name in ("file", "encoding", "separator", "mode")}
    owner.post(at("load", table), asked)
    assert rows(table) == {
        "Центр": {"менеджер": "Ольга", "телефон": 79161234567, "город": "Москва"},
        "Юг": {"менеджер": "Пётр; да, он", "город": "Сочи"},
    }
    assert Table.objects.get().columns == ["менеджер", "телефон", "город"]


def load(owner: Person, table: Table, words: str, mode: str = "merge") -> str:
    look = owner.post(at("load", table), {"file": SimpleUploadedFile("a.csv", words.encode())}, follow=True)
    asked = {name: look.wsgi_request.GET.get(name, "") for name in ("file", "encoding", "separator")} | {"mode": mode}
    owner.post(at("load", table), asked)
    return said(look)


def test_a_file_of_nothing_but_separators_is_empty(owner: Person, table: Table) -> None:
    for words in (";;;\r\n;;", " , ,", "\t\t"):
        assert "Файл пуст" in load(owner, table, words)
    assert len(rows(table)) == 1


def test_lines_that_are_wrong_are_told_and_left_out(owner: Person, table: Table) -> None:
    page = load(owner, table, "k;менеджер\nа;1\n;2\nа;3\nб;4;5\n\nв\n")

    assert [f"строка {line}:" in page for line in (2, 3, 4, 5)] == [False, True, True, True]
    assert rows(table).keys() == {"Центр", "а", "в"}


def test_a_file_can_take_the_place_of_all_rows(owner: Person, table: Table) -> None:
    load(owner, table, "k;менеджер\nЮг;Пётр\n", "replace")

    assert rows(table) == {"Юг": {"менеджер": "Пётр"}}


@pytest.mark.parametrize("words", ["", "\0\0\0", "k;a;a\n1;2;3", 'k;a\n"' + "x" * 200_000, "k;" + ";".join("b" * 60)])
def test_what_is_no_table_gets_a_sentence(owner: Person, table: Table, words: str) -> None:
    load(owner, table, words)

    assert rows(table).keys() == {"Центр"}


def test_a_downloaded_file_loads_again_as_it_was(owner: Person, table: Table) -> None:
    formula = {"формула": '=HYPERLINK("http://x")', "кавычка": "'тест", "обе": "'=1"}
    given = formula | {"плюс": "+7 916", "стр": 'a\nb;"c"'}
    writing.put(table, [writing.Given("-1", given)], replace=True)
    answer = owner.get(at("download", table))
    file = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    table.rows.all().delete()

    load(owner, table, file)

    assert "'=HYPERLINK" in file
    assert {name: rows(table)["-1"][name] for name in given} == given


def test_hostile_values_are_kept_exactly_and_hostile_keys_get_a_sentence(
    owner: Person, table: Table, program: Program
) -> None:
    root = f"tables/{table.pk}/rows/"
    program.put(root + "x/", json.dumps({"values": HOSTILE}), content_type="application/json")
    assert program.read(root + "x/")["values"] == HOSTILE
    assert "a\\x00b" in said(owner.get(at("detail", table)))

    for key in ("\0", "a\ud800", " ", "к" * 501):
        answer = program.put(root, json.dumps({"rows": [{"key": key}]}), content_type="application/json")
        assert (answer.status_code, answer.json()["status"]) == (400, 400), key
    for values in ({"\0": 1}, {"": 1}, {"a": "x" * 65_536}, {str(n): n for n in range(51)}):
        answer = program.put(root + "y/", json.dumps({"values": values}), content_type="application/json")
        assert (answer.status_code, answer.json()["status"]) == (400, 400), values
    posted = owner.post(at("add_row", table), {"new-key": "a\0", "new-column-0": "x"})
    assert posted.status_code == 200
    assert rows(table).keys() == {"Центр", "x"}


def test_a_table_has_only_so_many_rows(
    owner: Person, table: Table, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 3)
    root = f"tables/{table.pk}/rows/"

    full = program.put(root, {"rows": [{"key": str(n)} for n in range(3)]}, format="json")

    assert full.status_code == 409
    assert rows(table).keys() == {"Центр"}
    fits = program.put(root, {"rows": [{"key": "2"}, {"key": "3"}]}, format="json")
    assert fits.json() == {"created": 2, "changed": 0}


def test_rows_have_an_api_by_key(program: Program, table: Table) -> None:
    root = f"tables/{table.pk}/rows/"
    key = quote("a/б ?#", safe="")
    row = program.put(f"{root}{key}/", {"values": {"менеджер": ["x", 1, None]}}, format="json").json()
    assert (row["key"], row["values"], row["expires_at"]) == ("a/б ?#", {"менеджер": ["x", 1, None]}, None)
    assert program.read(f"{root}{key}/") == row
    assert [one["key"] for one in program.read(root, {"search": "a/"})["results"]] == ["a/б ?#"]
    many = {"rows": [{"key": "Центр", "values": {"новый": 1}}], "replace": True}
    assert program.put(root, many, format="json").json() == {"created": 0, "changed": 1}
    assert rows(table) == {"Центр": {"новый": 1}}
    assert program.read(f"tables/{table.pk}/")["columns"] == ["менеджер", "телефон", "новый"]
    assert program.delete(f"{root}Центр/").status_code == 204
    assert program.read(f"{root}Центр/", code=404)["status"] == 404


def test_tables_have_an_api(program: Program, table: Table) -> None:
    made = program.send("tables/", {"name": "Цены", "columns": ["цена"]}, 201)
    assert (made["name"], made["columns"], made["rows"]) == ("Цены", ["цена"], 0)
    program.send("tables/", {"name": "Цены"}, 400)
    program.change(f"tables/{made['id']}/", {"name": "Филиалы"}, 400)
    assert program.change(f"tables/{made['id']}/", {"name": "Прайс", "columns": []})["name"] == "Прайс"
    assert [one["name"] for one in program.read("tables/")] == ["Прайс", "Филиалы"]
    assert program.delete(f"tables/{made['id']}/").status_code == 204


def test_the_form_of_an_action_offers_the_tables_and_takes_a_name_that_there_is_not_yet(
    owner: Person, table: Table, processing: Processing, stranger: Person
) -> None:
    Table.objects.create(tenant=stranger.tenant, name="Чужой")
    page = said(owner.get(reverse("actions:add", args=[processing.pk]), {"kind": "data.lookup"}))
    assert ('value="Филиалы"' in page, "Чужой" in page) == (True, False)
    posted = {"table": "Будущий", "row": "1", "values-name": "a", "values-value": "b", "values-type": "auto"}
    query = "?kind=data.remember"

    owner.post(reverse("actions:add", args=[processing.pk]) + query, posted)

    action = processing.actions.get()
    assert action.config["table"] == "Будущий"
    assert '<option value="Будущий" selected>' in said(owner.get(reverse("actions:detail", args=[action.pk])))
    asked = {"name": "table", "table": "Будущий"}
    assert '<option value="Будущий" selected>' in said(owner.get(reverse("tables:options"), asked))


def test_checking_an_action_looks_into_the_table(owner: Person, table: Table, processing: Processing) -> None:
    action = arrange.add(processing, "data.lookup", {"table": "Филиалы", "lookup": "Центр", "defaults": []})

    tried = Program(owner.tenant).send(f"actions/{action.pk}/test/", {"dry": True})

    assert tried["output"]["values"]["менеджер"] == "Анна"


def test_rows_that_are_kept_no_longer_and_the_oldest_of_too_many_are_forgotten(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing.put(table, [writing.Given(f"{n}") for n in range(4)])
    TableRow.objects.filter(key="3").update(expires_at="2020-01-01T00:00Z")
    TableRow.objects.filter(key="1").update(changed_at="2020-01-01T00:00Z")
    monkeypatch.setattr("actions.tables.forgetting.MOST_ROWS", 3)

    assert forget() == 2

    assert rows(table).keys() == {"Центр", "0", "2"}
    assert bounds.MOST_ROWS == 100_000
