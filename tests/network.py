"""This machine's network while tests run side by side: one that changes it waits until no browser is at work.

A browser breaks off what it loads when an interface comes or goes (net::ERR_NETWORK_CHANGED).
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings


@contextmanager
def _locked(how: int) -> Iterator[None]:
    with (settings.VAR_DIR / "test-network.lock").open("w") as lock:
        fcntl.flock(lock, how)
        yield


@contextmanager
def still() -> Iterator[None]:
    """Nobody changes the network meanwhile."""
    with _locked(fcntl.LOCK_SH):
        yield


@contextmanager
def changing() -> Iterator[None]:
    """No other test minds that the network changes."""
    with _locked(fcntl.LOCK_EX):
        yield
