"""Leads of amoCRM: what one is made of, and the open one that a contact has already."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.filled import number, text
from actions.kind import Data
from actions.kinds.amocrm.records import Amocrm, Names, filled, price, tags
from connections.kinds.amocrm import client
from webjack.config import Config
from webjack.http import Failed

CLOSED = (142, 143)
MOST = 20  # of a contact's newest leads that are looked at


def body(amo: Amocrm, config: Config) -> tuple[Data, Names]:
    """All that the form says of a lead."""
    fields, names = amo.customs("leads", config.get("fields"))
    told = filled(
        name=text(config, "name"),
        pipeline_id=number(config, "pipeline", _("Pipeline")),
        status_id=number(config, "status", _("Stage")),
        responsible_user_id=number(config, "responsible", _("Responsible person")),
        custom_fields_values=fields,
        tags_to_add=tags(config),
    )
    cost = price(config)
    return told | ({"price": cost} if cost is not None else {}), names


def addition(told: Data) -> Data:
    """What of it a lead gets that was found: managers have named it, moved it and taken it over."""
    return {name: value for name, value in told.items() if name in ("price", "custom_fields_values", "tags_to_add")}


def open_lead(amo: Amocrm, contact: int, pipeline: int | None) -> int | None:
    """The newest lead of a contact that is neither won nor lost; of one pipeline if that is given."""
    found = amo.get(f"contacts/{contact}", ("with", "leads"))
    ids = sorted((int(one["id"]) for one in client.embedded(found, "leads") if one.get("id")), reverse=True)[:MOST]
    for row in rows(amo, ids):
        if row.get("status_id") not in CLOSED and pipeline in (None, row.get("pipeline_id")):
            id: int = row["id"]
            return id
    return None


def rows(amo: Amocrm, ids: list[int]) -> Iterator[dict[str, Any]]:
    """Newest first. The filter by ids is a paid package of the account; without it they are asked for one by one."""
    if not ids:
        return
    told: Any = None
    if len(ids) > 1:
        try:
            told = amo.get("leads", *((f"filter[id][{place}]", str(id)) for place, id in enumerate(ids)))
        except Failed as failed:
            if failed.retry:
                raise
    known = {row["id"]: row for row in client.embedded(told, "leads") if row.get("id") in ids}
    for id in ids:
        row = known.get(id) or amo.get(f"leads/{id}")
        if isinstance(row, dict):
            yield row
