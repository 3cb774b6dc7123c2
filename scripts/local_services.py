"""Serves the services of tests/fakes on this machine, so that a person can click a whole integration through.

python -m scripts.local_services [service…]   all without a name; until Ctrl-C
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webjack.settings")


def main(*names: str) -> None:
    django.setup()
    from tests.fakes.service import services

    known = services()
    unknown = set(names) - set(known)
    if unknown:
        sys.exit(f"There is no {', '.join(sorted(unknown))}. There are: {', '.join(known)}")
    with ExitStack() as stack:
        lines = {"EGRESS_ALLOW": "127.0.0.1"}
        accounts = []
        for service in (known[name] for name in names or known):
            fake = _served(stack, service)
            lines |= service.environment(fake)
            accounts.append((service.title, fake.target.url, service.account(fake)))
        _tell(lines, accounts)
        _wait()


def _served(stack: ExitStack, service: Any) -> Any:
    from tests.fakes.target import Ports

    Ports.wanted = service.port
    try:
        fake = stack.enter_context(service.serve())
    except OSError as taken:
        sys.exit(f"{service.title}: port {service.port} cannot be used: {taken}")
    finally:
        Ports.wanted = 0
    fake.target.answer = _told(service.title, fake.target.answer)
    return fake


def _told(title: str, answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same answers, each said in a line."""

    def answered(request: Any) -> Any:
        said = answer(request)
        print(f"{title:12} {request.method} {request.path} → {said[0]}", flush=True)
        return said

    return answered


def _tell(lines: dict[str, str], accounts: list[tuple[str, str, dict[str, Any]]]) -> None:
    print("Start Webjack in another terminal so that it uses these services:\n")
    print("  " + " ".join(f"{name}={value}" for name, value in lines.items()) + " scripts/run\n")
    print("What to enter in «Подключения»:\n")
    for title, url, account in accounts:
        print(f"  {title} ({url})")
        for name, value in account.items():
            print(f"      {name}: {value}")
    print("\nCtrl-C ends them.\n", flush=True)


def _wait() -> None:
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_told: ended.set())
    ended.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
