"""Mails about errors, through a real SMTP server."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from history import notices
from history.models import Notice, Operation
from processings.models import Processing, State
from tenants.models import Role
from tests.factories import MembershipFactory, OperationFactory, ProcessingFactory
from tests.fakes.smtp import Inbox, smtp_server


@pytest.fixture
def inbox(settings: Any) -> Iterator[Inbox]:
    with smtp_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def failing(db: None) -> Processing:
    processing = ProcessingFactory(name="Заявки <с сайта>", state=State.RUNNING, notice_emails=["admin@clinic.example"])
    MembershipFactory(tenant=processing.tenant, role=Role.OWNER, user__email="owner@clinic.example")
    MembershipFactory(tenant=processing.tenant, role=Role.VIEWER, user__email="viewer@clinic.example")
    return processing


def notice(processing: Processing, **told: Any) -> Notice:
    operation = OperationFactory(processing=processing)
    values = {
        "fingerprint": "one", "action_title": "HTTP-запрос", "final": True, "cause": "Сервер ответил 500 & <b>",
        "operation_id": operation.pk, "pending": 1, "total": 1, "due_at": timezone.now(),
    }  # fmt: skip
    return Notice.objects.create(tenant=processing.tenant, processing=processing, **values | told)


def test_owners_and_named_people_get_the_cause_and_a_link(inbox: Inbox, failing: Processing, settings: Any) -> None:
    due = notice(failing)

    assert notices.send() == 1

    assert inbox.envelopes == [["admin@clinic.example", "owner@clinic.example"]]
    assert inbox.mails[0]["To"] == "admin@clinic.example"
    for body in (inbox.text(), inbox.html()):
        assert f"{settings.PUBLIC_URL}/history/{due.operation_id}/" in body
        assert "HTTP-запрос" in body
    assert "Сервер ответил 500 & <b>" in inbox.text()
    assert "Сервер ответил 500 &amp; &lt;b&gt;" in inbox.html()
    due.refresh_from_db()
    assert (due.pending, due.due_at) == (0, None)
    assert due.sent_at is not None


def test_a_storm_is_one_mail_and_then_one_summary(inbox: Inbox, failing: Processing) -> None:
    due = notice(failing, pending=3, sent_at=timezone.now() - timedelta(hours=1), total=500)
    notices.send()
    assert len(inbox.mails) == 1
    assert "3" in inbox.text()
    Notice.objects.filter(pk=due.pk).update(pending=7, due_at=timezone.now() + timedelta(minutes=40))
    assert notices.send() == 0


def test_a_failing_mail_server_loses_no_notice(inbox: Inbox, failing: Processing) -> None:
    inbox.refuse = "451 come later"
    due = notice(failing)

    assert notices.send() == 0

    due.refresh_from_db()
    assert (due.pending, due.failures) == (1, 1)
    assert "451" in due.failure
    assert due.due_at is not None
    inbox.refuse = ""
    Notice.objects.update(due_at=timezone.now())
    assert notices.send() == 1
    assert len(inbox.mails) == 1


def test_a_server_that_is_away_loses_no_notice(failing: Processing, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    due = notice(failing)
    assert notices.send() == 0
    due.refresh_from_db()
    assert (due.pending, due.failures) == (1, 1)


def test_a_deleted_processing_is_silent(inbox: Inbox, failing: Processing) -> None:
    notice(failing)
    Processing.objects.update(deleted_at=timezone.now())
    notices.send()
    assert inbox.mails == []


def test_errors_noted_while_a_mail_goes_out_wait_for_the_summary(inbox: Inbox, failing: Processing) -> None:
    due = notice(failing)
    taken = notices._take()
    assert taken is not None
    Notice.objects.update(pending=5)

    notices._mail(taken)

    due.refresh_from_db()
    assert due.pending == 4
    assert due.due_at is not None
    assert due.due_at > timezone.now() + timedelta(minutes=50)
    assert Operation.objects.count() == 1
