"""«Klientiks: визит»: adds a visit of a known client, or changes one (Appointments)."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import ConnectionField, PlaceholderField
from actions.filled import text
from actions.kind import ActionKind, Data
from actions.kinds.http.request import account_of
from actions.kinds.klientiks import fields
from connections.kinds.klientiks import client
from webjack.config import Config
from webjack.http import Failed, Http

STATUSES = (
    ("scheduled", gettext_lazy("Scheduled")),
    ("confirmed", gettext_lazy("Confirmed")),
    ("in_progress", gettext_lazy("The client has come")),
    ("finished", gettext_lazy("Finished")),
    ("missed", gettext_lazy("The client did not come")),
    ("cancelled", gettext_lazy("Cancelled by the clinic or the client")),
)


class VisitForm(forms.Form):
    connection = ConnectionField("klientiks", label=gettext_lazy("Klientiks account"))
    visit = PlaceholderField(
        label=gettext_lazy("Visit"),
        required=False,
        help_text=gettext_lazy("The number of a visit that is to be changed. Empty: a new one is added"),
    )
    client_id = PlaceholderField(
        label=gettext_lazy("Client’s number"),
        required=False,
        initial="{{ steps.client.id }}",
        help_text=gettext_lazy("The action “Klientiks: client” before this one gives it"),
    )
    executor_id = PlaceholderField(label=gettext_lazy("Employee"), required=False)
    services = PlaceholderField(
        label=gettext_lazy("Services"), required=False, help_text=gettext_lazy("Numbers of services by commas")
    )
    start = PlaceholderField(label=gettext_lazy("Beginning"), help_text=gettext_lazy("For example 2026-12-01 10:00"))
    finish = PlaceholderField(label=gettext_lazy("End"), required=False)
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes, where no end is given"), min_value=5, max_value=24 * 60, initial=60, required=False
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status of the visit"), choices=STATUSES, initial="scheduled", required=False
    )


class SaveVisit(ActionKind):
    key = "klientiks.visit"
    alias = "visit"
    title = gettext_lazy("Klientiks: visit")
    about = gettext_lazy("Adds a visit of a client or changes one")
    words = "klientiks клиентикс визит запись приём"
    form = VisitForm
    sample: ClassVar[dict[str, Any]] = {"id": 7000001, "created": True}

    def execute(self, config: Config, http: Http) -> Data:
        opened = config["connection"]
        signed = http.through(opened)
        start = fields.time(config, "start", _("Beginning"))
        finish = (
            fields.time(config, "finish", _("End"))
            if text(config, "finish")
            else start + timedelta(minutes=int(config.get("minutes") or 60))
        )
        if finish <= start:
            raise Failed(_("The visit ends before it begins: check the beginning and the end"))
        status = config.get("status") or "scheduled"
        if text(config, "visit"):
            id = fields.number(config, "visit", _("Visit"))
            times = [
                ("start_datetime", start.strftime(fields.SECOND)),
                ("finish_datetime", finish.strftime(fields.SECOND)),
            ]
            client.saved(signed, opened.config, "edit", "Appointments/", [("id", id), ("status", status), *times])
            return {"id": int(id), "created": False}
        asked = [
            ("client_id", fields.number(config, "client_id", _("Client’s number"))),
            ("executor_id", fields.number(config, "executor_id", _("Employee"))),
            ("status", status),
            ("start_datetime", start.strftime(fields.DAY)),
            ("start_time", start.strftime("%H:%M:%S")),
            ("finish_datetime", finish.strftime(fields.DAY)),
            ("finish_time", finish.strftime("%H:%M:%S")),
        ]
        if text(config, "services"):
            asked.append(("appointed_services", ",".join(fields.numbers(config, "services", _("Services")))))
        made = client.saved(signed, opened.config, "add", "Appointments/", asked)
        return {"id": made.get("id"), "created": True}

    def account(self, config: Config) -> str:
        return account_of(client.address({}, "", ""))

    def summary(self, config: Config) -> str:
        return str(config.get("start", ""))
