"""Keeps an open list up to date: what is newer than its newest row, and which of its rows look different now."""

import base64
import binascii
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from django.db.models import QuerySet
from django.utils import timezone

from history.filters import FilterForm
from history.models import Operation
from history.rows import SEEN, Names, Row, light, names, rows, version
from tenants.models import Tenant
from webjack.fields import first_uuid7

PAGE = 50
TRACKED = 100  # rows whose changes are looked for; their list travels in an address, which may have 4 KB
# Ids are made before the commit, so one may appear below a newer one that is already shown.
LATE = timedelta(seconds=5)
ID = 22  # characters of an id in base64
WIDTH = ID + 4


def pack(shown: Iterable[Operation]) -> str:
    """Ids and versions of the rows on the page, newest first, as one word."""
    return "".join(_short(one.id) + version(one) for one in islice(shown, TRACKED))


def _short(id: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(id.bytes).decode()[:ID]


def unpack(word: str) -> dict[uuid.UUID, str]:
    """Versions by id; raises ValueError for what pack has not made."""
    places = range(0, min(len(word), TRACKED * WIDTH), WIDTH)
    parts = [word[at : at + WIDTH] for at in places]
    try:
        return {uuid.UUID(bytes=base64.urlsafe_b64decode(part[:ID] + "==")): part[ID:] for part in parts}
    except (binascii.Error, UnicodeError) as bad:
        raise ValueError(word) from bad


@dataclass
class News:
    """fresh: rows to put on top; changed: rows to draw again; gap: more came than these; word: what is shown now."""

    fresh: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    gap: bool = False
    word: str = ""

    def __bool__(self) -> bool:
        return bool(self.fresh or self.changed)


def news(tenant: Tenant, operations: QuerySet[Operation], chosen: FilterForm, word: str, growing: bool) -> News:
    """What a page that shows `word` lacks; growing: whether new operations belong on it (not on an older page)."""
    shown = unpack(word)
    came = _newer(chosen.narrow(operations), shown) if growing else []
    known = list(operations.filter(pk__in=shown).only("id", *SEEN))
    changed = list(light(operations.filter(pk__in=[one.pk for one in known if version(one) != shown[one.id]])))
    told = names(tenant, {one.processing_id for one in [*came, *changed]}) if came or changed else Names()
    now = {one.id: one for one in [*known, *changed, *came[:PAGE]]}
    word = pack(now[id] for id in sorted(now, reverse=True))
    return News(rows(came[:PAGE], told), rows(changed, told), len(came) > PAGE, word)


def _newer(operations: QuerySet[Operation], shown: dict[uuid.UUID, str]) -> list[Operation]:
    if shown:
        floor = max(min(max(shown), first_uuid7(timezone.now() - LATE)), min(shown))
        operations = operations.filter(id__gt=floor).exclude(pk__in=shown)
    return list(light(operations).order_by("-id")[: PAGE + 1])
