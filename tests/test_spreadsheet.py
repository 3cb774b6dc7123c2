"""«Скачать»: the chosen operations as a table."""

import csv
import io
import uuid
from typing import Any

import pytest

from history.spreadsheet import cell
from tests.conftest import Person
from tests.factories import OperationFactory, ProcessingFactory

URL = "/history/download/"


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def test_the_chosen_are_told_with_all_their_fields_the_newest_first(owner: Person) -> None:
    processing = ProcessingFactory(tenant=owner.tenant, name="Заявки")
    first = OperationFactory(processing=processing, data={"name": "Анна; «Ко»", "tags": ["a", 1]})
    second = OperationFactory(
        processing=processing, data={"phone": "+79161234567"}, status="failed", error="Нет ответа"
    )
    OperationFactory(processing=processing, data={"other": "1"})
    answer = owner.post(URL, {"id": [first.pk, second.pk]})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="webjack-')
    head, *rows = table(answer)
    assert head == ["Номер операции", "Время", "Статус", "Обработка", "Ошибка", "phone", "name", "tags"]
    assert [row[0] for row in rows] == [str(second.pk), str(first.pk)]
    assert rows[0][2:] == ["Ошибка", "Заявки", "Нет ответа", "+79161234567", "", ""]
    assert rows[1][2:] == ["Успешно", "Заявки", "", "", "Анна; «Ко»", '["a",1]']


def test_what_no_worker_has_read_yet_is_read(owner: Person) -> None:
    processing = ProcessingFactory(tenant=owner.tenant)
    held = OperationFactory(processing=processing, status="held", data=None, body=b'{"client_name": "Anna"}')
    head, row = table(owner.post(URL, {"id": held.pk}))
    assert dict(zip(head, row, strict=True))["client_name"] == "Anna"


def test_a_viewer_may_download_and_nobody_gets_what_belongs_to_others(viewer: Person, stranger: Person) -> None:
    operation = OperationFactory(processing=ProcessingFactory(tenant=viewer.tenant))
    assert len(table(viewer.post(URL, {"id": operation.pk}))) == 2
    assert len(table(stranger.post(URL, {"id": [operation.pk, uuid.uuid4()]}))) == 1
    assert viewer.post(URL, {"id": "x"}).status_code == 404
    assert viewer.get(URL).status_code == 405


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("+7 (916) 123-45-67", "+7 (916) 123-45-67"),
        ("-12,5", "-12,5"),
        (True, "true"),
        (None, ""),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_formulas_are_made_harmless_and_phones_stay(value: Any, written: str) -> None:
    assert cell(value) == written
