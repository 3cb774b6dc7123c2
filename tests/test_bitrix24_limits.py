"""A portal's limits, seen from the queue: nothing is refused for being too fast, and a refusal costs nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from connections import vault
from connections.kinds.bitrix24.webhook import Webhook
from connections.models import Lane
from history.drain import drain
from history.models import Operation, Status
from processings.models import State
from tests.factories import ActionFactory, ConnectionFactory, OperationFactory, ProcessingFactory, SourceFactory
from tests.fakes import bitrix24 as fake
from tests.fakes.bitrix24 import SECRET, USER, Bitrix24, on_this_machine

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def received(portal: Bitrix24, count: int, kind: str = "bitrix24.notify", **config: Any) -> None:
    """So many operations wait for one action on the portal."""
    processing = ProcessingFactory(state=State.RUNNING)
    SourceFactory(processing=processing)
    sealed = vault.seal({"webhook": f"{USER}/{SECRET}"})
    row = ConnectionFactory(tenant=processing.tenant, kind="bitrix24", config={"portal": portal.portal}, sealed=sealed)
    ActionFactory(processing=processing, kind=kind, alias="b24", config=config | {"connection": str(row.pk)})
    for _number in range(count):
        OperationFactory(processing=processing, status=Status.QUEUED, due_at=timezone.now(), data=None)


def test_no_request_is_more_than_the_portal_takes(portal: Bitrix24, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Webhook, "burst", 4)
    portal.most = 5
    received(portal, 7, user="7", message="Заявка")
    while Operation.objects.filter(status=Status.QUEUED).exists():
        drain()
    assert {row.status for row in Operation.objects.all()} == {Status.SUCCEEDED}
    assert len(portal.target.requests) == len(portal.store.records["notice"]) == 7


def test_a_lead_that_was_refused_once_is_added_once(portal: Bitrix24) -> None:
    received(portal, 1, "bitrix24.lead", title="Заявка", name="Анна", phone="+79161234567", client="use")
    portal.troubles = [fake.LIMIT]
    drain()
    operation = Operation.objects.get()
    assert operation.status == Status.WAITING
    Operation.objects.update(due_at=timezone.now())
    Lane.objects.update(closed_until=None)
    drain()
    assert Operation.objects.get().status == Status.SUCCEEDED
    assert (len(portal.store.records["lead"]), len(portal.store.records["contact"])) == (1, 1)
