"""Entries of the journal as people read them: labels of fields instead of their names, names instead of ids."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import formats
from django.utils.dateparse import parse_datetime
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tenants.changes import Change
from tenants.models import Tenant
from webjack import kinds, plain

CONFIG = "config."
LEFT_OUT = ("deleted_at",)  # the verb says it


@dataclass
class Detail:
    """secret: it changed, and that is all that is known. long: a text of several lines."""

    label: str
    old: str = ""
    new: str = ""
    secret: bool = False

    @property
    def long(self) -> bool:
        return "\n" in self.old + self.new


def title(what: str) -> str:
    """The name of a model, as "app.model"."""
    try:
        return capfirst(str(apps.get_model(what)._meta.verbose_name))
    except LookupError:
        return what


def shown(changes: Iterable[Change], tenant: Tenant | None = None) -> list[tuple[Change, list[Detail]]]:
    """Each entry with its details; ids of the company's rows are told by their names."""
    found = list(changes)
    for change in found:
        change.title = title(change.what)  # type: ignore[attr-defined]
    names = names_of(_values(found), tenant) if tenant else {}
    return [(change, details(change, names)) for change in found]


def details(change: Change, names: dict[str, str] | None = None) -> list[Detail]:
    return [_detail(change, told, names or {}) for told in change.details if told["field"] not in LEFT_OUT]


def written(change: Change) -> str:
    """The details as lines of plain text."""
    lines = []
    for one in details(change):
        lines.append(f"{one.label}: {_('secret changed')}" if one.secret else f"{one.label}: {one.old} → {one.new}")
    return "\n".join(lines)


def _detail(change: Change, told: dict[str, Any], names: dict[str, str]) -> Detail:
    name = told["field"]
    form_field = _form_field(change, name.removeprefix(CONFIG)) if name.startswith(CONFIG) else None
    column = _column(change.what, name)
    label = str(form_field.label or name) if form_field else str(column.verbose_name) if column else _named(name)
    if told.get("secret"):
        return Detail(capfirst(label), secret=True)
    if column:
        return Detail(capfirst(label), column_text(column, told.get("old")), column_text(column, told.get("new")))
    choices = choices_of(form_field, column)
    old, new = (value_text(told.get(side), choices, names) for side in ("old", "new"))
    return Detail(capfirst(label), old, new)


def _named(name: str) -> str:
    """What is no column of its model."""
    return {"fields": _("fields"), "actions": _("Order of the actions")}.get(name, name.removeprefix(CONFIG))


@cache
def _column(what: str, name: str) -> Any:
    try:
        found = apps.get_model(what)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return None
    return found if isinstance(found, models.Field) else None


def _form_field(change: Change, name: str) -> Any:
    try:
        return kinds.get(change.what.rpartition(".")[2], change.kind).form.base_fields.get(name)
    except (kinds.UnknownKind, KeyError):
        return None


def choices_of(form_field: Any, column: Any) -> dict[str, str]:
    found = getattr(form_field, "choices", None) or getattr(column, "choices", None) or ()
    try:
        return {str(key): str(label) for key, label in found}
    except (TypeError, ValueError):  # in groups
        return {}


def column_text(column: Any, value: Any) -> str:
    """A value of a model's column for people; a model's NOTED_TEXT names functions that tell it in words."""
    told = getattr(column.model, "NOTED_TEXT", {}).get(column.name)
    if told and isinstance(value, dict):
        return str(import_string(told)(value))
    return value_text(value, choices_of(None, column), {})


def value_text(value: Any, choices: dict[str, str], names: dict[str, str]) -> str:
    """A value for people; choices: labels by value, names: of rows by id."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        moment = parse_datetime(value) if len(value) > 20 and value[4:5] == "-" and "T" in value[:11] else None
        return formats.localize(moment) if moment else plain.text(choices.get(value) or names.get(value) or value)
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return plain.text(", ".join(str(one) for one in value))
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, dict) and one.keys() >= {"name", "value"} for one in value):
        return plain.text("\n".join(f"{one['name']}: {one['value']}" for one in value))
    return plain.text(plain.pretty(value))


def names_of(values: Iterable[Any], tenant: Tenant) -> dict[str, str]:
    """The names of connections and processings that the values name, asked for only if some do."""
    ids = {value for value in values if isinstance(value, str) and _is_id(value)}
    found: dict[str, str] = {}
    for relation in ("connections", "processings") if ids else ():
        found |= {str(row.pk): str(row) for row in getattr(tenant, relation).filter(pk__in=ids)}
    return found


def _values(changes: Iterable[Change]) -> Iterator[Any]:
    return (told.get(side) for change in changes for told in change.details for side in ("old", "new"))


def _is_id(value: str) -> bool:
    if len(value) != 36:
        return False
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True
