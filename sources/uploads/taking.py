"""Makes operations of an uploaded file's rows, some hundred at a time; a kill repeats none and loses none."""

import logging
import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django_q.tasks import async_task

from history.accept import Gone, tell
from history.models import Status
from sources.models import Source
from sources.timed.run import door_of, put
from sources.uploads import sheet
from sources.uploads.models import State, Upload

log = logging.getLogger(__name__)

STEP = 200
SECONDS = 10.0
LOST = timedelta(minutes=5)
"""Of one task: mails wait behind it."""


def begin(source: Source, name: str, raw: bytes) -> Upload:
    """Keeps the file and has it taken in. Raises ValueError with a sentence when it is no table."""
    found = sheet.read(raw)
    upload = Upload.objects.create(
        tenant_id=source.tenant_id,
        source=source,
        name=name[-200:],
        columns=found.columns,
        content=raw,
        total=len(found.rows),
    )
    async_task("sources.uploads.taking.take", upload.pk, task_name="upload")
    return upload


def take(id: uuid.UUID) -> None:
    """The task: some seconds' worth of what is left of a file, then the next one's turn comes."""
    upload = Upload.objects.filter(pk=id, state=State.RUNNING).first()
    if upload is None:
        return
    found, ends = sheet.read(bytes(upload.content)), time.monotonic() + SECONDS
    with translation.override(settings.LANGUAGE_CODE):
        while _step(id, found):
            tell(Status.QUEUED)
            if time.monotonic() > ends:
                async_task("sources.uploads.taking.take", id, task_name="upload")
                return


def _step(id: uuid.UUID, found: sheet.Sheet) -> bool:
    """The next rows in one transaction with the count of them; whether any are left."""
    with transaction.atomic():
        upload = Upload.objects.select_for_update(skip_locked=True).filter(pk=id, state=State.RUNNING).first()
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
        upload.done = last
        if last == upload.total:
            _end(upload, State.DONE)
        else:
            upload.save(update_fields=["done"])
        return True


def _end(upload: Upload, state: State) -> None:
    upload.state, upload.content = state, b""
    upload.save(update_fields=["state", "done", "content"])


def stop(upload: Upload) -> None:
    """Takes no more rows; those taken go on."""
    with transaction.atomic():
        held = Upload.objects.select_for_update().filter(pk=upload.pk, state=State.RUNNING).first()
        if held:
            _end(held, State.STOPPED)


def resume() -> int:
    """Files whose task was lost, minute by minute; returns how many."""
    lost = Upload.objects.filter(state=State.RUNNING, created_at__lt=timezone.now() - LOST)
    ids = list(lost.order_by("id").values_list("pk", flat=True)[:20])
    for id in ids:
        try:
            take(id)
        except Exception:  # of one file: the others go on
            log.exception("the uploaded file %s could not be taken in", id)
    return len(ids)
