"""`/api/v1/uploads/`: a program brings a file of rows and watches it become operations."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from history.models import Operation
from processings.models import Processing
from sources.models import Source, Upload
from sources.uploads import sheet, taking
from tests.api import Program
from tests.factories import SourceFactory

pytestmark = pytest.mark.django_db(transaction=True)

CSV = "phone;name\n79160000001;Анна\n79160000002;Олег\n".encode()


@pytest.fixture
def source(processing: Processing, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr(taking, "async_task", lambda *_task, **_options: None)
    found: Source = SourceFactory(processing=processing, kind="upload", config={}, fields=[], sample={})
    return found


def send(program: Program, source: Any, raw: bytes = CSV, code: int = 201) -> Any:
    answer = program.post("uploads/", {"source": source, "file": SimpleUploadedFile("клиенты.csv", raw)})
    assert answer.status_code == code, answer.content.decode()
    return answer.json()


def test_a_file_is_taken_in_and_watched(program: Program, source: Source) -> None:
    begun = send(program, source.pk)
    told = {"source": str(source.pk), "name": "клиенты.csv", "columns": ["phone", "name"], "total": 2, "done": 0}
    assert begun | told | {"state": "running"} == begun
    taking.take(Upload.objects.get().pk)
    assert program.read(f"uploads/{begun['id']}/") == begun | {"state": "done", "done": 2}
    assert program.read("uploads/", {"source": str(source.pk)}) == [begun | {"state": "done", "done": 2}]
    assert Operation.objects.count() == 2


def test_it_can_be_stopped(program: Program, source: Source) -> None:
    begun = send(program, source.pk)
    assert program.send(f"uploads/{begun['id']}/stop/")["state"] == "stopped"
    taking.take(Upload.objects.get().pk)
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("raw", "words"), [(b"a;b\n", "нет строк"), (b"\n1" * (sheet.MOST_BYTES // 2 + 1), "больше"), (b"", "пуст")]
)
def test_what_is_no_table_gets_a_sentence(program: Program, source: Source, raw: bytes, words: str) -> None:
    told = send(program, source.pk, raw, 400)
    assert words in told["errors"]["file"][0]
    assert not Upload.objects.exists()


def test_only_a_source_for_files_of_the_same_company_takes_them(program: Program, processing: Processing) -> None:
    for other in (SourceFactory(processing=processing), SourceFactory(kind="upload", config={})):
        send(program, other.pk, code=404)
    send(program, "nothing", code=400)
