"""What a saved action lacks although its settings are valid: said on its card, its page and by the API."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from actions import calls
from actions.models import Action
from processings.models import Processing
from webjack.kinds import UnknownKind

WAIT = "response__wait"  # of the form of a source whose sender can be made to wait


@dataclass(frozen=True)
class Remark:
    """text: a sentence. url: where a post mends it; button: what that is called."""

    text: str
    url: str = ""
    button: str = ""


def remarks(action: Action) -> list[Remark]:
    try:
        answers = action.spec.answers
    except UnknownKind:
        return []
    return [*_of_calls(action), *(_of_answers(action.processing) if answers and action.enabled else [])]


def _of_calls(action: Action) -> list[Remark]:
    named = calls.targets(action)
    if not named:
        return []
    there = {
        str(id) for id in action.processing.tenant.processings.filter(pk__in=named - {""}).values_list("pk", flat=True)
    }
    if "" in named:
        return [Remark(_("Choose the processing that the data go to"))]
    if named - there:
        return [Remark(_("The processing that the data go to is deleted: choose another one"))]
    round_ = calls.circle(action)
    if not round_:
        return []
    told = _("The processings hand data round in a circle: %(names)s. An operation stops after 10 times")
    return [Remark(told % {"names": " → ".join(round_)})]


def _of_answers(processing: Processing) -> list[Remark]:
    """Whether any sender waits for an answer that an action makes."""
    able = [source for source in processing.sources.all() if WAIT in source.spec.form.base_fields]
    if any((source.config.get("response") or {}).get("wait") for source in able):
        return []
    text = _("No sender waits for this answer: the data source answers at once")
    if not able:
        return [Remark(text)]
    mend = reverse("sources:wait", args=[able[0].pk])
    return [Remark(text, mend, _("Let the sender wait up to 10 s"))]
