"""«amoCRM: неразобранное»: a request from a form that somebody accepts or declines (unsorted-api)."""

import time
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import PlaceholderField
from actions.filled import number, text
from actions.kind import Data
from actions.kinds.amocrm import asked, contact, leads
from actions.kinds.amocrm.records import Amocrm
from connections.kinds.amocrm import client
from webjack.config import Config
from webjack.http import Failed, Http


class UnsortedForm(forms.Form):
    connection = asked.connection()
    name = PlaceholderField(label=gettext_lazy("Name of the lead"), initial="Заявка от {{ client_name }}")
    price = PlaceholderField(label=gettext_lazy("Budget"), required=False)
    pipeline = asked.pipeline()
    fields_of_lead = asked.custom_rows("lead_fields", gettext_lazy("Custom fields of the lead"))
    tags = asked.tags()
    contact_name = PlaceholderField(
        label=gettext_lazy("Name of the contact"), required=False, initial="{{ client_name }}"
    )
    phone = asked.phone()
    email = asked.email()
    fields_of_contact = asked.custom_rows("contact_fields", gettext_lazy("Custom fields of the contact"))
    form_name = PlaceholderField(label=gettext_lazy("Name of the form"), initial="Заявка с сайта")
    page = PlaceholderField(
        label=gettext_lazy("Page of the form"), initial="https://", help_text=gettext_lazy("Where it was filled in")
    )
    ip = PlaceholderField(label=gettext_lazy("IP address of the sender"), required=False, initial="")
    referer = PlaceholderField(label=gettext_lazy("Where they came from"), required=False)


class AddUnsorted(asked.AmocrmAction):
    key = "amocrm.unsorted"
    alias = "unsorted"
    title = gettext_lazy("amoCRM: unsorted")
    about = gettext_lazy("Puts a request among the unsorted ones, where a manager accepts or declines it")
    words = "амо amo amocrm неразобранное заявка unsorted crm"
    form = UnsortedForm
    sample: ClassVar[dict[str, Any]] = {"uid": "a1fee7c0fc436088e64ba2e8822ba2b3", "lead_id": 1, "contact_id": 2}

    def execute(self, config: Config, http: Http) -> Data:
        amo = Amocrm(config, http)
        lead, names = leads.body(amo, config | {"fields": config.get("fields_of_lead"), "pipeline": ""})
        person, called = contact.body(
            amo,
            "contacts",
            {"name": config.get("contact_name"), "phone": config.get("phone"), "email": config.get("email")},
            config.get("fields_of_contact"),
            None,
        )
        if lead.get("tags_to_add"):
            lead["_embedded"] = {"tags": lead.pop("tags_to_add")}
        names = {f"_embedded.leads.0.{path}": name for path, name in names.items()}
        names |= {f"_embedded.contacts.0.{path}": name for path, name in called.items()}
        form = text(config, "form_name") or "Webjack"
        told: Data = {
            "source_uid": "webjack",
            "source_name": "Webjack",
            "metadata": {
                "form_id": form,
                "form_name": form,
                "form_page": text(config, "page"),
                "form_sent_at": int(time.time()),
                "ip": text(config, "ip") or "127.0.0.1",
                "referer": text(config, "referer"),
            },
            "_embedded": {"leads": [lead]} | ({"contacts": [person]} if person else {}),
        }
        pipeline = number(config, "pipeline", _("Pipeline"))
        if pipeline:
            told["pipeline_id"] = pipeline
        made = client.embedded(amo.call("POST", "leads/unsorted/forms", [told], names), "unsorted")
        if not made:
            raise Failed(_("amoCRM did not say which record it made"))
        ids = {f"{name[:-1]}_id": _first(made[0], name) for name in ("leads", "contacts")}
        return {"uid": made[0].get("uid")} | ids

    def summary(self, config: Config) -> str:
        return str(config.get("name") or "")


def _first(made: Data, name: str) -> int | None:
    found = client.embedded(made, name)
    return found[0].get("id") if found else None
