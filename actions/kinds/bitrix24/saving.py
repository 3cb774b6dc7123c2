"""Finds a record of the CRM and updates it, or adds it; twice the same gives one record."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from actions.kind import Data
from actions.kinds.bitrix24 import convert, ways
from actions.kinds.bitrix24.portal import Portal
from actions.kinds.bitrix24.search import NOWHERE, OFF, ORIGIN, USE, Search, by_origin, first, of_contact
from webjack.http import Failed

MULTI = ("PHONE", "EMAIL", "WEB", "IM")
Write = Callable[[str, dict[str, Any]], Any]


@dataclass(frozen=True)
class Card:
    """What goes into a record. entity: lead, deal, contact or company. fields: by their names; empty ones stay away.

    rows: other fields, as a form has them. fixed: fields that only a new record takes.
    """

    entity: str
    fields: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    fixed: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Saved:
    """created: by this attempt, or by an earlier one of the same action."""

    id: int
    created: bool = False
    updated: bool = False


def save(portal: Portal, card: Card, search: Search = NOWHERE, write: Write | None = None) -> Saved:
    """write: how the request is sent (Portal.before where another one follows). Raises Failed, DryRun."""
    write = write or portal.write
    commands = {} if search is NOWHERE else dict(search.commands)
    sure = bool(commands)
    if not sure and portal.key:
        commands |= by_origin(card.entity, portal.key)
    if card.rows:
        commands["fields"] = (f"crm.{card.entity}.fields", {})
    told = portal.read(commands)
    begun = first(told.get("origin"))
    if begun is not None:
        return Saved(begun, created=True)
    found = search.found(portal, told)
    if found is not None and search.how == USE:
        return Saved(found)
    plain, several = _filled(portal, card, told.get("fields"))
    if found is not None:
        return _update(portal, card.entity, found, plain, several, write)
    added = {way: ways.fresh(way, given, []) for way, given in several.items()}
    origin = {"ORIGINATOR_ID": ORIGIN, "ORIGIN_ID": portal.key} if portal.key else {}
    asked = {"fields": origin | card.fixed | plain | added, "params": {"REGISTER_SONET_EVENT": "Y"}}
    return Saved(_id(write(f"crm.{card.entity}.add", asked)), created=True)


def output(portal: Portal, entity: str, saved: Saved) -> Data:
    """What an action gives of a record."""
    link = portal.link(f"/crm/{entity}/details/{saved.id}/")
    return {"id": saved.id, "link": link, "created": saved.created, "updated": saved.updated}


def open_one(entity: str, how: str, contact: Saved | None, **more: Any) -> Search:
    """The open lead or deal of a contact; one that was just added has none."""
    if how == OFF or contact is None or contact.created:
        return NOWHERE
    return of_contact(entity, how, contact.id, **more)


def _filled(portal: Portal, card: Card, known: Any) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The fields, and apart from them phones, e-mails and their like."""
    rows = convert.by_type(card.rows, known if isinstance(known, dict) else None, portal.zone)
    plain = {name: value for name, value in card.fields.items() if value not in ("", None)}
    plain |= {name: value for name, value in rows.items() if name not in MULTI}
    given = {way: [*_texts(rows.get(way))] for way in MULTI}
    given["PHONE"] = [*dict.fromkeys([*card.phones, *ways.phones(given["PHONE"])])]
    given["EMAIL"] = [*dict.fromkeys([*card.emails, *ways.emails(given["EMAIL"])])]
    return plain, {way: each for way, each in given.items() if each}


def _update(
    portal: Portal, entity: str, id: int, plain: dict[str, Any], several: dict[str, list[str]], write: Write
) -> Saved:
    held = portal.write(f"crm.{entity}.get", {"id": id}) if several else {}
    held = held if isinstance(held, dict) else {}
    added = {way: ways.fresh(way, given, held.get(way)) for way, given in several.items()}
    fields = plain | {way: each for way, each in added.items() if each}
    if not fields:
        return Saved(id)
    write(f"crm.{entity}.update", {"id": id, "fields": fields, "params": {"REGISTER_SONET_EVENT": "Y"}})
    return Saved(id, updated=True)


def _texts(value: Any) -> list[str]:
    each = value if isinstance(value, list) else [value]
    return [str(one) for one in each if one not in ("", None)]


def _id(told: Any) -> int:
    if not str(told).isdigit():
        raise Failed(_("Bitrix24 did not say the number of the new record"), unknown=True)
    return int(told)
