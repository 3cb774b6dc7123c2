"""Custom fields of amoCRM: rows of a form become `custom_fields_values` (amocrm.ru/developers, custom-fields)."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from actions import values
from actions.filled import several
from actions.filters.bounds import blank
from actions.filters.moments import moment, zone_of
from actions.kinds.amocrm import offered
from webjack.config import Config
from webjack.http import Failed, Http

Custom = dict[str, Any]
NAMED = re.compile(r"(\d{1,15})(?::([a-z_]+))?")
CHOICES = ("select", "radiobutton", "category")


class Fields:
    """The custom fields of one sort of record; asked for only where a row does not say enough by itself."""

    def __init__(self, http: Http, account: Config, entity: str, zone: str = "") -> None:
        self._ask: Callable[[], list[Config]] = lambda: offered.fields(http, account, entity)
        self._known: list[Config] | None = None
        try:
            self.zone: tzinfo = zone_of(zone, ZoneInfo("Europe/Moscow"))
        except ValueError:
            self.zone = ZoneInfo("Europe/Moscow")

    def known(self) -> list[Config]:
        if self._known is None:
            self._known = self._ask()
        return self._known

    def find(self, name: str) -> Config:
        """By id, with its type or without, by code or by name. Raises Failed."""
        number = NAMED.fullmatch(name.strip())
        if number and number[2]:
            return {"id": int(number[1]), "type": number[2], "name": number[1]}
        wanted = name.strip().lower()
        for one in self.known():
            if wanted in (str(one["id"]), str(one.get("code") or "").lower(), str(one.get("name") or "").lower()):
                return one
        raise Failed(_("There is no custom field “%(name)s” in the account: choose it from the list") % {"name": name})

    def enums(self, field: Config) -> list[Config]:
        if "enums" not in field:
            field = next((one for one in self.known() if one["id"] == field["id"]), field)
        return list(field.get("enums") or [])


def of(rows: Sequence[Mapping[str, Any]] | None, fields: Fields) -> tuple[list[Custom], dict[str, str]]:
    """`custom_fields_values` of rows whose values are filled, and what people call them by their paths.

    Empty values are left out. Raises Failed.
    """
    made: list[Custom] = []
    names: dict[str, str] = {}
    for row in rows or []:
        if blank(row.get("value")):
            continue
        field = fields.find(str(row.get("name") or ""))
        try:
            converted = converted_of(field, row["value"], fields)
        except (ValueError, OverflowError) as bad:
            told = {"name": field.get("name") or row["name"], "wrong": bad}
            raise Failed(_("Custom field “%(name)s”: %(wrong)s") % told) from None
        names[f"custom_fields_values.{len(made)}"] = _("Custom field “%(name)s”") % {"name": field.get("name")}
        made.append({"field_id": field["id"], "values": converted})
    return made, names


def converted_of(field: Config, value: Any, fields: Fields) -> list[Custom]:
    """Raises ValueError with a sentence."""
    kind = str(field.get("type") or "text")
    if kind == "multiselect":
        return [_choice(field, one, fields) for one in several(value, None)]
    if kind in CHOICES:
        return [_choice(field, values.text(value).strip(), fields)]
    if kind == "multitext":
        return [{"value": one, "enum_code": "WORK"} for one in several(value, None)]
    if kind == "checkbox":
        return [{"value": values.boolean(value)}]
    if kind in ("date", "date_time", "birthday"):
        read = moment(value, fields.zone)
        return [{"value": read.when.isoformat(timespec="seconds")}] if read else []
    if kind in ("numeric", "price", "monetary"):
        return [{"value": number(value)}]
    if kind in ("smart_address", "legal_entity", "items", "chained_list", "file", "linked_entity"):
        told = values.read_json(value)
        return told if isinstance(told, list) else [{"value": told}]
    return [{"value": values.text(value)}]


def number(value: Any) -> str:
    """As amoCRM wants it: a text with a dot. Raises ValueError."""
    read = values.number(value)
    return format(read, "f").rstrip("0").rstrip(".") if isinstance(read, float) else str(read)


def _choice(field: Config, text: str, fields: Fields) -> Custom:
    """By name, or by id: a text of digits may be either, so there the account is asked."""
    if not text.isascii() or not text.isdigit():
        return {"value": text}
    known = fields.enums(field)
    named = [enum for enum in known if str(enum.get("value")) == text]
    by_id = [enum for enum in known if str(enum.get("id")) == text]
    return {"enum_id": int((named or by_id)[0]["id"])} if named or by_id else {"value": text}
