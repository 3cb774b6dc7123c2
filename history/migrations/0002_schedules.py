from django.db import migrations


def schedule(apps, schema_editor):
    """A safety net behind the call that each error makes by itself: mails that are due go out within a minute."""
    apps.get_model("django_q", "Schedule").objects.update_or_create(
        name="notices", defaults={"func": "history.notices.send", "schedule_type": "I", "minutes": 1, "repeats": -1}
    )


class Migration(migrations.Migration):
    dependencies = [("history", "0001_initial"), ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more")]
    operations = [migrations.RunPython(schedule, migrations.RunPython.noop)]
