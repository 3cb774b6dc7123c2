"""What a step says of itself, for pages."""

from django import template

from actions.kind import Said
from history.models import Step
from history.said import said as _said

register = template.Library()


@register.filter
def said(step: Step) -> Said | None:
    return _said(step)
