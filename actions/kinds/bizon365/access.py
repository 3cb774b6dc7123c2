"""«Bizon365: доступ к занятиям»: opens or closes classes by student/grantAccess (version 2 only)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from actions import values
from actions.fields import ConnectionField, PlaceholderField
from actions.filled import text, whole
from actions.kind import Data, Said
from actions.kinds.bizon365 import pupil
from actions.kinds.bizon365.action import BizonAction
from webjack.config import Config
from webjack.http import Failed, Http

COMMANDS = (
    ("on", gettext_lazy("Open")),
    ("off", gettext_lazy("Close")),
    ("freeze", gettext_lazy("Freeze")),
    ("unfreeze", gettext_lazy("Unfreeze")),
)


class AccessForm(forms.Form):
    connection = ConnectionField("bizon365", label=gettext_lazy("Bizon365 account"))
    command = forms.ChoiceField(label=gettext_lazy("What to do"), choices=COMMANDS, initial="on", required=False)
    classes = PlaceholderField(
        label=gettext_lazy("Classes"), help_text=gettext_lazy("Identifiers of classes; several by commas")
    )
    email = PlaceholderField(label=gettext_lazy("E-mail"), initial="{{ client_email }}")
    name = PlaceholderField(label=pgettext_lazy("person", "Name"), required=False, initial="{{ client_name }}")
    phone = PlaceholderField(label=gettext_lazy("Phone"), required=False)
    city = PlaceholderField(label=gettext_lazy("City"), required=False)
    create = forms.BooleanField(label=gettext_lazy("Add a new pupil when there is none"), required=False, initial=True)
    starts = PlaceholderField(
        label=gettext_lazy("In how many days to begin"), required=False, help_text=gettext_lazy("Empty: at once")
    )
    expires = PlaceholderField(
        label=gettext_lazy("Until which day"), required=False, help_text=gettext_lazy("For example 2026-12-31")
    )

    groups = (
        ("", ("connection", "command", "classes", "email")),
        (gettext_lazy("Additional"), ("name", "phone", "city", "create", "starts", "expires")),
    )


class GrantAccess(BizonAction):
    key = "bizon365.access"
    alias = "access"
    title = gettext_lazy("Bizon365: access to classes")
    about = gettext_lazy("Opens, closes or freezes classes for a pupil and waits for the result")
    words = "бизон365 бизон доступ занятия класс курс bizon"
    form = AccessForm
    sample: ClassVar[dict[str, Any]] = {"task_id": "64f0c2", "done": True}

    def execute(self, config: Config, http: Http) -> Data:
        account, signed = config["connection"].config, http.through(config["connection"])
        if not account.get("project"):
            raise Failed(_("Access to classes needs a project: put it into the connection"))
        asked = {"students": [pupil.person(config)], "autoCreate": bool(config.get("create")), "script": script(config)}
        return pupil.grant(signed, account, asked)

    def goes_by_answers(self, config: Config) -> bool:
        return True

    def said(self, output: Data) -> Said | None:
        return pupil.said(output)

    def summary(self, config: Config) -> str:
        return f"{config.get('email', '')} → {config.get('classes', '')}"


def script(config: Config) -> list[dict[str, Any]]:
    """The command for each class. Raises Failed."""
    classes = [each.strip() for each in values.text(config.get("classes")).split(",") if each.strip()]
    if not classes:
        raise Failed(_("No class is named: there is nothing to open"))
    step: dict[str, Any] = {"cmd": config.get("command") or "on"}
    days, until = text(config, "starts"), text(config, "expires")
    if days:
        step["starts_in_days"] = whole(days)
        if step["starts_in_days"] is None:
            raise Failed(_("The number of days must be a whole number"))
    if until:
        step["expires"] = until
    return [{**step, "class": each} for each in classes]
