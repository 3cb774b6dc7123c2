from django.core.management import call_command
from django.db import migrations


def make_cache_table(apps, schema_editor):
    """The shared cache (rate limits of log-in and sign-up) needs its table wherever the database is."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [migrations.RunPython(make_cache_table, migrations.RunPython.noop)]
