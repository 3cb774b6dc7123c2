"""Proves that the workers of a cluster work: its pusher hands them a beat now and then, and who takes it writes that.

django-q freezes for ever when a worker that waits for a task is killed, and does not notice (django-q2 issue 23, open
on 2026-11-24). A pusher that lives, or a worker process that lives, proves nothing: only a task that is taken does.
"""

import uuid
from typing import Any

from django.utils import timezone
from django_q.signals import post_execute_in_worker, pre_execute
from django_q.signing import SignedPackage

from webjack import life

EVERY = 2.0  # seconds from one beat to the next, where nothing else is to be done


def task(name: str, func: str, *args: Any) -> str:
    """A task as a broker hands it out; what comes of it is not kept."""
    told = {"id": uuid.uuid4().hex, "name": name, "func": func, "args": args, "kwargs": {}}
    return str(SignedPackage.dumps(told | {"started": timezone.now(), "save": False}))


def watch() -> None:
    """Lets the workers that are forked from now on show life with each task that they take and end.

    django-q tells of that by its signals alone.
    """
    ours = life.ours()
    pre_execute.connect(lambda **_: ours.begin(), weak=False, dispatch_uid="pulse")
    post_execute_in_worker.connect(lambda **_: ours.end(), weak=False, dispatch_uid="pulse")
