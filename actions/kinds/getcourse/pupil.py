"""What a user of GetCourse and a visit are made of: fields that the actions for users and orders share."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.fields import ConnectionField, PlaceholderField, RowsField
from actions.filled import texts
from actions.filters.emails import is_email
from actions.kind import Data
from webjack.config import Config
from webjack.http import Failed

PERSON = ("email", "phone", "first_name", "last_name", "city", "country")
VISIT = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_group", "gcpc", "gcao", "referer")
CAME_FROM = (gettext_lazy("Where the person came from"), VISIT)


def connection_field() -> ConnectionField:
    return ConnectionField("getcourse", label=gettext_lazy("School on GetCourse"))


def text_field(label: Any, initial: str = "", **options: Any) -> PlaceholderField:
    options.setdefault("required", False)
    return PlaceholderField(label=label, initial=initial, **options)


def extra_field(label: Any) -> RowsField:
    return RowsField(label=label, help_text=gettext_lazy("The name is exactly as it stands in GetCourse"))


class VisitForm(forms.Form):
    """Where the person came from, for the forms that tell GetCourse of it."""

    utm_source = text_field("utm_source")
    utm_medium = text_field("utm_medium")
    utm_campaign = text_field("utm_campaign")
    utm_content = text_field("utm_content")
    utm_group = text_field("utm_group")
    gcpc = text_field("gcpc")
    gcao = text_field("gcao")
    referer = text_field("referer")


def rows(config: Config, name: str) -> dict[str, str]:
    return {row["name"]: values.text(row["value"]) for row in config.get(name) or []}


def user(config: Config) -> Data:
    """Raises Failed without an e-mail: GetCourse knows its users by it."""
    told: Data = dict(texts(config, PERSON))
    if not is_email(told.get("email", "")):
        raise Failed(
            _("“%(email)s” is no e-mail address: GetCourse knows people by it") % {"email": told.get("email", "")[:100]}
        )
    # A group with a value is one until a day: ["Group", "2026-10-01 21:21"].
    groups = [[name, until] if until else name for name, until in rows(config, "user_groups").items()]
    extra = rows(config, "user_fields")
    return told | ({"group_name": groups} if groups else {}) | ({"addfields": extra} if extra else {})


def visit(config: Config) -> Data:
    told = texts(config, VISIT)
    return {"session": told} if told else {}
