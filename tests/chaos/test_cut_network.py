"""The network between worker and target is cut: what hangs ends at its deadline, customers see it, and all goes on."""

from collections import Counter
from typing import Any

import pytest

from history.models import Operation
from tests.api import Program
from tests.chaos.load import accepted, nothing_lost, requests_to, wait_until, wait_until_done
from tests.fakes.hosts import hosts, why_not
from tests.fakes.target import target_server
from tests.gunicorn_server import database_url

pytestmark = pytest.mark.django_db(transaction=True)

OPERATIONS = 60
DEADLINE = 2  # seconds


def test_what_hangs_waits_for_its_account_and_goes_on_when_the_network_is_back() -> None:
    if reason := why_not():
        pytest.skip(reason)
    with hosts(1) as (network, (host,)), target_server(network.address) as target:
        source = requests_to(target, "/only")
        source.processing.retries = {"attempts": 20, "delays": [1]}
        source.processing.save()
        program = Program(source.tenant)
        accepted(source, OPERATIONS)
        told = {"STEP_SECONDS": str(DEADLINE), "EGRESS_ALLOW": network.range, "LANE_IN_FLIGHT": "8"}
        with host.worker(DATABASE_URL=database_url(), **told) as worker:
            worker.start()
            target.wait(10)
            host.cut()
            wait_until(lambda: account(program)["state"] == "silent")
            wait_until(lambda: not Operation.objects.filter(status="running").exists())
            hung = [detail for detail in details(program) if len(detail["steps"]) > 0 and detail["status"] == "waiting"]
            statuses = Counter(row["status"] for row in program.read("operations/", {"limit": OPERATIONS})["results"])
            silent = account(program)
            host.join()
            wait_until(lambda: answers(program))
            wait_until_done()
            assert account(program)["state"] == "open"
            worker.kill()

    assert set(statuses) <= {"queued", "waiting", "succeeded"}, "the cut has ended operations"
    assert statuses["queued"] + statuses["waiting"] > 0
    assert silent["waiting"] > 0, "nobody is told how many wait for the account"
    assert silent["next_probe_at"], "nobody is told when it is tried again"
    assert hung, "nothing hung when the network was cut"
    for detail in hung:
        assert detail["error"]
        assert detail["steps"][-1]["status"] in {"failed", "unknown"}
        assert detail["steps"][-1]["duration_ms"] < (DEADLINE + 2) * 1000
    nothing_lost(target.requests, ("/only",), OPERATIONS)


def account(program: Program) -> Any:
    (found,) = program.read("accounts/")
    return found


def answers(program: Program) -> bool:
    """Whether the account does; if not, its customer presses «Проверить сейчас»."""
    found = account(program)
    if found["state"] == "silent" and found["next_probe_at"]:
        program.post(f"accounts/{found['id']}/probe/")
    return bool(found["state"] == "open")


def details(program: Program) -> list[Any]:
    rows = program.read("operations/", {"limit": OPERATIONS})["results"]
    return [program.read(f"operations/{row['id']}/") for row in rows]
