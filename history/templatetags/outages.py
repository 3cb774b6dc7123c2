"""The banner about outside accounts on pages of apps that do not know the history."""

from typing import Any

from django import template
from django.urls import reverse

from history import outages
from processings.models import Processing

register = template.Library()


@register.inclusion_tag("history/_outages.html", takes_context=True, name="outages")
def banner(context: dict[str, Any], processing: Processing, oob: bool = False) -> dict[str, Any]:
    """What holds a processing's operations up; oob: for an answer to htmx that puts it in its place."""
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "here": reverse("processings:detail", args=[processing.pk]),
        "accounts": outages.of_processing(processing),
        "oob": oob,
    }
