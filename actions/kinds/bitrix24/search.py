"""How a record is found before another one is added: by phones and e-mails, or among what is open."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.kinds.bitrix24 import ways
from actions.kinds.bitrix24.portal import Commands, Portal, id_of

OFF, USE, UPDATE = "off", "use", "update"
IN_WORK = {"lead": {"STATUS_SEMANTIC_ID": "P"}, "deal": {"CLOSED": "N"}}
FIND = (
    (UPDATE, _("Find by phone and e-mail and update; when there is none, add")),
    (USE, _("Find by phone and e-mail and take as it is; when there is none, add")),
    (OFF, _("Always add a new one")),
)
ORIGIN = "webjack"

Told = dict[str, Any]


def nothing(portal: Portal, told: Told) -> int | None:
    return None


@dataclass(frozen=True)
class Search:
    """how: what becomes of what is found. commands: what is read. pick: which of it is the record, or None."""

    how: str = OFF
    commands: Commands = field(default_factory=dict)
    pick: Callable[[Portal, Told], int | None] = nothing

    def found(self, portal: Portal, told: Told) -> int | None:
        return None if self.how == OFF else self.pick(portal, told)


NOWHERE = Search()


def by_ways(entity: str, how: str, phones: list[str], emails: list[str]) -> Search:
    """Of several the one that fits both, and of these the oldest: the others are its duplicates."""
    asked = {"PHONE": ways.spellings(phones), "EMAIL": emails[: ways.MOST_SPELLINGS]}
    commands: Commands = {
        kind: ("crm.duplicate.findbycomm", {"entity_type": entity.upper(), "type": kind, "values": values})
        for kind, values in asked.items()
        if values
    }

    def pick(portal: Portal, told: Told) -> int | None:
        found = candidates(entity, told)
        return found[0] if found else None

    return Search(how if commands else OFF, commands, pick)


def in_work(entity: str, search: Search) -> Search:
    """The newest of what another search finds that is neither won nor lost."""

    def pick(portal: Portal, told: Told) -> int | None:
        found = candidates(entity, told)
        if not found:
            return None
        listed = portal.read({"open": listing(entity, {"@ID": found} | IN_WORK[entity])})
        return first(listed.get("open"))

    return replace(search, pick=pick)


def of_contact(entity: str, how: str, contact: int, **more: Any) -> Search:
    """The newest lead or deal of a contact that is neither won nor lost."""
    wanted = {"CONTACT_ID": contact} | IN_WORK[entity] | more
    return Search(how, {"open": listing(entity, wanted)}, lambda portal, told: first(told.get("open")))


def by_title(entity: str, how: str, title: str) -> Search:
    asked = listing(entity, {"TITLE": title}, "ASC")
    return Search(how, {"title": asked}, lambda portal, told: first(told.get("title")))


def by_origin(entity: str, key: str) -> Commands:
    """What an earlier attempt of this very action has added, of which no answer came."""
    return {"origin": listing(entity, {"ORIGINATOR_ID": ORIGIN, "ORIGIN_ID": key})}


def candidates(entity: str, told: Told) -> list[int]:
    """What crm.duplicate.findbycomm found; nothing found is an empty list in place of an object."""
    groups = [_ids(told.get(kind), entity.upper()) for kind in ("PHONE", "EMAIL")]
    both = set(groups[0]) & set(groups[1])
    return sorted(both) + [id for group in groups for id in sorted(group) if id not in both]


def first(found: Any) -> int | None:
    """The id of the first record of a list. Raises Failed."""
    ids = [id_of(one.get("ID")) for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return ids[0] if ids else None


def listing(entity: str, wanted: dict[str, Any], order: str = "DESC") -> tuple[str, dict[str, Any]]:
    return f"crm.{entity}.list", {"filter": wanted, "select": ["ID"], "order": {"ID": order}}


def _ids(found: Any, kind: str) -> Iterable[int]:
    ids = found.get(kind) if isinstance(found, dict) else None
    return [id_of(id) for id in ids] if isinstance(ids, list) else []
