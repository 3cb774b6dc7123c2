"""«Битрикс24: лид»: adds a lead by crm.lead.add, or finds one that is still open; its client may be a contact."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from actions.fields import ConnectionField, LoadedField, PlaceholderField
from actions.filled import number, text
from actions.kind import Data
from actions.kinds.bitrix24 import offers, people, search
from actions.kinds.bitrix24.people import Person, contact
from actions.kinds.bitrix24.portal import Portal, PortalAction, amount, other_fields
from actions.kinds.bitrix24.saving import Card, open_one, output, save
from webjack.config import Config
from webjack.http import Http

INSIDE = "inside"
CLIENT = (
    (INSIDE, _("Write into the lead itself")),
    *people.IN_CONTACT,
)
FIND = (
    (search.OFF, _("Always add a new lead")),
    (search.USE, _("Take the client's open lead; when there is none, add")),
    (search.UPDATE, _("Update the client's open lead; when there is none, add")),
)


class LeadForm(forms.Form):
    connection = ConnectionField("bitrix24", label=_("Portal"))
    title = PlaceholderField(label=_("Title of the lead"), required=False, initial="")
    name, second_name, last_name, phone, email = people.fields().values()
    client = forms.ChoiceField(label=_("Where the client goes"), choices=CLIENT, initial=INSIDE, required=False)
    find = forms.ChoiceField(label=_("Which lead"), choices=FIND, initial=search.OFF, required=False)
    status = LoadedField(options="statuses", label=pgettext_lazy("Bitrix24", "Stage"), required=False)
    source = LoadedField(options="sources", label=_("Source"), required=False)
    assigned = LoadedField(options="users", label=_("Responsible"), required=False)
    amount = PlaceholderField(label=_("Sum"), required=False)
    currency = LoadedField(options="currencies", label=_("Currency"), required=False)
    comments = PlaceholderField(label=_("Comment"), required=False, lines=3)
    # Django's metaclass takes the name away from the class.
    fields = other_fields()  # type: ignore[assignment]

    groups = (
        ("", ("connection", "title")),
        (_("Client"), (*people.NAMES, "client", "find")),
        (_("Lead"), ("status", "source", "assigned", "amount", "currency", "comments", "fields")),
    )


class SaveLead(PortalAction):
    key = "bitrix24.lead"
    alias = "lead"
    title = _("Bitrix24: lead")
    about = _("Adds a lead, or finds the client's one; the client can become a contact")
    common = True
    words = "битрикс битрикс24 bitrix24 б24 лид заявка lead crm црм"
    form = LeadForm
    sample: ClassVar[dict[str, Any]] = {
        "id": 3465,
        "link": "https://example.bitrix24.ru/crm/lead/details/3465/",
        "created": True,
        "updated": False,
        "contact_id": 46,
        "contact_created": False,
        "left_out": [],
    }
    offered: ClassVar[dict[str, offers.Offer]] = {
        "statuses": offers.statuses("STATUS"),
        "sources": offers.statuses("SOURCE"),
        "users": offers.users,
        "currencies": offers.currencies,
        "fields": offers.fields("lead"),
    }

    def execute(self, config: Config, http: Http) -> Data:
        portal, person = Portal.of(config, http), Person.of(config)
        shared = {"SOURCE_ID": text(config, "source"), "ASSIGNED_BY_ID": number(config, "assigned", _("Responsible"))}
        own = shared | {
            "TITLE": text(config, "title"),
            "STATUS_ID": text(config, "status"),
            "OPPORTUNITY": amount(config, "amount", _("Sum")),
            "CURRENCY_ID": text(config, "currency"),
            "COMMENTS": text(config, "comments"),
        }
        client, rows = config.get("client") or INSIDE, config.get("fields") or []
        how = config.get("find") or search.OFF
        if client == INSIDE or not person.known:
            card = Card("lead", own | person.names, rows, person.phones, person.emails)
            return output(portal, "lead", save(portal, card, _inside(how, person))) | person.told(None)
        found = contact(portal, person, client, shared)
        card = Card("lead", own, rows, fixed={"CONTACT_IDS": [found.id]})
        return output(portal, "lead", save(portal, card, open_one("lead", how, found))) | person.told(found)

    def harmless(self, config: Config) -> bool:
        """What an earlier attempt has added is found again (search.by_origin)."""
        return True

    def summary(self, config: Config) -> str:
        return str(config.get("title") or "")


def _inside(how: str, person: Person) -> search.Search:
    if how == search.OFF:
        return search.NOWHERE
    return search.in_work("lead", search.by_ways("lead", how, person.phones, person.emails))
