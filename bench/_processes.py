"""The product's own processes, a target and senders, each ended with the block that needs it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import wraps
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.conf import settings

from bench._usage import family

BASE_DIR = Path(__file__).resolve().parent.parent
LOG = BASE_DIR / "var" / "bench.log"
END_SECONDS = 60.0
THREADS = 8  # of a web process, as in the container
OURS, BARE = "webjack.wsgi", "bench._bare"
TOLD = {"EGRESS_ALLOW": "127.0.0.0/8", "PUBLIC_URL": "http://127.0.0.1"}
Process = subprocess.Popen[str]
Given = ParamSpec("Given")
Made = TypeVar("Made")


class Web(NamedTuple):
    port: int
    pid: int


class Pool:
    """While it is open, processes are started once and lent to all who ask: quick, but no way to measure."""

    def __init__(self) -> None:
        self.open: ExitStack | None = None
        self.running: dict[Any, Any] = {}

    @contextmanager
    def opened(self) -> Iterator[None]:
        with ExitStack() as self.open:
            yield
        self.open, self.running = None, {}

    def lends(
        self, start: Callable[Given, AbstractContextManager[Made]]
    ) -> Callable[Given, AbstractContextManager[Made]]:
        @contextmanager
        @wraps(start)
        def lent(*args: Given.args, **kwargs: Given.kwargs) -> Iterator[Made]:
            if self.open is None:
                with start(*args, **kwargs) as one:
                    yield one
                return
            key = (start.__name__, *args, *kwargs.items())
            if key not in self.running:
                self.running[key] = self.open.enter_context(start(*args, **kwargs))
            yield self.running[key]

        return lent

    def forget(self, one: Any) -> None:
        self.running = {key: other for key, other in self.running.items() if other is not one}


pool = Pool()


@contextmanager
def process(
    *command: str, pass_fds: tuple[int, ...] = (), is_heard: bool = False, **environment: str
) -> Iterator[Process]:
    """Python with these arguments, in a process group of its own. is_heard: we read what it prints."""
    with LOG.open("a") as log:
        running = subprocess.Popen(
            [sys.executable, *command],
            cwd=BASE_DIR,
            env=os.environ | TOLD | environment,
            stdout=subprocess.PIPE if is_heard else log,
            stderr=log,
            text=True,
            pass_fds=pass_fds,
            start_new_session=True,
        )
    try:
        yield running
    finally:
        end(running)


def end(running: Process) -> None:
    pool.forget(running)
    running.terminate()
    try:
        running.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    finally:
        if running.stdout:
            running.stdout.close()


@pool.lends
@contextmanager
def target() -> Iterator[int]:
    """Gives the port; it listens on 127.0.0.1 and the next few addresses (bench/_target.py)."""
    with process("-m", "bench._target", is_heard=True) as running:
        assert running.stdout is not None
        yield int(running.stdout.readline())


@pool.lends
@contextmanager
def web(application: str = OURS, threads: int = THREADS) -> Iterator[Web]:
    """Two web processes."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        os.set_inheritable(listener.fileno(), True)
        port = listener.getsockname()[1]
        gunicorn = ("-m", "gunicorn", application, "-k", "gthread", "--preload", "--no-control-socket")
        size = ("--workers", "2", "--threads", str(threads), "--log-level", "warning")
        command = (*gunicorn, *size, "--bind", f"fd://{listener.fileno()}")
        with process(*command, pass_fds=(listener.fileno(),)) as running:
            wait(lambda: _answers(port))
            yield Web(port, running.pid)


def workers(count: int = 0) -> AbstractContextManager[Process]:
    """The operations cluster; count: of its workers, else as the settings say."""
    return _cluster(count or settings.Q_CLUSTER["ALT_CLUSTERS"]["operations"]["workers"])


@pool.lends
@contextmanager
def _cluster(count: int) -> Iterator[Process]:
    told: dict[str, Any] = {"Q_CLUSTER_NAME": "operations", "DRAIN_WORKERS": str(count)}
    with process("manage.py", "qcluster", **told) as running:
        wait(lambda: len(family(running.pid)) >= count + 4)  # and main, sentinel, monitor, pusher
        yield running


def _answers(port: int) -> bool:
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=1)) as asking:
            asking.request("GET", "/healthz")
            return asking.getresponse().status < 500
    except OSError:
        return False


def wait(done: Callable[[], bool], seconds: float = 300.0, every: float = 0.05) -> None:
    """Raises TimeoutError."""
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(every)


def load(web: Web, paths: list[str], seconds: float, connections: int = 32) -> dict[str, Any]:
    """Sends webhooks and returns what `bench._load` says, with the `rate` of those that were taken, each second."""
    command = [sys.executable, "-m", "bench._load", str(web.port), str(connections), str(seconds), *paths]
    told: dict[str, Any] = json.loads(subprocess.check_output(command, cwd=BASE_DIR, text=True))
    if told["refused"]:
        raise RuntimeError(f"{told['refused']} of {told['taken']} requests were refused, the first: {told['first']}")
    told["taken"] = max(1, told["taken"])  # a busy machine may take none in a tiny run
    return told | {"rate": told["taken"] / told["seconds"]}
