"""The disk of PostgreSQL is full: callers are told to come again, nothing taken is lost, all goes on with new room.

The disk is a small file system in memory, with data and log of the database on it.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chaos.load import KEPT, TWICE, one_request, wait_until
from tests.fakes.database import own_database
from tests.fakes.sender import Sender, flowing
from tests.fakes.target import target_server
from tests.fakes.worker import cluster
from tests.gunicorn_server import web

pytestmark = pytest.mark.django_db(transaction=True)

OPEN = "SELECT 1 FROM history_operation WHERE status <> 'succeeded' LIMIT 1"
MEBIBYTES = 400


class Disk:
    """A file system of its own at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.filler = path / "filler"

    def fill(self) -> None:
        """To the last byte."""
        with self.filler.open("ab", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                block = bytes(size)
                try:
                    while filler.write(block) == size:
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        self.filler.unlink()


@contextmanager
def small_disk(path: Path) -> Iterator[Disk]:
    if os.getuid() != 0:
        pytest.skip("only root may mount a file system")
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEBIBYTES}m,mode=700", "webjack-chaos", str(path)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def test_while_the_disk_is_full_calls_are_refused_and_none_is_lost(tmp_path: Path) -> None:
    with target_server() as target, small_disk(tmp_path / "disk") as disk:
        source = one_request(target)
        with own_database(disk.path) as database:
            told = {"DATABASE_URL": database.url, "DEBUG": "false", "SECRET_KEY": "chaos"}
            with cluster(LEASE_SECONDS="3", **told) as worker, web(**told) as server:
                worker.start()
                server.start()
                sender = Sender(server.port, [f"/webhooks/http/{source.key}/"])
                with flowing(sender, per_second=60):
                    sender.wait(60)
                    disk.fill()
                    wait_until(lambda: len(sender.others) > 60, told=database.told)
                    disk.free()
                    if database.server.process() is None:  # PostgreSQL ends when it cannot write its log
                        database.start()
                    taken = len(sender.taken)
                    wait_until(lambda: len(sender.taken) > taken + 60, told=database.told)
                wait_until(lambda: not database.rows(OPEN), told=database.told)
                worker.kill()
            kept, twice = database.rows(KEPT), database.rows(TWICE)

    assert set(sender.others) == {503}, "a call was neither taken nor told to come again"
    assert set(sender.taken.values()) <= {id for id, _ in kept}
    bodies = [body for _, body in kept]
    assert len(bodies) == len(set(bodies)), "a call was kept twice"
    assert not twice, "a finished step ran again"
    assert {request.body for request in target.requests} >= {b"%d" % number for number in sender.taken}
