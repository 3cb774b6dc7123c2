"""Carries out what actions leave in the database, in the transaction that writes their steps: both, or neither."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from actions.effects import Call, Effect, Found, Look, Remember
from actions.lookup import MISSING, find
from actions.values import text
from history.models import Operation
from processings.models import Ordering, Processing
from webjack.fields import dump, storable, uuid7

KIND = "call"  # of the source that such operations come from
DEPTH, CALLER = "X-Webjack-Calls", "X-Webjack-Operation"  # headers of a called operation, which nobody outside can send
MOST_CALLS = 10
"""Operations that call one another in a row; more are taken for a circle."""

CALL = """
INSERT INTO history_operation (
    id, tenant_id, processing_id, source_id, kind, status, received_at, method, query, headers, content_type, body,
    address, data, run, attempts, tries, losses, forced, test, order_key, due_at, started_at, finished_at, duration_ms,
    error
)
SELECT call.id, processing.tenant_id, processing.id, (
        SELECT source.id FROM sources_source source
        WHERE source.processing_id = processing.id AND source.kind = %(kind)s ORDER BY source.created_at LIMIT 1),
    %(kind)s, state.status, now(), 'POST', '', call.headers, 'application/json', convert_to(call.body, 'UTF8'),
    NULL, NULL, 1, 0, 0, 0, false, call.test, call.order_key,
    CASE state.status WHEN 'queued' THEN now() END, NULL,
    CASE state.status WHEN 'cancelled' THEN now() END, NULL,
    CASE state.status WHEN 'cancelled' THEN %(gone)s ELSE '' END
FROM unnest(
    %(ids)s::uuid[], %(tenants)s::uuid[], %(processings)s::uuid[], %(headers)s::json[], %(bodies)s::text[],
    %(order_keys)s::uuid[], %(tests)s::bool[]
) AS call(id, tenant_id, processing_id, headers, body, order_key, test)
JOIN processings_processing processing
    ON processing.id = call.processing_id AND processing.tenant_id = call.tenant_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN processing.deleted_at IS NOT NULL THEN 'cancelled'
    WHEN processing.state = 'running' THEN 'queued' ELSE 'held' END AS status) state
"""
TABLES = """
INSERT INTO actions_table (id, tenant_id, name, columns, created_at)
SELECT gen_random_uuid(), named.tenant_id, named.name, '[]', now()
FROM unnest(%(tenants)s::uuid[], %(names)s::text[]) AS named(tenant_id, name) ORDER BY 2, 3
ON CONFLICT (tenant_id, name) DO NOTHING
"""
# A column that no row had before becomes one of the table's, at its end. Rows are written in one order, so that no two
# workers wait for each other.
ROWS = """
WITH told AS (
    SELECT owner.id AS table_id, owner.columns, row.key, row.given, row.days
    FROM unnest(%(tenants)s::uuid[], %(names)s::text[], %(keys)s::text[], %(values)s::json[], %(days)s::int[])
        AS row(tenant_id, name, key, given, days)
    JOIN actions_table owner ON owner.tenant_id = row.tenant_id AND owner.name = row.name
), columns AS (
    UPDATE actions_table owner
    SET columns = array_to_json(ARRAY(SELECT json_array_elements_text(owner.columns)) || fresh.names)
    FROM (
        SELECT table_id, array_agg(DISTINCT name) AS names FROM told, json_object_keys(told.given) AS name
        WHERE name NOT IN (SELECT json_array_elements_text(told.columns)) GROUP BY table_id
    ) fresh WHERE owner.id = fresh.table_id
)
INSERT INTO actions_tablerow (table_id, key, values, changed_at, expires_at)
SELECT table_id, key, given, now(), now() + days * interval '1 day' FROM told ORDER BY table_id, key
ON CONFLICT (table_id, key) DO UPDATE
SET values = excluded.values, changed_at = excluded.changed_at, expires_at = excluded.expires_at
"""
LOOK = """
SELECT look.nth, owner.id IS NOT NULL, row.values
FROM unnest(%(tenants)s::uuid[], %(names)s::text[], %(keys)s::text[], %(nths)s::int[])
    AS look(tenant_id, name, key, nth)
LEFT JOIN actions_table owner ON owner.tenant_id = look.tenant_id AND owner.name = look.name
LEFT JOIN actions_tablerow row ON row.table_id = owner.id AND row.key = look.key
    AND (row.expires_at IS NULL OR row.expires_at > now())
"""


def carry_out(cursor: Any, wanted: Iterable[tuple[Operation, uuid.UUID, Effect]]) -> None:
    """In their order, each with the operation that wants it and the id of its step."""
    wanted = list(wanted)
    _remember(cursor, [(who.tenant_id, effect) for who, _step, effect in wanted if isinstance(effect, Remember)])
    _call(cursor, [(who, step, effect) for who, step, effect in wanted if isinstance(effect, Call)])


def depth(operation: Operation) -> int:
    """How many operations called one another until this one came."""
    return int(operation.headers.get(DEPTH, 0)) if operation.kind == KIND else 0


def caller(operation: Operation) -> uuid.UUID | None:
    """The operation that called this one."""
    return uuid.UUID(operation.headers[CALLER]) if operation.kind == KIND and CALLER in operation.headers else None


def called(operation: Operation, steps: Iterable[uuid.UUID]) -> dict[uuid.UUID, Operation]:
    """The operations that steps of this one called, by the step's id, which is theirs too."""
    return Operation.objects.filter(tenant_id=operation.tenant_id, kind=KIND).in_bulk(list(steps))


def look(cursor: Any, asked: list[tuple[uuid.UUID, Look]]) -> list[Found]:
    """The answers, each at the place of its question: whose it is, and what."""
    if not asked:
        return []
    values = {
        "tenants": [tenant for tenant, _look in asked],
        "names": [storable(one.table) for _tenant, one in asked],
        "keys": [storable(one.key) for _tenant, one in asked],
        "nths": list(range(len(asked))),
    }
    cursor.execute(LOOK, values)
    found = {nth: Found(known, row) for nth, known, row in cursor.fetchall()}
    return [found[nth] for nth in range(len(asked))]


def _remember(cursor: Any, rows: list[tuple[uuid.UUID, Remember]]) -> None:
    last = {(tenant, storable(row.table), storable(row.key)): row for tenant, row in rows}
    if not last:
        return
    tenants, names, keys = (list(column) for column in zip(*last, strict=True))
    told = {
        "tenants": tenants,
        "names": names,
        "keys": keys,
        "values": [dump(row.values) for row in last.values()],
        "days": [row.days for row in last.values()],
    }
    cursor.execute(TABLES, told)
    cursor.execute(ROWS, told)


def _call(cursor: Any, calls: list[tuple[Operation, uuid.UUID, Call]]) -> None:
    if not calls:
        return
    targets = Processing.everything.in_bulk({call.processing for _operation, _step, call in calls})
    steps = [step for _operation, step, _call in calls]
    values = {
        "kind": KIND,
        "gone": _("The processing was deleted"),
        # The step's own id, so that each finds the other; of a step that calls twice, the first call's.
        "ids": [uuid7() if step in steps[:nth] else step for nth, step in enumerate(steps)],
        "tenants": [operation.tenant_id for operation, _step, _call in calls],
        "processings": [call.processing for _operation, _step, call in calls],
        "headers": [
            dump({DEPTH: str(depth(operation) + 1), CALLER: str(operation.pk)}) for operation, _step, _call in calls
        ],
        "bodies": [dump(call.data) for _operation, _step, call in calls],
        "tests": [operation.test for operation, _step, _call in calls],
        "order_keys": [
            None if operation.test else _order_key(targets.get(call.processing), call.data)
            for operation, _step, call in calls
        ],
    }
    cursor.execute(CALL, values)


def _order_key(processing: Processing | None, data: dict[str, Any]) -> uuid.UUID | None:
    """As for a request (sources.peek)."""
    if processing is None or processing.ordering == Ordering.PARALLEL:
        return None
    if processing.ordering == Ordering.STRICT:
        return processing.pk
    value = find(data, (processing.ordering_field.strip(),))
    return uuid.uuid5(processing.pk, storable("" if value is MISSING or value is None else text(value).strip()))
