"""A process that stands still in the midst of a statement: its session is ended, and nobody else's is."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import errors

from history import broker, standstill
from history.standstill import Standstill
from history.turn import take_turn
from tests.chaos.load import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

ROW = "x" * 1000
LIVES = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
IS_SO = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active' AND wait_event = %s"
BYTES = "SELECT bytes_processed FROM pg_stat_progress_copy WHERE pid = %s"


@pytest.fixture(autouse=True)
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standstill, "EVERY", 0.0)


@pytest.fixture
def line() -> Iterator[Any]:
    """A broker's, with hardly any patience."""
    with closing(broker.listener()) as line:
        line.execute("SET idle_in_transaction_session_timeout = '1ms'")
        yield line


@pytest.fixture
def session() -> Iterator[psycopg.Connection[Any]]:
    """Another process's, in a transaction that has written something."""
    with closing(connection.get_new_connection(connection.get_connection_params())) as session:
        session.execute("CREATE TEMPORARY TABLE told (text text)")
        yield session


def writing(session: psycopg.Connection[Any]) -> Callable[[int], None]:
    """Begins a COPY; what it returns sends so many rows."""
    session.pgconn.send_query(b"COPY told FROM STDIN")
    begun = session.pgconn.get_result()
    assert begun
    assert begun.status == psycopg.pq.ExecStatus.COPY_IN

    def rows(count: int) -> None:
        session.pgconn.put_copy_data(f"{ROW}\n".encode() * count)
        session.pgconn.flush()

    return rows


def stands(line: Any, session: psycopg.Connection[Any], event: str) -> None:
    """Waits until PostgreSQL waits for the session's client."""
    wait_until(lambda: line.execute(IS_SO, [session.info.backend_pid, event]).fetchone() is not None)


def lives(line: Any, session: psycopg.Connection[Any]) -> bool:
    return line.execute(LIVES, [session.info.backend_pid]).fetchone() is not None


def taken(line: Any, session: psycopg.Connection[Any]) -> int:
    """Bytes of the rows sent that PostgreSQL has read."""
    return int(line.execute(BYTES, [session.info.backend_pid]).fetchone()[0])


def look_often(line: Any) -> None:
    watch = Standstill()
    for _ in range(3):
        watch.look(line)


def test_rows_that_stop_coming_end_a_session(line: Any, session: psycopg.Connection[Any]) -> None:
    writing(session)(1)
    stands(line, session, "ClientRead")
    look_often(line)
    wait_until(lambda: not lives(line, session))


def test_a_result_that_is_not_taken_ends_a_session(line: Any, session: psycopg.Connection[Any]) -> None:
    session.pgconn.send_query(b"SELECT repeat('x', 20000000)")
    stands(line, session, "ClientWrite")
    look_often(line)
    wait_until(lambda: not lives(line, session))


def test_rows_that_go_on_coming_end_none(line: Any, session: psycopg.Connection[Any]) -> None:
    rows, watch = writing(session), Standstill()
    for count in range(1, 6):
        rows(200)
        wait_until(lambda least=count * 190_000: taken(line, session) > least)  # type: ignore[misc]
        stands(line, session, "ClientRead")
        watch.look(line)
    assert lives(line, session)


@pytest.mark.parametrize(
    "otherwise",
    [
        "SET application_name = 'psql'",  # somebody who restores a backup, and pauses
        "COMMIT",  # holds nothing
    ],
)
def test_what_is_not_ours_or_holds_nothing_is_left(otherwise: str, line: Any, session: psycopg.Connection[Any]) -> None:
    session.execute(otherwise)
    writing(session)
    stands(line, session, "ClientRead")
    look_often(line)
    assert lives(line, session)


def test_where_silence_is_allowed_for_ever_none_is_ended(line: Any, session: psycopg.Connection[Any]) -> None:
    line.execute("SET idle_in_transaction_session_timeout = 0")
    writing(session)(1)
    stands(line, session, "ClientRead")
    look_often(line)
    assert lives(line, session)


def test_a_broker_does_not_wait_without_end_for_the_turn(
    session: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "LOCK", "10ms")
    take_turn(session)
    with closing(broker.listener()) as line, pytest.raises(errors.LockNotAvailable):
        broker._release(line)  # else until the turn's holder is given up


def test_who_has_the_turn_is_given_up_sooner_than_others() -> None:
    show = "SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'"
    with connection.cursor() as cursor:
        with transaction.atomic():
            take_turn(cursor)
            cursor.execute(show)
            (with_the_turn,) = cursor.fetchone()
        cursor.execute(show)
        (usual,) = cursor.fetchone()
    assert 1_000 <= with_the_turn < usual / 2
