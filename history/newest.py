"""The newest operations of several kinds: each kind is read along its own index, then they are merged by key.

One query with `status IN (…)` would either read through everything for a rare status or sort all of a frequent one.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from history.models import Operation

Operations = QuerySet[Operation]


@dataclass(frozen=True)
class Merged:
    """What a cursor paginator asks of a queryset. kinds: have no operation in common."""

    kinds: Sequence[Operations]
    order: str = "-id"

    def order_by(self, order: str) -> "Merged":
        return replace(self, order=order)

    def filter(self, *conditions: Any, **values: Any) -> "Merged":
        return replace(self, kinds=[kind.filter(*conditions, **values) for kind in self.kinds])

    def __getitem__(self, part: slice) -> Operations:
        """The operations at these places, none of which is counted from the end."""
        if len(self.kinds) == 1:
            return self.kinds[0].order_by(self.order)[part]
        firsts = [kind.order_by(self.order)[: part.stop] for kind in self.kinds]
        return firsts[0].union(*firsts[1:], all=True).order_by(self.order)[part]


def place(kinds: Sequence[Operations], number: int) -> uuid.UUID | None:
    """The key of the number-th newest operation; None when there are not so many."""
    found = Merged([kind.select_related(None).only("id") for kind in kinds])[number - 1 : number]
    return next((one.id for one in found), None)
