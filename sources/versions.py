"""Versions of a processing: its settings after each change, kept in the change's transaction, and read as lines."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from actions.models import Action
from processings.models import Processing
from sources.models import Source, Version
from tenants.acting import actor
from tenants.journal_shown import choices_of, column_text, names_of, value_text
from tenants.models import Tenant
from webjack import config as configs
from webjack import kinds
from webjack.fields import first_uuid7
from webjack.http.mask import MASK, Mask

MOST = 200
"""Versions of one processing; the oldest go first."""

OWN = ("name", "notify", "notice_emails", "ordering", "ordering_field", "retries", "deadline_seconds")
OF_SOURCE = ("kind", "name", "config")
OF_ACTION = ("kind", "name", "alias", "config", "on_unknown", "retries", "enabled", "slot")
OF_FIELD = ("name", "label", "hidden")


def keep(processing_id: uuid.UUID) -> None:
    """A version more, unless the settings are as they were. Told by the journal of each change (tenants.journal)."""
    processing = Processing.everything.filter(pk=processing_id).first()
    if processing is None:
        return
    told = snapshot(processing)
    last = processing.versions.order_by("-pk").first()
    if last is not None and last.settings == told:
        return
    by = actor()
    Version.objects.create(
        tenant_id=processing.tenant_id, processing=processing, by=by.by, who=by.who[:300], settings=told
    )
    old = processing.versions.order_by("-pk").values_list("pk", flat=True)[MOST : MOST + 10]
    if found := list(old):
        Version.objects.filter(pk__in=found).delete()


def snapshot(processing: Any) -> dict[str, Any]:
    return {
        **{name: getattr(processing, name) for name in OWN},
        "sources": [_of_source(source) for source in processing.sources.order_by("created_at", "pk")],
        "actions": [_of_action(action) for action in processing.actions.order_by("position")],
    }


def _of_source(source: Any) -> dict[str, Any]:
    fields = [{name: row.get(name) for name in OF_FIELD} for row in source.fields]
    return {"id": str(source.pk), **{name: getattr(source, name) for name in OF_SOURCE}, "fields": fields}


def _of_action(action: Any) -> dict[str, Any]:
    parent = str(action.parent_id) if action.parent_id else None
    return {"id": str(action.pk), **{name: getattr(action, name) for name in OF_ACTION}, "parent": parent}


def forget() -> int:
    """Deletes versions older than AUDIT_DAYS but the newest of each processing; returns how many rows."""
    old = Version.objects.filter(pk__lt=first_uuid7(timezone.now() - timedelta(days=settings.AUDIT_DAYS)))
    newer = Version.objects.filter(processing=OuterRef("processing"), pk__gt=OuterRef("pk"))
    return old.filter(Exists(newer)).delete()[0]


def lines(told: dict[str, Any], tenant: Tenant) -> list[str]:
    """The settings of a version as a person reads them, secrets masked."""
    configs_of = [part["config"].values() for part in (*told["sources"], *told["actions"])]
    names = names_of((value for values in configs_of for value in values), tenant)
    found = list(_rows(Processing, {name: told.get(name) for name in OWN}))
    for source in told["sources"]:
        found += _part("source", _("Data source"), Source, source, names)
    for number, action in enumerate(told["actions"], 1):
        found += _part("action", _("Action %(number)s") % {"number": number}, Action, action, names)
    return found


def _part(family: str, word: str, model: Any, told: dict[str, Any], names: dict[str, str]) -> list[str]:
    try:
        spec = kinds.get(family, told["kind"])
    except kinds.UnknownKind:
        spec = None
    own: dict[str, Any] = {
        name: told[name] for name in ("alias", "on_unknown", "retries", "enabled", "slot") if name in told
    }
    inner = [*_rows(model, own), *_settings(spec, told["config"], names), *_fields(told)]
    title = told["name"] or (str(spec.title) if spec else told["kind"])
    return ["", f"{word}: {title}", *(f"  {line}" for line in inner)]


def _rows(model: Any, told: dict[str, Any]) -> Iterator[str]:
    for name, value in told.items():
        column = model._meta.get_field(name)
        yield from _written(column.verbose_name, column_text(column, value))


def _settings(spec: Any, config: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    fields = spec.form.base_fields if spec else {}
    for name, value in configs.flatten(Mask([]).config(config), list(fields)).items():
        field = fields.get(name)
        text = MASK if isinstance(value, str) and value.startswith("sha256$") else value
        label = getattr(field, "label", None) or name
        yield from _written(label, value_text(text, choices_of(field, None), names))


def _fields(told: dict[str, Any]) -> Iterator[str]:
    for row in told.get("fields", ()):
        label = f" ({row['label']})" if row.get("label") else ""
        yield from _written(_("Hidden field") if row.get("hidden") else _("Field"), f"{row['name']}{label}")


def _written(label: Any, text: str) -> Iterator[str]:
    """A line, or several under the label; nothing where nothing is set."""
    if "\n" in text:
        yield f"{capfirst(str(label))}:"
        yield from (f"  {line}" for line in text.splitlines())
    elif text:
        yield f"{capfirst(str(label))}: {text}"
