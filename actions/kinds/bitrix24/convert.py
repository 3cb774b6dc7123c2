"""Values of fields as Bitrix24 takes them, by what it says of each field (crm.lead.fields and its like).

It leaves out what it does not understand without a word: a mistyped name, a text where a list's id belongs. So both
are errors here.
"""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from django.utils.translation import gettext as _

from actions import values
from actions.filters.bounds import blank
from actions.filters.moments import moment
from actions.kinds.bitrix24 import offers
from webjack.http import Failed

Row = dict[str, Any]
Known = dict[str, dict[str, Any]]

MULTI = "crm_multifield"
NUMBERED = {"user", "employee", "crm_contact", "crm_company", "crm_lead", "crm_deal", "crm_category"}


def by_type(rows: Iterable[Row], known: Known | None, zone: tzinfo) -> dict[str, Any]:
    """Values by the names of their fields; empty ones are left out, those of phones and the like are lists of texts.

    known: what the portal says of its fields; None: nobody has asked. zone: of times that name none. Raises Failed.
    """
    found: dict[str, Any] = {}
    for row in rows:
        name, value = str(row["name"]), row.get("value")
        if blank(value):
            continue
        if known is None:
            found[name] = value
            continue
        field = _field(name, known)
        told = _told(name, field, value, zone)
        several = isinstance(found.get(name), list) and isinstance(told, list)
        found[name] = found[name] + told if several else told
    return found


def _field(name: str, known: Known) -> dict[str, Any]:
    field = known.get(name)
    if field is None:
        raise Failed(_("Bitrix24 has no field “%(name)s” here: choose it from the list anew") % {"name": name})
    if field.get("isReadOnly"):
        raise Failed(_("Bitrix24 does not let the field “%(name)s” be changed") % {"name": offers.label(field, name)})
    return field


def _told(name: str, field: dict[str, Any], value: Any, zone: tzinfo) -> Any:
    several = bool(field.get("isMultiple"))
    try:
        each = [_one(field, one, zone) for one in _parts(field, value)] if several else [_one(field, value, zone)]
    except ValueError as bad:
        told = {"name": offers.label(field, name), "problem": bad}
        raise Failed(_("Field “%(name)s”: %(problem)s") % told) from None
    return each if several else each[0]


def _parts(field: dict[str, Any], value: Any) -> list[Any]:
    """Several values: a list, or a text with each on a line of its own; of what cannot hold a comma, after commas."""
    if isinstance(value, list):
        return [one for one in value if one not in ("", None)]
    written = values.text(value)
    if field.get("type") not in ("string", "text", "address"):
        written = written.replace(";", "\n").replace(",", "\n")
    return [one.strip() for one in written.splitlines() if one.strip()]


def _one(field: dict[str, Any], value: Any, zone: tzinfo) -> Any:
    """Raises ValueError with a sentence."""
    kind = field.get("type")
    if kind == "enumeration":
        return _of_list(field, value)
    if kind == "boolean":
        yes = values.boolean(value)
        return ("1" if yes else "0") if field.get("isDynamic") else ("Y" if yes else "N")
    if kind == "char":
        return value if value in ("Y", "N") else "Y" if values.boolean(value) else "N"
    if kind in ("integer", "double"):
        return values.number(value)
    if kind in ("date", "datetime"):
        return _moment(kind, value, zone)
    if kind == "money":
        written = values.text(value)
        return written if "|" in written else f"{values.number(value)}|RUB"
    if kind in NUMBERED:
        return values.number(value)
    return value if isinstance(value, dict | list) else values.text(value)


def _of_list(field: dict[str, Any], value: Any) -> str:
    """The id of a list's value, which people know by its words."""
    written = values.text(value).strip()
    items = [item for item in field.get("items") or [] if isinstance(item, dict)]
    for item in items:
        if written in (str(item.get("ID")), str(item.get("VALUE"))):
            return str(item["ID"])
    for item in items:
        if written.casefold() == str(item.get("VALUE")).strip().casefold():
            return str(item["ID"])
    there = ", ".join(str(item.get("VALUE")) for item in items[:20])
    raise ValueError(_("there is no “%(value)s” in the list: %(there)s") % {"value": written[:60], "there": there})


def _moment(kind: str, value: Any, zone: tzinfo) -> str:
    said = moment(value, zone)
    if said is None:
        raise ValueError(_("“%(value)s” is not a date") % {"value": values.text(value)[:60]})
    return said.when.date().isoformat() if kind == "date" else said.when.isoformat(timespec="seconds")
