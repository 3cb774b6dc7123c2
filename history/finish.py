"""The queue's SQL, second half: writes down what came out of operations, with steps and alarms."""

import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from psycopg.types.json import Json

from history import attention, effects, lanes, notices, order, tally
from history.claim_sql import OURS
from history.models import BLOCKING, Status, Step
from history.prepared import execute
from history.run import Progress
from history.turn import take_turn
from webjack.fields import dump, storable

Claim = tuple[Any, int]

# Times are the database's, as the claim's are: the clocks of the workers' machines do not matter.
# What goes on at once keeps its claim, unless its next action goes to an account with limits: that is for a claim to
# grant, so it is queued.
FINISH = f"""{OURS}
UPDATE history_operation o
SET status = CASE WHEN limited.id IS NULL THEN v.status ELSE 'queued' END,
    due_at = CASE WHEN limited.id IS NULL THEN now() + v.due_in * interval '1 second' ELSE now() END,
    error = v.error, data = coalesce(v.data, o.data), losses = 0, duration_ms = v.duration_ms, tries = v.tries,
    lane_id = v.lane_id,
    finished_at = CASE WHEN v.status IN ('succeeded', 'failed', 'filtered', 'cancelled') THEN now() END
FROM unnest(
    %(ids)s::uuid[], %(attempts)s::int[], %(status)s::text[], %(due_in)s::float[], %(error)s::text[],
    %(data)s::json[], %(duration_ms)s::int[], %(tries)s::int[], %(lanes)s::uuid[], %(was_lanes)s::uuid[]
) AS v(id, attempts, status, due_in, error, data, duration_ms, tries, lane_id, was_lane_id)
JOIN ours USING (id, attempts)
LEFT JOIN connections_lane limited ON v.status = 'running' AND limited.id = v.lane_id AND (
    coalesce(limited.per_second, limited.usual_per_second) IS NOT NULL OR limited.closed_until > now()
    OR limited.failures >= %(break_after)s
    OR (limited.most_in_flight IS NOT NULL AND v.lane_id IS DISTINCT FROM v.was_lane_id))
WHERE o.id >= v.id AND o.id <= v.id
RETURNING o.id, o.attempts, o.status, o.order_key
"""  # noqa: S608

# Cancelled while a worker had it: what was sent meanwhile belongs into the history, and nothing is left uncertain.
CANCELLED = """
UPDATE history_operation o SET losses = 0
FROM unnest(%(ids)s::uuid[], %(attempts)s::int[]) AS v(id, attempts)
WHERE o.id >= v.id AND o.id <= v.id AND o.attempts = v.attempts AND o.status = 'cancelled'
RETURNING o.id, o.attempts
"""

STEP_COLUMNS = (
    "id tenant_id operation_id run attempt position place action_id kind alias title status started_at duration_ms "
    "config exchanges output error"
).split()
STEPS = f"COPY history_step ({', '.join(STEP_COLUMNS)}) FROM STDIN"
JSONS = {"config", "exchanges", "output"}


def finish(results: list[Progress]) -> dict[Claim, str]:
    """Writes results, their steps and alarms in one transaction.

    Returns the claims that were still ours, each with its operation's status from now on.
    """
    try:
        return _finish(results)
    except (DataError, IntegrityError, TypeError, ValueError):
        if len(results) > 1:  # one result that cannot be stored must not take the others with it
            return {claim: status for result in results for claim, status in finish([result]).items()}
        return _finish([_unstorable(results[0])])


def _finish(results: list[Progress]) -> dict[Claim, str]:
    began, values = time.monotonic(), _values(results)
    with transaction.atomic(), connection.cursor() as cursor:
        if any(result.journey.operation.order_key for result in results):
            take_turn(cursor)  # before any row is locked, as whoever cancels does it: nobody waits for each other
        rows = execute(FINISH, values | lanes.limits())
        ours = {(id, attempts): status for id, attempts, status, _order in rows}
        order.move_up(cursor, {key for _id, _attempts, status, key in rows if key and status not in BLOCKING})
        kept = [result for result in results if result.journey.claim in ours]
        told = kept
        if len(kept) < len(results):
            cancelled = set(execute(CANCELLED, values))
            told = kept + [result for result in results if result.journey.claim in cancelled]
        _copy(cursor, [step for result in told for step in result.steps])
        effects.carry_out(cursor, [(one.journey.operation, *effect) for one in told for effect in one.effects])
        _answer(cursor, [result for result in kept if result.asks])
        lanes.hear([(action.lane_id, outcome) for action, outcome in (one.sent for one in results if one.sent)])
        refused = attention.hear([one for one in told if not _noisy_test(one)])
        notices.note(cursor, [one for one in kept if one.alarm and not one.journey.operation.test], refused)
        ended = [(one.journey.operation, ours[one.journey.claim]) for one in kept if not one.journey.operation.test]
        tally.add(cursor, [(one.processing_id, one.received_at, status) for one, status in ended])
    for result in kept:
        result.journey.written = result.journey.reading is not None
        result.journey.lease = began + settings.LEASE_SECONDS
    return ours


def _noisy_test(result: Progress) -> bool:
    """A test that failed: who tries it sees that himself, and a real operation shall still be news to others."""
    return result.journey.operation.test and not (result.sent and result.sent[1].ok)


def _answer(cursor: Any, results: list[Progress]) -> None:
    """What their next actions must know."""
    asked = [(result.journey.operation.tenant_id, result.asks) for result in results if result.asks]
    for result, found in zip(results, effects.look(cursor, asked), strict=True):
        if result.journey.stop:
            result.journey.answers[result.journey.stop.key] = found


def _copy(cursor: Any, steps: list[Step]) -> None:
    with connection.wrap_database_errors, cursor.copy(STEPS) as copy:
        for step in steps:
            copy.write_row(_step_row(step))


def _values(results: list[Progress]) -> dict[str, list[Any]]:
    now = datetime.now(UTC)
    return {
        "ids": [result.journey.operation.pk for result in results],
        "attempts": [result.journey.operation.attempts for result in results],
        "status": [str(result.status) for result in results],
        "due_in": [_due_in(result, now) for result in results],
        "error": [result.error for result in results],
        "data": [_data(result) for result in results],
        "duration_ms": [result.journey.duration_ms for result in results],
        "tries": [max(result.journey.tried.values(), default=0) for result in results],
        "lanes": [result.journey.lane for result in results],
        "was_lanes": [result.journey.operation.lane_id for result in results],
    }


def _due_in(result: Progress, now: datetime) -> float | None:
    """Seconds until the operation may be claimed: of one that goes on here, until its lease ends."""
    if result.status == Status.RUNNING:
        return float(settings.LEASE_SECONDS)
    return (result.due_at - now).total_seconds() if result.due_at else None


def _data(result: Progress) -> str | None:
    """The decoded fields, once for each claim."""
    journey = result.journey
    return dump(journey.reading.data) if journey.reading and not journey.written else None


def _step_row(step: Step) -> list[Any]:
    return [
        Json(value, dumps=dump) if name in JSONS and value is not None else value
        for name, value in ((name, getattr(step, name)) for name in STEP_COLUMNS)
    ]


def _unstorable(result: Progress) -> Progress:
    """What is kept of a result that the database refused: that it happened, without its texts."""
    for step in result.steps:
        step.config, step.exchanges, step.output = {}, [], None
        step.error = storable(step.error)
    result.journey.reading = None
    return result
