"""Web processes are killed while senders call: what was answered 2xx is there once and is done."""

import os
import signal

import pytest

from history.models import Operation, Status
from tests.chaos.load import one_request, wait_until
from tests.fakes.sender import sending
from tests.fakes.target import target_server
from tests.fakes.worker import children, cluster
from tests.gunicorn_server import web

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = 300


def test_what_was_answered_2xx_is_kept_once_and_done() -> None:
    with target_server() as target, cluster() as worker, web(DEBUG="false", SECRET_KEY="chaos") as server:
        source = one_request(target)
        worker.start()
        server.start()
        assert server.process is not None
        with sending(server.port, f"/webhooks/http/{source.key}/", CALLS) as sender:
            sender.wait(80)
            (one,) = children(server.process.pid)
            os.kill(one, signal.SIGKILL)  # gunicorn starts another
            sender.wait(180)
            server.kill()
            server.start()
        wait_until(lambda: not Operation.objects.exclude(status=Status.SUCCEEDED).exists())
        worker.stop()

    assert len(sender.taken) > CALLS / 2, sender.others
    kept = {str(pk) for pk in Operation.objects.values_list("pk", flat=True)}
    assert set(sender.taken.values()) <= kept
    assert len(set(sender.taken.values())) == len(sender.taken)
    bodies = [bytes(body) for body in Operation.objects.values_list("body", flat=True)]
    assert len(bodies) == len(set(bodies)), "a call was kept twice"
    assert {request.body for request in target.requests} >= {b"%d" % number for number in sender.taken}
