"""Fields that several forms of amoCRM have, and what all its actions do the same way."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.fields import ConnectionField, LoadedField, LoadedRowsField, PlaceholderField
from actions.kind import ActionKind, Data, Option
from actions.kinds.amocrm import offered
from actions.placeholders import Context
from webjack.config import Config
from webjack.http import Http

UPDATE, FILL, KEEP, NEW = "update", "fill", "keep", "new"


def connection() -> ConnectionField:
    return ConnectionField("amocrm", label=_("Account at amoCRM"))


def pipeline() -> LoadedField:
    return LoadedField(
        options=offered.PIPELINES, label=_("Pipeline"), required=False, help_text=_("Empty: the main one")
    )


def status() -> LoadedField:
    return LoadedField(
        options=offered.STATUSES,
        depends=("pipeline",),
        label=_("Stage"),
        required=False,
        help_text=_("Empty: the first one"),
    )


def responsible() -> LoadedField:
    return LoadedField(options=offered.USERS, label=_("Responsible person"), required=False)


def custom_rows(options: str, label: Any = None) -> LoadedRowsField:
    return LoadedRowsField(
        options=options,
        label=label or _("Custom fields"),
        help_text=_(
            "Dates as 24.11.2026 14:30, checkboxes as yes or no, lists by the name of their value, several parted by "
            "commas. What is empty is not sent"
        ),
    )


def tags() -> PlaceholderField:
    return PlaceholderField(label=_("Tags"), required=False, help_text=_("Parted by commas; those it has already stay"))


def phone(initial: str = "{{ client_phone }}") -> PlaceholderField:
    return PlaceholderField(
        label=_("Phone"), required=False, initial=initial, help_text=_("In any spelling; several parted by commas")
    )


def email(initial: str = "{{ client_email }}") -> PlaceholderField:
    return PlaceholderField(label=_("E-mail"), required=False, initial=initial)


class AmocrmAction(ActionKind):
    """Offers what the account has, and knows the company's time zone for dates without one."""

    def goes_by_answers(self, config: Config) -> bool:
        return True

    def options(self, name: str, config: Config, http: Http) -> Sequence[Option]:
        return offered.options(name, config, http)

    def knows(self, config: Config, context: Context) -> Data:
        return {"zone": context.company.get("time_zone") or ""}
