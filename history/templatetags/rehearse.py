"""The choice of what settings are tried on, for forms of apps that do not know the history."""

from typing import Any

from django import template

from actions import stored
from history import trial
from processings.models import Processing

register = template.Library()


@register.inclusion_tag("history/_tried_on.html", takes_context=True)
def tried_on(context: dict[str, Any], processing: Processing) -> dict[str, Any]:
    """A list of the last requests and an input for a link; what was chosen last stays chosen."""
    request = context["request"]
    data = request.POST if request.method == "POST" else request.GET
    chosen = data.get(stored.REQUEST, "")
    options = [(str(row.operation.pk), trial.label(row)) for row in trial.recent(processing)]
    if chosen not in ("", "sample", *(id for id, _label in options)):
        options.append((chosen, chosen))
    return {"options": options, "chosen": chosen, "link": data.get(stored.LINK, "")}
