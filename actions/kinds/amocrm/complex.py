"""«amoCRM: сделка с контактом и компанией»: all three at once by leads/complex (amocrm.ru/developers, leads-api)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from actions.fields import PlaceholderField
from actions.filled import text
from actions.kind import Data
from actions.kinds.amocrm import asked, contact, leads, people
from actions.kinds.amocrm.records import Amocrm, Names
from webjack.config import Config
from webjack.http import Failed, Http

NEW, OPEN = "new", "open"


class ComplexForm(forms.Form):
    connection = asked.connection()
    name = PlaceholderField(label=gettext_lazy("Name of the lead"), initial="Заявка от {{ client_name }}")
    price = PlaceholderField(label=gettext_lazy("Budget"), required=False)
    pipeline = asked.pipeline()
    status = asked.status()
    responsible = asked.responsible()
    fields_of_lead = asked.custom_rows("lead_fields", gettext_lazy("Custom fields of the lead"))
    tags = asked.tags()
    contact_name = PlaceholderField(
        label=gettext_lazy("Name of the contact"), required=False, initial="{{ client_name }}"
    )
    phone = asked.phone()
    email = asked.email()
    fields_of_contact = asked.custom_rows("contact_fields", gettext_lazy("Custom fields of the contact"))
    existing_contact = forms.ChoiceField(
        label=gettext_lazy("If the contact is found"),
        choices=contact.EXISTING,
        initial=asked.FILL,
        required=False,
        help_text=gettext_lazy("It is looked for by phone and e-mail; new phones and e-mails are added to it"),
    )
    existing = forms.ChoiceField(
        label=gettext_lazy("If the contact has an open lead"),
        choices=[
            (NEW, gettext_lazy("Add one more lead")),
            (OPEN, gettext_lazy("Add to that lead: budget, custom fields and tags")),
        ],
        initial=NEW,
        required=False,
    )
    company = PlaceholderField(
        label=gettext_lazy("Name of the company"),
        required=False,
        help_text=gettext_lazy("A company of exactly this name is taken, else a new one is added"),
    )
    fields_of_company = asked.custom_rows("company_fields", gettext_lazy("Custom fields of the company"))

    groups = (
        (
            pgettext_lazy("amoCRM", "Lead"),
            ("connection", "name", "price", "pipeline", "status", "responsible", "fields_of_lead", "tags"),
        ),
        (
            gettext_lazy("Contact"),
            ("contact_name", "phone", "email", "existing_contact", "existing", "fields_of_contact"),
        ),
        (gettext_lazy("Company"), ("company", "fields_of_company")),
    )


class SaveComplex(asked.AmocrmAction):
    key = "amocrm.complex"
    alias = "lead"
    title = gettext_lazy("amoCRM: lead with contact and company")
    about = gettext_lazy("Adds a lead together with its contact, who is found by phone and e-mail, and company")
    common = True
    words = "амо amo amocrm сделка заявка контакт компания комплексное complex lead crm"
    form = ComplexForm
    sample: ClassVar[dict[str, Any]] = {
        "id": 15198335,
        "link": "https://clinic.amocrm.ru/leads/detail/15198335",
        "created": True,
        "contact_id": 19663157,
        "company_id": 19663159,
        "contact_created": True,
    }

    def execute(self, config: Config, http: Http) -> Data:
        amo = Amocrm(config, http)
        told, names = leads.body(amo, config | {"fields": config.get("fields_of_lead")})
        person = _contact_config(config)
        old = contact.find(amo, person)
        if old is not None:
            contact_id: int = old["id"]
            _change_contact(amo, person, config, old)
            found = (
                leads.open_lead(amo, contact_id, told.get("pipeline_id")) if config.get("existing") == OPEN else None
            )
            if found is not None:
                amo.change("leads", found, leads.addition(told), names)
                ids = {"contact_id": contact_id, "company_id": None, "contact_created": False}
                return amo.output("leads", found, created=False) | ids
        return _added(amo, config, person, old, told, names)

    def summary(self, config: Config) -> str:
        return " · ".join(str(config[name]) for name in ("name", "pipeline", "status", "phone") if config.get(name))


def _contact_config(config: Config) -> Config:
    """The contact's settings as the action for contacts has them. Its tags are the lead's alone."""
    told = {"name": config.get("contact_name"), "phone": config.get("phone"), "email": config.get("email")}
    return told | {"existing": config.get("existing_contact") or asked.FILL, "responsible": config.get("responsible")}


def _change_contact(amo: Amocrm, person: Config, config: Config, old: Data) -> None:
    if person["existing"] != asked.KEEP:
        told, names = contact.body(amo, "contacts", person | {"responsible": ""}, config.get("fields_of_contact"), old)
        amo.change("contacts", old["id"], told, names)


def _added(amo: Amocrm, config: Config, person: Config, old: Data | None, told: Data, names: Names) -> Data:
    inside: Data = {}
    if old is not None:
        inside["contacts"] = [{"id": old["id"]}]
    elif any(text(person, name) for name in ("name", "phone", "email")):
        fresh, called = contact.body(amo, "contacts", person, config.get("fields_of_contact"), None)
        inside["contacts"] = [fresh]
        names |= {f"_embedded.contacts.0.{path}": name for path, name in called.items()}
    company, called = _company(amo, config)
    if company:
        inside["companies"] = [company]
        names |= {f"_embedded.companies.0.{path}": name for path, name in called.items()}
    if told.get("tags_to_add"):
        inside["tags"] = told.pop("tags_to_add")  # leads/complex knows tags by this name alone
    answer = amo.call("POST", "leads/complex", [told | {"_embedded": inside}], names)
    made = answer[0] if isinstance(answer, list) and answer else None
    if not isinstance(made, dict) or not isinstance(made.get("id"), int):
        raise Failed(_("amoCRM did not say which record it made"))
    ids = {"contact_id": made.get("contact_id"), "company_id": made.get("company_id"), "contact_created": old is None}
    # merged: amoCRM's own control of duplicates added it to a lead that was there
    return amo.output("leads", made["id"], created=not made.get("merged")) | ids


def _company(amo: Amocrm, config: Config) -> tuple[Data, Names]:
    name = text(config, "company")
    if not name:
        return {}, {}
    found = people.named(amo.http, amo.account, "companies", name)
    if found:
        return {"id": found["id"]}, {}
    fields, names = amo.customs("companies", config.get("fields_of_company"))
    return {"name": name} | ({"custom_fields_values": fields} if fields else {}), names
