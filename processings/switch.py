"""«Запустить» and «Остановить»."""

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from processings.models import Processing, State


def missing(processing: Processing) -> str:
    """A sentence on what a processing needs before it can start; empty when nothing."""
    if not processing.sources.exists():
        return _("Add a data source first, so that there is something to process")
    if not processing.actions.filter(enabled=True).exists():
        return _("Add an action first, or switch one on: it says what to do with the data")
    return ""


def start(processing: Processing) -> None:
    """From now on incoming requests are processed. Raises ValueError with a sentence when something is missing."""
    if sentence := missing(processing):
        raise ValueError(sentence)
    _turn(processing, State.RUNNING)


def stop(processing: Processing) -> None:
    """From now on incoming requests are only kept."""
    _turn(processing, State.STOPPED)


def _turn(processing: Processing, state: State) -> None:
    """Never turns what was deleted meanwhile: 404, as a moment later."""
    if not Processing.objects.filter(pk=processing.pk).update(state=state, updated_at=timezone.now()):
        raise Http404
    processing.refresh_from_db(fields=["state", "updated_at"])
