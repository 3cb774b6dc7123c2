"""«Проверить»: an action once, on the sample, dry or for real."""

import uuid

from actions.models import Action
from actions.perform import Outcome, perform
from actions.placeholders import Context
from actions.preview import sample_context
from webjack.http import Http

SECONDS = 25.0
"""Somebody waits in front of the page, and the page gives up after 30."""


def check(action: Action, *, send: bool, context: Context | None = None) -> Outcome:
    """Performs the action on the sample. Not sent, its request still stands in `exchanges` as it would go out."""
    if context is None:
        context = sample_context(action.processing, action)
    return perform(action, context, Http(key=f"check-{uuid.uuid4()}", deadline=SECONDS, dry=not send))
