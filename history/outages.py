"""How a company's outside accounts are: which fell silent, which ask for a pause, how many operations wait for them.

Those are counted through the index of parked ones, and no further than MOST.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.models import Action
from connections.models import Lane
from history.lanes import BREAK_AFTER
from history.models import Operation, Status
from history.repeat import wake
from processings.models import Processing
from tenants.models import Tenant
from webjack.templatetags.webjack import thousands

MOST = 10_000


class State(TextChoices):
    """paused: it asked for fewer requests. limited: it answers, and operations wait for a place within its limits."""

    OPEN = "open", gettext_lazy("Answers")
    SILENT = "silent", gettext_lazy("Does not answer")
    PAUSED = "paused", gettext_lazy("Asks for a pause")
    LIMITED = "limited", gettext_lazy("At its limit")


# Icon and colour of each state, the worst first.
LOOKS = {
    State.SILENT: ("wifi-off", "failed"),
    State.PAUSED: ("hourglass", "waiting"),
    State.LIMITED: ("hourglass", "waiting"),
    State.OPEN: ("circle-check", "succeeded"),
}


@dataclass(frozen=True)
class Account:
    """waiting: how many operations are parked for it, MOST + 1 for whatever is more."""

    lane: Lane
    waiting: int

    @property
    def until(self) -> datetime | None:
        """When the next operation may begin; None when one may now."""
        closed = self.lane.closed_until
        return closed if closed and closed > timezone.now() else None

    @property
    def state(self) -> State:
        if self.lane.failures >= BREAK_AFTER:
            return State.SILENT
        if self.until:
            return State.PAUSED
        return State.LIMITED if self.waiting else State.OPEN

    @property
    def shape(self) -> str:
        return LOOKS[self.state][0]

    @property
    def colour(self) -> str:
        """As the status of an operation."""
        return LOOKS[self.state][1]

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN

    @property
    def shown(self) -> str:
        """How many wait, in the reader's words."""
        count = thousands(self.counted)
        return _("more than %(count)s") % {"count": count} if self.waiting > MOST else count

    @property
    def counted(self) -> int:
        return min(self.waiting, MOST)


def counted(lanes: QuerySet[Lane]) -> QuerySet[Lane]:
    """The lanes, each with `parked`: how many operations wait for it, at most MOST + 1."""
    parked = Operation.objects.filter(waits_for=OuterRef("pk"), due_at=None).order_by().values("waits_for")
    count = Func(
        Subquery(parked[: MOST + 1]), template="(SELECT count(*) FROM %(expressions)s few)", output_field=IntegerField()
    )
    return lanes.annotate(parked=count).select_related("connection")


def accounts(lanes: QuerySet[Lane]) -> list[Account]:
    return [Account(lane, lane.parked) for lane in counted(lanes)]  # type: ignore[attr-defined]  # annotated


def used(tenant: Tenant) -> QuerySet[Lane]:
    """The accounts that the company's actions go to, or that operations still wait for, by name."""
    actions = Action.objects.filter(lane_id=OuterRef("pk"), processing__deleted_at=None)
    return Lane.objects.filter(Q(Exists(actions)) | Q(waiting=True), tenant=tenant).order_by("key")


def of_processing(processing: Processing) -> list[Account]:
    """Those of its accounts that hold its operations up."""
    ids = processing.actions.filter(enabled=True, lane_id__isnull=False).values("lane_id")
    lanes = Lane.objects.filter(tenant_id=processing.tenant_id, pk__in=ids).order_by("key")
    worst_first = list(LOOKS)
    return sorted(
        (account for account in accounts(lanes) if not account.is_open), key=lambda one: worst_first.index(one.state)
    )


def of_operation(operation: Operation) -> Account | None:
    """The account that its next action goes to, if that holds it up."""
    if operation.lane_id is None or operation.status not in (Status.QUEUED, Status.WAITING):
        return None
    found = accounts(Lane.objects.filter(tenant_id=operation.tenant_id, pk=operation.lane_id))
    account = found[0] if found else None
    if account is None or account.is_open or (account.state == State.LIMITED and not operation.parked_for):
        return None
    return account


def hurry(lane: Lane) -> bool:
    """Lets the next operation try a silent account now, not at its time; False when it is not silent.

    If none is parked for it, the first of those that wait to be repeated there is made due.
    """
    silent = Lane.objects.filter(pk=lane.pk, failures__gte=BREAK_AFTER)
    if not silent.update(closed_until=Now()):
        return False
    there: dict[str, Any] = {"tenant_id": lane.tenant_id, "lane_id": lane.pk, "status": Status.WAITING}
    if not Operation.objects.filter(waits_for=lane.pk, due_at=None).exists():
        soonest = Operation.objects.filter(**there, due_at__gt=Now()).order_by("due_at").values("pk")[:1]
        Operation.objects.filter(pk__in=soonest, status=Status.WAITING).update(due_at=Now())
    wake()
    return True
