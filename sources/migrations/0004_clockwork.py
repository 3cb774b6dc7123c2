from django.db import migrations


def schedule(apps, schema_editor):
    plan = apps.get_model("django_q", "Schedule").objects.update_or_create
    plan(name="sources", defaults={"func": "sources.upkeep.minute", "schedule_type": "I", "minutes": 1, "repeats": -1})
    plan(name="sources-forget", defaults={"func": "sources.upkeep.hour", "schedule_type": "H", "repeats": -1})


class Migration(migrations.Migration):
    dependencies = [
        ("sources", "0003_timed"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
