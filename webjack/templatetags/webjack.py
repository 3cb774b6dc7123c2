"""Tags and filters of all pages: icons, statuses, times, numbers, JSON."""

import logging
import re
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from webjack.http import secret_fields
from webjack.jsontree import tree

register = template.Library()
log = logging.getLogger(__name__)

THIN_SPACE = "\u202f"
ICONS = Path(settings.BASE_DIR) / "static" / "vendor" / "icons"
SVG = re.compile(r"<svg\b[^>]*>(.*)</svg>", re.DOTALL)
KIND_ATTRIBUTES = re.compile(r"""\s(?:class|width|height|role|aria-[a-z]+|style)=(?:"[^"]*"|'[^']*')""")

# Word and shape of each status of an operation or a step.
STATUSES = {
    "queued": (noop("Queued"), "circle-dotted"),
    "running": (noop("In progress"), "loader-2"),
    "waiting": (noop("Waiting"), "clock"),
    "succeeded": (noop("Succeeded"), "circle-check"),
    "filtered": (noop("Filtered out"), "filter"),
    "failed": (noop("Failed"), "circle-x"),
    "unknown": (noop("Outcome unknown"), "help-circle"),
    "met": (noop("Met"), "circle-check"),
    "unmet": (noop("Not met"), "filter"),
    "given_up": (noop("Given up"), "circle-x"),
    "accepted": (noop("Considered done"), "circle-check"),
    "held": (noop("Not started"), "player-pause"),
    "rejected": (noop("Rejected"), "shield-x"),
    "cancelled": (noop("Cancelled"), "circle-minus"),
}


@cache
def _drawing(name: str) -> str:
    """The inside of an icon's svg; nothing but a warning when it was not installed."""
    try:
        found = SVG.search((ICONS / f"{name}.svg").read_text())
    except OSError:
        log.warning("no icon %s: is it in static/icons.txt and are the assets installed?", name)
        return ""
    return " ".join(found[1].split()) if found else ""


@register.simple_tag
@lru_cache(1000)
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of Tabler's outline set; invisible to screen readers, so give the control a name."""
    return format_html(
        '<svg class="icon {}" width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        extra,
        mark_safe(_drawing(name)),  # noqa: S308 a file of the icon package
    )


@cache
def _kind_drawing(path: Path) -> str:
    try:
        text = path.read_text()
    except OSError:
        return ""
    start = text.find("<svg")
    end = text.find(">", start)
    attributes = KIND_ATTRIBUTES.sub("", text[start + 4 : end])
    return f'<svg class="kind-icon" aria-hidden="true" focusable="false"{attributes}{text[end:]}'.strip()


@register.simple_tag
def kind_icon(kind: Any, fallback: str = "plug") -> SafeString:
    """The icon.svg that lies beside a kind; `fallback` where the kind has none or is None."""
    path = getattr(kind, "icon_path", None)
    drawing = _kind_drawing(path) if path else ""
    return mark_safe(drawing) if drawing else icon(fallback, "kind-icon")  # noqa: S308 a file of this repository


@register.simple_tag
def status(value: str, label: str = "", pill: bool = False) -> SafeString:
    """Word, shape and colour of a status; the label may come from the model's own choices."""
    word, shape = STATUSES.get(value, (value, "circle-dotted"))
    more = " op-status-pill" if pill else ""
    text = '<span class="op-status op-status-{}{}">{}{}</span>'
    return format_html(text, value, more, icon(shape), label or _(word))


@register.simple_tag(takes_context=True)
def current(context: dict[str, Any], *prefixes: str) -> str:
    """`aria-current` for a link to where we are: below one of the paths; "/" stands for itself alone."""
    path = context["request"].path if "request" in context else ""
    here = any(path == prefix or (prefix != "/" and path.startswith(prefix)) for prefix in prefixes)
    return mark_safe(' aria-current="page"') if here else ""


def _rounded(value: float) -> str:
    """One digit behind the reader's comma, none where it would be a zero."""
    return _with_comma(f"{value:.1f}".removesuffix(".0"))


def _with_comma(number: str) -> str:
    return number.replace(".", "," if (get_language() or "").startswith("ru") else ".")


@register.filter
def plain_number(value: float) -> str:
    """As many digits behind the reader's comma as there are: 10, 2.5, 0.25."""
    return _with_comma(f"{value:g}")


@register.filter
def duration(ms: float | None) -> str:
    """Milliseconds in the reader's words: 38 ms, 2.4 s, 1 min 5 s, 2 h 3 min; a dash for None."""
    if ms is None:
        return "—"
    if ms < 1000:
        return _("%(n)s ms") % {"n": round(ms)}
    seconds = ms / 1000
    if seconds < 59.95:
        return _("%(n)s s") % {"n": _rounded(seconds)}
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return _("%(m)s min %(s)s s") % {"m": minutes, "s": rest} if rest else _("%(m)s min") % {"m": minutes}
    hours, minutes = divmod(minutes, 60)
    return _("%(h)s h %(m)s min") % {"h": hours, "m": minutes} if minutes else _("%(h)s h") % {"h": hours}


def _time_tag(moment: datetime, text: str) -> SafeString:
    offset = moment.strftime("%z")
    zone = f"{timezone.get_current_timezone_name()}, UTC{offset[:3]}:{offset[3:]}"
    exact = formats.date_format(moment, "DATE_FORMAT") + moment.strftime(", %H:%M:%S")
    return format_html('<time datetime="{}" title="{} ({})">{}</time>', moment.isoformat(), exact, zone, text)


def _day(moment: datetime) -> str:
    """The day as short as it stays clear: the year only when it is another one."""
    year = "" if moment.year == timezone.localdate().year else " Y"
    return formats.date_format(moment, pgettext("short date, Django format", "M j") + year)


@register.filter
def clock(moment: datetime | None) -> str:
    """14:05:31, with the day before it when that is not today; exact time and zone on hover."""
    if moment is None:
        return "—"
    moment = timezone.localtime(moment)
    text = moment.strftime("%H:%M:%S")
    return _time_tag(moment, text if moment.date() == timezone.localdate() else f"{_day(moment)}, {text}")


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago, roughly: just now, 2 min ago, 3 h ago; later than a day the date."""
    if moment is None:
        return _("never")
    moment = timezone.localtime(moment)
    passed = timezone.now() - moment
    if passed < timedelta(seconds=10):
        text = _("just now")
    elif passed < timedelta(minutes=1):
        text = _("%(n)s s ago") % {"n": int(passed.total_seconds())}
    elif passed < timedelta(hours=1):
        text = _("%(n)s min ago") % {"n": int(passed.total_seconds() // 60)}
    elif passed < timedelta(days=1):
        text = _("%(n)s h ago") % {"n": int(passed.total_seconds() // 3600)}
    else:
        text = _day(moment)
    return _time_tag(moment, text)


@register.filter
def ahead(moment: datetime | None) -> str:
    """How long until a moment: in 4 min; "now" once it has passed."""
    if moment is None:
        return "—"
    moment = timezone.localtime(moment)
    left = (moment - timezone.now()).total_seconds()
    text = _("now") if left <= 0 else _("in %(duration)s") % {"duration": duration(round(left) * 1000)}
    return _time_tag(moment, text)


@register.filter
def thousands(number: int | None) -> str:
    """12 345 with thin spaces; a dash for None."""
    return "—" if number is None else f"{number:,}".replace(",", THIN_SPACE)


@register.filter
def bytesize(size: int | None) -> str:
    """Bytes in the reader's words: 812 B, 3.4 KB, 1.2 MB."""
    if size is None:
        return "—"
    if size < 1024:
        return _("%(n)s B") % {"n": size}
    if size < 1024**2:
        return _("%(n)s KB") % {"n": _rounded(size / 1024)}
    return _("%(n)s MB") % {"n": _rounded(size / 1024**2)}


@register.filter
def without_secrets(value: Any) -> Any:
    """A decoded JSON value with a mask where a field's name says that its value is a secret."""
    return secret_fields.without_secrets(value)


@register.filter
def json_tree(value: Any, opened: int = 2) -> SafeString:
    """A decoded JSON value as nested foldable <details>, open down to the given depth."""
    return tree(value, opened)


@register.filter
def undo_url(message: Message) -> str:
    """Where a notice's «Вернуть» posts: `messages.success(request, text, extra_tags="undo:" + url)`."""
    words = (message.extra_tags or "").split()
    return next((word.removeprefix("undo:") for word in words if word.startswith("undo:")), "")
