"""`{% remarks action %}`: what it lacks, with the buttons that mend it."""

from typing import Any

from django import template

from actions import remarks as finding
from actions.models import Action

register = template.Library()


@register.inclusion_tag("actions/_remarks.html", takes_context=True)
def remarks(context: dict[str, Any], action: Action) -> dict[str, Any]:
    found = [] if action._state.adding else finding.remarks(action)
    told = {name: context.get(name) for name in ("may_edit", "csrf_token", "request")}
    return told | {"remarks": found, "action": action}
