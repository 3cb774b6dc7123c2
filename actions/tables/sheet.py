"""A table as a CSV file, to and from spreadsheets: the first column is the key, the first line the names."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.tables.models import MOST_COLUMNS, MOST_ROWS, Table
from actions.tables.rows import Given, checked_column, checked_key, checked_values
from actions.values import text

MOST_BYTES = 5 * 1024 * 1024
MOST_ERRORS = 50
"""Lines that are told of; the others are counted."""

ENCODINGS = (("utf-8", "UTF-8"), ("cp1251", "Windows-1251"), ("utf-16", "UTF-16"))
SEPARATORS = ((";", gettext_lazy("semicolon ;")), (",", gettext_lazy("comma ,")), ("\t", gettext_lazy("tab")))
# What a spreadsheet would take for a formula gets an apostrophe before it, and so does what begins with one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_NUMBER = re.compile(r"[+-][\d ().,-]+")


@dataclass
class Sheet:
    """What a file holds. columns: without the key's. errors: the first ones, number of a line and why.

    wrong: how many lines are wrong in all; they are not among the rows.
    """

    encoding: str
    separator: str
    columns: list[str] = field(default_factory=list)
    rows: list[Given] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)
    wrong: int = 0

    def complain(self, line: int, words: str) -> None:
        self.wrong += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append((line, words))


def read(raw: bytes, encoding: str = "", separator: str = "") -> Sheet:
    """Encoding and separator are guessed unless given. Raises ValueError with a sentence when it is no table at all."""
    if len(raw) > MOST_BYTES:
        raise ValueError(_("The file is larger than %(count)s MB") % {"count": MOST_BYTES // 1024 // 1024})
    encoding = encoding if encoding in dict(ENCODINGS) else guess_encoding(raw)
    try:
        words = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeError:
        raise ValueError(_("The file is in another encoding: choose it")) from None
    if not words.strip():
        raise ValueError(_("The file is empty"))
    sheet = Sheet(encoding, separator if separator in dict(SEPARATORS) else guess_separator(words))
    lines = csv.reader(io.StringIO(words, newline=""), delimiter=sheet.separator)
    try:
        _fill(sheet, ((lines.line_num, line) for line in lines if any(cell.strip() for cell in line)))
    except csv.Error:
        raise ValueError(_("Line %(line)s: the file is damaged or no CSV") % {"line": lines.line_num}) from None
    return sheet


def write(table: Table) -> Iterator[bytes]:
    """Lines of the file the way a Russian Excel opens it: UTF-8 with a mark, semicolons."""
    yield codecs.BOM_UTF8 + _line([_("Key"), *table.columns])
    for key, values in table.rows.values_list("key", "values").iterator(chunk_size=1000):
        yield _line([key, *(text(values.get(name)) for name in table.columns)])


def guess_encoding(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8"


def guess_separator(words: str) -> str:
    """The one that the first line has most of, outside quotes."""
    head = re.sub(r'"[^"]*"', "", words.lstrip().splitlines()[0])
    return max((sign for sign, _title in SEPARATORS), key=head.count)


def _fill(sheet: Sheet, lines: Iterator[tuple[int, list[str]]]) -> None:
    _number, head = next(lines, (0, []))
    if not head:  # separators only
        raise ValueError(_("The file is empty"))
    names = [_uncovered(cell).strip() for cell in head]
    while len(names) > 1 and not names[-1]:
        names.pop()
    sheet.columns = [checked_column(name) for name in names[1:]]
    if len(sheet.columns) > MOST_COLUMNS:
        raise ValueError(_("A table has at most %(count)s columns") % {"count": MOST_COLUMNS})
    if len(set(sheet.columns)) < len(sheet.columns):
        raise ValueError(_("Two columns of the file have the same name"))
    seen: dict[str, int] = {}
    for number, cells in lines:
        try:
            sheet.rows.append(_row(sheet.columns, cells, seen))
        except ValueError as wrong:
            sheet.complain(number, str(wrong))
            continue
        seen[sheet.rows[-1].key] = number
        if len(sheet.rows) > MOST_ROWS:
            raise ValueError(_("A table has at most %(count)s rows") % {"count": MOST_ROWS})


def _row(columns: list[str], cells: list[str], seen: dict[str, int]) -> Given:
    key = checked_key(_uncovered(cells[0]))
    if key in seen:
        raise ValueError(_("the key “%(key)s” stands in line %(line)s already") % {"key": key[:100], "line": seen[key]})
    values = [_uncovered(cell) for cell in cells[1:]]
    if any(cell.strip() for cell in values[len(columns) :]):
        raise ValueError(_("there are more values than columns: %(count)s") % {"count": len(values)})
    values += [""] * (len(columns) - len(values))
    return Given(key, checked_values(dict(zip(columns, values, strict=False))))


def _line(cells: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow([_covered(cell) for cell in cells])
    return out.getvalue().encode("utf-8", "replace")


def _covered(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell


def _uncovered(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell
