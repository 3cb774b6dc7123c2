"""Actions that use a connection go by a lane of their own, as `actions.lanes` does for each that is saved."""

from typing import Any

from django.db import migrations

from actions.fields import ConnectionField
from webjack import kinds


def assign(apps: Any, schema_editor: Any) -> None:
    actions, lanes = apps.get_model("actions", "Action").objects, apps.get_model("connections", "Lane").objects
    connections = apps.get_model("connections", "Connection").objects
    for action in actions.iterator():
        try:
            spec = kinds.get("action", action.kind)
        except kinds.UnknownKind:
            continue
        fields = [name for name, each in spec.form.base_fields.items() if isinstance(each, ConnectionField)]
        ids = [action.config[name] for name in fields if action.config.get(name)]
        row = connections.filter(tenant_id=action.tenant_id, pk=ids[0]).first() if ids else None
        if row:
            told = {"connection": row, "usual_per_second": kinds.get("connection", row.kind).per_second}
            key = f"{spec.account(action.config) or spec.service} {row.pk}"
            lane, _fresh = lanes.get_or_create(tenant_id=action.tenant_id, key=key, defaults=told)
            actions.filter(pk=action.pk).update(lane_id=lane.pk)


class Migration(migrations.Migration):
    dependencies = [("actions", "0006_sample"), ("connections", "0005_pace")]
    operations = [migrations.RunPython(assign, migrations.RunPython.noop, elidable=True)]
