from django.db import migrations, models

import webjack.fields


class Migration(migrations.Migration):
    dependencies = [("history", "0009_heartbeat_cluster")]

    operations = [
        migrations.AddField(
            model_name="operation",
            name="test",
            field=models.BooleanField(db_default=False, default=False, verbose_name="test"),
        ),
        migrations.AddField(
            model_name="operation",
            name="decoding",
            field=webjack.fields.PlainJSONField(blank=True, null=True, verbose_name="decoding"),
        ),
    ]
