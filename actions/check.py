"""«Проверить»: an action once, on the sample or a stored request, dry or for real."""

import uuid
from datetime import UTC, datetime

from actions import connected
from actions.models import Action
from actions.perform import Outcome, perform
from actions.placeholders import Context
from actions.preview import sample_context
from actions.tables.rows import found
from connections.places import Busy, place
from webjack.http import Http

SECONDS = 25.0
"""Somebody waits in front of the page, and the page gives up after 30."""


def check(action: Action, *, send: bool, context: Context | None = None) -> Outcome:
    """Performs the action on the sample, or in the context of a stored request.

    Not sent, its request still stands in `exchanges` as it would go out.
    """
    if context is None:
        context = sample_context(action.processing, action)
    if not send:
        return _performed(action, context, dry=True)
    try:
        with place():
            return _performed(action, context, dry=False)
    except Busy as busy:
        return Outcome(datetime.now(UTC), 0, error=str(busy))


def _performed(action: Action, context: Context, dry: bool) -> Outcome:
    http = Http(key=f"check-{uuid.uuid4()}", deadline=SECONDS, dry=dry)
    known = connected.load([action])
    outcome = perform(action, context, http, known=known)
    return perform(action, context, http, found(action.tenant_id, outcome.asks), known) if outcome.asks else outcome
