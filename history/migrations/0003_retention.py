from django.db import migrations


def schedule(apps, schema_editor):
    """Old history goes in small steps, hour by hour."""
    apps.get_model("django_q", "Schedule").objects.update_or_create(
        name="retention", defaults={"func": "history.retention.forget", "schedule_type": "H", "repeats": -1}
    )


class Migration(migrations.Migration):
    dependencies = [("history", "0002_schedules")]
    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
