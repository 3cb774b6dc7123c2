"""Where the reader works, for the header of every page."""

from typing import Any

from django import template

from tenants import access
from tenants.models import Membership

register = template.Library()


@register.simple_tag(takes_context=True)
def my_place(context: dict[str, Any]) -> Membership | None:
    """The reader's place in the company he works in; found here where the page's view had no need of it."""
    request = context["request"]
    if not hasattr(request, "membership"):
        request.membership = access.here(request) if request.user.is_authenticated else None
    place: Membership | None = request.membership
    return place
