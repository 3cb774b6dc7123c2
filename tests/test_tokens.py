"""Tokens of OAuth2 connections: one is shared by all, one at a time is asked for, none is lost."""

import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from django.db import InternalError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from psycopg.errors import IdleInTransactionSessionTimeout

from connections import opened, pace, renewing, tokens, vault
from connections.kind import Token
from connections.kinds.http.authorization import HttpAuthorization
from connections.models import Connection, State
from connections.opened import Opened
from history.drain import drain
from history.models import OPEN, Notice, Operation, Status
from processings.models import Processing
from processings.models import State as Run
from tests.chaos.load import wait_until
from tests.factories import ActionFactory, ConnectionFactory, OperationFactory, ProcessingFactory, SourceFactory
from tests.fakes.oauth import SECRET, Service, oauth_service
from tests.fakes.target import Received
from tests.fakes.worker import cluster
from webjack.http import Failed, Http

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with oauth_service() as started:
        yield started


@pytest.fixture(autouse=True)
def tokens_age_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "YOUNG_SECONDS", 0)


@pytest.fixture
def running() -> Processing:
    processing = ProcessingFactory(state=Run.RUNNING)
    SourceFactory(processing=processing)
    return processing


def connected(service: Service, processing: Processing, **config: Any) -> Connection:
    """A connection to the service, used by the processing's action."""
    row: Connection = ConnectionFactory(
        tenant=processing.tenant, config=service.config, sealed=vault.seal({"client_secret": SECRET})
    )
    sent = {"method": "POST", "url": service.url("/api"), "connection": str(row.pk)} | config
    ActionFactory(processing=processing, config=sent)
    return row


def received(processing: Processing, count: int = 1) -> list[Operation]:
    fresh = {"status": Status.QUEUED, "due_at": timezone.now(), "data": None}
    return [OperationFactory(processing=processing, **fresh) for _ in range(count)]


def stale(row: Connection) -> None:
    """The token that is kept has run out."""
    told = vault.unseal(row.token) | {"issued": 0.0}
    Connection.objects.filter(pk=row.pk).update(token=vault.seal(told))


def test_many_operations_share_one_token(service: Service, running: Processing) -> None:
    row = connected(service, running)
    received(running, 40)
    drain()
    assert Operation.objects.filter(status=Status.SUCCEEDED).count() == 40
    assert (len(service.issued), service.let_in) == (1, 40)
    received(running)
    drain()
    assert (len(service.issued), service.let_in) == (1, 41)
    row.refresh_from_db()
    assert service.issued[0] not in row.token
    assert tokens.kept(row).access == service.issued[0]  # type: ignore[union-attr]
    assert (row.state, row.renewing_until) == (State.WORKS, None)
    assert row.checked_at is not None


def test_a_token_that_ran_out_is_renewed_once_for_all(service: Service, running: Processing) -> None:
    row = connected(service, running)
    received(running)
    drain()
    row.refresh_from_db()
    stale(row)
    received(running, 40)
    drain()
    assert not Operation.objects.exclude(status=Status.SUCCEEDED).exists()
    assert len(service.issued) == 2


def test_a_token_that_was_taken_back_is_renewed_after_a_401_and_nothing_fails(
    service: Service, running: Processing
) -> None:
    connected(service, running)
    received(running)
    drain()
    service.revoke()
    received(running, 20)
    drain()
    assert not Operation.objects.exclude(status=Status.SUCCEEDED).exists()
    assert len(service.issued) == 3  # with the one that nobody has
    assert not Notice.objects.exists()


def test_a_401_that_no_new_token_mends_asks_for_few(
    service: Service, running: Processing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "YOUNG_SECONDS", 10)
    connected(service, running)
    service.refuses = True
    received(running, 20)
    drain()
    assert set(Operation.objects.values_list("status", flat=True)) == {Status.FAILED}
    assert len(service.issued) == 1


def test_a_token_that_somebody_else_replaced_just_now_is_taken_over(service: Service, running: Processing) -> None:
    row = connected(service, running)
    mine = Opened(row, tokens.aside)
    first = mine.held.good(Http())
    row.refresh_from_db()
    Opened(row).held.renew(Http())  # as a check on the page does
    assert service.issued != [first.access]
    assert Http().through(mine).request("GET", service.url("/api")).status == 200
    assert len(service.issued) == 2


def test_nothing_of_secret_and_token_stands_in_the_history(service: Service, running: Processing) -> None:
    connected(service, running, body=f"{{{{ client_name }}}} {SECRET}")
    received(running)
    drain()
    step = Operation.objects.get().steps.get()
    assert [exchange["request"]["url"] for exchange in step.exchanges] == [service.url("/token"), service.url("/api")]
    told = str([step.config, step.exchanges, step.output, step.error])
    assert service.issued[0] not in told
    assert SECRET not in told
    assert "s3cr3t" not in told
    assert step.output["body"] == {"hello": "Bearer ••••"}


def test_a_wrong_secret_is_asked_about_once_and_fails_with_a_sentence(service: Service, running: Processing) -> None:
    row = connected(service, running)
    service.secret = "another"
    received(running, 20)
    drain()
    assert set(Operation.objects.values_list("status", flat=True)) == {Status.FAILED}
    assert "401" in Operation.objects.first().error  # type: ignore[union-attr]
    assert len([one for one in service.target.requests if one.path == "/token"]) == 1
    row.refresh_from_db()
    assert (row.state, row.renewing_until) == (State.ATTENTION, None)
    assert "401" in row.reason


def test_two_processes_never_renew_at_once_and_the_second_takes_what_the_first_got(
    service: Service, running: Processing
) -> None:
    row = connected(service, running)
    first = tokens.ask(row.pk, None)
    assert isinstance(first, tokens.Turn)
    assert tokens.ask(row.pk, None) is None
    found: list[str] = []

    def second() -> None:
        found.append(Opened(row, tokens.aside).held.good(Http(deadline=10)).access)

    waiting = threading.Thread(target=second)
    waiting.start()
    tokens.keep(row.pk, first, Token("from-the-first", 60))
    waiting.join(10)
    assert found == ["from-the-first"]
    assert service.target.requests == []


def test_who_died_while_renewing_holds_nobody_up_for_long(service: Service, running: Processing) -> None:
    row = connected(service, running)
    turn = tokens.ask(row.pk, None)
    assert isinstance(turn, tokens.Turn)
    Connection.objects.filter(pk=row.pk).update(renewing_until=timezone.now() - tokens.LEASE)
    again = tokens.ask(row.pk, None)
    assert isinstance(again, tokens.Turn)
    tokens.keep(row.pk, turn, Token("too late", 60))
    row.refresh_from_db()
    assert row.token == ""
    tokens.keep(row.pk, again, Token("in time", 60))
    row.refresh_from_db()
    assert tokens.kept(row).access == "in time"  # type: ignore[union-attr]


def stood_still() -> InternalError:
    """What a process finds that stood still in a transaction until PostgreSQL gave it up."""
    error = InternalError("terminating connection due to idle-in-transaction timeout")
    error.__cause__ = IdleInTransactionSessionTimeout()
    return error


@pytest.mark.parametrize("error", [OperationalError("away"), stood_still()])
def test_a_new_token_is_kept_though_the_database_is_away_for_a_moment(
    error: Exception, service: Service, running: Processing, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = connected(service, running)
    broken = [True]
    keep = tokens.keep

    def breaks(*args: Any) -> Any:
        if broken.pop() if broken else False:
            connection.close()
            raise error
        return keep(*args)

    monkeypatch.setattr(tokens, "keep", breaks)
    monkeypatch.setattr(tokens, "AWAY_SECONDS", 0.01)
    assert Opened(row, tokens.aside).held.good(Http()).access == service.issued[0]
    row.refresh_from_db()
    assert tokens.kept(row).access == service.issued[0]  # type: ignore[union-attr]


@pytest.fixture
def connects(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The threads that opened a connection to the database, in their order."""
    tokens.aside.rest()
    tokens.turns.rest()
    found: list[str] = []
    connect = BaseDatabaseWrapper.connect

    def noted(wrapper: Any) -> None:
        found.append(threading.current_thread().name)
        connect(wrapper)

    monkeypatch.setattr(BaseDatabaseWrapper, "connect", noted)
    return found


def test_who_reserves_turns_keeps_the_connection_until_nobody_asks(
    service: Service, running: Processing, connects: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = connected(service, running)
    for _number in range(20):
        tokens.turns(pace.wait, row.pk, 1000.0, 1)
    assert connects == ["webjack-turns_0"]
    tokens.turns._look()
    assert tokens.turns(lambda: connection.connection) is not None
    monkeypatch.setattr(tokens, "IDLE_SECONDS", 0.0)
    tokens.turns._look()
    assert tokens.turns(lambda: connection.connection) is None
    tokens.turns(pace.wait, row.pk, 1000.0, 1)
    assert connects == ["webjack-turns_0"] * 2


def test_while_the_database_is_away_a_turn_is_tried_for_a_few_times_only(
    service: Service, running: Processing, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, asked = connected(service, running), []

    def away(*given: Any) -> float:
        asked.append(given)
        raise OperationalError("away")

    monkeypatch.setattr(pace, "wait", away)
    monkeypatch.setattr(tokens, "AWAY_SECONDS", 0.01)
    monkeypatch.setattr(HttpAuthorization, "per_second", 5.0)
    with pytest.raises(Failed) as failed:
        Http().through(Opened(row, tokens.aside)).request("GET", service.url("/api"))
    assert failed.value.retry
    assert len(asked) == tokens.TRIES
    assert service.target.requests == []


def test_no_token_waits_behind_a_turn(service: Service, running: Processing) -> None:
    row, held = connected(service, running), threading.Event()
    waiting = threading.Thread(target=lambda: tokens.turns(held.wait, 10))
    waiting.start()
    try:
        assert Opened(row, tokens.aside).held.good(Http(deadline=5)).access == service.issued[0]
        assert not held.is_set()
    finally:
        held.set()
        waiting.join(10)


def test_a_service_that_hangs_for_one_connection_keeps_no_other_waiting(service: Service, running: Processing) -> None:
    row, other = connected(service, running), connected(service, running)
    Connection.objects.filter(pk=other.pk).update(token=vault.seal(asdict(Token("kept", issued=1.0))))
    other.refresh_from_db()
    service.hold.clear()
    hanging = threading.Thread(target=lambda: Opened(row, tokens.aside).held.good(Http(deadline=10)))
    hanging.start()
    service.target.wait(1)
    try:
        assert Opened(other, tokens.aside).held.good(Http()).access == "kept"
        assert isinstance(tokens.aside(tokens.ask, other.pk, "kept"), tokens.Turn)
    finally:
        service.hold.set()
        hanging.join(10)
    assert len(service.issued) == 1


def test_a_thousand_operations_in_two_processes_outlive_their_token(service: Service, running: Processing) -> None:
    connected(service, running)
    received(running, 1000)
    service.lasts = 3

    def slow(request: Received) -> tuple[int, bytes]:
        answer = service.answer(request)
        time.sleep(0.3)  # so that they take longer than a token lasts
        return answer

    service.target.answer = slow
    with cluster(DRAIN_WORKERS="2", DRAIN_THREADS="32") as worker:
        worker.start()
        wait_until(lambda: not Operation.objects.filter(status__in=OPEN).exists())
    assert Operation.objects.filter(status=Status.SUCCEEDED).count() == 1000
    assert (service.let_in, service.most_at_once) == (1000, 1)
    assert len(service.issued) > 1
    assert not Notice.objects.exists()


def test_a_refresh_token_that_is_good_for_once_is_never_lost(
    service: Service, running: Processing, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = connected(service, running)
    used: list[str] = []

    def rotates(config: Any, token: Token | None, http: Http) -> Token:
        used.append(token.refresh if token else "first")
        return Token(f"access-of-{len(used)}", 3600, f"refresh-{len(used)}")

    monkeypatch.setattr(row.spec, "renew", rotates)
    ActionFactory(processing=running, config={"method": "GET", "url": service.url("/api"), "connection": str(row.pk)})
    for _round in range(3):
        received(running, 20)
        drain()
        row.refresh_from_db()
        stale(row)
        renewing._newest.clear()
    # Once in each round, since all of them share what the first one got; and once more after its 401, in vain.
    assert used == ["first", *(f"refresh-{number}" for number in range(1, len(used)))]
    row.refresh_from_db()
    assert tokens.kept(row).refresh == f"refresh-{len(used)}"  # type: ignore[union-attr]


def test_a_token_that_never_runs_out_stays(service: Service, running: Processing) -> None:
    service.lasts = None
    row = connected(service, running)
    received(running, 2)
    drain()
    row.refresh_from_db()
    assert tokens.kept(row).fresh(1e12)  # type: ignore[union-attr]
    assert len(service.issued) == 1
