"""Counts by hour of what ended, and those of the last day from what is there."""

from datetime import UTC, datetime, timedelta

import django.db.models.deletion
from django.db import migrations, models

from webjack.fields import first_uuid7

# Rows are changed again and again for an hour: there is room beside each for its next version.
ROOM = "ALTER TABLE history_tally SET (fillfactor = 40)"
COUNT = """
INSERT INTO history_tally (processing_id, hour, session, good, bad)
SELECT processing_id, date_trunc('hour', received_at, 'UTC'), 0,
    count(*) FILTER (WHERE status = 'succeeded'), count(*) FILTER (WHERE status <> 'succeeded')
FROM history_operation WHERE id >= %s AND NOT test AND status IN ('succeeded', 'failed', 'unknown')
GROUP BY 1, 2
"""


def count(apps, schema_editor):
    schema_editor.execute(COUNT, [first_uuid7(datetime.now(UTC) - timedelta(hours=26))])


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0010_tests"),
        ("processings", "0002_engine"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("session", models.IntegerField()),
                ("good", models.IntegerField()),
                ("bad", models.IntegerField()),
                (
                    "processing",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="tallies",
                        to="processings.processing",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("processing", "hour", "session"), name="tally_once"),
                ],
            },
        ),
        migrations.RunSQL(ROOM, migrations.RunSQL.noop),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
