"""«Klientiks: запись на приём»: client and visit in one call (Appointments/s/apiAdd)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import ConnectionField, PlaceholderField
from actions.filled import text, texts
from actions.kind import Data
from actions.kinds.klientiks import fields
from actions.kinds.klientiks.action import KlientiksAction
from connections.kinds.klientiks import client
from webjack.config import Config
from webjack.http import Failed, Http


class BookingForm(forms.Form):
    connection = ConnectionField("klientiks", label=gettext_lazy("Klientiks account"))
    phone = PlaceholderField(label=gettext_lazy("Phone"), initial="{{ client_phone }}")
    first_name = PlaceholderField(label=gettext_lazy("Client’s name"), initial="{{ client_name }}")
    executor_id = PlaceholderField(label=gettext_lazy("Employee"))
    services = PlaceholderField(label=gettext_lazy("Services"), help_text=gettext_lazy("Numbers of services by commas"))
    start = PlaceholderField(label=gettext_lazy("Beginning"), help_text=gettext_lazy("For example 2026-12-01 10:00"))
    subclient_name = PlaceholderField(
        label=gettext_lazy("Who comes"),
        required=False,
        help_text=gettext_lazy("When it is not the client, such as a child"),
    )
    birth_date = PlaceholderField(label=gettext_lazy("Date of birth"), required=False)
    living_address = PlaceholderField(label=gettext_lazy("Address"), required=False)

    groups = (
        ("", ("connection", "phone", "first_name", "executor_id", "services", "start")),
        (gettext_lazy("Additional"), ("subclient_name", "birth_date", "living_address")),
    )


class Book(KlientiksAction):
    key = "klientiks.booking"
    alias = "booking"
    title = gettext_lazy("Klientiks: booking")
    about = gettext_lazy("Books a client by name and phone with an employee")
    words = "klientiks клиентикс запись приём визит онлайн"
    form = BookingForm
    sample: ClassVar[dict[str, Any]] = {"id": 7000001}

    def execute(self, config: Config, http: Http) -> Data:
        opened = config["connection"]
        name = text(config, "first_name")
        if not name:
            raise Failed(_("The client’s name is empty: Klientiks does not book without it"))
        asked = [("executor_id", fields.number(config, "executor_id", _("Employee")))]
        asked += [("service_id[]", each) for each in fields.numbers(config, "services", _("Services"))]
        start = fields.time(config, "start", _("Beginning"))
        asked += [
            ("start_datetime", start.strftime(fields.SECOND)),
            ("first_name", name),
            ("phone", fields.phone(config)),
        ]
        asked += texts(config, ("subclient_name", "living_address")).items()
        if text(config, "birth_date"):
            asked.append(("birth_date", fields.birth(config, "birth_date", _("Date of birth"))))
        made = client.saved(http.through(opened), opened.config, "add", "Appointments/s/apiAdd/", asked)
        return {"id": made.get("id")}

    def summary(self, config: Config) -> str:
        return f"{config.get('phone', '')} → {config.get('start', '')}"
