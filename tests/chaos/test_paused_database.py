"""PostgreSQL stands still for longer than a lease, under load: nothing is lost or done twice, and all goes on."""

import time

import pytest

from tests.chaos.load import KEPT, TWICE, one_request, wait_until
from tests.fakes.database import own_database
from tests.fakes.sender import Sender, flowing
from tests.fakes.target import target_server
from tests.fakes.worker import cluster
from tests.gunicorn_server import web

pytestmark = pytest.mark.django_db(transaction=True)

OPEN = "SELECT 1 FROM history_operation WHERE status <> 'succeeded' LIMIT 1"
STEPS = "SELECT count(*) FROM history_step"
LEASE, PAUSE = 2, 5  # seconds


def test_a_pause_longer_than_the_lease_repeats_nothing_unseen() -> None:
    with target_server() as target:
        source = one_request(target)
        with own_database() as database:
            told = {"DATABASE_URL": database.url, "DEBUG": "false", "SECRET_KEY": "chaos"}
            with cluster(LEASE_SECONDS=str(LEASE), **told) as worker, web(**told) as server:
                worker.start()
                server.start()
                sender = Sender(server.port, [f"/webhooks/http/{source.key}/"])
                with flowing(sender, per_second=60):
                    sender.wait(60)
                    with database.paused():
                        time.sleep(PAUSE)
                    sender.wait(180)
                wait_until(lambda: not database.rows(OPEN), told=database.told)
                worker.kill()
            kept, twice = database.rows(KEPT), database.rows(TWICE)
            ((steps,),) = database.rows(STEPS)

    assert not sender.others, "a call was refused though the database came back in time"
    assert sorted(sender.taken.values()) == sorted(id for id, _ in kept)
    assert not twice, "a finished step ran again"
    sent = [request.body for request in target.requests]
    assert set(sent) == {b"%d" % number for number in sender.taken}
    assert len(sent) <= steps, "a request was sent twice and the history does not say so"
