"""Reads a spreadsheet (XLSX, XLS, ODS) in a process of its own: `python -m sources.uploads.book ROWS COLUMNS < file`.

A file of a kilobyte may name a cell a million rows and sixteen thousand columns away, and the reader makes room for all
between. So the process may take so much memory and time and no more, and what it dies of takes nobody with it. Nothing
of the product is imported here: it starts in a moment and knows no secret.
"""

import io
import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

MEMORY, SECONDS = 1024**3, 20
LONGEST = 100 * 1024**2  # signs of all cells together, which whoever asked must hold as well
TOO_MANY_ROWS, TOO_MANY_COLUMNS, TOO_LONG, DAMAGED = range(3, 7)  # exit codes; other ends met the other bounds


def main(most_rows: int, most_columns: int) -> int:
    """Writes the first sheet that holds anything as a JSON list of rows."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())) as book:
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                if sheet.total_width > most_columns:
                    return TOO_MANY_COLUMNS
                if sheet.total_height > most_rows:
                    return TOO_MANY_ROWS
                found = sheet.to_python(skip_empty_area=False)
                if found:
                    return write(found)
    except (CalamineError, OSError, ValueError):
        return DAMAGED
    json.dump([], sys.stdout)
    return 0


def write(found: list[list[Any]]) -> int:
    """A JSON list of rows, one in each line, and the exit code."""
    written = 0
    for number, line in enumerate(found):
        text = json.dumps([plain(cell) for cell in line])
        written += len(text)
        if written > LONGEST:
            return TOO_LONG
        sys.stdout.write(("[" if number == 0 else ",") + text + "\n")
    sys.stdout.write("]")
    return 0


def plain(cell: Any) -> Any:
    """A cell as JSON carries it: whole numbers without a point, days and times in ISO 8601."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else cell


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
