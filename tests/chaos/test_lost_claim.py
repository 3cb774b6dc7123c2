"""PostgreSQL dies at the very moment when a worker has taken an operation and sends: nothing is sent twice unseen."""

import threading

import psycopg
import pytest

from tests.chaos.load import accepted, one_request, wait_until
from tests.fakes.database import own_database
from tests.fakes.target import Received, target_server
from tests.fakes.worker import cluster

pytestmark = pytest.mark.django_db(transaction=True)

HOLD = "UPDATE history_operation SET status = 'held', due_at = NULL WHERE body = '{\"number\": 1}'"
RELEASE = "UPDATE history_operation SET status = 'queued', due_at = now() WHERE status = 'held'"
OPEN = "SELECT 1 FROM history_operation WHERE status <> 'succeeded' LIMIT 1"


def test_a_crash_right_after_a_claim_hides_no_repeat() -> None:
    """The first operation keeps the drain busy, the second is claimed by it; nothing else is written meanwhile."""
    crashed, back = threading.Event(), threading.Event()

    def answer(request: Received) -> tuple[int, bytes]:
        if request.body == b"1" and not crashed.is_set():
            crashed.set()
            database.kill()
            database.start()
            back.set()
        assert back.wait(60)
        return 200, b"{}"

    with target_server() as target:
        target.answer = answer
        accepted(one_request(target), 2)
        with own_database() as database, psycopg.connect(database.url, autocommit=True) as line:
            line.execute(HOLD)
            line.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")  # what nobody waits for stays in memory
            line.execute("SELECT pg_reload_conf()")
            told = {"DATABASE_URL": database.url, "LEASE_SECONDS": "3", "DRAIN_WORKERS": "1", "STEP_SECONDS": "60"}
            with cluster(**told) as worker:
                worker.start()
                target.wait(1)
                line.execute(RELEASE)
                assert back.wait(60)
                wait_until(lambda: not database.rows(OPEN), told=database.told)
                worker.kill()
            steps = [status for (status,) in database.rows("SELECT status FROM history_step")]

    assert steps.count("succeeded") == 2
    assert len({request.headers["Idempotency-Key"] for request in target.requests}) == 2
    assert len(target.requests) <= len(steps), "a request was sent twice and the history does not say so"
