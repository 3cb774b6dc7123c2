"""Rows of a file: CSV in any usual form, and what spreadsheets write (XLSX, XLS, ODS)."""

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from actions.tables.sheet import guess_encoding, guess_separator

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 200
LONGEST_NAME = 100

Row = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """columns: names, each once. rows: their values, as JSON carries them; empty rows are left out."""

    columns: list[str]
    rows: list[list[Any]]

    def row(self, number: int) -> Row:
        return dict(zip(self.columns, self.rows[number], strict=True))


def read(raw: bytes) -> Sheet:
    """Raises ValueError with a sentence. The first line that holds anything gives the names."""
    if len(raw) > MOST_BYTES:
        raise ValueError(_("The file is larger than %(count)s MB") % {"count": MOST_BYTES // 1024 // 1024})
    if not raw.strip():
        raise ValueError(_("The file is empty"))
    lines = [
        line for line in (_book(raw) if _is_book(raw) else _csv(raw)) if any(cell not in (None, "") for cell in line)
    ]
    if len(lines) < 2:
        raise ValueError(_("The file has no rows: the first line gives the names, the others the values"))
    if len(lines) - 1 > MOST_ROWS:
        raise ValueError(_("The file has more than %(count)s rows: split it") % {"count": MOST_ROWS})
    columns = _names(lines[0], max(len(line) for line in lines))
    return Sheet(columns, [_padded(line, len(columns)) for line in lines[1:]])


def _is_book(raw: bytes) -> bool:
    """A ZIP archive, or the compound file of old Excel."""
    return raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def _book(raw: bytes) -> list[list[Any]]:
    """The first sheet that holds anything."""
    if raw.startswith(b"PK") and _unpacked(raw) > MOST_UNPACKED:
        raise ValueError(_("The file is too large once unpacked: save it as CSV"))
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(raw)) as book:
            for name in book.sheet_names:
                found = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                if len(found) > 0:
                    return [[_plain(cell) for cell in line] for line in found]
    except (CalamineError, OSError, ValueError):
        raise ValueError(_("The file is damaged or no spreadsheet: save it as XLSX or CSV")) from None
    raise ValueError(_("The file is empty"))


def _unpacked(raw: bytes) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise ValueError(_("The file is damaged or no spreadsheet: save it as XLSX or CSV")) from None


def _plain(cell: Any) -> Any:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else cell


def _csv(raw: bytes) -> list[list[Any]]:
    encoding = guess_encoding(raw)
    try:
        words = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeError:
        raise ValueError(_("The file is in another encoding: choose it")) from None
    if "\0" in words or not words.strip():
        raise ValueError(_("The file is damaged or no spreadsheet: save it as XLSX or CSV"))
    lines = csv.reader(io.StringIO(words, newline=""), delimiter=guess_separator(words))
    try:
        return list(lines)
    except csv.Error:
        raise ValueError(_("Line %(line)s: the file is damaged or no CSV") % {"line": lines.line_num}) from None


def _names(line: Iterable[Any], count: int) -> list[str]:
    """A column without a name is called by its number, a name that came before gets one."""
    if count > MOST_COLUMNS:
        raise ValueError(_("The file has more than %(count)s columns") % {"count": MOST_COLUMNS})
    given = [" ".join(str("" if cell is None else cell).split())[:LONGEST_NAME] for cell in line]
    found: list[str] = []
    for number, name in enumerate([*given, *[""] * (count - len(given))], 1):
        name, second = name or f"column_{number}", 2
        unique = name
        while unique in found:
            unique, second = f"{name}_{second}", second + 1
        found.append(unique)
    return found


def _padded(line: list[Any], count: int) -> list[Any]:
    return [("" if cell is None else cell) for cell in line] + [""] * (count - len(line))
