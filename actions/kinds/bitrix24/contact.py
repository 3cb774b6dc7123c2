"""«Битрикс24: контакт»: finds a contact by phone and e-mail and updates it, or adds it."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.fields import ConnectionField, LoadedField, PlaceholderField
from actions.filled import number, text
from actions.kind import Data
from actions.kinds.bitrix24 import offers, people, search
from actions.kinds.bitrix24.people import Person
from actions.kinds.bitrix24.portal import Portal, PortalAction, other_fields
from actions.kinds.bitrix24.saving import Card, output, save
from webjack.config import Config
from webjack.http import Http


class ContactForm(forms.Form):
    connection = ConnectionField("bitrix24", label=_("Portal"))
    name, second_name, last_name, phone, email = people.fields().values()
    find = forms.ChoiceField(label=_("Which contact"), choices=search.FIND, initial=search.UPDATE, required=False)
    type = LoadedField(options="types", label=_("Type"), required=False)
    source = LoadedField(options="sources", label=_("Source"), required=False)
    assigned = LoadedField(options="users", label=_("Responsible"), required=False)
    company = PlaceholderField(label=_("Company"), required=False, help_text=_("Its number in Bitrix24"))
    comments = PlaceholderField(label=_("Comment"), required=False, lines=3)
    # Django's metaclass takes the name away from the class.
    fields = other_fields()  # type: ignore[assignment]

    groups = (
        ("", ("connection", *people.NAMES, "find")),
        (_("Contact"), ("type", "source", "assigned", "company", "comments", "fields")),
    )


class SaveContact(PortalAction):
    key = "bitrix24.contact"
    alias = "contact"
    title = _("Bitrix24: contact")
    about = _("Finds a contact by phone and e-mail and updates it, or adds it")
    words = "битрикс битрикс24 bitrix24 б24 контакт клиент contact crm црм"
    form = ContactForm
    sample: ClassVar[dict[str, Any]] = {
        "id": 46,
        "link": "https://example.bitrix24.ru/crm/contact/details/46/",
        "created": False,
        "updated": True,
        "left_out": [],
    }
    offered: ClassVar[dict[str, offers.Offer]] = {
        "types": offers.statuses("CONTACT_TYPE"),
        "sources": offers.statuses("SOURCE"),
        "users": offers.users,
        "fields": offers.fields("contact"),
    }

    def execute(self, config: Config, http: Http) -> Data:
        portal, person = Portal.of(config, http), Person.of(config)
        own = person.names | {
            "TYPE_ID": text(config, "type"),
            "SOURCE_ID": text(config, "source"),
            "ASSIGNED_BY_ID": number(config, "assigned", _("Responsible")),
            "COMPANY_ID": number(config, "company", _("Company")),
            "COMMENTS": text(config, "comments"),
        }
        card = Card("contact", own, config.get("fields") or [], person.phones, person.emails)
        how = config.get("find") or search.UPDATE
        wanted = search.by_ways("contact", how, person.phones, person.emails)
        saved = save(portal, card, search.NOWHERE if how == search.OFF else wanted)
        return output(portal, "contact", saved) | {"left_out": person.left_out}

    def harmless(self, config: Config) -> bool:
        """What an earlier attempt has added is found again."""
        return True

    def summary(self, config: Config) -> str:
        return " ".join(str(config[name]) for name in ("name", "last_name", "phone") if config.get(name))
