"""What an operation waits for beside its own time: those before it in its order, or the account it goes to."""

from dataclasses import dataclass
from typing import Any

from history import outages
from history.models import BLOCKING, Operation, Status
from history.outages import MOST, Account


@dataclass(frozen=True)
class Hold:
    """first: whose turn it is in its order, of `ahead` that stand before it. account: that does not take it now.

    followers: how many wait in its order behind it, when it is itself the one that does not go on. Counts go to MOST.
    """

    first: Operation | None = None
    ahead: int = 0
    account: Account | None = None
    followers: int = 0

    def __bool__(self) -> bool:
        return bool(self.first or self.account or self.followers)

    @property
    def others(self) -> int:
        """Those before it beside the first."""
        return self.ahead - 1

    @property
    def seen(self) -> Any:
        """What makes the page look different."""
        account = self.account and (self.account.state, self.account.until, self.account.counted)
        return self.first and (self.first.pk, self.first.status), self.ahead, account, self.followers


def hold(operation: Operation) -> Hold:
    if operation.parked_for == "order":
        before = Operation.objects.filter(order_key=operation.order_key, status__in=BLOCKING, pk__lt=operation.pk)
        first = before.only("status", "received_at").order_by("pk").first()
        return Hold(first, before.order_by()[:MOST].count())
    return Hold(account=outages.of_operation(operation), followers=_followers(operation))


def _followers(operation: Operation) -> int:
    if operation.order_key is None or operation.status not in (Status.WAITING, Status.UNKNOWN):
        return 0
    behind = Operation.objects.filter(waits_for=operation.order_key, due_at=None, pk__gt=operation.pk)
    return behind.order_by()[:MOST].count()
