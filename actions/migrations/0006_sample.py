from django.db import migrations, models

import webjack.fields


class Migration(migrations.Migration):
    dependencies = [("actions", "0005_tables")]

    operations = [
        migrations.AddField(
            model_name="action",
            name="sample",
            field=webjack.fields.PlainJSONField(
                blank=True, editable=False, null=True, verbose_name="sample of the answer"
            ),
        ),
        migrations.AddField(
            model_name="action",
            name="sampled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="sample taken"),
        ),
    ]
