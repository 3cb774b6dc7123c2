"""«Klientiks: клиент»: finds a client by phone, adds or changes them (Clients, getClientByPhone)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.fields import ConnectionField, PlaceholderField
from actions.filled import texts
from actions.kind import Data
from actions.kinds.klientiks import fields
from actions.kinds.klientiks.action import KlientiksAction
from connections.kinds.klientiks import client
from webjack.config import Config
from webjack.http import Http

NAMES = (
    "first_name", "second_name", "patron_name", "email", "birth_date", "sex", "client_groups", "lead_source",
    "living_address",
)  # fmt: skip
UPDATE, KEEP, ADD = "update", "keep", "add"
SEXES = (("", _("Not stated")), ("0", _("Female")), ("1", _("Male")))


class CustomerForm(forms.Form):
    connection = ConnectionField("klientiks", label=_("Klientiks account"))
    existing = forms.ChoiceField(
        label=_("When there is a client with this phone"),
        choices=[(UPDATE, _("Change them")), (KEEP, _("Leave them as they are")), (ADD, _("Add one more"))],
        initial=UPDATE,
        required=False,
    )
    phone = PlaceholderField(label=_("Phone"), initial="{{ client_phone }}")
    first_name = PlaceholderField(label=_("First name"), initial="{{ client_name }}")
    second_name = PlaceholderField(label=_("Last name"), required=False)
    patron_name = PlaceholderField(label=_("Patronymic"), required=False)
    email = PlaceholderField(label=_("E-mail"), required=False)
    birth_date = PlaceholderField(label=_("Date of birth"), required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=SEXES, required=False)
    client_groups = PlaceholderField(label=_("Groups of clients"), required=False)
    lead_source = PlaceholderField(label=_("Where the client came from"), required=False)
    living_address = PlaceholderField(label=_("Address"), required=False)

    groups = (
        ("", ("connection", "existing", "phone", "first_name", "second_name", "patron_name")),
        (_("Additional"), ("email", "birth_date", "sex", "client_groups", "lead_source", "living_address")),
    )


class SaveCustomer(KlientiksAction):
    key = "klientiks.client"
    alias = "client"
    title = _("Klientiks: client")
    about = _("Finds a client by phone, changes or adds them")
    words = "klientiks клиентикс клиент добавить найти"
    form = CustomerForm
    sample: ClassVar[dict[str, Any]] = {"id": 6439301, "created": True, "client": {"first_name": "Анна"}}

    def execute(self, config: Config, http: Http) -> Data:
        opened = config["connection"]
        account, signed = opened.config, http.through(opened)
        phone, told = fields.phone(config), texts(config, NAMES)
        if "birth_date" in told:
            told["birth_date"] = fields.birth(config, "birth_date", CustomerForm.base_fields["birth_date"].label)
        known = None if config.get("existing") == ADD else find(signed, account, phone)
        if known and config.get("existing") == KEEP:
            return {"id": known["id"], "created": False, "client": known}
        if known:
            changed = client.saved(signed, account, "edit", "Clients", [("id", str(known["id"])), *told.items()])
            return {"id": known["id"], "created": False, "client": known | changed}
        made = client.saved(signed, account, "add", "Clients/", [("phone", phone), *told.items()])
        return {"id": made.get("id"), "created": True, "client": made}

    def goes_by_answers(self, config: Config) -> bool:
        return config.get("existing") != ADD

    def summary(self, config: Config) -> str:
        return f"{config.get('phone', '')} {config.get('first_name', '')}".strip()


def find(http: Http, account: Config, phone: str) -> dict[str, Any] | None:
    """The client with this phone, of those not deleted."""
    found = client.found(http, account, f"getClientByPhone/phone/{phone}")
    return next((each for each in found if isinstance(each, dict) and each.get("id") and not each.get("deleted")), None)
