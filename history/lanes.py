"""The budget of each outside account (connections.Lane), shared by all workers: SQL that the claim and the results use.

An account that broke several attempts in a row is taken for silent: its operations wait together, and one at a time
probes it, later and later, until one gets through. An account that asks for a pause gets it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from actions.perform import Outcome
from history.prepared import execute

TOO_MANY_REQUESTS = 429
BREAK_AFTER = 5  # failures in a row
PAUSES = [30.0, 60.0, 120.0, 300.0]  # seconds before the first probe, the second, …; the last one again and again
LIMITED_PAUSE = 10.0  # seconds, for an account that asks for fewer requests and does not say how long

# How many more operations may begin: none while it is closed or the requests of those that began queue for their turn
# (connections.pace), one at a time to one that is silent, else up to what may be under way and what the rate has left.
# `lane` is the row; its alias must be `lane`. least() passes over null.
ROOM = """
CASE WHEN lane.closed_until > now() OR lane.paced_until > now() + interval '1 second' THEN 0 ELSE least(
    CASE WHEN lane.failures >= %(break_after)s THEN 1 ELSE coalesce(lane.most_in_flight, %(lane_in_flight)s) END - (
        SELECT count(*) FILTER (WHERE due_at > now()) FROM (
            SELECT r.due_at FROM history_operation r WHERE r.status = 'running'
            AND (r.tenant_id, r.lane_id) >= (lane.tenant_id, lane.id)
            AND (r.tenant_id, r.lane_id) <= (lane.tenant_id, lane.id)
            ORDER BY r.tenant_id, r.lane_id) running),
    floor(TOKENS)
) END
"""
# A second's worth of requests at most is saved up, but never less than one. Null where there is no rate.
RATE = "coalesce(lane.per_second, lane.usual_per_second)"
TOKENS = f"""CASE WHEN {RATE} IS NOT NULL THEN least(
    greatest({RATE}, 1),
    coalesce(lane.tokens + {RATE} * extract(epoch FROM now() - lane.tokens_at), greatest({RATE}, 1))
) END"""
ROOM = ROOM.replace("TOKENS", TOKENS)

WAITING = """
SELECT 1 FROM connections_lane WHERE waiting AND (closed_until IS NULL OR closed_until <= now()) LIMIT 1
"""

# Makes due the oldest parked operations of each account that has room, and remembers whether any are left. Those made
# due before and not yet claimed have taken their part of the room; they are among the oldest, so that not all that are
# parked are looked through. They are due since they came, before newcomers.
RELEASE = f"""
WITH room AS (
    SELECT lane.id, {ROOM} - (
        SELECT count(due_at) FROM (
            SELECT p.due_at FROM history_operation p WHERE p.waits_for >= lane.id AND p.waits_for <= lane.id
            ORDER BY p.waits_for, p.id LIMIT 2 * coalesce(lane.most_in_flight, %(lane_in_flight)s)) oldest) AS room
    FROM connections_lane lane
    WHERE lane.waiting AND (lane.closed_until IS NULL OR lane.closed_until <= now())
), freed AS (
    UPDATE history_operation o SET due_at = received_at FROM (
        SELECT oldest.id FROM room CROSS JOIN LATERAL (
            SELECT p.id FROM history_operation p
            WHERE p.waits_for >= room.id AND p.waits_for <= room.id AND p.due_at IS NULL
            ORDER BY p.waits_for, p.id LIMIT greatest(room.room, 0)) oldest
    ) chosen WHERE o.id >= chosen.id AND o.id <= chosen.id
    RETURNING o.id, o.waits_for
), emptied AS (
    UPDATE connections_lane lane SET waiting = false FROM room WHERE lane.id = room.id AND (
        SELECT p.id FROM history_operation p WHERE p.waits_for >= lane.id AND p.waits_for <= lane.id
        AND p.due_at IS NULL AND p.id NOT IN (SELECT id FROM freed)
        ORDER BY p.waits_for, p.id LIMIT 1) IS NULL
)
SELECT count(*) FROM freed
"""  # noqa: S608 (only our own constants)

# closed_until moves when the account asks for it, when it falls silent, and when a probe was in vain; not for those
# that were still under way when it fell silent. A success ends the silence, but not a pause that was asked for.
# Rows are locked in one order, so that no two workers wait for each other.
HEAR = """
WITH heard AS (
    SELECT * FROM unnest(%(lanes)s::uuid[], %(good)s::bool[], %(bad)s::int[], %(pause)s::float[])
        AS heard(id, good, bad, pause)
), told AS (
    SELECT heard.* FROM heard JOIN connections_lane lane USING (id)
    WHERE heard.bad > 0 OR heard.pause > 0 OR lane.failures > 0
    ORDER BY id FOR UPDATE OF lane
)
UPDATE connections_lane lane SET
    failures = CASE WHEN told.good THEN 0 ELSE lane.failures END + told.bad,
    probes = CASE
        WHEN told.good THEN 0
        WHEN told.bad > 0 AND lane.failures >= %(break_after)s AND NOT lane.closed_until > now() THEN lane.probes + 1
        ELSE lane.probes END,
    closed_until = CASE
        WHEN told.pause > 0 THEN greatest(lane.closed_until, now() + told.pause * interval '1 second')
        WHEN told.good THEN CASE WHEN lane.failures < %(break_after)s THEN lane.closed_until END
        WHEN lane.failures + told.bad < %(break_after)s OR lane.closed_until > now() THEN lane.closed_until
        ELSE now() + interval '1 second' * (0.9 + random() / 5) * (%(pauses)s::float[])[
            least(lane.probes + CASE WHEN lane.failures >= %(break_after)s THEN 2 ELSE 1 END, %(longest)s)]
        END
FROM told WHERE lane.id = told.id
"""


@dataclass
class Told:
    """What a batch of results says of one account, in their order. bad: failures since the last success, or all."""

    good: bool = False
    bad: int = 0
    pause: float = 0.0

    def hear(self, outcome: Outcome) -> None:
        """Of one attempt. That the account refused this one request is no silence."""
        if outcome.after is not None or outcome.status == TOO_MANY_REQUESTS:
            self.pause = max(self.pause, LIMITED_PAUSE if outcome.after is None else outcome.after)
        elif outcome.retry:
            self.bad += 1
        elif outcome.answered:
            self.good, self.bad = True, 0


def limits() -> dict[str, Any]:
    """What ROOM needs to know."""
    return {"break_after": BREAK_AFTER, "lane_in_flight": settings.LANE_IN_FLIGHT}


def release() -> None:
    """Lets parked operations go on where their accounts have room again; the caller holds the claims' turn."""
    if execute(WAITING):
        execute(RELEASE, limits())


def hear(attempts: Iterable[tuple[UUID | None, Outcome]]) -> None:
    """Notes what attempts, in their order, tell of their accounts."""
    told: dict[UUID, Told] = {}
    for lane, outcome in attempts:
        if lane is not None:
            told.setdefault(lane, Told()).hear(outcome)
    if not told:
        return
    lanes = list(told)
    values = {
        "lanes": lanes,
        "good": [told[lane].good for lane in lanes],
        "bad": [told[lane].bad for lane in lanes],
        "pause": [told[lane].pause for lane in lanes],
        "pauses": PAUSES,
        "longest": len(PAUSES),
    }
    execute(HEAR, values | {"break_after": BREAK_AFTER})
