"""Rows of a file: CSV in any usual form, and what spreadsheets write (XLSX, XLS, ODS)."""

import csv
import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from actions.tables.sheet import guess_encoding, guess_separator
from sources.uploads import book

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 200
SPREAD = 4
"""Times as many rows may stand in a spreadsheet, empty ones among them."""
LONGEST_NAME = 100
MOST_AT_ONCE = 2
"""Spreadsheets that one process has read: each takes a gigabyte while it is, and a thread that else receives."""
_places = threading.BoundedSemaphore(MOST_AT_ONCE)

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
    lines = _filled(_book(raw) if _is_book(raw) else _csv(raw))
    if len(lines) < 2:
        raise ValueError(_("The file has no rows: the first line gives the names, the others the values"))
    columns = _names(lines[0], max(len(line) for line in lines))
    return Sheet(columns, [_padded(line, len(columns)) for line in lines[1:]])


def _filled(lines: Iterable[list[Any]]) -> list[list[Any]]:
    """The lines that hold anything. Raises ValueError as soon as there are too many, or one is too long or too large.

    A row may be as large as what a sender sends, for workers hold many at a time.
    """
    found = []
    for line in lines:
        if len(line) > MOST_COLUMNS:
            raise ValueError(_too_many_columns())
        if sum(len(cell) for cell in line if isinstance(cell, str)) > settings.MAX_BODY_BYTES:
            raise ValueError(_too_large_a_row())
        if any(cell not in (None, "") for cell in line):
            found.append(line)
        if len(found) > MOST_ROWS + 1:
            raise ValueError(_too_many_rows())
    return found


def _too_many_rows() -> str:
    return _("The file has more than %(count)s rows: split it") % {"count": MOST_ROWS}


def _too_many_columns() -> str:
    return _("The file has more than %(count)s columns") % {"count": MOST_COLUMNS}


def _too_large_a_row() -> str:
    return _("A row of the file is larger than %(count)s KB") % {"count": settings.MAX_BODY_BYTES // 1024}


def _is_book(raw: bytes) -> bool:
    """A ZIP archive, or the compound file of old Excel."""
    return raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def _book(raw: bytes) -> list[list[Any]]:
    """Read by a process of its own (book.py), if others leave room for it."""
    if not _places.acquire(blocking=False):
        raise ValueError(_("Other spreadsheets are just being read. Try again in half a minute, or save it as CSV"))
    try:
        return _read_aside(raw)
    finally:
        _places.release()


def _read_aside(raw: bytes) -> list[list[Any]]:
    command = [sys.executable, "-m", "sources.uploads.book", str(SPREAD * MOST_ROWS), str(MOST_COLUMNS)]
    try:
        done = subprocess.run(
            command,
            input=raw,
            capture_output=True,
            check=False,
            cwd=settings.BASE_DIR,
            env={},
            timeout=2 * book.SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise ValueError(_("The file is too large once unpacked: save it as CSV")) from None
    match done.returncode:
        case 0:
            found: list[list[Any]] = json.loads(done.stdout)
            return found
        case book.TOO_MANY_ROWS:
            raise ValueError(_too_many_rows())
        case book.TOO_MANY_COLUMNS:
            raise ValueError(_too_many_columns())
        case book.DAMAGED:
            raise ValueError(_("The file is damaged or no spreadsheet: save it as XLSX or CSV"))
        case _:
            raise ValueError(_("The file is too large once unpacked: save it as CSV"))


def _csv(raw: bytes) -> Iterator[list[Any]]:
    encoding = guess_encoding(raw)
    try:
        words = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeError:
        raise ValueError(_("The encoding of the file is unknown: save it as UTF-8")) from None
    if "\0" in words or not words.strip():
        raise ValueError(_("The file is damaged or no spreadsheet: save it as XLSX or CSV"))
    lines = csv.reader(io.StringIO(words, newline=""), delimiter=guess_separator(words))
    try:
        yield from lines
    except csv.Error:
        raise ValueError(_("Line %(line)s: the file is damaged or no CSV") % {"line": lines.line_num}) from None


def _names(line: Iterable[Any], count: int) -> list[str]:
    """A column without a name is called by its number, a name that came before gets one."""
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
