"""Makes operations of an uploaded file's rows, some hundred at a time; a kill repeats none and loses none."""

import logging
import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from history.accept import Gone, tell
from history.models import Status
from sources.models import Source
from sources.timed.run import door_of, put
from sources.uploads import sheet
from sources.uploads.models import State, Upload

log = logging.getLogger(__name__)

STEP = 200
SECONDS = 5.0
"""Of one task: mails wait behind it."""
LOST = timedelta(minutes=5)
"""A file that no task has touched for so long has none any more."""
MOST_TRIES = 3


def begin(source: Source, name: str, raw: bytes) -> Upload:
    """Keeps the file and has it taken in. Raises ValueError with a sentence where that cannot be."""
    wait = _("Another file is still being taken in: wait until it is done, or stop it")
    if Upload.objects.filter(tenant_id=source.tenant_id, state=State.RUNNING).exists():
        raise ValueError(wait)
    found = sheet.read(raw)
    try:
        with transaction.atomic():
            upload = Upload.objects.create(
                tenant_id=source.tenant_id,
                source=source,
                name=name[-200:],
                columns=found.columns,
                content=raw,
                total=len(found.rows),
            )
    except IntegrityError:  # one that began just now
        raise ValueError(wait) from None
    _later(upload.pk)
    return upload


def _later(id: uuid.UUID) -> None:
    async_task("sources.uploads.taking.take", id, task_name="upload")


def take(id: uuid.UUID) -> None:
    """The task: some seconds' worth of what is left of a file, then others have their turn."""
    Upload.objects.filter(pk=id, state=State.RUNNING).update(tries=F("tries") + 1, touched_at=Now())
    upload = Upload.objects.filter(pk=id, state=State.RUNNING).first()
    if upload is None:
        return
    if upload.tries > MOST_TRIES:
        log.error("the uploaded file %s could not be taken in", id)
        _end(upload, State.FAILED)
        return
    found, ends = sheet.read(bytes(upload.content)), time.monotonic() + SECONDS
    with translation.override(settings.LANGUAGE_CODE):
        while _step(id, found):
            tell(Status.QUEUED)
            if time.monotonic() > ends:
                _later(id)
                return


def _step(id: uuid.UUID, found: sheet.Sheet) -> bool:
    """The next rows in one transaction with the count of them; whether any are left."""
    with transaction.atomic():
        rows = Upload.objects.select_for_update(skip_locked=True, of=["self"]).defer("content")
        upload = rows.select_related("source").filter(pk=id, state=State.RUNNING).first()
        if upload is None:
            return False
        last = min(upload.done + STEP, upload.total)
        try:
            door = door_of(upload.source)
            for number in range(upload.done, last):
                put(door, found.row(number))
        except Gone:
            _end(upload, State.STOPPED)
            return False
        upload.done, upload.tries, upload.touched_at = last, 0, timezone.now()
        if last == upload.total:
            _end(upload, State.DONE)
        else:
            upload.save(update_fields=["done", "tries", "touched_at"])
        return True


def _end(upload: Upload, state: State) -> None:
    upload.state, upload.content = state, b""
    upload.save(update_fields=["state", "done", "content"])


def stop(upload: Upload) -> None:
    """Takes no more rows; those taken go on."""
    with transaction.atomic():
        held = Upload.objects.select_for_update().defer("content").filter(pk=upload.pk, state=State.RUNNING).first()
        if held:
            _end(held, State.STOPPED)


def resume() -> int:
    """Has files whose task was lost taken in again; returns how many."""
    lost = Upload.objects.filter(state=State.RUNNING, touched_at__lt=timezone.now() - LOST)
    ids = list(lost.order_by("touched_at").values_list("pk", flat=True)[:20])
    for id in ids:
        Upload.objects.filter(pk=id).update(touched_at=Now())
        _later(id)
    return len(ids)
