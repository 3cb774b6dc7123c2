"""«amoCRM: сделка»: adds a lead or changes one (amocrm.ru/developers, leads-api)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from actions.fields import PlaceholderField
from actions.filled import number
from actions.kind import Data
from actions.kinds.amocrm import asked, leads
from actions.kinds.amocrm.records import Amocrm
from webjack.config import Config
from webjack.http import Failed, Http

NEW, CONTACT, ID = "new", "contact", "id"


class LeadForm(forms.Form):
    connection = asked.connection()
    name = PlaceholderField(label=gettext_lazy("Name of the lead"), initial="Заявка от {{ client_name }}")
    existing = forms.ChoiceField(
        label=gettext_lazy("If there is such a lead already"),
        choices=[
            (NEW, pgettext_lazy("amoCRM", "Always add a new lead")),
            (CONTACT, gettext_lazy("Add to the contact's open lead, else add a new one")),
            (ID, gettext_lazy("Change the lead with this number")),
        ],
        initial=NEW,
        required=False,
        help_text=gettext_lazy("A lead that is found keeps its name, stage and responsible person"),
    )
    lead = PlaceholderField(
        label=gettext_lazy("Number of the lead"),
        required=False,
        help_text=gettext_lazy("For example the id of an earlier action; only what is filled in is changed"),
    )
    price = PlaceholderField(label=gettext_lazy("Budget"), required=False)
    pipeline = asked.pipeline()
    status = asked.status()
    responsible = asked.responsible()
    contact = PlaceholderField(
        label=gettext_lazy("Contact"),
        required=False,
        help_text=gettext_lazy("Its number, such as an earlier action's id"),
    )
    company = PlaceholderField(
        label=gettext_lazy("Company"),
        required=False,
        help_text=gettext_lazy("Its number, such as an earlier action's id"),
    )
    fields_of_lead = asked.custom_rows("lead_fields")
    tags = asked.tags()

    shown_for: ClassVar[dict[str, Any]] = {"lead": ("existing", (ID,))}


class SaveLead(asked.AmocrmAction):
    key = "amocrm.lead"
    alias = "lead"
    title = gettext_lazy("amoCRM: lead")
    about = gettext_lazy("Adds a lead, or adds to the open one of a contact")
    common = True
    words = "амо amo amocrm сделка лид заявка lead crm"
    form = LeadForm
    sample: ClassVar[dict[str, Any]] = {
        "id": 10185151,
        "link": "https://clinic.amocrm.ru/leads/detail/10185151",
        "created": True,
    }

    def execute(self, config: Config, http: Http) -> Data:
        amo = Amocrm(config, http)
        told, names = leads.body(amo, config | {"fields": config.get("fields_of_lead")})
        contact, company = number(config, "contact", _("Contact")), number(config, "company", _("Company"))
        found = _found(amo, config, contact, told)
        if found is not None:
            mine = told if config.get("existing") == ID else leads.addition(told)
            amo.change("leads", found, mine, names)
            if config.get("existing") == ID:
                attach(amo, found, contact, company)
            return amo.output("leads", found, created=False)
        linked = {"contacts": [{"id": contact}] if contact else [], "companies": [{"id": company}] if company else []}
        inside = {name: rows for name, rows in linked.items() if rows}
        id = amo.add("leads", told | ({"_embedded": inside} if inside else {}), names)
        return amo.output("leads", id, created=True)

    def harmless(self, config: Config) -> bool:
        return config.get("existing") == ID

    def summary(self, config: Config) -> str:
        return " · ".join(str(config[name]) for name in ("name", "pipeline", "status") if config.get(name))


def _found(amo: Amocrm, config: Config, contact: int | None, told: Data) -> int | None:
    if config.get("existing") == ID:
        id = number(config, "lead", _("Number of the lead"))
        if id is None:
            raise Failed(_("The number of the lead to change is empty"))
        return id
    if config.get("existing") == CONTACT and contact:
        return leads.open_lead(amo, contact, told.get("pipeline_id"))
    return None


def attach(amo: Amocrm, lead: int, contact: int | None, company: int | None) -> None:
    """Links that are there already stay as they are."""
    found = [("contacts", contact), ("companies", company)]
    links = [{"to_entity_id": id, "to_entity_type": entity} for entity, id in found if id]
    if links:
        amo.call("POST", f"leads/{lead}/link", links)
