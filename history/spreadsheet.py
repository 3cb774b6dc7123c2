"""Operations as CSV the way a Russian Excel opens it: UTF-8 with a mark, semicolons, one column for each field."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from actions.values import text
from history import recipe
from history.models import Operation

LONGEST_CELL = 32_767  # characters that Excel takes
NUMBER = re.compile(r"[+-][\d ().,-]+")


def csv_of(operations: Iterable[Operation]) -> bytes:
    """operations: with their processings. Times are in the current time zone."""
    read = [(operation, _data(operation)) for operation in operations]
    names = list(dict.fromkeys(name for _operation, data in read for name in data))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    head = [_("Number of the operation"), _("Time"), _("Status"), _("Processing"), _("Error")]
    writer.writerow([*head, *map(cell, names)])
    for operation, data in read:
        writer.writerow([*_about(operation), *(cell(data.get(name)) for name in names)])
    return out.getvalue().encode("utf-8-sig", "replace")


def _about(operation: Operation) -> list[str]:
    moment = timezone.localtime(operation.received_at)
    words = [operation.get_status_display(), operation.processing.name, operation.error]
    return [str(operation.pk), f"{moment:%Y-%m-%d %H:%M:%S}", *map(cell, words)]


def _data(operation: Operation) -> dict[str, Any]:
    """What no worker has read yet (a held request, say) is read here."""
    if operation.data is not None:
        found: dict[str, Any] = operation.data
        return found
    return dict(recipe.read(operation, recipe.of(operation.processing)).data)


def cell(value: Any) -> str:
    """A value that a spreadsheet would take for a formula gets an apostrophe before it; phone numbers stay."""
    written = "" if value is None else text(value)[:LONGEST_CELL]
    formula = written[:1] in ("=", "+", "-", "@", "\t", "\r") and not NUMBER.fullmatch(written)
    return f"'{written}" if formula else written
