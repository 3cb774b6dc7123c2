"""«amoCRM: примечание» (amocrm.ru/developers, events-and-notes)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import PlaceholderField
from actions.filled import number, text
from actions.kind import Data
from actions.kinds.amocrm import asked
from actions.kinds.amocrm.records import Amocrm
from actions.kinds.amocrm.task import ENTITIES
from connections.kinds.amocrm import client
from webjack.config import Config
from webjack.http import Failed, Http

COMMON, SERVICE, SMS_IN, SMS_OUT = "common", "service_message", "sms_in", "sms_out"


class NoteForm(forms.Form):
    connection = asked.connection()
    entity = forms.ChoiceField(
        label=gettext_lazy("What it belongs to"), choices=ENTITIES, initial="leads", required=False
    )
    record = PlaceholderField(label=gettext_lazy("Number of the record"), initial="{{ steps.lead.id }}")
    text = PlaceholderField(
        label=gettext_lazy("Text"), lines=5, initial="Имя: {{ client_name }}\nТелефон: {{ client_phone }}"
    )
    type = forms.ChoiceField(
        label=gettext_lazy("Kind of note"),
        choices=[
            (COMMON, gettext_lazy("Ordinary note")),
            (SERVICE, gettext_lazy("Message of a service")),
            (SMS_IN, gettext_lazy("SMS that came")),
            (SMS_OUT, gettext_lazy("SMS that was sent")),
        ],
        initial=COMMON,
        required=False,
    )
    service = PlaceholderField(label=gettext_lazy("Name of the service"), required=False, initial="Webjack")
    phone = PlaceholderField(label=gettext_lazy("Phone"), required=False, initial="{{ client_phone }}")

    shown_for: ClassVar[dict[str, Any]] = {"service": ("type", (SERVICE,)), "phone": ("type", (SMS_IN, SMS_OUT))}


class AddNote(asked.AmocrmAction):
    key = "amocrm.note"
    alias = "note"
    title = gettext_lazy("amoCRM: note")
    about = gettext_lazy("Writes into the feed of a lead, a contact or a company")
    words = "амо amo amocrm примечание комментарий заметка note crm"
    form = NoteForm
    sample: ClassVar[dict[str, Any]] = {"id": 76787983, "record": 10185151}

    def execute(self, config: Config, http: Http) -> Data:
        amo = Amocrm(config, http)
        record, kind = number(config, "record", _("Number of the record")), config.get("type") or COMMON
        if record is None:
            raise Failed(_("The number of the record is empty"))
        told: Data = {"text": text(config, "text")}
        if kind == SERVICE:
            told["service"] = text(config, "service") or "Webjack"
        if kind in (SMS_IN, SMS_OUT):
            told["phone"] = text(config, "phone")
        path = f"{config.get('entity') or 'leads'}/notes"
        made = client.embedded(
            amo.call("POST", path, [{"entity_id": record, "note_type": kind, "params": told}]), "notes"
        )
        if not made:
            raise Failed(_("amoCRM did not say which record it made"))
        return {"id": made[0].get("id"), "record": record}

    def summary(self, config: Config) -> str:
        return " ".join(str(config.get("text") or "").split())[:80]
