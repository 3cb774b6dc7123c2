"""Forgets old history and expired keys of repeated requests: a scheduled task of small steps, nothing waits for it.

Whole partitions go at once. Those who keep their history the longest lose it with its partition, up to a week late; of
the others, and of what lies in no partition of its own, operations are deleted a thousand at a time.
What has not ended stays whatever its age: open operations, and those about which a person has yet to decide.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from actions.tables import forgetting
from history import duplicates, heartbeat, partitions, tally
from history.models import Answer
from history.partitions import MOVED, Partition
from tenants import journal
from tenants.models import Tenant
from webjack.fields import first_uuid7

STEP = 1000  # operations deleted at once
MOST_STEPS = 500  # in one run; the rest waits for the next

# Held and unknown ones wait for a decision, unless their processing was deleted.
UNENDED = """
SELECT o.id FROM {table} o WHERE o.status IN ('queued', 'running', 'waiting')
UNION ALL
SELECT o.id FROM {table} o JOIN processings_processing processing ON processing.id = o.processing_id
WHERE o.status IN ('held', 'unknown') AND processing.deleted_at IS NULL
"""
STAYING = f"""
SELECT id FROM (
    {UNENDED}
    UNION ALL
    SELECT o.id FROM unnest(%(tenants)s::uuid[], %(since)s::uuid[]) AS kept(tenant_id, since)
    CROSS JOIN LATERAL (
        SELECT id FROM {{table}} WHERE tenant_id = kept.tenant_id AND id >= kept.since LIMIT %(most)s
    ) o
) staying LIMIT %(most)s
"""  # noqa: S608
EXPIRED = """
SELECT tenant.id, tenant.before FROM unnest(%(tenants)s::uuid[], %(before)s::uuid[]) AS tenant(id, before)
WHERE EXISTS (SELECT FROM {table} o WHERE o.tenant_id = tenant.id AND o.id < tenant.before)
"""
# Locked, so that nobody repeats what is being deleted.
OLD = """
SELECT o.id FROM {table} o
WHERE o.tenant_id = %(tenant)s AND o.id < %(before)s AND o.id > %(after)s
    AND o.status NOT IN ('queued', 'running', 'waiting')
    AND (o.status NOT IN ('held', 'unknown') OR NOT EXISTS (
        SELECT FROM processings_processing processing
        WHERE processing.id = o.processing_id AND processing.deleted_at IS NULL))
ORDER BY o.id LIMIT %(step)s FOR UPDATE OF o SKIP LOCKED
"""

Cutoffs = dict[uuid.UUID, uuid.UUID]


def forget() -> int:
    """One run; returns how many operations were deleted one by one."""
    forgetting.forget()
    tally.forget()
    heartbeat.forget()
    journal.forget()
    steps = iter(range(MOST_STEPS))
    for _ in steps:
        if duplicates.forget(STEP) < STEP:
            break
    cutoffs = _cutoffs(timezone.now())
    if not cutoffs:
        return 0
    for tenant, before in cutoffs.items():
        Answer.objects.filter(tenant_id=tenant, operation_id__lt=before).delete()
    longest = min(cutoffs.values())
    left = [one for one in partitions.partitions() if not _dropped(one, cutoffs)]
    steps = iter(range(MOST_STEPS))
    forgotten = 0
    for name in ("default", *(one.name for one in left if one.end <= longest)):
        forgotten += _delete(f"history_operation_{name}", cutoffs, steps)
    shorter = {tenant: before for tenant, before in cutoffs.items() if before > longest}
    return forgotten + _delete("history_operation", shorter, steps)


def _cutoffs(now: datetime) -> Cutoffs:
    """Of each company the key before which its history is old."""
    tenants = Tenant.objects.order_by("pk").only("retention_days")
    return {tenant.pk: first_uuid7(now - timedelta(days=tenant.days_kept)) for tenant in tenants}


def _dropped(partition: Partition, cutoffs: Cutoffs) -> bool:
    """Drops a partition of which hardly anything must stay."""
    if partition.end > max(cutoffs.values()):
        return False
    kept = {tenant: since for tenant, since in cutoffs.items() if since < partition.end}
    values: dict[str, Any] = {"tenants": list(kept), "since": list(kept.values()), "most": MOVED + 1}
    statement = STAYING.format(table=f"history_operation_{partition.name}")

    def staying(cursor: Any) -> list[uuid.UUID]:
        cursor.execute(statement, values)
        return [id for (id,) in cursor.fetchall()]

    with connection.cursor() as cursor:
        few = len(staying(cursor)) <= MOVED
    return few and partitions.drop(partition, staying)


def _delete(table: str, cutoffs: Cutoffs, steps: Iterator[int]) -> int:
    """Deletes what is old in a table, one company after the other; returns how many operations."""
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"tenants": list(cutoffs), "before": list(cutoffs.values())}
        cursor.execute(EXPIRED.format(table=table), values)
        return sum(_delete_of(table, tenant, before, steps) for tenant, before in cursor.fetchall())


def _delete_of(table: str, tenant: uuid.UUID, before: uuid.UUID, steps: Iterator[int]) -> int:
    deleted, after = 0, uuid.UUID(int=0)
    for _ in steps:
        values: dict[str, Any] = {"tenant": tenant, "before": before, "after": after, "step": STEP}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(OLD.format(table=table), values)
            ids = [id for (id,) in cursor.fetchall()]
            cursor.execute("DELETE FROM history_step WHERE operation_id = ANY(%s)", [ids])
            cursor.execute("DELETE FROM history_operation WHERE id = ANY(%s)", [ids])
        deleted += len(ids)
        if len(ids) < STEP:
            break
        after = ids[-1]
    return deleted
