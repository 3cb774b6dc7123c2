"""The history in partitions by time: each a week of operations, or of their steps, found by the key, which is the time.

What was there stays where it is and becomes the first partition. The weeks to come are made by history.partitions.
"""

# ruff: noqa: S608 (only our own names of tables and columns)

from datetime import UTC, datetime, time, timedelta

import django.db.models.deletion
from django.db import migrations, models

from webjack.fields import first_uuid7

MODELS = {"Operation": ("id", "id"), "Step": ("operation_id", "operation_id, id")}
WEEK = timedelta(days=7)


def partition(apps, schema_editor):
    today = datetime.now(UTC).date()
    monday = datetime.combine(today - timedelta(days=today.weekday()), time.min, UTC)
    for name, (key, primary) in MODELS.items():
        rebuild(schema_editor, apps.get_model("history", name), key, primary, monday)


def rebuild(schema_editor, model, key, primary, monday):
    """Puts a partitioned table with the same columns and indexes in a table's place."""
    table, run = model._meta.db_table, schema_editor.execute
    old = f"{table}_first"
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = '{table}'::regclass")
        indexes = [name for name, in cursor.fetchall()]
    for name in indexes:
        run(f"ALTER INDEX {name} RENAME TO {name}_first")
    run(f"ALTER TABLE {table} RENAME TO {old}")
    run(f"CREATE TABLE {table} (LIKE {old} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE ({key})")
    run(f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({primary})")
    for index in model._meta.indexes:
        schema_editor.add_index(model, index)
    if table == "history_operation":
        # Else the planner takes a company's share of a processing's operations for its share of all operations.
        for name in (table, old):
            run(f"CREATE STATISTICS {name}_owners (dependencies) ON tenant_id, processing_id, source_id FROM {name}")
    add(schema_editor, table, f"{table}_default", "DEFAULT")
    begin = keep(schema_editor, table, key, primary, monday + WEEK) or monday
    for monday in (begin, begin + WEEK, begin + 2 * WEEK):
        bounds = first_uuid7(monday), first_uuid7(monday + WEEK)
        add(schema_editor, table, f"{table}_{monday:%Y%m%d}", "FOR VALUES FROM (%s) TO (%s)", bounds)


def add(schema_editor, table, name, bounds, values=None):
    schema_editor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STATISTICS)")
    schema_editor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} {bounds}", values)


def keep(schema_editor, table, key, primary, end):
    """Makes the old table the partition of all that came before `end`, and returns that; unless it is empty."""
    run, old = schema_editor.execute, f"{table}_first"
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {old})")
        if not cursor.fetchone()[0]:
            run(f"DROP TABLE {old}")
            return None
    # Made by a clock that was far ahead: the default partition takes them.
    ahead = f"DELETE FROM {old} WHERE {key} >= %s RETURNING *"
    run(f"WITH ahead AS ({ahead}) INSERT INTO {table} SELECT * FROM ahead", [first_uuid7(end)])
    run(f"ALTER TABLE {old} DROP CONSTRAINT {table}_pkey_first, ADD PRIMARY KEY ({primary})")
    run(f"ALTER TABLE {table} ATTACH PARTITION {old} FOR VALUES FROM (MINVALUE) TO (%s)", [first_uuid7(end)])
    return end


def schedule(apps, schema_editor):
    """Often enough that a missed run or ten are no matter: two weeks are always made ahead."""
    apps.get_model("django_q", "Schedule").objects.update_or_create(
        name="partitions", defaults={"func": "history.partitions.make", "schedule_type": "H", "repeats": -1}
    )


class Migration(migrations.Migration):

    dependencies = [
        ("history", "0006_engine"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='operation',
            name='operation_status',
        ),
        migrations.RemoveIndex(
            model_name='operation',
            name='operation_held',
        ),
        migrations.AlterField(
            model_name='step',
            name='operation',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='history.operation'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('status__in', ('queued', 'running')), _negated=True), fields=['tenant', 'status', '-id'], name='operation_status'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('status__in', ('queued', 'running')), _negated=True), fields=['processing', 'status', '-id'], name='operation_processing_status'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('status__in', ('queued', 'running')), _negated=True), fields=['source_id', 'status', '-id'], name='operation_source_status'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('status__in', ('queued', 'running', 'succeeded')), _negated=True), fields=['status', '-id'], name='operation_trouble'),
        ),
        migrations.RunPython(partition),
        migrations.RunPython(schedule),
    ]
