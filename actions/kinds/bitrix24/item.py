"""«Битрикс24: элемент смарт-процесса»: finds an item by a field and updates it, or adds it (crm.item.*)."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from actions.fields import ConnectionField, LoadedField, PlaceholderField
from actions.filled import number, text
from actions.kind import Data
from actions.kinds.bitrix24 import convert, offers, search
from actions.kinds.bitrix24.portal import Commands, Portal, PortalAction, id_of, other_fields
from webjack.config import Config
from webjack.http import Failed, Http

FIND = (
    (search.OFF, gettext_lazy("Always add a new one")),
    (search.UPDATE, gettext_lazy("Find by a field and update; when there is none, add")),
    (search.USE, gettext_lazy("Find by a field and take as it is; when there is none, add")),
)
MARK = "xmlId"
"""The field «Внешний код», by which what an earlier attempt has added is found again."""


class ItemForm(forms.Form):
    connection = ConnectionField("bitrix24", label=gettext_lazy("Portal"))
    type = LoadedField(options="types", label=gettext_lazy("Smart process"), initial="")
    title = PlaceholderField(label=gettext_lazy("Name"), required=False, initial="")
    find = forms.ChoiceField(label=gettext_lazy("Which item"), choices=FIND, initial=search.OFF, required=False)
    find_field = LoadedField(options="fields", depends=("type",), label=gettext_lazy("Field"), required=False)
    find_value = PlaceholderField(label=gettext_lazy("Value of the field"), required=False)
    funnel = LoadedField(options="funnels", depends=("type",), label=gettext_lazy("Funnel"), required=False)
    stage = LoadedField(
        options="stages", depends=("type", "funnel"), label=pgettext_lazy("Bitrix24", "Stage"), required=False
    )
    assigned = LoadedField(options="users", label=gettext_lazy("Responsible"), required=False)
    contact = PlaceholderField(
        label=gettext_lazy("Contact"), required=False, help_text=gettext_lazy("Its number in Bitrix24")
    )
    # Django's metaclass takes the name away from the class.
    fields = other_fields(("type",))  # type: ignore[assignment]

    groups = (
        ("", ("connection", "type", "title")),
        (gettext_lazy("Find or add"), ("find", "find_field", "find_value")),
        (gettext_lazy("Item"), ("funnel", "stage", "assigned", "contact", "fields")),
    )
    shown_for: ClassVar[dict[str, Any]] = {
        "find_field": ("find", (search.UPDATE, search.USE)),
        "find_value": ("find", (search.UPDATE, search.USE)),
    }

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("find") in (search.UPDATE, search.USE):
            for name in ("find_field", "find_value"):
                if not self.cleaned_data.get(name) and name not in self.errors:
                    self.add_error(name, _("Fill this in"))


class SaveItem(PortalAction):
    key = "bitrix24.item"
    alias = "item"
    title = gettext_lazy("Bitrix24: smart process item")
    about = gettext_lazy("Adds an item to a smart process of yours, or finds and updates one")
    words = "битрикс битрикс24 bitrix24 б24 смарт-процесс элемент spa item"
    form = ItemForm
    sample: ClassVar[dict[str, Any]] = {
        "id": 12,
        "link": "https://example.bitrix24.ru/crm/type/1268/details/12/",
        "created": True,
        "updated": False,
    }
    offered: ClassVar[dict[str, offers.Offer]] = {
        "types": offers.types,
        "funnels": offers.item_funnels,
        "stages": offers.item_stages,
        "users": offers.users,
        "fields": offers.item_fields,
    }

    def execute(self, config: Config, http: Http) -> Data:
        portal, type_id = Portal.of(config, http), number(config, "type", _("Smart process"))
        if type_id is None:
            raise Failed(_("Choose the smart process of the record"))
        told = portal.read(_asked(config, portal, type_id))
        begun, found = _first(told.get("begun")), _first(told.get("found"))
        if begun is not None:
            return _output(portal, type_id, begun, created=True)
        if found is not None and config.get("find") == search.USE:
            return _output(portal, type_id, found)
        fields = _fields(config, portal, told.get("fields"))
        if found is not None:
            fields.pop("categoryId", None)
            portal.write("crm.item.update", {"entityTypeId": type_id, "id": found, "fields": fields})
            return _output(portal, type_id, found, updated=True)
        mark = {MARK: portal.key} if portal.key else {}
        added = portal.write("crm.item.add", {"entityTypeId": type_id, "fields": mark | fields})
        return _output(portal, type_id, _id(added), created=True)

    def harmless(self, config: Config) -> bool:
        """What an earlier attempt has added is found again."""
        return True

    def summary(self, config: Config) -> str:
        return ": ".join(str(config[name]) for name in ("type", "title") if config.get(name))


def _asked(config: Config, portal: Portal, type_id: int) -> Commands:
    commands: Commands = {}
    how, value = config.get("find") or search.OFF, text(config, "find_value")
    if how != search.OFF and value:
        commands["found"] = _listing(type_id, text(config, "find_field"), value)
    if portal.key:
        commands["begun"] = _listing(type_id, MARK, portal.key)
    if config.get("fields"):
        commands["fields"] = ("crm.item.fields", {"entityTypeId": type_id})
    return commands


def _listing(type_id: int, name: str, value: str) -> tuple[str, dict[str, Any]]:
    asked = {"entityTypeId": type_id, "filter": {name: value}, "select": ["id"], "order": {"id": "ASC"}}
    return "crm.item.list", asked


def _fields(config: Config, portal: Portal, told: Any) -> Data:
    known = told.get("fields") if isinstance(told, dict) else None
    contact = number(config, "contact", _("Contact"))
    own = {
        "title": text(config, "title"),
        "categoryId": number(config, "funnel", _("Funnel")),
        "stageId": text(config, "stage"),
        "assignedById": number(config, "assigned", _("Responsible")),
        "contactIds": None if contact is None else [contact],
    }
    rows = convert.by_type(config.get("fields") or [], known, portal.zone)
    return {name: value for name, value in own.items() if value not in ("", None)} | rows


def _first(told: Any) -> int | None:
    """Raises Failed: what is not understood may be the item that is there already."""
    items = told.get("items") if isinstance(told, dict) else None
    if items and not (isinstance(items, list) and isinstance(items[0], dict)):
        raise Failed(_("Bitrix24 gave an unexpected answer"))
    return id_of(items[0].get("id")) if items else None


def _id(told: Any) -> int:
    item = told.get("item") if isinstance(told, dict) else None
    if not isinstance(item, dict) or not str(item.get("id", "")).isdigit():
        raise Failed(_("Bitrix24 did not say the number of the new record"), unknown=True)
    return int(item["id"])


def _output(portal: Portal, type_id: int, id: int, *, created: bool = False, updated: bool = False) -> Data:
    link = portal.link(f"/crm/type/{type_id}/details/{id}/")
    return {"id": id, "link": link, "created": created, "updated": updated}
