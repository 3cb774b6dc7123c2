"""«Битрикс24: задача»: sets a task by tasks.task.add."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import ConnectionField, LoadedField, PlaceholderField, RowsField
from actions.filled import number, text
from actions.filters.moments import moment
from actions.kind import Data
from actions.kinds.bitrix24 import offers, records
from actions.kinds.bitrix24.portal import Portal, PortalAction
from webjack.config import Config
from webjack.http import Failed, Http

USUAL, HIGH = "1", "2"


class TaskForm(forms.Form):
    connection = ConnectionField("bitrix24", label=gettext_lazy("Portal"))
    title = PlaceholderField(label=gettext_lazy("What to do"), initial="")
    responsible = LoadedField(options="users", label=gettext_lazy("Responsible"), initial="")
    description = PlaceholderField(label=gettext_lazy("Description"), required=False, lines=4)
    deadline = PlaceholderField(
        label=gettext_lazy("Deadline"),
        required=False,
        help_text=gettext_lazy("A date, or a date with time"),
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Importance"),
        choices=((USUAL, gettext_lazy("Usual")), (HIGH, gettext_lazy("Important"))),
        initial=USUAL,
        required=False,
    )
    record = records.chooser(gettext_lazy("None"))
    type = LoadedField(options="types", label=gettext_lazy("Smart process"), required=False)
    record_id = records.id_field()
    creator = LoadedField(options="users", label=gettext_lazy("Set by"), required=False)
    # Django's metaclass takes the name away from the class.
    fields = RowsField(  # type: ignore[assignment]
        label=gettext_lazy("Other fields"),
        help_text=gettext_lazy("By their names in Bitrix24, such as GROUP_ID or TAGS"),
    )

    groups = (
        ("", ("connection", "title", "responsible", "description", "deadline", "priority")),
        (gettext_lazy("CRM"), ("record", "type", "record_id")),
        (gettext_lazy("More"), ("creator", "fields")),
    )
    shown_for: ClassVar[dict[str, Any]] = {
        "type": ("record", ("item",)),
        "record_id": ("record", tuple(key for key, _title in records.KINDS)),
    }


class AddTask(PortalAction):
    key = "bitrix24.task"
    alias = "task"
    title = gettext_lazy("Bitrix24: task")
    about = gettext_lazy("Sets an employee a task, with a link to a lead, a deal or a contact")
    words = "битрикс битрикс24 bitrix24 б24 задача поручение task"
    form = TaskForm
    sample: ClassVar[dict[str, Any]] = {
        "id": 3711,
        "link": "https://example.bitrix24.ru/company/personal/user/1/tasks/task/view/3711/",
    }
    offered: ClassVar[dict[str, offers.Offer]] = {"users": offers.users, "types": offers.types}

    def execute(self, config: Config, http: Http) -> Data:
        portal, responsible = Portal.of(config, http), number(config, "responsible", _("Responsible"))
        if responsible is None:
            raise Failed(_("The responsible is empty: a task must have one"))
        told = portal.write("tasks.task.add", {"fields": _fields(config, portal, responsible)})
        task = told.get("task") if isinstance(told, dict) else None
        if not isinstance(task, dict) or not str(task.get("id", "")).isdigit():
            raise Failed(_("Bitrix24 did not say the number of the new record"), unknown=True)
        id = int(task["id"])
        return {"id": id, "link": portal.link(f"/company/personal/user/{responsible}/tasks/task/view/{id}/")}

    def summary(self, config: Config) -> str:
        return str(config.get("title") or "")


def _fields(config: Config, portal: Portal, responsible: int) -> Data:
    title = text(config, "title")
    if not title:
        raise Failed(_("The task has no text: say what is to be done"))
    bound = records.record(config)
    given = {
        "TITLE": title[:255],
        "RESPONSIBLE_ID": responsible,
        "DESCRIPTION": text(config, "description"),
        "DEADLINE": _deadline(config, portal),
        "PRIORITY": config.get("priority") or USUAL,
        "CREATED_BY": number(config, "creator", _("Set by")),
        "UF_CRM_TASK": [bound.binding] if bound else None,
    }
    rows = {row["name"]: row["value"] for row in config.get("fields") or [] if row["value"] not in ("", None)}
    return {name: value for name, value in given.items() if value not in ("", None)} | rows


def _deadline(config: Config, portal: Portal) -> str | None:
    """A day alone ends at 19:00, as a working day of Bitrix24 usually does."""
    try:
        said = moment(config.get("deadline"), portal.zone)
    except ValueError as bad:
        raise Failed(_("“%(label)s”: %(problem)s") % {"label": _("Deadline"), "problem": bad}) from None
    if said is None:
        return None
    when = said.when.replace(hour=19) if said.whole_day else said.when
    return when.isoformat(timespec="seconds")
