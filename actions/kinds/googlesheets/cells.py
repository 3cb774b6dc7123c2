"""Values as cells take them. What comes from strangers must not become a formula in somebody's table."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from actions import values
from actions.filters.phones import e164
from actions.kinds.googlesheets.sheet import RAW, USER, Cells, position
from webjack.http import Failed

TEXT, TYPED, FORMULAS = "text", "typed", "formulas"
LONGEST = 50_000  # characters of a cell: https://support.google.com/drive/answer/37603
EXACT, PHONE, PART = "exact", "phone", "part"
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"-?\d[\d   ]*([.,]\d+)?%?")


def how(given: Any) -> str:
    """The API's valueInputOption."""
    return RAW if (given or TEXT) == TEXT else USER


def cell(value: Any, given: Any) -> Any:
    """A text, a number or a boolean. Raises Failed when it is too long."""
    if isinstance(value, bool) or (isinstance(value, int | float) and math.isfinite(value) and abs(value) < 1e15):
        return value
    written = values.encoded(values.text(value)).decode()
    if len(written) > LONGEST:
        raise Failed(_("A cell of Google Sheets holds at most 50,000 characters"))
    if given == TYPED and _FORMULA.match(written.lstrip()) and not _NUMBER.fullmatch(written.strip()):
        return f"'{written}"  # Google takes the sign for “this is a text” and does not show it
    return written


def row_of_cells(header: Sequence[str], rows: Sequence[Mapping[str, Any]], given: Any) -> Cells:
    """The cells of a row, None where nothing is given. Raises Failed."""
    placed = {position(header, str(row["name"])): cell(row.get("value"), given) for row in rows}
    return [placed.get(number) for number in range(max(placed, default=-1) + 1)]


def same(found: Any, wanted: Any, match: str) -> bool:
    """Whether a cell is the one that is looked for. Two texts are no numbers: “0012” is another code than “12”."""
    ours, theirs = values.text(wanted).strip(), values.text(found).strip()
    if not ours or not theirs:
        return False
    if match == PHONE:
        number = e164(ours)
        return number is not None and number == e164(theirs)
    if match == PART:
        return ours.casefold() in theirs.casefold()
    if isinstance(wanted, str) and isinstance(found, str):
        return ours.casefold() == theirs.casefold()
    return ours.casefold() == theirs.casefold() or _equal_numbers(ours, theirs)


def _equal_numbers(one: str, other: str) -> bool:
    try:
        return values.number(one) == values.number(other)
    except ValueError:
        return False


def by_name(header: Sequence[str], cells: Cells) -> dict[str, Any]:
    """A row by the names of its columns; a name that comes twice is its first column's."""
    whole = [*cells, *([""] * (len(header) - len(cells)))]
    return {name: each for name, each in reversed(list(zip(header, whole, strict=False))) if name}
