import django.db.models.deletion
from django.db import migrations, models

import webjack.fields


class Migration(migrations.Migration):
    dependencies = [("history", "0011_tally"), ("tenants", "0003_limits")]

    operations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("operation_id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("told", webjack.fields.PlainJSONField(default=dict, verbose_name="answer")),
                ("in_time", models.BooleanField(verbose_name="made by an action")),
                ("waited_ms", models.PositiveIntegerField(verbose_name="waited, ms")),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                        verbose_name="company",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer to a sender",
                "verbose_name_plural": "answers to senders",
                "indexes": [models.Index(fields=["tenant", "operation_id"], name="answer_by_tenant")],
            },
        ),
    ]
