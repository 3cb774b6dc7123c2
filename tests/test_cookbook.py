"""Settings that a worker process keeps: whatever changes, wherever, the next claim runs by it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_httpserver import HTTPServer

from actions.models import Action
from connections import vault
from connections.models import Connection
from history import cookbook as kept
from history.cookbook import Cookbook, cookbook
from history.drain import drain
from history.models import Operation, Status
from history.recipe import load
from processings.models import Processing, State
from sources.models import Source
from tenants.models import Tenant
from tests.factories import ActionFactory, ConnectionFactory, OperationFactory, ProcessingFactory, SourceFactory

FIRST, SECOND = "Bearer the-first-token", "Bearer the-second-token"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def local_targets(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]


@pytest.fixture
def target() -> Iterator[HTTPServer]:
    with HTTPServer(host="127.0.0.1") as server:
        server.expect_request("/in").respond_with_data("ok")
        yield server


@pytest.fixture
def running(target: HTTPServer) -> Processing:
    """One request, signed in the name of a connection, that tells what it is made by."""
    processing = ProcessingFactory(state=State.RUNNING, tenant__name="Ромашка")
    SourceFactory(processing=processing)
    account = ConnectionFactory(tenant=processing.tenant, sealed=vault.seal({"bearer": "the-first-token"}))
    config = {
        "method": "POST",
        "url": target.url_for("/in"),
        "body": "{{ company.name }}",
        "success_codes": "2**",
        "connection": str(account.pk),
    }
    ActionFactory(processing=processing, config=config)
    return processing


def runs(processing: Processing) -> Operation:
    """An operation that came in just now and went its way."""
    source = processing.sources.first()
    operation = OperationFactory(
        processing=processing,
        source_id=source and source.pk,
        status=Status.QUEUED,
        due_at=timezone.now(),
        data=None,
        body=b'{"a": "1"}',
    )
    drain()
    operation.refresh_from_db()
    return operation


def sent(target: HTTPServer, number: int = -1) -> tuple[str, str | None]:
    """What a request said, and in whose name."""
    request = target.log[number][0]
    return request.get_data(as_text=True), request.headers.get("Authorization")


def rewrites(processing: Processing, **config: Any) -> None:
    action = processing.actions.get()
    Action.objects.filter(pk=action.pk).update(config=action.config | config)


def test_a_changed_action_is_run_as_it_is_now(running: Processing, target: HTTPServer) -> None:
    runs(running)
    rewrites(running, body="other")
    runs(running)
    assert [sent(target, 0), sent(target, 1)] == [("Ромашка", FIRST), ("other", FIRST)]


def test_an_added_action_is_run_too(running: Processing, target: HTTPServer) -> None:
    runs(running)
    config = running.actions.get().config
    ActionFactory(processing=running, alias="second", position=2, config=config | {"body": "second"})
    assert runs(running).steps.count() == 2
    assert sent(target) == ("second", FIRST)


def test_a_deleted_or_switched_off_action_is_not_run(running: Processing, target: HTTPServer) -> None:
    config = running.actions.get().config
    second = ActionFactory(processing=running, alias="second", position=2, config=config)
    third = ActionFactory(processing=running, alias="third", position=3, config=config)
    assert runs(running).steps.count() == 3
    Action.objects.filter(pk=second.pk).update(enabled=False)
    assert runs(running).steps.count() == 2
    third.delete()
    assert runs(running).steps.count() == 1


def test_a_stopped_processing_runs_nothing_more(running: Processing, target: HTTPServer) -> None:
    runs(running)
    Processing.objects.filter(pk=running.pk).update(state=State.STOPPED)
    assert runs(running).status == Status.HELD
    assert len(target.log) == 1


def test_a_deleted_processing_runs_nothing_more(running: Processing, target: HTTPServer) -> None:
    runs(running)
    Processing.objects.filter(pk=running.pk).update(deleted_at=timezone.now())
    assert runs(running).status == Status.CANCELLED
    assert len(target.log) == 1


def test_the_company_is_called_as_it_is_now(running: Processing, target: HTTPServer) -> None:
    runs(running)
    Tenant.objects.filter(pk=running.tenant_id).update(name="Лютик")
    runs(running)
    assert sent(target) == ("Лютик", FIRST)


def test_a_changed_connection_signs_by_its_new_secret(running: Processing, target: HTTPServer) -> None:
    runs(running)
    Connection.objects.filter(tenant=running.tenant).update(sealed=vault.seal({"bearer": "the-second-token"}))
    runs(running)
    assert sent(target) == ("Ромашка", SECOND)


def test_a_deleted_connection_is_used_no_more(running: Processing, target: HTTPServer) -> None:
    runs(running)
    Connection.objects.filter(tenant=running.tenant).delete()
    operation = runs(running)
    assert operation.status == Status.FAILED
    assert "Подключение удалено" in operation.error
    assert len(target.log) == 1


def test_changed_added_and_deleted_sources_are_known(running: Processing) -> None:
    first = running.sources.get()

    def configs() -> dict[Any, Any]:
        return cookbook.recipes([running.pk])[running.pk].configs

    assert configs() == {first.pk: {}}
    Source.objects.filter(pk=first.pk).update(config={"methods": ["PUT"]})
    assert configs() == {first.pk: {"methods": ["PUT"]}}
    second = SourceFactory(processing=running)
    assert configs() == {first.pk: {"methods": ["PUT"]}, second.pk: {}}
    first.delete()
    assert configs() == {second.pk: {}}


def test_what_threads_need_is_read_before_so_none_of_them_opens_a_session(
    running: Processing, target: HTTPServer
) -> None:
    def sessions() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            return int(cursor.fetchone()[0])

    before = sessions()
    assert runs(running).status == Status.SUCCEEDED
    assert sessions() == before


def test_what_has_not_changed_is_not_read_again(
    running: Processing, target: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs(running)  # the first success of a connection is written down in its row
    loaded = []

    def counting(ids: Any) -> Any:
        loaded.append(set(ids))
        return load(ids)

    monkeypatch.setattr(kept, "load", counting)
    for _ in range(3):
        assert runs(running).status == Status.SUCCEEDED
    assert loaded == [{running.pk}]


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_change_while_the_settings_are_read_is_seen_by_the_next_claim(
    running: Processing, target: HTTPServer, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    def while_changing(ids: Any) -> Any:
        found = load(ids) if late else None
        rewrites(running, body="other")
        monkeypatch.setattr(kept, "load", load)
        return found or load(ids)

    monkeypatch.setattr(kept, "load", while_changing)
    runs(running)
    runs(running)
    assert [sent(target, 0)[0], sent(target, 1)[0]] == ["Ромашка" if late else "other", "other"]


def test_only_so_much_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_CHARACTERS", 3 * kept.OVERHEAD)
    book = Cookbook()
    processings = [ProcessingFactory() for _ in range(5)]
    ids = [processing.pk for processing in processings]
    assert set(book.recipes(ids)) == set(ids)
    book.recipes(ids[:1])
    assert len(book.known) <= 3
    assert next(reversed(book.known)) == ids[0]
    large = ActionFactory(processing=processings[0], config={"body": "x" * 5 * kept.OVERHEAD})
    assert book.recipes(ids[:1])[ids[0]].actions == (large,)
    assert not book.known
    assert book.weight == 0
