"""Forgets old history and expired keys of repeated requests: a scheduled task that deletes in small steps.

So nothing else waits for it.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from history import duplicates
from history.models import OPEN, Operation, Step
from webjack.fields import first_uuid7

STEP = 1000  # operations deleted at once
MOST_STEPS = 500  # in one run; the rest waits for the next


def forget() -> int:
    """Deletes operations older than RETENTION_DAYS with their steps, open ones excepted; returns how many."""
    for _ in range(MOST_STEPS):
        if duplicates.forget(STEP) < STEP:
            break
    forgotten = 0
    for _ in range(MOST_STEPS):
        count = _forget_some()
        forgotten += count
        if count < STEP:
            break
    return forgotten


def _forget_some() -> int:
    before = first_uuid7(timezone.now() - timedelta(days=settings.RETENTION_DAYS))
    with transaction.atomic():
        # Locked, so that nobody repeats what is being deleted.
        old = Operation.objects.select_for_update(skip_locked=True).filter(pk__lt=before).exclude(status__in=OPEN)
        ids = list(old.order_by("pk").values_list("pk", flat=True)[:STEP])
        Step.objects.filter(operation_id__in=ids).delete()
        Operation.objects.filter(pk__in=ids).delete()
    return len(ids)
