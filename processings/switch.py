"""«Запустить» and «Остановить»."""

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from processings.models import Processing, State
from tenants import journal
from tenants.models import Verb


def missing(processing: Processing) -> str:
    """A sentence on what a processing needs before it can start; empty when nothing."""
    if not processing.sources.exists():
        return _("Add a data source first, so that there is something to process")
    if not processing.actions.filter(enabled=True).exists():
        return _("Add an action first, or switch one on: it says what to do with the data")
    return ""


def start(processing: Processing) -> list[str]:
    """From now on incoming requests are processed. Raises ValueError with a sentence when something is missing.

    Returns what could not be told to senders (`tell`), in sentences.
    """
    if sentence := missing(processing):
        raise ValueError(sentence)
    _turn(processing, State.RUNNING)
    return tell(processing, on=True)


def stop(processing: Processing) -> list[str]:
    """From now on incoming requests are only kept; sentences as of `start`."""
    _turn(processing, State.STOPPED)
    return tell(processing, on=False)


def delete(processing: Processing) -> list[str]:
    """Stops it and hides it with all it has; sentences as of `start`."""
    with journal.noted(processing, Verb.REMOVED):
        processing.state, processing.deleted_at = State.STOPPED, timezone.now()
        processing.save(update_fields=["state", "deleted_at", "updated_at"])
    return tell(processing, on=False)


def restore(processing: Processing) -> None:
    """Brings a deleted one back, stopped."""
    with journal.noted(processing, Verb.RESTORED):
        processing.deleted_at = None
        processing.save(update_fields=["deleted_at", "updated_at"])


def tell(processing: Processing, on: bool) -> list[str]:
    """Lets sources that tell their senders where to call do so; asks these over the network."""
    return [trouble for source in processing.sources.all() if (trouble := source.follow(on))]


def _turn(processing: Processing, state: State) -> None:
    """Never turns what was deleted meanwhile: 404, as a moment later. Senders are told even if we die now."""
    with journal.noted(processing, Verb.STARTED if state == State.RUNNING else Verb.STOPPED):
        if not Processing.objects.filter(pk=processing.pk).update(state=state, updated_at=timezone.now()):
            raise Http404
        for source in processing.sources.all():
            source.want(on=state == State.RUNNING)
    processing.refresh_from_db(fields=["state", "updated_at"])
