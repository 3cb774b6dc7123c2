"""«Klientiks: визит»: adds a visit of a known client, or changes one (Appointments)."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import ConnectionField, PlaceholderField
from actions.filled import text
from actions.kind import Data
from actions.kinds.klientiks import fields
from actions.kinds.klientiks.action import KlientiksAction
from connections.kinds.klientiks import client
from webjack.config import Config
from webjack.http import Failed, Http

STATUSES = (
    ("", gettext_lazy("Leave it as it is; a new visit is scheduled")),
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
    start = PlaceholderField(
        label=gettext_lazy("Beginning"),
        required=False,
        help_text=gettext_lazy("For example 2026-12-01 10:00. Empty: a visit that is changed stays where it is"),
    )
    finish = PlaceholderField(label=gettext_lazy("End"), required=False)
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes, where no end is given"), min_value=5, max_value=24 * 60, initial=60, required=False
    )
    status = forms.ChoiceField(label=gettext_lazy("Status of the visit"), choices=STATUSES, initial="", required=False)

    def clean(self) -> None:
        super().clean()
        told = self.cleaned_data
        if not told.get("visit") and not told.get("start") and not self.errors.keys() & {"visit", "start"}:
            self.add_error("start", _("Fill this in"))


class SaveVisit(KlientiksAction):
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
        if text(config, "visit"):
            id = fields.number(config, "visit", _("Visit"))
            client.saved(signed, opened.config, "edit", "Appointments/", [("id", id), *_changed(config)])
            return {"id": int(id), "created": False}
        made = client.saved(signed, opened.config, "add", "Appointments/", _added(config))
        return {"id": made.get("id"), "created": True}

    def summary(self, config: Config) -> str:
        return str(config.get("start") or config.get("visit") or "")


def _changed(config: Config) -> client.Pairs:
    """Only what is filled in: the rest of the visit stays as it is. Raises Failed."""
    status = config.get("status")
    start, finish = _times(config, config.get("minutes"))
    asked = [("status", status)] if status else []
    asked += [("start_datetime", start.strftime(fields.SECOND))] if start else []
    asked += [("finish_datetime", finish.strftime(fields.SECOND))] if finish else []
    if not asked:
        raise Failed(_("Neither a time nor a status is filled in: there is nothing to change in the visit"))
    return asked


def _added(config: Config) -> client.Pairs:
    fields.time(config, "start", _("Beginning"))
    start, finish = _times(config, config.get("minutes") or 60)
    assert start
    assert finish
    asked = [
        ("client_id", fields.number(config, "client_id", _("Client’s number"))),
        ("executor_id", fields.number(config, "executor_id", _("Employee"))),
        ("status", config.get("status") or "scheduled"),
        ("start_datetime", start.strftime(fields.DAY)),
        ("start_time", start.strftime("%H:%M:%S")),
        ("finish_datetime", finish.strftime(fields.DAY)),
        ("finish_time", finish.strftime("%H:%M:%S")),
    ]
    if text(config, "services"):
        asked.append(("appointed_services", ",".join(fields.numbers(config, "services", _("Services")))))
    return asked


def _times(config: Config, minutes: Any) -> tuple[datetime | None, datetime | None]:
    """Beginning and end, as far as they are filled in. minutes: where no end is. Raises Failed."""
    start = fields.time(config, "start", _("Beginning")) if text(config, "start") else None
    finish = fields.time(config, "finish", _("End")) if text(config, "finish") else None
    if start and not finish and minutes:
        finish = start + timedelta(minutes=int(minutes))
    if start and finish and finish <= start:
        raise Failed(_("The visit ends before it begins: check the beginning and the end"))
    return start, finish
