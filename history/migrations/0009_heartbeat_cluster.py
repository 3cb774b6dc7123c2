from django.db import migrations, models


class Migration(migrations.Migration):
    """Begun anew: its rows are a few seconds old at most."""

    dependencies = [
        ("history", "0008_place"),
    ]

    operations = [
        migrations.DeleteModel(name="Heartbeat"),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("host", models.CharField(max_length=200)),
                ("cluster", models.CharField(default="operations", max_length=20)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "worker",
                "verbose_name_plural": "workers",
                "constraints": [models.UniqueConstraint(fields=("host", "cluster"), name="heartbeat_once")],
            },
        ),
    ]
