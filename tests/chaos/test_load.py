"""What a test says that waited in vain: how things stand in the database that it waited for."""

import psycopg
import pytest

from history.models import Status
from history.turn import take_turn
from tests.chaos import load
from tests.factories import OperationFactory
from tests.fakes.database import own_database

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_a_database_of_ones_own_the_operations_and_sessions_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "SECONDS", 0.0)
    OperationFactory(status=Status.QUEUED)
    with own_database() as database:
        database.execute("UPDATE history_operation SET status = 'held'")
        database.execute("INSERT INTO history_heartbeat (host, cluster, seen_at) VALUES ('away', 'operations', now())")
        with psycopg.connect(database.url) as holder:
            take_turn(holder)
            with pytest.raises(AssertionError) as said:
                load.wait_until(lambda: False, told=database.told)
        words = str(said.value)
        database.kill()
        with pytest.raises(AssertionError, match="it does not answer"):
            load.wait_until(lambda: False, told=database.told)
        database.start()
    assert "'status': 'held', 'count': '1'" in words
    assert "'host': 'away'" in words
    assert "'state': 'idle in transaction'" in words
    assert "advisory ExclusiveLock" in words
