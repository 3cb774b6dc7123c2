"""Many operations to one account of amoCRM: all arrive once, within its rate, over a token that is taken back."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from django.utils import timezone

from connections import vault
from connections.kind import Token
from connections.models import Connection, Lane, State
from history.models import OPEN, Notice, Operation, Status, Step
from processings.models import Processing
from processings.models import State as Run
from tests.chaos.load import wait_until
from tests.factories import ActionFactory, ConnectionFactory, OperationFactory, ProcessingFactory, SourceFactory
from tests.fakes.amocrm import CLIENT, SECRET, Amocrm, on_this_machine
from tests.fakes.target import Received, Target, target_server
from tests.fakes.worker import cluster

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600.0


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amocrm]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


@pytest.fixture
def other() -> Iterator[Target]:
    """Another service, which the same company sends to."""
    with target_server() as server:
        yield server


@pytest.fixture
def account(service: Amocrm) -> Connection:
    """By OAuth, with a token that was got an hour ago."""
    access, refresh = service.pair()
    token = Token(access, 86400.0, refresh, timezone.now().timestamp() - HOUR, service.redirect)
    config = {"address": "clinic.amocrm.ru", "way": "oauth", "client_id": CLIENT}
    row: Connection = ConnectionFactory(
        kind="amocrm", config=config, sealed=vault.seal({"client_secret": SECRET}), token=vault.seal(asdict(token))
    )
    return row


def received(account: Connection, count: int, **action: Any) -> None:
    processing: Processing = ProcessingFactory(tenant=account.tenant, state=Run.RUNNING)
    SourceFactory(processing=processing)
    ActionFactory(processing=processing, **action)
    for _ in range(count):
        OperationFactory(processing=processing, status=Status.QUEUED, due_at=timezone.now(), data=None)


def work(service: Amocrm, account: Connection, other: Target, count: int) -> None:
    """So many leads, and some requests to the other service; halfway amoCRM takes the token back."""
    lead = {"connection": str(account.pk), "name": "Заявка {{ operation.id }}"}
    received(account, count, kind="amocrm.lead", config=lead)
    received(account, 40, config={"method": "POST", "url": other.url})
    whole = service.answer

    def answer(request: Received) -> Any:
        with service.lock:
            if service.served == count // 2 and not service.renewals:
                service.revoke()
        return whole(request)

    service.target.answer = answer
    with cluster(DRAIN_WORKERS="2", DRAIN_THREADS="32") as worker:
        worker.start()
        wait_until(lambda: not Operation.objects.filter(status__in=OPEN).exists(), Step.objects.count)


def check(service: Amocrm, account: Connection, other: Target, count: int) -> None:
    assert set(Operation.objects.values_list("status", flat=True)) == {Status.SUCCEEDED}
    assert len({lead["name"] for lead in service.account.leads}) == len(service.account.leads) == count
    assert (service.renewals, service.refused_renewals) == (1, 0)
    assert (service.fastest <= service.per_second, service.limited) == (True, 0)
    assert max(request.at for request in other.requests) < service.target.requests[-1].at
    assert not Notice.objects.exists()
    account.refresh_from_db()
    assert account.state == State.WORKS


def test_many_leads_arrive_once_over_a_token_that_is_taken_back(
    service: Amocrm, account: Connection, other: Target
) -> None:
    service.per_second = 100
    received(account, 0, kind="amocrm.lead", config={"connection": str(account.pk)})
    Lane.objects.update(per_second=50)
    work(service, account, other, 150)
    check(service, account, other, 150)


@pytest.mark.chaos_long
def test_a_thousand_leads_arrive_seven_a_second(service: Amocrm, account: Connection, other: Target) -> None:
    service.per_second = 7
    work(service, account, other, 1000)
    check(service, account, other, 1000)
