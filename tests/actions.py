"""What the tests of actions' pages share: addresses and what is posted."""

from django.urls import reverse

from actions.models import Action
from processings.models import Processing

REQUEST = {
    "method": "POST",
    "url": "https://example.com/{{ client_name }}",
    "body_kind": "text",
    "success_codes": "2**",
}
JSON_ROWS = {
    "fields-name": ["name", "phone"],
    "fields-value": ["{{ client_name }}", "{{ client_phone }}"],
    "fields-type": ["auto", "text"],
}


def new(processing: Processing, name: str = "add", **query: object) -> str:
    """The address of a new HTTP request's form, of its preview or its check."""
    return reverse(f"actions:{name}", args=[processing.pk], query={"kind": "http.request"} | query)


def of(action: Action, name: str = "detail") -> str:
    return reverse(f"actions:{name}", args=[action.pk])
