"""The statements of the queue's first half: which due operations are taken, which are parked, whose they are then.

They must read what they take and no more, however old PostgreSQL's idea of the table is: a queue that was empty a
minute ago may hold a million rows now, of other companies. So nothing is left to its guess:
- What is read along an index names its bounds and its order by all columns of that index, as `(a, b) >= (…)` and
  `ORDER BY a, b`, never as `a = …`. Since sorting is forbidden (turn.py), no other index will do.
- Rows that are known by their keys are found by these alone, as `id >= … AND id <= …`; only then is their status looked
  at. With `id = …` a table that PostgreSQL takes for empty (it looked while the rows were not committed) has been read
  as a whole for each key, along its index.
"""

from history import lanes

COLUMNS = (
    "id tenant_id processing_id source_id kind received_at method query headers content_type body address "
    "run attempts losses forced test decoding lane_id order_key started_at"
).split()

# Processings with open operations, one jump in the index for each, without scanning any backlog.
WALK = """
WITH RECURSIVE pair AS (
    (SELECT tenant_id, processing_id, 1 AS n FROM history_operation
     WHERE status IN ('queued', 'running', 'waiting') AND (tenant_id, processing_id) > (%(tenant)s, %(processing)s)
     ORDER BY tenant_id, processing_id LIMIT 1)
  UNION ALL
    SELECT following.tenant_id, following.processing_id, n + 1 FROM pair CROSS JOIN LATERAL (
        SELECT o.tenant_id, o.processing_id FROM history_operation o
        WHERE o.status IN ('queued', 'running', 'waiting')
        AND (o.tenant_id, o.processing_id) > (pair.tenant_id, pair.processing_id)
        ORDER BY o.tenant_id, o.processing_id LIMIT 1) following
    WHERE n < %(pairs)s
)
SELECT tenant_id, processing_id FROM pair ORDER BY n
"""

# How many more operations of each of these companies may be taken: what the caller has room for, and what an operator
# allowed less what runs anywhere.
COMPANIES = """
company AS MATERIALIZED (
    SELECT asked.id, least(
        coalesce(asked.room, %(usual)s),
        tenant.most_in_flight - CASE WHEN tenant.most_in_flight IS NOT NULL THEN (
            SELECT count(*) FILTER (WHERE due_at > now()) FROM (
                SELECT r.due_at FROM history_operation r
                WHERE r.status = 'running' AND r.tenant_id >= asked.id AND r.tenant_id <= asked.id
                ORDER BY r.tenant_id, r.lane_id) running) END
    ) AS room
    FROM (SELECT DISTINCT pair.tenant_id AS id, known.room FROM pair
          LEFT JOIN unnest(%(companies)s::uuid[], %(rooms)s::int[]) AS known(id, room) ON known.id = pair.tenant_id
    ) asked LEFT JOIN tenants_tenant tenant ON tenant.id = asked.id
)
"""

# Of each processing the oldest due ones; the first of every processing before the second of any inside a company, and
# the first of every company before the second of any. Then they are locked, and each is told the account it goes to: of
# its first action that has one, stands in no block and is not done in this run (of the others, run.advance asks).
CHOICE = """
due AS (
    SELECT picked.id, company.room,
        row_number() OVER (PARTITION BY company.id ORDER BY picked.rank, picked.due_at) AS turn
    FROM pair JOIN company ON company.id = pair.tenant_id CROSS JOIN LATERAL (
        SELECT id, due_at, row_number() OVER (ORDER BY tenant_id, processing_id, due_at) AS rank FROM (
            SELECT id, tenant_id, processing_id, due_at FROM history_operation
            WHERE status IN ('queued', 'running', 'waiting') AND (losses < %(suspect)s OR %(suspects)s)
            AND (tenant_id, processing_id) >= (pair.tenant_id, pair.processing_id)
            AND (tenant_id, processing_id, due_at) <= (pair.tenant_id, pair.processing_id, now())
            ORDER BY tenant_id, processing_id, due_at LIMIT least(%(each)s, greatest(company.room, 0))) oldest
    ) picked
), fair AS (
    SELECT id FROM due WHERE turn <= room ORDER BY turn, random() LIMIT %(free)s
), locked AS (
    SELECT o.id, o.status AS was, o.due_at, o.order_key, o.losses, o.waits_for, coalesce(o.lane_id, (
        SELECT action.lane_id FROM actions_action action
        WHERE action.processing_id = o.processing_id AND action.enabled AND action.lane_id IS NOT NULL
        AND action.parent_id IS NULL
        AND (o.attempts = 0 OR NOT EXISTS (
            SELECT FROM history_step step
            WHERE step.operation_id = o.id AND step.run = o.run AND step.action_id = action.id
            AND step.status IN ('succeeded', 'accepted')))
        ORDER BY action.position LIMIT 1)) AS lane_id
    FROM history_operation o JOIN fair ON o.id >= fair.id AND o.id <= fair.id FOR UPDATE OF o SKIP LOCKED
)
"""

# Who must wait, and for what: for an earlier one of the same order, or for its account. Those parked for an account
# come before newcomers.
PARKING = f"""
lane AS MATERIALIZED (
    SELECT lane.id, lane.waiting, {lanes.ROOM} AS room FROM connections_lane lane
    WHERE lane.id = ANY (ARRAY(SELECT DISTINCT lane_id FROM locked))
), placed AS (
    SELECT behind.*, row_number() OVER (
        PARTITION BY lane_id, behind ORDER BY waits_for IS DISTINCT FROM lane_id, id) AS place
    FROM (
        SELECT locked.*, order_key IS NOT NULL AND EXISTS (
            SELECT FROM history_operation earlier
            WHERE earlier.status IN ('queued', 'running', 'waiting', 'unknown')
            AND earlier.order_key >= locked.order_key
            AND (earlier.order_key, earlier.id) < (locked.order_key, locked.id)) AS behind
        FROM (
            SELECT *, row_number() OVER (PARTITION BY losses >= %(suspect)s ORDER BY id) AS nth FROM locked
            WHERE was IN ('queued', 'running', 'waiting') AND due_at <= now()
        ) locked
        WHERE losses < %(suspect)s OR nth = 1
    ) behind
), decided AS (
    SELECT placed.id, was, lane_id, CASE
        WHEN behind THEN order_key
        WHEN place > lane.room OR (lane.waiting AND waits_for IS DISTINCT FROM lane_id) THEN lane_id
        END AS parked_for
    FROM placed LEFT JOIN lane ON lane.id = placed.lane_id
)
"""  # noqa: S608 (only our own constants)

# The accounts note what was taken of their rate, and that somebody waits for them.
ACCOUNTS = f"""
noted AS (
    UPDATE connections_lane lane SET
        waiting = lane.waiting OR taken.parked > 0,
        tokens = coalesce({lanes.TOKENS} - taken.running, 0), tokens_at = now()
    FROM (
        SELECT lane_id, count(*) FILTER (WHERE parked_for IS NULL) AS running,
            count(*) FILTER (WHERE parked_for = lane_id) AS parked
        FROM decided GROUP BY lane_id
    ) taken
    WHERE lane.id = taken.lane_id
    AND ({lanes.RATE} IS NOT NULL AND taken.running > 0 OR taken.parked > 0 AND NOT lane.waiting)
)
"""  # noqa: S608

# Who finds an operation running knows that a worker was lost with it: that is what `losses` counts.
CLAIM = f"""
WITH pair AS (
    SELECT * FROM unnest(%(tenants)s::uuid[], %(processings)s::uuid[]) AS pair(tenant_id, processing_id)
), {COMPANIES}, {CHOICE}, {PARKING}, {ACCOUNTS}
UPDATE history_operation o SET
    status = CASE WHEN parked_for IS NULL THEN 'running' WHEN was = 'running' THEN 'queued' ELSE was END,
    attempts = attempts + CASE WHEN parked_for IS NULL THEN 1 ELSE 0 END,
    losses = losses + CASE WHEN was = 'running' THEN 1 ELSE 0 END,
    due_at = CASE WHEN parked_for IS NULL THEN now() + %(lease)s * interval '1 second' END,
    started_at = CASE WHEN parked_for IS NULL THEN coalesce(started_at, now()) ELSE started_at END,
    lane_id = decided.lane_id, waits_for = parked_for
FROM decided WHERE o.id >= decided.id AND o.id <= decided.id
RETURNING parked_for IS NULL, {", ".join("o." + column for column in COLUMNS)}
"""  # noqa: S608 (only our own constants)

# The fence: `attempts` grows with each claim, so a worker that lost its lease no longer finds what was its own.
# Rows are locked in one order, so that two writers never wait for each other.
OURS = """
WITH named AS (
    SELECT o.id, o.attempts, o.status FROM history_operation o
    JOIN unnest(%(ids)s::uuid[], %(attempts)s::int[]) AS claimed(id, attempts)
    ON o.id >= claimed.id AND o.id <= claimed.id
    WHERE o.attempts = claimed.attempts ORDER BY claimed.id FOR UPDATE OF o
), ours AS (
    SELECT id, attempts FROM named WHERE status = 'running'
)
"""
RENEW = f"""{OURS}
UPDATE history_operation o SET due_at = now() + %(lease)s * interval '1 second'
FROM ours WHERE o.id >= ours.id AND o.id <= ours.id
RETURNING o.id, o.attempts
"""  # noqa: S608
GIVE_BACK = f"""{OURS}
UPDATE history_operation o SET status = 'queued', due_at = now() FROM ours WHERE o.id >= ours.id AND o.id <= ours.id
"""  # noqa: S608
# Due at once and yet running: the next claim counts a lost worker and shows the step that was under way. Where several
# were lost with it in a row, the lease's rest is a pause, for what took them down may pass.
ABANDON = f"""{OURS}
UPDATE history_operation o SET due_at = now()
FROM ours WHERE o.id >= ours.id AND o.id <= ours.id AND o.losses < %(suspect)s
"""  # noqa: S608
ORPHANED = f"""{OURS}
UPDATE history_operation o SET status = 'cancelled', due_at = NULL, finished_at = now(), losses = 0
FROM ours WHERE o.id >= ours.id AND o.id <= ours.id
"""  # noqa: S608
