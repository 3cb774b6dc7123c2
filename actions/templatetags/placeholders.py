"""Texts with placeholders on pages: each placeholder is drawn as a chip with what people call it."""

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from actions.conditions.names import readable
from actions.labels import of_sources

register = template.Library()
_PLACEHOLDER = re.compile(r"(\{\{.*?\}\})", re.DOTALL)


@register.filter
def chips(text: Any, sources: Any = ()) -> SafeString:
    """sources: of the processing, as rows or as the page's cards of them."""
    rows = [one["row"] if isinstance(one, Mapping) else one for one in sources or ()]
    parts = _PLACEHOLDER.split(str(text))
    if len(parts) == 1:
        return format_html("{}", text)
    labels = of_sources(rows)
    return format_html_join("", "{}", ((_drawn(part, labels),) for part in parts))


def _drawn(part: str, labels: dict[str, str]) -> Any:
    return format_html('<span class="chip">{}</span>', readable(part, labels)) if part.startswith("{{") else part
