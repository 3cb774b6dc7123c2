"""«amoCRM: контакт»: finds a person by phone and e-mail, and changes or adds them (contacts-api)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from actions.fields import PlaceholderField
from actions.filled import number, text
from actions.kind import Data
from actions.kinds.amocrm import asked, people
from actions.kinds.amocrm.records import Amocrm, Names, filled, person, tags
from webjack.config import Config
from webjack.http import Http

EXISTING = [
    (asked.UPDATE, _("Change what is filled in here")),
    (asked.FILL, _("Fill in only what is empty there")),
    (asked.KEEP, _("Leave it as it is")),
    (asked.NEW, _("Always add a new one")),
]


class ContactForm(forms.Form):
    connection = asked.connection()
    name = PlaceholderField(label=pgettext_lazy("person", "Name"), required=False, initial="{{ client_name }}")
    phone = asked.phone()
    email = asked.email()
    existing = forms.ChoiceField(
        label=_("If the contact is found"),
        choices=EXISTING,
        initial=asked.UPDATE,
        required=False,
        help_text=_("It is looked for by phone and e-mail; new phones and e-mails are added to those it has"),
    )
    responsible = asked.responsible()
    company = PlaceholderField(
        label=_("Company"), required=False, help_text=_("Its number, such as an earlier action's id")
    )
    fields_of_contact = asked.custom_rows("contact_fields")
    tags = asked.tags()


class SaveContact(asked.AmocrmAction):
    key = "amocrm.contact"
    alias = "contact"
    title = _("amoCRM: contact")
    about = _("Finds a person by phone and e-mail, then changes or adds them")
    common = True
    words = "амо amo amocrm контакт клиент человек contact crm"
    form = ContactForm
    sample: ClassVar[dict[str, Any]] = {
        "id": 7143599,
        "link": "https://clinic.amocrm.ru/contacts/detail/7143599",
        "created": True,
    }

    def execute(self, config: Config, http: Http) -> Data:
        amo = Amocrm(config, http)
        id, created = save(amo, config, config.get("fields_of_contact"))
        return amo.output("contacts", id, created)

    def harmless(self, config: Config) -> bool:
        """By a phone or an e-mail the person whom an earlier attempt has added is found again."""
        return config.get("existing") != asked.NEW and any(text(config, name) for name in ("phone", "email"))

    def summary(self, config: Config) -> str:
        return " · ".join(str(config[name]) for name in ("name", "phone", "email") if config.get(name))


def save(amo: Amocrm, config: Config, rows: Any) -> tuple[int, bool]:
    """The contact's id, and whether it is new."""
    company = number(config, "company", _("Company"))
    linked: Data = {"_embedded": {"companies": [{"id": company}]}} if company else {}
    old = find(amo, config) or by_name(amo, config)
    if old is None:
        told, names = body(amo, "contacts", config, rows, None)
        return amo.add("contacts", told | linked, names), True
    id: int = old["id"]
    if config.get("existing") != asked.KEEP:
        told, names = body(amo, "contacts", config, rows, old)
        amo.change("contacts", id, told, names)
        if company:
            amo.call("POST", f"contacts/{id}/link", [{"to_entity_id": company, "to_entity_type": "companies"}])
    return id, False


def find(amo: Amocrm, config: Config) -> Data | None:
    if config.get("existing") == asked.NEW:
        return None
    numbers, mails = people.phones(config.get("phone")), people.emails(config.get("email"))
    return people.find(amo.http, amo.account, "contacts", numbers, mails)


def by_name(amo: Amocrm, config: Config) -> Data | None:
    """Where the data brought neither phone nor e-mail: who is known by this exact name and by nothing else."""
    if config.get("existing") == asked.NEW or people.phones(config.get("phone")) or people.emails(config.get("email")):
        return None
    return people.named(amo.http, amo.account, "contacts", text(config, "name"), bare=True)


def body(amo: Amocrm, entity: str, config: Config, rows: Any, old: Data | None) -> tuple[Data, Names]:
    """What is sent of a new contact or company, or what changes of one that was found."""
    told, names = person(amo, entity, config, ("phone", "email"), rows, old)
    told |= filled(
        name=text(config, "name"),
        responsible_user_id=number(config, "responsible", _("Responsible person")),
        tags_to_add=tags(config),
    )
    if old and config.get("existing") == asked.FILL:
        told = lacking(told, old)
    if old and people.same_name(old.get("name"), str(told.get("name") or "")):
        told.pop("name", None)
    return told, names


def lacking(told: Data, old: Data) -> Data:
    """What of it the record does not have. Phones and e-mails that are new to it are always added."""
    full = {one["field_id"] for one in old.get("custom_fields_values") or () if one.get("values")}
    fields = [one for one in told.get("custom_fields_values") or () if one.get("field_id") not in full]
    left = {name: value for name, value in told.items() if name == "tags_to_add" or not old.get(name)}
    left.pop("custom_fields_values", None)
    return left | filled(custom_fields_values=fields)
