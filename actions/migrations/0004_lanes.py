"""Tells the actions there are which outside account they go to, as `actions.lanes` does for each that is saved."""

from typing import Any

from django.db import migrations

from webjack import kinds


def assign(apps: Any, schema_editor: Any) -> None:
    actions, lanes = apps.get_model("actions", "Action").objects, apps.get_model("connections", "Lane").objects
    for action in actions.filter(lane_id=None).iterator():
        try:
            key = kinds.get("action", action.kind).account(action.config)
        except kinds.UnknownKind:
            continue
        if key:
            lane, _fresh = lanes.get_or_create(tenant_id=action.tenant_id, key=key)
            actions.filter(pk=action.pk).update(lane_id=lane.pk)


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0002_engine"),
        ("connections", "0001_initial"),
    ]

    operations = [migrations.RunPython(assign, migrations.RunPython.noop, elidable=True)]
