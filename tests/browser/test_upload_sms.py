"""A file of a thousand people becomes a thousand SMS: set up by clicks, uploaded, run, looked at."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from connections.kinds.smsc.account import Account
from history.drain import drain
from history.models import Operation, Status
from processings.models import Processing
from sources.models import Upload
from sources.uploads import taking
from tests.browser.clicks import save, start
from tests.conftest import Person
from tests.factories import ProcessingFactory
from tests.fakes.smsc import KEY, Smsc, smsc

PEOPLE = 1000


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Smsc]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    monkeypatch.setattr(Account, "per_second", None, raising=False)
    with smsc() as fake:
        monkeypatch.setenv("SMSC_URL", fake.target.url)
        fake.balance = 10_000.0
        yield fake


def test_each_row_of_a_file_becomes_an_sms(
    desk: Page, site: str, person: Person, service: Smsc, tmp_path: Path
) -> None:
    processing: Processing = ProcessingFactory(tenant=person.tenant, name="Напоминания")
    lines = ["Телефон;Имя", *(f"8916{number:07};Анна {number}" for number in range(PEOPLE))]
    file = tmp_path / "клиенты.csv"
    file.write_bytes("\r\n".join(lines).encode("cp1251"))

    desk.goto(f"{site}/connections/new/?kind=smsc")
    desk.locator("[name=apikey]").fill(KEY)
    save(desk)
    desk.goto(f"{site}/processings/{processing.pk}/sources/add/?kind=upload")
    save(desk)
    desk.get_by_label("Файл CSV или Excel").set_input_files(file)
    desk.get_by_role("button", name="Загрузить", exact=True).click()
    expect(desk.get_by_text("Загружается 1000 строк").first).to_be_visible()
    taking.take(Upload.objects.get().pk)  # as the worker of schedules and mails does
    expect(desk.get_by_text("1000 из 1000")).to_be_visible()
    desk.get_by_role("button", name="Получить", exact=True).click()
    expect(desk.locator("#fields").get_by_text("Анна", exact=False).first).to_be_visible()
    save(desk)

    desk.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=smsc.message")
    desk.get_by_label("Аккаунт SMSC.ru", exact=True).select_option(index=1)
    desk.locator("[name=phone]").fill('{{ source["Телефон"] }}')
    desk.locator("[name=text]").fill('{{ source["Имя"] }}, ждём вас завтра')
    save(desk)
    start(desk, site, processing)
    Operation.objects.filter(status=Status.HELD).update(status=Status.QUEUED, due_at=Upload.objects.get().created_at)
    while drain():
        pass

    assert Operation.objects.filter(status=Status.SUCCEEDED).count() == PEOPLE
    assert len(service.sent) == PEOPLE
    assert {one["phones"] for one in service.sent} == {f"7916{number:07}" for number in range(PEOPLE)}
    assert service.sent[0]["mes"].endswith("ждём вас завтра")
