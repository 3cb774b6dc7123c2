"""Fills the history as a month of work would have: `fill(rows)`, 500 companies, the last 30 days, a step for each.

Rows are made inside PostgreSQL, week by week, into tables that become partitions when they are full. Which source a row
came from is drawn by lot with the shares of `places`; everything about a row follows from its number, so two runs are
alike.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from django.db import connection, transaction

from bench import _stage as stage  # first: it sets Django up
from history import partitions
from history.partitions import INCLUDING, KEYS, WEEK, Partition
from processings.models import Processing, State
from sources.models import Source
from tenants.models import Tenant

COMPANIES = 500
DAYS = 30
LARGEST, SMALLEST = 0.12, 0.000_02  # shares of all rows
PROCESSINGS = 40  # of the largest company; the others have 1 to 8
FAILING = 0.03

# h is the row's lot: 32 hex digits, 7 for its place, 7 for its status, 18 for its id. Without the OFFSETs PostgreSQL
# would work out each of these as often as it is used.
LOTS = """
WITH lots AS (
    SELECT g, md5(g::text) AS h, %(begin)s + g * %(pace)s AS ms
    FROM generate_series(%(first)s::bigint, %(last)s::bigint - 1) g OFFSET 0
), drawn AS (
    SELECT *, width_bucket(('x' || substr(h, 1, 7))::bit(28)::int / 268435456.0, %(shares)s::float[]) + 1 AS lot,
        ('x' || substr(h, 8, 7))::bit(28)::int / 268435456.0 AS luck
    FROM lots OFFSET 0
), placed AS (
    SELECT *, CASE WHEN lot = %(dead)s AND g > %(rows)s / 3 THEN 1 ELSE lot END AS place,
        lpad(to_hex(ms), 12, '0') || '7' || substr(h, 15, 3) || 'b' || substr(h, 18, 15) AS id
    FROM drawn OFFSET 0
), named AS (
    SELECT g, h, luck, id::uuid, overlay(id placing 'a' from 17)::uuid AS step_id, to_timestamp(ms / 1000.0) AS moment,
        (%(tenants)s::uuid[])[place] AS tenant_id, (%(processings)s::uuid[])[place] AS processing_id,
        (%(sources)s::uuid[])[place] AS source_id, luck < (%(failing)s::float[])[place] AS failed
    FROM placed OFFSET 0
)
"""
OPERATIONS = """
, told AS (
    SELECT *, '{"client_name": "' || (%(names)s::text[])[g %% 20 + 1] || '", "client_phone": "+79'
        || lpad((g %% 1000000000)::text, 9, '0') || '", "appointment": {"time": "14:00", "comment": '
        || '"Повторный визит, просила перезвонить накануне вечером"}, "service": "Консультация терапевта", "price": '
        || (g %% 90 * 100 + 500) || ', "source": "Форма на сайте", "page": '
        || '"https://klinika.example/uslugi/terapevt?utm_source=yandex&utm_campaign=osen-2026"}' AS body,
        CASE WHEN failed THEN 'failed' WHEN luck > 0.9999 THEN 'unknown' WHEN luck > 0.9997 THEN 'cancelled'
            WHEN luck > 0.998 THEN 'rejected' WHEN luck > 0.978 THEN 'filtered' WHEN luck > 0.977 THEN 'held'
            WHEN luck > 0.9768 THEN 'waiting' ELSE 'succeeded' END AS status
    FROM named OFFSET 0
)
INSERT INTO {table} (
    id, tenant_id, processing_id, source_id, kind, status, received_at, method, query, headers, content_type, body,
    address, data, run, attempts, tries, losses, forced, test, due_at, started_at, finished_at, duration_ms, error
)
SELECT id, tenant_id, processing_id, source_id, 'http', status, moment, 'POST', '',
    '{"Host": "hooks.example.ru", "User-Agent": "Mozilla/5.0 (compatible; forms)", "Accept": "*/*"}',
    'application/json', convert_to(body, 'UTF8'), '203.0.113.7',
    CASE WHEN status NOT IN ('held', 'rejected') THEN body::json END, 1, 1, 1, 0, false,
    g %% 2000 = 0, CASE status WHEN 'waiting' THEN now() + interval '1 day' END, moment, moment + interval '1 s', 87,
    CASE status WHEN 'failed' THEN 'Сервис ответил 500 Internal Server Error' ELSE '' END
FROM told
"""
STEPS = """
INSERT INTO {table} (
    id, tenant_id, operation_id, run, attempt, position, action_id, kind, alias, title, status, started_at,
    duration_ms, config, exchanges, output, error
)
SELECT step_id, tenant_id, id, 1, 1, 1, processing_id, 'http.request', 'http', 'HTTP-запрос',
    CASE WHEN failed THEN 'failed' ELSE 'succeeded' END, moment, 85,
    '{"method": "POST", "url": "https://crm.example.ru/rest/crm.lead.add"}',
    ('[{"request": {"method": "POST", "url": "https://crm.example.ru/rest/crm.lead.add", "headers": [{"name": "'
        || 'Idempotency-Key", "value": "' || h || '"}], "body": "TITLE=Заявка", "size": 18, "truncated": false}, '
        || '"response": {"status": 200, "reason": "OK", "headers": [{"name": "Content-Type", "value": "text/plain"}], '
        || '"body": "' || g || '", "size": 8, "truncated": false}, "error": null, "duration_ms": 85, '
        || '"started_at": "2026-11-24T09:00:00.000Z"}]')::json,
    ('{"result": ' || g || '}')::json, ''
FROM named
"""
TALLY = """
INSERT INTO history_tally (processing_id, hour, session, good, bad)
SELECT processing_id, date_trunc('hour', received_at, 'UTC'), 0,
    count(*) FILTER (WHERE status = 'succeeded'), count(*) FILTER (WHERE status <> 'succeeded')
FROM history_operation
WHERE received_at > now() - interval '26 hours' AND status IN ('succeeded', 'failed', 'unknown') GROUP BY 1, 2
"""
NAMES = [f"{first} {last}" for first in ("Анна", "Ольга", "Марина", "Елена", "Вера") for last in
         ("Петрова", "Иванова", "Сидорова", "Смирнова")]  # fmt: skip


@dataclass
class Place:
    """A source with its share of all rows. failing: the share of its operations that fail."""

    source: Source
    share: float
    failing: float


def fill(rows: int) -> list[Place]:
    """Replaces all history by so many operations, each with a step; returns the places, the largest company's first."""
    stage.clear()
    with transaction.atomic():
        made = list(places())
    now = datetime.now(UTC)
    pace = DAYS * 86_400_000 // rows  # milliseconds from one row to the next
    begin = now - timedelta(milliseconds=rows * pace)
    values = {
        "begin": int(begin.timestamp() * 1000), "pace": pace, "rows": rows, "names": NAMES, "dead": 2,
        "shares": list(accumulate(place.share for place in made[:-1])),
        "tenants": [place.source.tenant_id for place in made],
        "processings": [place.source.processing_id for place in made],
        "sources": [place.source.pk for place in made],
        "failing": [place.failing for place in made],
    }  # fmt: skip
    jobs = []
    monday = (begin - timedelta(days=begin.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    while monday < now:
        first, last = (_first(moment, values, rows) for moment in (monday, monday + WEEK))
        jobs += [(table, Partition.week(monday), values | {"first": first, "last": last}) for table in KEYS]
        monday += WEEK
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill_week, jobs))
    with connection.cursor() as cursor:
        for table in KEYS:
            cursor.execute(f"ANALYZE {table}")
        cursor.execute(TALLY)
    return made


def _first(moment: datetime, values: dict[str, Any], rows: int) -> int:
    """The number of the first row that came at this moment or later."""
    number: int = -((values["begin"] - int(moment.timestamp() * 1000)) // values["pace"])
    return min(max(number, 0), rows)


def fill_week(job: tuple[str, Partition, dict[str, Any]]) -> None:
    """In a thread, with a connection of its own. The week of now has its partition and is filled as it is."""
    table, week, values = job
    part = f"{table}_{week.name}"
    insert = LOTS + (OPERATIONS if table == "history_operation" else STEPS).replace("{table}", part)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
            missing = week not in partitions.partitions(table)
            with transaction.atomic():
                if missing:
                    cursor.execute(f"CREATE TABLE {part} (LIKE {table} {INCLUDING})")
                cursor.execute(insert, values)
                if missing:
                    bounds = "FOR VALUES FROM (%s) TO (%s)"
                    cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {part} {bounds}", [week.begin, week.end])
            cursor.execute(f"VACUUM (ANALYZE) {part}")
    finally:
        connection.close()


def places() -> Iterator[Place]:
    """Of the largest company, of the others by size, and of one that has a handful of rows."""
    yield from company("Largest", LARGEST, PROCESSINGS)
    weights = [1 / (number + 3) ** 0.9 for number in range(COMPANIES - 2)]
    for number, weight in enumerate(weights):
        yield from company(f"Company {number}", (1 - LARGEST - SMALLEST) * weight / sum(weights), number % 8 + 1)
    yield from company("Smallest", SMALLEST, 1)


def company(name: str, share: float, count: int) -> Iterator[Place]:
    """Its processings, the first the busiest, with two sources each: three calls of four come to the first.

    Each seventh processing never fails, another one always does.
    """
    tenant = Tenant.objects.create(name=name)
    weights = [1 / (number + 1) for number in range(count)]
    for number, weight in enumerate(weights):
        processing = Processing.objects.create(tenant=tenant, name=f"{name} {number}", state=State.RUNNING)
        failing = 0.0 if number % 7 == 3 else 1.0 if number % 7 == 5 else FAILING
        for part in (0.75, 0.25):
            source = Source.objects.create(tenant=tenant, processing=processing, kind="http", config={})
            yield Place(source, share * weight / sum(weights) * part, failing)
