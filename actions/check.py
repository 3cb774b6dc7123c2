"""«Проверить»: an action once, on the sample or a stored request, dry or for real."""

import threading
import uuid
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from actions import connected
from actions.models import Action
from actions.perform import Outcome, perform
from actions.placeholders import Context
from actions.preview import sample_context
from actions.tables.rows import found
from webjack.http import Http

SECONDS = 25.0
"""Somebody waits in front of the page, and the page gives up after 30."""

MOST_AT_ONCE = 2
"""In one web process: a target that hangs must not take the threads that receive webhooks."""
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


def check(action: Action, *, send: bool, context: Context | None = None) -> Outcome:
    """Performs the action on the sample, or in the context of a stored request.

    Not sent, its request still stands in `exchanges` as it would go out.
    """
    if context is None:
        context = sample_context(action.processing, action)
    if not send:
        return _performed(action, context, dry=True)
    if not _places.acquire(blocking=False):
        return Outcome(
            datetime.now(UTC),
            0,
            error=_("Other checks are still waiting for their answers. Try again in half a minute"),
        )
    try:
        return _performed(action, context, dry=False)
    finally:
        _places.release()


def _performed(action: Action, context: Context, dry: bool) -> Outcome:
    http = Http(key=f"check-{uuid.uuid4()}", deadline=SECONDS, dry=dry)
    known = connected.load([action])
    outcome = perform(action, context, http, known=known)
    return perform(action, context, http, found(action.tenant_id, outcome.asks), known) if outcome.asks else outcome
