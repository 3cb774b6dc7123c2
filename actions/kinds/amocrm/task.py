"""«amoCRM: задача» (amocrm.ru/developers, tasks-api)."""

from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from actions.fields import LoadedField, PlaceholderField
from actions.filled import number, text
from actions.filters.moments import moment
from actions.kind import Data
from actions.kinds.amocrm import asked, custom, offered
from actions.kinds.amocrm.records import Amocrm, filled
from actions.kinds.flow.clocks import shifted
from connections.kinds.amocrm import client
from webjack.config import Config
from webjack.http import Failed, Http

ENTITIES = [
    ("leads", pgettext_lazy("amoCRM", "Lead")),
    ("contacts", gettext_lazy("Contact")),
    ("companies", gettext_lazy("Company")),
]
UNITS = [("minutes", gettext_lazy("minutes")), ("hours", gettext_lazy("hours")), ("days", gettext_lazy("days"))]
FOLLOW_UP = 1


class TaskForm(forms.Form):
    connection = asked.connection()
    text = PlaceholderField(
        label=gettext_lazy("What to do"), lines=3, initial="Перезвонить: {{ client_name }}, {{ client_phone }}"
    )
    entity = forms.ChoiceField(
        label=gettext_lazy("What it belongs to"),
        choices=[*ENTITIES, ("", gettext_lazy("Nothing"))],
        initial="leads",
        required=False,
    )
    record = PlaceholderField(label=gettext_lazy("Number of the record"), required=False, initial="{{ steps.lead.id }}")
    type = LoadedField(
        options=offered.TASKS,
        label=gettext_lazy("Type of the task"),
        required=False,
        help_text=gettext_lazy("Empty: to get in touch"),
    )
    responsible = asked.responsible()
    due = PlaceholderField(
        label=gettext_lazy("Deadline"),
        required=False,
        help_text=gettext_lazy("A date or a field with one: 24.11.2026 14:30. Empty: after the time below"),
    )
    amount = forms.IntegerField(
        label=gettext_lazy("Time for it"), min_value=1, max_value=10_000, initial=1, required=False
    )
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=UNITS, initial="days", required=False)


class AddTask(asked.AmocrmAction):
    key = "amocrm.task"
    alias = "task"
    title = gettext_lazy("amoCRM: task")
    about = gettext_lazy("Gives somebody a task at a lead, a contact or a company")
    words = "амо amo amocrm задача перезвонить task crm"
    form = TaskForm
    sample: ClassVar[dict[str, Any]] = {"id": 4745251, "due": "2026-11-25T10:00:00+00:00"}

    def execute(self, config: Config, http: Http) -> Data:
        amo = Amocrm(config, http)
        due = _due(config, custom.Fields(http, amo.account, "leads", amo.zone).zone)
        told = filled(
            text=text(config, "text"),
            task_type_id=number(config, "type", _("Type of the task")) or FOLLOW_UP,
            responsible_user_id=number(config, "responsible", _("Responsible person")),
            complete_till=int(due.timestamp()),
        )
        record = number(config, "record", _("Number of the record"))
        if config.get("entity"):
            if record is None:
                raise Failed(_("The number of the record is empty"))
            told |= {"entity_id": record, "entity_type": config["entity"]}
        made = client.embedded(amo.call("POST", "tasks", [told]), "tasks")
        if not made:
            raise Failed(_("amoCRM did not say which record it made"))
        return {"id": made[0].get("id"), "due": due.astimezone(UTC).isoformat(timespec="seconds")}

    def summary(self, config: Config) -> str:
        return " ".join(str(config.get("text") or "").split())[:80]


def _due(config: Config, zone: Any) -> datetime:
    try:
        read = moment(config.get("due"), zone or ZoneInfo("Europe/Moscow"))
    except ValueError as bad:
        raise Failed(str(bad)) from None
    if read:
        return read.when.replace(hour=23, minute=59) if read.whole_day else read.when
    return shifted(datetime.now(UTC), int(config.get("amount") or 1), config.get("unit") or "days", zone)
