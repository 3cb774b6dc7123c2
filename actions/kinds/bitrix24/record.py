"""«Битрикс24: прочитать запись»: what an event of the portal is about, since it tells the number only."""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import ConnectionField, LoadedField, PlaceholderField
from actions.filled import number, text
from actions.kind import Data, Option
from actions.kinds.bitrix24 import offers, records
from actions.kinds.bitrix24.portal import Commands, Portal, PortalAction
from connections.kinds.bitrix24 import client
from webjack.config import Config
from webjack.http import Failed, Http

OF_EVENT = "{{ entity }}"
TASK = "task"
_ITEM = re.compile(r"dynamic_([0-9]{1,15})")


def what(http: Http, portal: Config, config: Config) -> Sequence[Option]:
    """What can be read: that of the event, and the kinds of records; each smart process is one."""
    usual = [Option(key, str(title)) for key, title in records.KINDS if key != "item"]
    own = [Option(f"dynamic_{one.value}", one.label, str(_("Smart process"))) for one in offers.types(http, portal, {})]
    return [Option(OF_EVENT, str(_("What the event is about"))), *usual, Option(TASK, str(_("Task"))), *own]


class RecordForm(forms.Form):
    connection = ConnectionField("bitrix24", label=gettext_lazy("Portal"))
    entity = LoadedField(
        options="what",
        label=gettext_lazy("What to read"),
        initial=OF_EVENT,
        help_text=gettext_lazy("lead, deal, contact, company, task, or what the event says"),
    )
    record_id = PlaceholderField(label=gettext_lazy("Number of the record"), initial="{{ id }}")
    client = forms.BooleanField(
        label=gettext_lazy("Together with its contact, for leads and deals"), required=False, initial=True
    )


class ReadRecord(PortalAction):
    key = "bitrix24.record"
    alias = "record"
    title = gettext_lazy("Bitrix24: read a record")
    about = gettext_lazy("Reads a lead, a deal, a contact, a task with all its fields, and the client of a deal")
    words = "битрикс битрикс24 bitrix24 б24 прочитать получить дочитать запись сделка лид read get"
    form = RecordForm
    sample: ClassVar[dict[str, Any]] = {
        "id": 662,
        "link": "https://example.bitrix24.ru/crm/deal/details/662/",
        "record": {"ID": "662", "TITLE": "Приём", "STAGE_ID": "NEW", "OPPORTUNITY": "3500.00", "CONTACT_ID": "46"},
        "contact": {"ID": "46", "NAME": "Анна", "LAST_NAME": "Петрова"},
        "name": "Анна Петрова",
        "phone": "+79161234567",
        "email": "anna@example.com",
    }
    offered: ClassVar[dict[str, offers.Offer]] = {"what": what}

    def execute(self, config: Config, http: Http) -> Data:
        portal, entity = Portal.of(config, http), text(config, "entity").lower()
        id = number(config, "record_id", _("Number of the record"))
        if id is None:
            raise Failed(_("The number of the record is empty: nothing says which one it is"))
        told = client.batch(portal.http, portal.config, _asked(entity, id, bool(config.get("client"))))
        for name, error in told.errors.items():
            if name == "record" or error.retry:
                raise error
        record = _inside(told.results.get("record"))
        contact = _inside(told.results.get("contact"))
        output = {"id": id, "link": portal.link(_path(entity, id, record)), "record": record, "contact": contact}
        return output | _person(contact or record)

    def harmless(self, config: Config) -> bool:
        return True

    def summary(self, config: Config) -> str:
        return f"{config.get('entity', '')} {config.get('record_id', '')}"


def _asked(entity: str, id: int, whole: bool) -> Commands:
    """Both in one request: a lead or a deal without a contact gives an error in the place of one."""
    item = _ITEM.fullmatch(entity)
    if entity == TASK:
        return {"record": ("tasks.task.get", {"taskId": id, "select": ["*", "UF_*"]})}
    if item:
        return {"record": ("crm.item.get", {"entityTypeId": int(item[1]), "id": id})}
    if entity not in records.LETTERS:
        raise Failed(
            _("“%(entity)s” cannot be read: only leads, deals, contacts, companies, tasks and items of smart processes")
            % {"entity": entity[:60]}
        )
    commands: Commands = {"record": (f"crm.{entity}.get", {"id": id})}
    if whole and entity in ("lead", "deal"):
        commands["contact"] = ("crm.contact.get", {"id": "$result[record][CONTACT_ID]"})
    return commands


def _path(entity: str, id: int, record: Data) -> str:
    item = _ITEM.fullmatch(entity)
    if item:
        return f"/crm/type/{item[1]}/details/{id}/"
    if entity == TASK:
        return f"/company/personal/user/{record.get('responsibleId') or 0}/tasks/task/view/{id}/"
    return f"/crm/{entity}/details/{id}/"


def _inside(told: Any) -> Data:
    """New methods put the record into an object of its own."""
    found = told if isinstance(told, dict) else {}
    for name in ("item", "task"):
        if isinstance(found.get(name), dict):
            return dict(found[name])
    return found


def _person(record: Data) -> Data:
    name = " ".join(str(record.get(part) or "") for part in ("NAME", "LAST_NAME")).strip()
    return {"name": name, "phone": _first(record.get("PHONE")), "email": _first(record.get("EMAIL"))}


def _first(way: Any) -> str:
    values = [str(one.get("VALUE") or "") for one in way if isinstance(one, dict)] if isinstance(way, list) else []
    return next((value for value in values if value), "")
