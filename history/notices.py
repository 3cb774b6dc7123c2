"""Mails about errors: the first at once, then one summary an hour for each kind of error.

An error is noted in the transaction that writes its result, so none is forgotten; the mail goes out later from the
`app` cluster. A mail server that fails loses nothing: the notice stays due.
"""

import logging
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.brokers.orm import ORM
from django_q.tasks import async_task

from history.models import Notice, Operation
from processings.models import Processing
from tenants.models import Role, User
from webjack.fields import uuid7

if TYPE_CHECKING:
    from history.run import Progress

logger = logging.getLogger(__name__)

NOTE = """
INSERT INTO history_notice AS n (id, tenant_id, processing_id, fingerprint, action_title, final, cause, operation_id,
    retry_at, pending, total, first_at, due_at, failures, failure)
VALUES (%(id)s, %(tenant)s, %(processing)s, %(fingerprint)s, %(action)s, %(final)s, %(cause)s, %(operation)s,
    %(retry_at)s, %(count)s, %(count)s, now(), now() + %(wait)s, 0, '')
ON CONFLICT (processing_id, fingerprint) DO UPDATE SET
    pending = n.pending + excluded.pending, total = n.total + excluded.total, cause = excluded.cause,
    action_title = excluded.action_title, operation_id = excluded.operation_id, retry_at = excluded.retry_at,
    due_at = coalesce(n.due_at, greatest(now(), n.sent_at + %(quiet)s))
RETURNING due_at <= now()
"""
LEASE = timedelta(minutes=5)  # who takes a notice to mail it has this long
BACKOFF = (60, 300, 900, 3600)  # seconds until the mail server is tried again


def note(cursor: Any, alarms: "list[Progress]", refused: dict[int, bool]) -> None:
    """Counts these errors, inside the caller's transaction; those that are one to a person become one row.

    refused: those (by id()) whose connection the service refused, and whether that is news. The news is told whatever
    the processing says, for it is the company's matter; what follows from it comes with the next summary.
    Where a mail is due now, the `app` cluster is asked for it in the same transaction.
    """
    groups: dict[tuple[Any, str, bool], list[Progress]] = {}
    for alarm in alarms:
        processing, known = alarm.journey.recipe.processing, refused.get(id(alarm))
        if known:
            alarm = replace(alarm, error=_connection(alarm))
        if processing.notify or known:
            groups.setdefault((processing.pk, alarm.fingerprint, known is False), []).append(alarm)
    due = False
    for key in sorted(groups, key=str):  # one order for all workers: two transactions never wait for each other
        cursor.execute(NOTE, _values(groups[key], key[1], Notice.QUIET if key[2] else timedelta()))
        due = cursor.fetchone()[0] or due
    if due:
        call()


def report(
    processing: Processing, operation: uuid.UUID, fingerprint: str, cause: str, retry_at: datetime | None
) -> None:
    """Counts what kept a source from making operations, inside the caller's transaction; this one stands for it."""
    if not processing.notify:
        return
    told: dict[str, Any] = {"action": "", "final": retry_at is None, "cause": cause, "count": 1, "wait": timedelta()}
    told |= {"id": uuid7(), "tenant": processing.tenant_id, "processing": processing.pk, "quiet": Notice.QUIET}
    told |= {"fingerprint": fingerprint, "operation": operation, "retry_at": retry_at}
    with connection.cursor() as cursor:
        cursor.execute(NOTE, told)
        if cursor.fetchone()[0]:
            call()


def _connection(alarm: "Progress") -> str:
    assert alarm.sent is not None
    assert alarm.sent[1].connection is not None
    told = {"name": alarm.sent[1].connection.row, "error": alarm.error}
    return _("The connection “%(name)s” needs attention. %(error)s") % told


def _values(group: "list[Progress]", fingerprint: str, wait: timedelta) -> dict[str, Any]:
    last = group[-1]
    return {
        "wait": wait,
        "id": uuid7(),
        "tenant": last.journey.operation.tenant_id,
        "processing": last.journey.operation.processing_id,
        "fingerprint": fingerprint,
        "action": last.culprit.title[:200] if last.culprit else "",
        "final": last.due_at is None,
        "cause": last.error,
        "operation": last.journey.operation.pk,
        "retry_at": last.due_at,
        "count": len(group),
        "quiet": Notice.QUIET,
    }


def call() -> None:
    """Asks the `app` cluster to mail what is due; its schedule would do so within a minute anyway."""
    async_task("history.notices.send", broker=ORM(list_key="app"), cluster="app", task_name="notices")


def send() -> int:
    """The task: mails every notice that is due; returns how many went out."""
    sent = 0
    while notice := _take():
        sent += _mail(notice)
    return sent


def _take() -> Notice | None:
    """One due notice, put off for a lease so that no other worker mails it meanwhile."""
    due = Notice.objects.filter(due_at__lte=Now(), pending__gt=0).order_by("due_at")
    for pk in due.values_list("pk", flat=True)[:20]:
        if Notice.objects.filter(pk=pk, due_at__lte=Now()).update(due_at=Now() + LEASE):
            return Notice.objects.select_related("processing__tenant").get(pk=pk)
    return None


def _mail(notice: Notice) -> int:
    """Sends one mail; on failure the notice stays due, later. Errors counted meanwhile wait for the next summary."""
    to = recipients(notice)
    try:
        if to and not notice.processing.deleted_at:
            message(notice, to).send()
    except OSError as error:  # smtplib's errors are OSErrors too
        wait = BACKOFF[min(notice.failures, len(BACKOFF) - 1)]
        logger.warning("mail about %s failed, next try in %s s: %s", notice.pk, wait, error)
        Notice.objects.filter(pk=notice.pk).update(
            due_at=Now() + timedelta(seconds=wait), failures=F("failures") + 1, failure=str(error)[:1000]
        )
        return 0
    _sent(notice)
    return 1


def _sent(notice: Notice) -> None:
    now = timezone.now()
    told = {"sent_at": now, "failures": 0, "failure": ""}
    Notice.objects.filter(pk=notice.pk).update(pending=F("pending") - notice.pending, **told)
    Notice.objects.filter(pk=notice.pk, pending=0).update(due_at=None)
    Notice.objects.filter(pk=notice.pk, pending__gt=0).update(due_at=now + Notice.QUIET)


def recipients(notice: Notice) -> list[str]:
    """Owners of the company and whom the processing names, each once."""
    own = {"memberships__tenant": notice.processing.tenant_id, "memberships__role": Role.OWNER}
    owners = User.objects.filter(**own, is_active=True)
    return sorted({*owners.values_list("email", flat=True), *notice.processing.notice_emails})


def message(notice: Notice, to: list[str]) -> EmailMultiAlternatives:
    """The mail as text and HTML, in the company's zone; recipients do not see each other."""
    operation = Operation.objects.filter(pk=notice.operation_id).first()
    with translation.override(settings.LANGUAGE_CODE), timezone.override(notice.processing.tenant.time_zone):
        values = {
            "notice": notice,
            "processing": notice.processing,
            "operation": operation,
            "summary": notice.sent_at is not None,
            "retry_at": notice.retry_at,
            "operation_url": settings.PUBLIC_URL + reverse("history:detail", args=[notice.operation_id]),
            "history_url": f"{settings.PUBLIC_URL}{reverse('history:list')}?processing={notice.processing_id}",
            "processing_url": settings.PUBLIC_URL + reverse("processings:detail", args=[notice.processing_id]),
        }
        text = render_to_string("history/mail/notice.txt", values)
        html = css_inline.inline(render_to_string("history/mail/notice.html", values))
        subject = _("Error in “%(processing)s”: %(cause)s") % {
            "processing": notice.processing.name,
            "cause": notice.cause,
        }
    mail = EmailMultiAlternatives(" ".join(subject.split())[:180], text, to=to[:1], bcc=to[1:])
    mail.attach_alternative(html, "text/html")
    return mail
