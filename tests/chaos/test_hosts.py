"""Two worker hosts, each in a network of its own, on one PostgreSQL: both work, and one can be lost and come back."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psycopg
import pytest

from tests.chaos.load import accepted, requests_to, wait_until
from tests.fakes.database import Database, own_database
from tests.fakes.hosts import Host, RemoteWorker, hosts, why_not
from tests.fakes.target import Received, Target, target_server

pytestmark = pytest.mark.django_db(transaction=True)

HOLD = "UPDATE history_operation SET status = 'held', due_at = NULL"
RELEASE = "UPDATE history_operation SET status = 'queued', due_at = now() WHERE status = 'held'"
LEFT = "SELECT 1 FROM history_operation WHERE status <> 'succeeded' LIMIT 1"
DONE = "SELECT count(*) FROM history_step"
SEEN = "SELECT host, extract(epoch FROM now() - seen_at)::float FROM history_heartbeat"
STEPS = """
SELECT operation_id::text, status, extract(epoch FROM started_at)::float + duration_ms / 1000.0 FROM history_step
"""
SESSION = "SELECT 1 FROM pg_stat_activity WHERE client_addr = '{}'"
IN_TRANSACTION = SESSION + " AND state LIKE 'idle in transaction%'"
WAITS = SESSION + " AND wait_event_type = 'Lock' AND query LIKE '%{}%'"
# More than is on its way to a host that takes nothing. What the target is sent stays as it is.
LARGE = "UPDATE history_operation SET body = convert_to(format('{\"text\": \"%s\"}', repeat('x', 100000)), 'UTF8')"
# In place of what webjack.local gives PostgreSQL to wait.
SOON = "-c idle_in_transaction_session_timeout=4000 -c tcp_user_timeout=4000"
# A host may stand still while it waits for a table, in a statement with these words, and hold it later in this state.
Moment = tuple[str, str, str]
MOMENTS: dict[str, Moment] = {
    "between statements": ("history_operation", "v.due_in", "state = 'idle in transaction'"),
    "writing steps": ("history_step", "COPY history_step", "state = 'active' AND wait_event = 'ClientRead'"),
    "taking what it claimed": ("history_operation", "WITH pair AS", "state = 'active' AND wait_event = 'ClientWrite'"),
}
LATE = 0.5  # seconds: an answer's way from the target into the step that says when it came
THREADS = 16  # of each host
COMPANIES = 12  # so that no company's share of the workers is the limit


@contextmanager
def two_hosts(operations: int, seconds: float) -> Iterator[tuple[Target, Database, list[Host], list[RemoteWorker]]]:
    """Both started and ready, each operation (held as yet) one request that the target answers after these seconds."""
    if reason := why_not():
        pytest.skip(reason)

    def answer(request: Received) -> tuple[int, bytes]:
        time.sleep(seconds)
        return 200, b"{}"

    with hosts(2) as (network, found), target_server(network.address) as target:
        for host in found:
            host.take_little()
        target.answer = answer
        for _ in range(COMPANIES):
            accepted(requests_to(target, "/only", body="{{ operation.id }}"), operations // COMPANIES)
        with own_database() as database:
            database.execute(HOLD)
            database.listen(network.address, network.range)
            told = {
                "DATABASE_URL": f"{database.url}?connect_timeout=2&tcp_user_timeout=3000&options={quote(SOON)}",
                "EGRESS_ALLOW": network.range,
                "LEASE_SECONDS": "3",
                "STEP_SECONDS": "10",
                "DRAIN_WORKERS": "1",
                "DRAIN_THREADS": str(THREADS),
            }
            workers = [host.worker(**told) for host in found]
            try:
                for worker in workers:
                    worker.start()
                wait_until(lambda: alive(database) == {host.name for host in found}, told=database.told)
                yield target, database, found, workers
            finally:
                for worker in workers:
                    worker.kill()


def alive(database: Database) -> set[str]:
    """Names of the hosts that were seen just now."""
    return {host for host, seconds in database.rows(SEEN) if seconds < 7}


def shares(target: Target) -> Counter[str]:
    """How many requests each host has sent, by its address."""
    return Counter(request.sender for request in target.requests)


def test_two_hosts_share_a_backlog_and_do_each_operation_once() -> None:
    with two_hosts(960, seconds=0.1) as (target, database, both, _):
        database.execute(RELEASE)
        wait_until_done(database)
        steps = database.rows(STEPS)
    assert len(target.requests) == len(steps) == 960
    assert len({request.body for request in target.requests}) == 960
    assert min(shares(target)[host.address] for host in both) > 960 / 4, shares(target)


def test_a_lost_host_is_replaced_and_its_return_repeats_nothing() -> None:
    with two_hosts(2400, seconds=0.02) as (target, database, (stays, lost), _):
        database.execute(RELEASE)
        wait_until_both_work(target, database, [stays, lost], 200)
        catch(IN_TRANSACTION.format(lost.address), database, lost.cut, lost.join)
        wait_until_done(database)
        lost.join()
        wait_until(lambda: alive(database) == {stays.name, lost.name}, told=database.told)
        all_done_once(target, database, 2400)


def test_a_host_that_stood_still_begins_nothing_that_another_has_finished() -> None:
    with two_hosts(2400, seconds=0.02) as (target, database, both, (_, stopped)):
        database.execute(RELEASE)
        wait_until_both_work(target, database, both, 300)
        with stopped.paused():  # the other takes over when the leases end, and does in its time what is left
            wait_until_done(database)
        wait_until(lambda: alive(database) == {host.name for host in both}, told=database.told)
        all_done_once(target, database, 2400)


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_a_host_that_stands_still_at_any_moment_holds_up_no_other(moment: Moment) -> None:
    with two_hosts(1200, seconds=0.02) as (target, database, both, (_, stopped)):
        if "ClientWrite" in moment[-1]:
            database.execute(LARGE)
        database.execute(RELEASE)
        wait_until_both_work(target, database, both, 100)
        stop_at(moment, both[1], stopped, database)
        wait_until_done(database)
        stopped.go_on()
        wait_until(lambda: alive(database) == {host.name for host in both}, told=database.told)
        all_done_once(target, database, 1200)


def wait_until_both_work(target: Target, database: Database, both: list[Host], requests: int) -> None:
    """Each host has sent more than so many requests."""
    wait_until(lambda: min(shares(target)[host.address] for host in both) > requests, told=database.told)


def wait_until_done(database: Database) -> None:
    wait_until(lambda: not database.rows(LEFT), lambda: database.rows(DONE), database.told)


def all_done_once(target: Target, database: Database, count: int) -> None:
    """Each operation succeeded and no finished step was begun or kept again; what was sent twice shows, with one key.

    What each thread of the host had begun when it was lost may still arrive: nobody can call that back.
    """
    steps = database.rows(STEPS)
    assert not database.rows(LEFT), "what was done is being done again"
    succeeded = {operation: ended for operation, status, ended in steps if status == "succeeded"}
    assert len(succeeded) == count
    assert sum(status == "succeeded" for _, status, _ in steps) == count, "a finished step ran again"
    late = [one for one in target.requests if one.at > succeeded[one.body.decode()] + LATE]
    assert len(late) <= THREADS, f"{len(late)} finished steps were sent again"
    sent = Counter(request.body.decode() for request in target.requests)
    shown = Counter(operation for operation, _, _ in steps)
    assert all(shown[operation] > 1 for operation, count in sent.items() if count > 1), "a repeat is not shown"
    assert max(len(keys) for keys in keys_by_operation(target).values()) == 1


def stop_at(moment: Moment, host: Host, worker: RemoteWorker, database: Database) -> None:
    """Its processes stand still while it waits for the table that we lock; then it gets it, and holds what it has."""
    table, words, state = moment
    holds = f"{SESSION.format(host.address)} AND backend_xid IS NOT NULL AND {state}"
    with psycopg.connect(database.url, autocommit=True) as line:
        for _ in range(200):  # it may be the other one that waits, or what it claims may be little
            with line.transaction():
                line.execute(f"LOCK TABLE {table} IN SHARE MODE")
                time.sleep(0.1)
                found = line.execute(WAITS.format(host.address, words)).fetchone()
                if found:
                    worker.stand_still()
            if found:
                time.sleep(1)  # less than any timeout, for what goes on at the server
                if line.execute(holds).fetchone():
                    return
                worker.go_on()
            assert line.execute(LEFT).fetchone(), "all was done before the host could be stopped"
    raise AssertionError("the host never stood still there")


def catch(holds: str, database: Database, lose: Callable[[], None], find: Callable[[], None]) -> None:
    """Loses a host at the worst moment: it holds what the other one waits for. Tried often, for it is soon over."""
    with psycopg.connect(database.url, autocommit=True) as line:
        for _ in range(200):
            while not line.execute(holds).fetchone():
                assert line.execute(LEFT).fetchone(), "all was done before the host could be caught"
            lose()
            time.sleep(0.1)  # for what is on its way
            if line.execute(holds).fetchone():
                return
            find()
    raise AssertionError("the host held nothing whenever it was lost")


def keys_by_operation(target: Target) -> dict[bytes, set[str]]:
    found: dict[bytes, set[str]] = {}
    for request in target.requests:
        found.setdefault(request.body, set()).add(request.headers["Idempotency-Key"])
    return found
