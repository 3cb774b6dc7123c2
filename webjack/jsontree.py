"""JSON drawn as foldable, coloured HTML without a line of script."""

from collections.abc import Iterator
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webjack.fields import storable

# A megabyte of JSON would become a page that no phone opens; the raw text stays beside the tree.
MOST_NODES = 2000
LONGEST_TEXT = 2000
DEEPEST = 40
MOST_OPEN = 50  # a longer list is folded wherever it stands: what follows it must stay in reach


def tree(value: Any, opened: int) -> SafeString:
    """The whole tree, folded below `opened` levels and where it is long, cut after MOST_NODES nodes."""
    return format_html('<div class="json">{}</div>', _node(value, None, opened, 0, Budget()))


class Budget:
    """How many nodes may still be drawn."""

    def __init__(self) -> None:
        self.left = MOST_NODES

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


def _node(value: Any, name: Any, opened: int, depth: int, budget: Budget) -> SafeString:
    label = (
        format_html('<span class="json-name">{}</span>: ', storable(str(name))) if name is not None else mark_safe("")
    )
    if not isinstance(value, dict | list) or not value:
        return format_html("<div>{}{}</div>", label, _leaf(value))
    marks = "{}" if isinstance(value, dict) else "[]"
    count = ngettext("%(n)s item", "%(n)s items", len(value)) % {"n": len(value)}
    return format_html(
        '<details{}><summary>{}<span>{}</span><span class="json-count">{}</span></summary>'
        '<div class="json-in">{}</div></details>',
        mark_safe(" open") if depth < opened and len(value) <= MOST_OPEN else "",
        label,
        marks,
        count,
        format_html_join("", "{}", ((child,) for child in _children(value, opened, depth + 1, budget))),
    )


def _children(value: Any, opened: int, depth: int, budget: Budget) -> Iterator[SafeString]:
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for done, (name, child) in enumerate(pairs):
        if depth > DEEPEST or not budget.spend():
            left = len(pairs) - done
            more = ngettext("… %(n)s more", "… %(n)s more", left) % {"n": left}
            yield format_html('<div class="json-count">{}</div>', more)
            return
        yield _node(child, name, opened, depth, budget)


def _leaf(value: Any) -> SafeString:
    if isinstance(value, str):
        cut = value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT] + "… " + _("(cut)")
        return format_html('<span class="json-string">&quot;{}&quot;</span>', storable(cut))
    if isinstance(value, bool) or value is None:
        return format_html('<span class="json-word">{}</span>', {True: "true", False: "false", None: "null"}[value])
    if isinstance(value, dict | list):
        return format_html('<span class="json-word">{}</span>', "{}" if isinstance(value, dict) else "[]")
    return format_html('<span class="json-number">{}</span>', value)
