"""How many threads of one web process may wait for outside services on a person's behalf, all pages together."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

MOST_AT_ONCE = 3
"""A service that hangs must not take the threads that receive webhooks."""
SECONDS = 15.0
"""The deadline of a request that somebody waits for in front of a page."""
ALL_SECONDS = 30.0
"""The same for all its requests together."""
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


class Busy(Exception):
    """As many as may wait are waiting. Its text is a sentence."""


@contextmanager
def place() -> Iterator[None]:
    """Raises Busy at once instead of waiting for a place."""
    if not _places.acquire(blocking=False):
        raise Busy(_("Others are still waiting for answers of services. Try again in half a minute"))
    try:
        yield
    finally:
        _places.release()
