"""The client of a lead or a deal: what forms ask of a person, and the contact that the person is in the CRM."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.fields import PlaceholderField
from actions.filled import text
from actions.kind import Data
from actions.kinds.bitrix24 import ways
from actions.kinds.bitrix24.portal import Portal
from actions.kinds.bitrix24.saving import Card, Saved, save
from actions.kinds.bitrix24.search import UPDATE, USE, by_ways
from webjack.config import Config

FIELDS = {"name": "NAME", "second_name": "SECOND_NAME", "last_name": "LAST_NAME"}
NAMES = (*FIELDS, "phone", "email")
IN_CONTACT = (
    (USE, _("Contact: find by phone and e-mail, when there is none, add")),
    (UPDATE, _("Contact: find by phone and e-mail and update, when there is none, add")),
)
SEVERAL = _("Several are separated by commas")


def fields() -> dict[str, PlaceholderField]:
    """New ones for each form."""
    return {
        "name": PlaceholderField(label=_("First name"), required=False),
        "second_name": PlaceholderField(label=_("Patronymic"), required=False),
        "last_name": PlaceholderField(label=_("Last name"), required=False),
        "phone": PlaceholderField(label=_("Phone"), required=False, help_text=SEVERAL),
        "email": PlaceholderField(label=_("E-mail"), required=False, help_text=SEVERAL),
    }


@dataclass(frozen=True)
class Person:
    """names: by the fields of Bitrix24. left_out: what was given as an e-mail and is none."""

    names: dict[str, str]
    phones: list[str]
    emails: list[str]
    left_out: list[str]

    @classmethod
    def of(cls, config: Config) -> "Person":
        names = {field: text(config, name) for name, field in FIELDS.items()}
        given = config.get("email")
        named = {field: name for field, name in names.items() if name}
        return cls(named, ways.phones(config.get("phone")), ways.emails(given), ways.left_out(given))

    @property
    def known(self) -> bool:
        return bool(self.names or self.phones or self.emails)

    def told(self, found: Saved | None) -> Data:
        """What an action gives of the person, who may have been found or added as a contact."""
        contact = {"contact_id": found.id if found else None, "contact_created": bool(found and found.created)}
        return contact | {"left_out": self.left_out}


def contact(portal: Portal, person: Person, how: str, more: dict[str, Any]) -> Saved:
    """The person's contact, found or added. more: what else a contact takes. Raises Failed."""
    card = Card("contact", person.names | more, [], person.phones, person.emails)
    search = by_ways("contact", how or USE, person.phones, person.emails)
    return save(portal, card, search, write=portal.before)
