"""What a portal has to choose from: people, sources, funnels and their stages, fields with their types."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.kind import Option
from actions.values import text
from connections.kinds.bitrix24 import client
from webjack.config import Config
from webjack.http import Failed, Http

Offer = Callable[[Http, Config, Config], Sequence[Option]]
"""Asked with the connection's config and with the settings that the field depends on. Raises Failed."""

DEAL = 2
SHOWN_VALUES = 8
TYPES = {
    "string": gettext_lazy("text"),
    "text": gettext_lazy("text"),
    "char": gettext_lazy("yes or no"),
    "boolean": gettext_lazy("yes or no"),
    "integer": gettext_lazy("number"),
    "double": gettext_lazy("number"),
    "date": gettext_lazy("date"),
    "datetime": gettext_lazy("date and time"),
    "money": gettext_lazy("sum of money"),
    "url": gettext_lazy("address"),
    "user": gettext_lazy("employee, by number"),
    "employee": gettext_lazy("employee, by number"),
    "crm_contact": gettext_lazy("contact, by number"),
    "crm_company": gettext_lazy("company, by number"),
    "crm_multifield": gettext_lazy("phones, addresses"),
    "crm_status": gettext_lazy("code from a list"),
    "crm_currency": gettext_lazy("currency, such as RUB"),
    "file": gettext_lazy("file"),
}


def users(http: Http, portal: Config, config: Config) -> list[Option]:
    found = client.every(http, portal, "user.get", {"FILTER": {"ACTIVE": True}, "sort": "LAST_NAME", "order": "ASC"})
    return [Option(str(one["ID"]), _name(one), about=str(one.get("WORK_POSITION") or "")) for one in found]


def statuses(entity: str) -> Offer:
    """A list of the CRM: STATUS of leads, SOURCE, CONTACT_TYPE and so on."""
    return lambda http, portal, config: _statuses(http, portal, entity)


def funnels(http: Http, portal: Config, config: Config) -> list[Option]:
    return _funnels(http, portal, DEAL)


def stages(http: Http, portal: Config, config: Config) -> list[Option]:
    funnel = _digits(config.get("funnel")) or "0"
    return _statuses(http, portal, "DEAL_STAGE" if funnel == "0" else f"DEAL_STAGE_{funnel}")


def currencies(http: Http, portal: Config, config: Config) -> list[Option]:
    found = client.call(http, portal, "crm.currency.list").result
    return [Option(str(one["CURRENCY"]), str(one.get("FULL_NAME") or one["CURRENCY"])) for one in _rows(found)]


def fields(entity: str) -> Offer:
    """The fields of leads, deals, contacts or companies that can be written."""

    def offer(http: Http, portal: Config, config: Config) -> list[Option]:
        return _fields(client.call(http, portal, f"crm.{entity}.fields").result)

    return offer


def types(http: Http, portal: Config, config: Config) -> list[Option]:
    """Smart processes."""
    found = client.call(http, portal, "crm.type.list", {"order": {"title": "ASC"}}).result
    rows = _rows(found.get("types") if isinstance(found, dict) else [])
    return [Option(str(one["entityTypeId"]), str(one.get("title") or one["entityTypeId"])) for one in rows]


def item_funnels(http: Http, portal: Config, config: Config) -> list[Option]:
    return _funnels(http, portal, _type(config))


def item_stages(http: Http, portal: Config, config: Config) -> list[Option]:
    type_id = _type(config)
    funnel = _digits(config.get("funnel")) or _funnels(http, portal, type_id)[0].value
    return _statuses(http, portal, f"DYNAMIC_{type_id}_STAGE_{funnel}")


def item_fields(http: Http, portal: Config, config: Config) -> list[Option]:
    found = client.call(http, portal, "crm.item.fields", {"entityTypeId": _type(config)}).result
    return _fields(found.get("fields") if isinstance(found, dict) else {})


def methods(http: Http, portal: Config, config: Config) -> list[Option]:
    """What the webhook may call."""
    found = client.call(http, portal, "methods").result
    names = sorted(str(one) for one in found) if isinstance(found, list) else []
    return [Option(name, name, group=name.split(".")[0]) for name in names]


def label(field: dict[str, Any], name: str) -> str:
    """What people call a field: a field of their own has its code as `title`."""
    labels = (field.get(key) for key in ("formLabel", "listLabel", "title"))
    return next((str(one) for one in labels if one), name)


def _fields(found: Any) -> list[Option]:
    known = {name: field for name, field in found.items() if not field.get("isReadOnly")}
    own = {name: field for name, field in known.items() if field.get("isDynamic")}
    told = [_field(name, field, str(_("Fields of your own"))) for name, field in own.items()]
    return told + [_field(name, field, str(_("Usual fields"))) for name, field in known.items() if name not in own]


def _field(name: str, field: dict[str, Any], group: str) -> Option:
    return Option(name, label(field, name), group=group, about=_about(field))


def _about(field: dict[str, Any]) -> str:
    items = [str(one.get("VALUE")) for one in _rows(field.get("items"))]
    if items:
        shown = ", ".join(items[:SHOWN_VALUES]) + ("…" if len(items) > SHOWN_VALUES else "")
        told = _("one of: %(values)s") % {"values": shown}
        if field.get("isMultiple"):
            told = _("any of: %(values)s") % {"values": shown}
        return told
    told = str(TYPES.get(str(field.get("type")), field.get("type") or ""))
    return _("%(type)s, several") % {"type": told} if field.get("isMultiple") else told


def _statuses(http: Http, portal: Config, entity: str) -> list[Option]:
    asked = {"filter": {"ENTITY_ID": entity}, "order": {"SORT": "ASC"}}
    found = client.call(http, portal, "crm.status.list", asked).result
    return [Option(str(one["STATUS_ID"]), str(one.get("NAME") or one["STATUS_ID"])) for one in _rows(found)]


def _funnels(http: Http, portal: Config, type_id: int) -> list[Option]:
    found = client.call(http, portal, "crm.category.list", {"entityTypeId": type_id}).result
    rows = _rows(found.get("categories") if isinstance(found, dict) else [])
    return [Option(str(one["id"]), str(one.get("name") or one["id"])) for one in rows] or [Option("0", "0")]


def _type(config: Config) -> int:
    found = _digits(config.get("type"))
    if not found:
        raise Failed(_("Choose a smart process first: the list comes from it"))
    return int(found)


def _digits(value: Any) -> str:
    written = text(value).strip()
    return written if written.isascii() and written.isdigit() else ""


def _name(user: dict[str, Any]) -> str:
    name = " ".join(str(user.get(part) or "") for part in ("LAST_NAME", "NAME")).strip()
    return name or str(user.get("EMAIL") or user["ID"])


def _rows(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
