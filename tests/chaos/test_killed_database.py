"""PostgreSQL dies under load: what was answered 2xx is there afterwards, once, and is done by itself."""

import pytest

from tests.chaos.load import KEPT, TWICE, one_request, wait_until
from tests.fakes.database import own_database
from tests.fakes.sender import sending
from tests.fakes.target import target_server
from tests.fakes.worker import cluster
from tests.gunicorn_server import web

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = 400
OPEN = "SELECT 1 FROM history_operation WHERE status <> 'succeeded' LIMIT 1"


def test_a_crash_of_the_database_loses_nothing_that_was_taken() -> None:
    with target_server() as target:
        source = one_request(target)
        with own_database() as database:
            told = {"DATABASE_URL": database.url, "DEBUG": "false", "SECRET_KEY": "chaos"}
            with cluster(LEASE_SECONDS="3", **told) as worker, web(**told) as server:
                worker.start()
                server.start()
                with sending(server.port, f"/webhooks/http/{source.key}/", CALLS) as sender:
                    sender.wait(CALLS // 4)
                    database.crash()
                    sender.wait(CALLS // 2)
                    database.crash()
                wait_until(lambda: not database.rows(OPEN), told=database.told)
                worker.kill()
            kept, twice = database.rows(KEPT), database.rows(TWICE)

    assert sender.taken, sender.others
    assert set(sender.others) <= {503}, "a call was neither taken nor refused"
    assert set(sender.taken.values()) <= {id for id, _ in kept}
    bodies = [body for _, body in kept]
    assert len(bodies) == len(set(bodies)), "a call was kept twice"
    assert not twice, "a finished step ran again"
    assert {request.body for request in target.requests} >= {b"%d" % number for number in sender.taken}
