"""«Битрикс24: сделка»: adds a deal of a found or added contact by crm.deal.add, or finds one that is still open."""

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

CLIENT = (
    *people.IN_CONTACT,
    (search.OFF, _("Without a contact")),
)
FIND = (
    (search.OFF, _("Always add a new deal")),
    (search.USE, _("Take the client's open deal; when there is none, add")),
    (search.UPDATE, _("Update the client's open deal; when there is none, add")),
)


class DealForm(forms.Form):
    connection = ConnectionField("bitrix24", label=_("Portal"))
    title = PlaceholderField(label=_("Title of the deal"), required=False, initial="")
    funnel = LoadedField(options="funnels", label=_("Funnel"), required=False)
    stage = LoadedField(options="stages", depends=("funnel",), label=pgettext_lazy("Bitrix24", "Stage"), required=False)
    name, second_name, last_name, phone, email = people.fields().values()
    client = forms.ChoiceField(label=_("Where the client goes"), choices=CLIENT, initial=search.USE, required=False)
    find = forms.ChoiceField(label=_("Which deal"), choices=FIND, initial=search.OFF, required=False)
    company = PlaceholderField(label=_("Company"), required=False, help_text=_("Its number in Bitrix24"))
    amount = PlaceholderField(label=_("Sum"), required=False)
    currency = LoadedField(options="currencies", label=_("Currency"), required=False)
    source = LoadedField(options="sources", label=_("Source"), required=False)
    assigned = LoadedField(options="users", label=_("Responsible"), required=False)
    comments = PlaceholderField(label=_("Comment"), required=False, lines=3)
    # Django's metaclass takes the name away from the class.
    fields = other_fields()  # type: ignore[assignment]

    groups = (
        ("", ("connection", "title", "funnel", "stage")),
        (_("Client"), (*people.NAMES, "client", "find", "company")),
        (_("Deal"), ("amount", "currency", "source", "assigned", "comments", "fields")),
    )


class SaveDeal(PortalAction):
    key = "bitrix24.deal"
    alias = "deal"
    title = _("Bitrix24: deal")
    about = _("Adds a deal of a found or added contact, or finds the client's one")
    words = "битрикс битрикс24 bitrix24 б24 сделка deal воронка crm црм"
    form = DealForm
    sample: ClassVar[dict[str, Any]] = {
        "id": 394,
        "link": "https://example.bitrix24.ru/crm/deal/details/394/",
        "created": True,
        "updated": False,
        "contact_id": 46,
        "contact_created": False,
        "left_out": [],
    }
    offered: ClassVar[dict[str, offers.Offer]] = {
        "funnels": offers.funnels,
        "stages": offers.stages,
        "sources": offers.statuses("SOURCE"),
        "users": offers.users,
        "currencies": offers.currencies,
        "fields": offers.fields("deal"),
    }

    def execute(self, config: Config, http: Http) -> Data:
        portal, person = Portal.of(config, http), Person.of(config)
        funnel = number(config, "funnel", _("Funnel"))
        shared = {"SOURCE_ID": text(config, "source"), "ASSIGNED_BY_ID": number(config, "assigned", _("Responsible"))}
        own = shared | {
            "TITLE": text(config, "title"),
            "STAGE_ID": text(config, "stage"),
            "COMPANY_ID": number(config, "company", _("Company")),
            "OPPORTUNITY": amount(config, "amount", _("Sum")),
            "CURRENCY_ID": text(config, "currency"),
            "COMMENTS": text(config, "comments"),
        }
        # A deal stays in its funnel: only a new one takes it.
        of_funnel = {} if funnel is None else {"CATEGORY_ID": funnel}
        fixed: dict[str, Any] = dict(of_funnel)
        client, found = config.get("client") or search.USE, None
        if client != search.OFF and person.known:
            found = contact(portal, person, client, shared)
            fixed |= {"CONTACT_IDS": [found.id]}
        card = Card("deal", own, config.get("fields") or [], fixed=fixed)
        wanted = open_one("deal", config.get("find") or search.OFF, found, **of_funnel)
        return output(portal, "deal", save(portal, card, wanted)) | person.told(found)

    def harmless(self, config: Config) -> bool:
        """What an earlier attempt has added is found again (search.by_origin)."""
        return True

    def summary(self, config: Config) -> str:
        return " → ".join(str(config[name]) for name in ("title", "funnel", "stage") if config.get(name))
