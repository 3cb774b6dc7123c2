"""A file of rows: each becomes one operation, whatever happens meanwhile."""

import json
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from history.models import Operation, Status
from processings.models import Processing
from sources.models import Source, Upload
from sources.timed import run
from sources.uploads import sheet, taking
from tests import factories
from tests.conftest import Person
from tests.factories import SourceFactory
from webjack import kept_files

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 450


@pytest.fixture
def source(processing: Processing, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr(taking, "async_task", lambda *_task, **_options: None)
    return SourceFactory(processing=processing, kind="upload", config={}, fields=[], sample={})


def file(rows: int = ROWS) -> SimpleUploadedFile:
    lines = ["phone;name", *(f"7916{number:07};Анна {number}" for number in range(rows))]
    return SimpleUploadedFile("клиенты.csv", "\n".join(lines).encode("cp1251"))


def upload(person: Person, source: Source, sent: Any) -> Any:
    return person.post(f"/sources/{source.pk}/upload/", {"file": sent}, follow=True)


def test_each_row_becomes_an_operation_in_its_order(owner: Person, source: Source) -> None:
    page = upload(owner, source, file())
    assert f"Загружается {ROWS} строк" in page.content.decode()
    assert "остановлена" in page.content.decode()
    taking.take(Upload.objects.get().pk)
    found = [json.loads(bytes(operation.body)) for operation in Operation.objects.order_by("id")]
    assert found == [{"phone": f"7916{number:07}", "name": f"Анна {number}"} for number in range(ROWS)]
    assert {operation.status for operation in Operation.objects.all()} == {Status.HELD}
    done = Upload.objects.get()
    assert (done.state, done.done, bytes(done.content)) == ("done", ROWS, b"")
    assert f"{ROWS} из {ROWS}" in owner.get(f"/sources/{source.pk}/uploads/").content.decode()


def test_a_kill_in_the_middle_repeats_no_row(owner: Person, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(owner, source, file())
    put, calls = run.put, iter(range(10_000))

    def killed(*told: Any) -> None:
        if next(calls) == 250:
            raise KeyboardInterrupt
        put(*told)

    monkeypatch.setattr(taking, "put", killed)
    with pytest.raises(KeyboardInterrupt):
        taking.take(Upload.objects.get().pk)
    assert Operation.objects.count() == Upload.objects.get().done == 200
    monkeypatch.setattr(taking, "put", put)
    taking.take(Upload.objects.get().pk)
    assert Operation.objects.count() == ROWS


def test_it_can_be_stopped(owner: Person, source: Source) -> None:
    upload(owner, source, file())
    held = Upload.objects.get()
    page = owner.post(f"/sources/{source.pk}/uploads/{held.pk}/stop/", follow=True)
    assert "остановлена" in page.content.decode()
    taking.take(held.pk)
    assert not Operation.objects.exists()


def test_a_company_has_one_file_taken_in_at_a_time(owner: Person, source: Source) -> None:
    upload(owner, source, file())
    assert "Дождитесь" in upload(owner, source, file()).content.decode()
    assert Upload.objects.count() == 1
    upload_of_other = factories.SourceFactory(kind="upload", config={})
    assert taking.begin(upload_of_other, "x.csv", b"a\n1\n").total == 1
    taking.take(Upload.objects.get(tenant=source.tenant).pk)
    assert "Загружается" in upload(owner, source, file()).content.decode()


def test_an_upgrade_leaves_a_company_one_file_that_is_taken_in(source: Source) -> None:
    (one,) = Upload._meta.constraints
    with connection.schema_editor() as editor:
        editor.remove_constraint(Upload, one)
    for each in (source, source, factories.SourceFactory(kind="upload", config={})):
        Upload.objects.create(tenant=each.tenant, source=each, name="x.csv", content=b"a\n1\n", total=1)
    with connection.schema_editor() as editor:
        import_module("sources.migrations.0005_bounds").stop_further(apps, editor)
        editor.add_constraint(Upload, one)
    assert list(Upload.objects.order_by("id").values_list("state", flat=True)) == ["running", "stopped", "running"]


def test_what_kills_its_task_again_and_again_is_given_up(
    owner: Person, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(owner, source, file())

    def killed(raw: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sheet, "read", killed)
    held = Upload.objects.get()
    for _try in range(taking.MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            taking.take(held.pk)
    taking.take(held.pk)
    held.refresh_from_db()
    assert held.state == "failed"
    assert "Не удалось загрузить" in owner.get(f"/sources/{source.pk}/uploads/").content.decode()


def test_only_a_file_that_nobody_works_on_is_taken_up_again(
    owner: Person, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(owner, source, file())
    begun: list[Any] = []
    monkeypatch.setattr(taking, "_later", begun.append)
    assert taking.resume() == 0
    Upload.objects.update(touched_at=timezone.now() - 2 * taking.LOST)
    assert taking.resume() == 1
    assert taking.resume() == 0
    assert begun == [Upload.objects.get().pk]


def test_of_a_file_that_no_page_takes_the_disk_keeps_little(
    owner: Person, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete, kept = kept_files.Bounded.file_complete, []

    def noted(handler: Any, size: int) -> Any:
        found: Any = complete(handler, size)
        kept.append((size, len(found.read())))
        return found

    monkeypatch.setattr(kept_files.Bounded, "file_complete", noted)
    large = kept_files.MOST_BYTES + 100_000
    assert "больше" in upload(owner, source, SimpleUploadedFile("x.csv", b"1" * large)).content.decode()
    assert kept == [(large, kept_files.MOST_BYTES)]
    assert kept_files.MOST_BYTES > sheet.MOST_BYTES  # else what a page takes would be cut


@pytest.mark.parametrize(
    ("name", "raw", "words"), [("x.csv", b"a;b\n", "нет строк"), ("x.xlsx", b"PK\x03\x04", "повреждён")]
)
def test_what_is_no_table_is_told_on_the_page(owner: Person, source: Source, name: str, raw: bytes, words: str) -> None:
    assert words in upload(owner, source, SimpleUploadedFile(name, raw)).content.decode()
    assert not Upload.objects.exists()


def test_another_kind_of_source_takes_no_file(owner: Person, processing: Processing) -> None:
    assert upload(owner, SourceFactory(processing=processing), file()).status_code == 404


def test_fields_come_from_the_first_rows(owner: Person, source: Source) -> None:
    upload(owner, source, file(3))
    taking.take(Upload.objects.get().pk)
    owner.post(f"/sources/{source.pk}/capture/")
    source.refresh_from_db()
    assert [field["name"] for field in source.fields] == ["phone", "name"]
