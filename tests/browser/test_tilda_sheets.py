"""A form of a Tilda site becomes a row of a Google table and a letter: set up by clicks, sent, run, looked at."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from connections.kinds.googlesheets.account import ServiceAccount
from connections.models import Connection
from history.drain import drain
from history.models import Operation, Status
from processings.models import Processing, State
from sources.capture import capture
from sources.kind import FORM, form_body
from sources.kinds.tilda import sent
from sources.models import Source
from tests.browser.clicks import save
from tests.conftest import Person
from tests.factories import OperationFactory, ProcessingFactory, SourceFactory
from tests.fakes.google import EMAIL, TABLE, Google, google, key_file
from tests.fakes.smtp import Inbox, smtp_server

HEADER = ["Имя", "Телефон", "Заявка"]


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with google() as fake:
        monkeypatch.setenv("GOOGLE_SHEETS_URL", fake.target.url)
        monkeypatch.setenv("GOOGLE_TOKEN_URI", f"{fake.target.url}/token")
        monkeypatch.setattr(ServiceAccount, "per_second", None)
        fake.rows.append(list(HEADER))
        yield fake


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def source(person: Person) -> Source:
    """It has taken a form already, so that its fields can be picked."""
    processing: Processing = ProcessingFactory(tenant=person.tenant, name="Заявки с сайта")
    source: Source = SourceFactory(processing=processing, kind="tilda", config={}, fields=[], sample={})
    form = {
        "body": form_body(sent.FORM),
        "content_type": FORM,
        "data": None,
        "due_at": None,
    }
    OperationFactory(processing=processing, source_id=source.pk, method="POST", status=Status.HELD, **form)
    capture(source)
    return source


def connect(window: Page, site: str, tmp_path: Path, inbox: Inbox) -> None:
    """The key is taken from its file; the mailbox is checked."""
    file = tmp_path / "robot.json"
    file.write_text(key_file())
    window.goto(f"{site}/connections/new/?kind=googlesheets")
    with window.expect_file_chooser() as chooser:
        window.get_by_role("button", name="Выбрать файл").click()
    chooser.value.set_files(file)
    expect(window.get_by_role("button", name="robot.json")).to_be_visible()
    save(window)
    window.get_by_role("button", name="Проверить подключение").click()
    expect(window.get_by_text(f"Google впускает нас как {EMAIL}").first).to_be_visible()

    window.goto(f"{site}/connections/new/?kind=email")
    window.get_by_label("Сервер исходящей почты (SMTP)").fill("127.0.0.1")
    window.get_by_label("Шифрование").select_option("none")
    window.get_by_label("Порт", exact=True).fill(str(inbox.port))
    window.get_by_label("Адрес отправителя").fill("info@clinic.example")
    window.get_by_label("Имя отправителя").fill("Клиника «Ромашка»")
    save(window)
    expect(window.get_by_text("Почтовый ящик (SMTP)").first).to_be_visible()


def add_row(window: Page, site: str, processing: Processing) -> None:
    window.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=googlesheets.row")
    window.get_by_label("Сервисный аккаунт", exact=True).select_option(index=1)
    window.get_by_label("Google Таблица", exact=True).fill(f"https://docs.google.com/spreadsheets/d/{TABLE}/edit#gid=0")
    rows = window.get_by_role("group", name="Столбцы")
    for number, value in enumerate(["{{ Name }}", "{{ Phone }}", "{{ operation.id }}"]):
        if rows.get_by_label("Значение", exact=True).count() <= number:
            rows.get_by_role("button", name="Добавить строку").click()
        rows.locator("summary[aria-label='Выбрать из списка']").nth(number).click()
        rows.get_by_role("button", name=HEADER[number]).click()
        rows.get_by_label("Значение", exact=True).nth(number).fill(value)
    save(window)


def add_letter(window: Page, site: str, processing: Processing) -> None:
    window.goto(f"{site}/processings/{processing.pk}/actions/add/?kind=email.send")
    window.get_by_label("От кого", exact=True).select_option(index=1)
    window.get_by_label("Кому", exact=True).fill("boss@clinic.example")
    window.get_by_label("Тема", exact=True).fill("Заявка: {{ Name }}")
    window.get_by_label("HTML", exact=True).check()
    window.get_by_label("HTML письма").fill("<p>{{ Comments }}</p><p>Строка {{ steps.row.row }}</p>")
    save(window)


def test_a_form_becomes_a_row_and_a_letter(
    desk: Page, site: str, source: Source, service: Google, inbox: Inbox, tmp_path: Path
) -> None:
    connect(desk, site, tmp_path, inbox)
    add_row(desk, site, source.processing)
    add_letter(desk, site, source.processing)
    assert Connection.objects.get(kind="googlesheets").config == {"email": EMAIL}
    Processing.objects.update(state=State.RUNNING)

    form = sent.FORM | {"Comments": "<b>Перезвоните</b> & быстро", "tranid": "1:2"}
    answer = requests.post(f"{site}/webhooks/tilda/{source.key}/", data=form, timeout=30)
    assert answer.status_code == 200
    assert drain()

    operation = Operation.objects.get(status=Status.SUCCEEDED)
    assert service.rows == [HEADER, ["Анна Петрова", "+7 (916) 123-45-67", str(operation.pk)]]
    assert inbox.envelopes == [["boss@clinic.example"]]
    assert inbox.mails[0]["Subject"] == "Заявка: Анна Петрова"
    assert "<p>&lt;b&gt;Перезвоните&lt;/b&gt; &amp; быстро</p><p>Строка 2</p>" in inbox.html()
    assert "<b>Перезвоните</b> & быстро" in inbox.text()

    desk.goto(f"{site}/history/{operation.pk}/")
    expect(desk.get_by_text("RCPT TO", exact=False).first).to_be_attached()
    expect(desk.get_by_text("queued as 4711").first).to_be_attached()
