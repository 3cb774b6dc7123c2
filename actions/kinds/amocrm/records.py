"""Records of amoCRM as their actions make them: what all of them have, how they are added and changed."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from actions import values
from actions.filled import several
from actions.filters.bounds import blank
from actions.kind import Data
from actions.kinds.amocrm import custom, people
from connections.kinds.amocrm import client
from connections.kinds.amocrm.address import page
from connections.opened import Opened
from webjack.config import Config
from webjack.http import Failed, Http

Names = dict[str, str]
PAGES = {"leads": "leads/detail", "contacts": "contacts/detail", "companies": "companies/detail"}
MOST_TAGS = 100


class Amocrm:
    """An account through its connection. call: as client.call."""

    def __init__(self, config: Config, http: Http) -> None:
        opened: Opened = config["connection"]
        self.account = opened.config
        self.http = http.through(opened)
        self.zone = str(config.get("zone") or "")

    def call(self, method: str, path: str, told: Any = None, names: Names | None = None) -> Any:
        return client.call(self.http, self.account, method, path, told, names=names)

    def get(self, path: str, *query: tuple[str, str]) -> Any:
        """None also for what is not there any more (404)."""
        try:
            return client.call(self.http, self.account, "GET", path, query=query)
        except client.Missing:
            return None

    def link(self, entity: str, id: int) -> str:
        return page(self.account["address"], f"{PAGES[entity]}/{id}")

    def customs(self, entity: str, rows: Any) -> tuple[list[Data], Names]:
        return custom.of(rows, custom.Fields(self.http, self.account, entity, self.zone))

    def add(self, entity: str, told: Data, names: Names) -> int:
        """The new record's id."""
        answer = self.call("POST", entity, [told], names)
        made = client.embedded(answer, entity)
        if not made or not isinstance(made[0].get("id"), int):
            raise Failed(_("amoCRM did not say which record it made"))
        id: int = made[0]["id"]
        return id

    def change(self, entity: str, id: int, told: Data, names: Names) -> None:
        if told:
            self.call("PATCH", f"{entity}/{id}", told, names)

    def output(self, entity: str, id: int, created: bool) -> Data:
        return {"id": id, "link": self.link(entity, id), "created": created}


def price(config: Mapping[str, Any]) -> int | None:
    """Whole units: amoCRM keeps no fractions of a lead's budget."""
    if blank(config.get("price")):
        return None
    try:
        return round(values.number(config["price"]))
    except ValueError as bad:
        raise Failed(_("Budget: %(wrong)s") % {"wrong": bad}) from None


def tags(config: Mapping[str, Any], name: str = "tags") -> list[Data]:
    return [{"name": tag} for tag in several(config.get(name), None)][:MOST_TAGS]


def filled(**told: Any) -> Data:
    """Only what is something."""
    return {name: value for name, value in told.items() if value not in (None, "", [], {})}


def person(
    amo: Amocrm, entity: str, config: Mapping[str, Any], names: tuple[str, str], rows: Any, old: Data | None
) -> tuple[Data, Names]:
    """The custom fields of a contact or company, with the phones and e-mails that are new to it.

    names: the settings that hold them.
    """
    own, called = amo.customs(entity, rows)
    reach = people.reachable(old, "PHONE", people.phones(config.get(names[0])))
    reach += people.reachable(old, "EMAIL", people.emails(config.get(names[1])))
    for one in reach:
        called[f"custom_fields_values.{len(own)}"] = _("Phone") if one["field_code"] == "PHONE" else _("E-mail")
        own.append(one)
    return filled(custom_fields_values=own), called
