"""«Битрикс24: компания»: finds a company by phone, e-mail or name and updates it, or adds it."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.fields import ConnectionField, LoadedField, PlaceholderField
from actions.filled import number, text
from actions.kind import Data
from actions.kinds.bitrix24 import offers, people, search, ways
from actions.kinds.bitrix24.portal import Portal, PortalAction, other_fields
from actions.kinds.bitrix24.saving import Card, output, save
from webjack.config import Config
from webjack.http import Http

FIND = (
    (search.UPDATE, _("Find by phone and e-mail, else by name, and update; when there is none, add")),
    (search.USE, _("Find by phone and e-mail, else by name, and take as it is; when there is none, add")),
    (search.OFF, _("Always add a new one")),
)


class CompanyForm(forms.Form):
    connection = ConnectionField("bitrix24", label=_("Portal"))
    title = PlaceholderField(label=_("Name of the company"), initial="")
    phone = PlaceholderField(label=_("Phone"), required=False, help_text=people.SEVERAL)
    email = PlaceholderField(label=_("E-mail"), required=False, help_text=people.SEVERAL)
    find = forms.ChoiceField(label=_("Which company"), choices=FIND, initial=search.UPDATE, required=False)
    type = LoadedField(options="types", label=_("Type"), required=False)
    assigned = LoadedField(options="users", label=_("Responsible"), required=False)
    comments = PlaceholderField(label=_("Comment"), required=False, lines=3)
    # Django's metaclass takes the name away from the class.
    fields = other_fields()  # type: ignore[assignment]

    groups = (
        ("", ("connection", "title", "phone", "email", "find")),
        (_("Company"), ("type", "assigned", "comments", "fields")),
    )


class SaveCompany(PortalAction):
    key = "bitrix24.company"
    alias = "company"
    title = _("Bitrix24: company")
    about = _("Finds a company by phone, e-mail or name and updates it, or adds it")
    words = "битрикс битрикс24 bitrix24 б24 компания организация company crm црм"
    form = CompanyForm
    sample: ClassVar[dict[str, Any]] = {
        "id": 4,
        "link": "https://example.bitrix24.ru/crm/company/details/4/",
        "created": True,
        "updated": False,
        "left_out": [],
    }
    offered: ClassVar[dict[str, offers.Offer]] = {
        "types": offers.statuses("COMPANY_TYPE"),
        "users": offers.users,
        "fields": offers.fields("company"),
    }

    def execute(self, config: Config, http: Http) -> Data:
        portal, title = Portal.of(config, http), text(config, "title")
        phones, emails = ways.phones(config.get("phone")), ways.emails(config.get("email"))
        own = {
            "TITLE": title,
            "COMPANY_TYPE": text(config, "type"),
            "ASSIGNED_BY_ID": number(config, "assigned", _("Responsible")),
            "COMMENTS": text(config, "comments"),
        }
        card = Card("company", own, config.get("fields") or [], phones, emails)
        how = config.get("find") or search.UPDATE
        saved = save(portal, card, _search(how, title, phones, emails))
        return output(portal, "company", saved) | {"left_out": ways.left_out(config.get("email"))}

    def harmless(self, config: Config) -> bool:
        """What an earlier attempt has added is found again."""
        return True

    def summary(self, config: Config) -> str:
        return str(config.get("title") or "")


def _search(how: str, title: str, phones: list[str], emails: list[str]) -> search.Search:
    if how == search.OFF:
        return search.NOWHERE
    if phones or emails:
        return search.by_ways("company", how, phones, emails)
    return search.by_title("company", how, title) if title else search.NOWHERE
