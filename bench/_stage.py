"""What a benchmark plays on: the product's own processes, a target, rows, and a look at what processes use."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webjack.settings")
os.environ.setdefault("EGRESS_ALLOW", "127.0.0.1")
BASE_DIR = Path(__file__).resolve().parent.parent
LOG = BASE_DIR / "var" / "bench.log"
django.setup()

# Models can be imported only now.
from actions import arrange  # noqa: E402
from history.models import Operation, Status  # noqa: E402
from processings.models import Processing, State  # noqa: E402
from sources.models import Source  # noqa: E402
from tenants.models import Tenant  # noqa: E402
from webjack.fields import uuid7  # noqa: E402


def conditions() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        version, fsync = cursor.fetchone()
    load = os.getloadavg()[0]
    return (
        f"Python {platform.python_version()}, PostgreSQL {version} (fsync {fsync}), {os.cpu_count()} cores shared "
        f"with load and target, load of the machine before: {load:.1f}"
    )


def prepare() -> None:
    LOG.parent.mkdir(exist_ok=True)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


@contextmanager
def process(*command: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    with LOG.open("a") as log:
        running = subprocess.Popen(
            [sys.executable, *command],
            cwd=BASE_DIR,
            env=os.environ | environment,
            stdout=subprocess.PIPE if command[1] == "bench._target" else log,
            stderr=log,
            text=True,
        )
        try:
            yield running
        finally:
            running.terminate()
            running.wait(60)


@contextmanager
def target() -> Iterator[int]:
    with process("-m", "bench._target") as running:
        assert running.stdout is not None
        yield int(running.stdout.readline())


@contextmanager
def web(port: int = 8765, application: str = "webjack.wsgi", threads: int = 8) -> Iterator[int]:
    gunicorn = ("-m", "gunicorn", application, "-k", "gthread", "--preload", "--no-control-socket")
    size = ("--workers", "2", "--threads", str(threads), "--bind", f"127.0.0.1:{port}", "--log-level", "warning")
    with process(*gunicorn, *size):
        wait(lambda: _answers(port))
        yield port


@contextmanager
def workers(count: int = 2) -> Iterator["subprocess.Popen[str]"]:
    told = {"Q_CLUSTER_NAME": "operations", "DRAIN_WORKERS": str(count)}
    with process("manage.py", "qcluster", **told) as running:
        wait(lambda: len(family(running.pid)) >= count + 4)
        yield running


def _answers(port: int) -> bool:
    try:
        asking = HTTPConnection("127.0.0.1", port, timeout=1)
        asking.request("GET", "/healthz")
        return asking.getresponse().status in {200, 400}
    except OSError:
        return False


def wait(done: Callable[[], bool], seconds: float = 120.0, every: float = 0.05) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(every)


def webhook(target_port: int, milliseconds: int = 0) -> Source:
    """The source of a running processing of a company of its own; one POST to the target."""
    tenant = Tenant.objects.create(name="Bench")
    processing = Processing.objects.create(tenant=tenant, name="Bench", state=State.RUNNING, notify=False)
    config = {
        "method": "POST",
        "url": f"http://127.0.0.1:{target_port}/{milliseconds}",
        "body": "{{ operation.id }}",
        "success_codes": "2**",
    }
    arrange.add(processing, "http.request", config)
    return Source.objects.create(tenant=tenant, processing=processing, kind="http", config={})


def queued(source: Source, count: int) -> None:
    """Waiting operations, as the webhook address leaves them."""
    Operation.objects.bulk_create(
        (
            Operation(
                id=uuid7(),
                tenant=source.tenant,
                processing=source.processing,
                source_id=source.pk,
                kind="http",
                status=Status.QUEUED,
                due_at=timezone.now(),
                method="POST",
                content_type="application/json",
                body=b'{"client_name": "Anna"}',
            )
            for _ in range(count)
        ),
        batch_size=1000,
    )


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE history_operation, history_step")


def load(port: int, source: Source, seconds: float, connections: int = 32) -> dict[str, Any]:
    return load_path(port, f"/webhooks/http/{source.key}/", seconds, connections)


def load_path(port: int, path: str, seconds: float, connections: int = 32) -> dict[str, Any]:
    """What `bench._load` says."""
    command = [sys.executable, "-m", "bench._load", str(port), path, str(connections)]
    told: dict[str, Any] = json.loads(subprocess.check_output([*command, str(seconds)], cwd=BASE_DIR, text=True))
    return told


def succeeded(ids: list[str] | None = None) -> int:
    """How many operations have, of these or of all."""
    chosen = Operation.objects.filter(status=Status.SUCCEEDED)
    return (chosen if ids is None else chosen.filter(pk__in=ids)).count()


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu_seconds(pids: list[int]) -> float:
    """What these processes have used so far."""
    ticks = 0
    for pid in pids:
        try:
            parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(parts[11]) + int(parts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """MiB that the process has to itself, its part of shared pages included (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
