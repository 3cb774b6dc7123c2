"""One sheet of a table at Google: its header row, its columns and rows, as the API v4 reads and writes them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _

from actions import values
from actions.filled import whole
from connections.kinds.googlesheets import client
from connections.kinds.googlesheets.client import escaped
from webjack.config import Config
from webjack.http import Failed, Http

RAW, USER = "RAW", "USER_ENTERED"
READING = [
    ("valueRenderOption", "UNFORMATTED_VALUE"),
    ("dateTimeRenderOption", "FORMATTED_STRING"),
    ("prettyPrint", "false"),
]
_ADDRESS = re.compile(r"/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]+)")
_ID = re.compile(r"[A-Za-z0-9_-]{5,200}")
_LETTER = re.compile(r"[A-Z]{1,3}")
_UPDATED = re.compile(r"![A-Z]+(\d+)")
_LAST = re.compile(r"[0-9]{1,15}\Z")
_SHEETS = "properties.title,sheets.properties(sheetId,title,index,gridProperties(rowCount,columnCount))"

Cells = list[Any]
WINDOW = 5_000  # rows


class Sheet:
    """http: through the connection. title: of the sheet. dry: nothing can be asked. Every method raises Failed."""

    def __init__(self, config: Config, http: Http) -> None:
        self._opened = config["connection"]
        self._http = http
        self.dry = http.dry
        self.id, gid = table_of(values.text(config.get("spreadsheet")))
        self.title = values.text(config.get("sheet")).strip() or self._chosen(gid)

    @property
    def link(self) -> str:
        return f"https://docs.google.com/spreadsheets/d/{self.id}/edit"

    def header(self, dry: Sequence[str] = ()) -> list[str]:
        """The texts of the first row. dry: what to take for them when nothing can be asked, to show what is written."""
        if self.dry and dry:
            return list(dry)
        found = self._get(self._range("1:1")).get("values") or [[]]
        return [values.text(cell).strip() for cell in found[0]]

    def column(self, number: int) -> Iterator[Any]:
        """The cells of a column, from 0, below the header; of empty ones at the end some are missing.

        They come by windows: of an answer no more than 1 MiB is read.
        """
        letter, top, height = letters(number), 1, WINDOW
        while top <= height:
            bottom = top + WINDOW - 1
            found = self._get(self._range(f"{letter}{top}:{letter}{bottom}"), [("majorDimension", "COLUMNS"), *READING])
            cells = list((found.get("values") or [[]])[0])
            if top == 1 and last_row(str(found.get("range") or "")) in (0, bottom):  # else the sheet ends before it
                height = self._height()
            if bottom < height:
                cells += [""] * (WINDOW - len(cells))
            yield from cells[1:] if top == 1 else cells
            top = bottom + 1

    def rows(self, numbers: Sequence[int]) -> list[Cells]:
        """Whole rows by their numbers, as Google counts them."""
        query = [("ranges", self._a1(f"{number}:{number}")) for number in numbers]
        told = self._call("GET", f"/{escaped(self.id)}/values:batchGet", [*query, *READING])
        return [(one.get("values") or [[]])[0] for one in told.get("valueRanges") or []]

    def append(self, cells: Cells, how: str) -> int:
        """Below the last row; its number."""
        query = [("valueInputOption", how), ("insertDataOption", "INSERT_ROWS")]
        told = self._call("POST", f"{self._range('A1')}:append", query, {"majorDimension": "ROWS", "values": [cells]})
        return row_of(str((told.get("updates") or {}).get("updatedRange") or ""))

    def put(self, number: int, cells: Cells, how: str) -> None:
        """Over the cells of a row; None leaves a cell as it is."""
        path = self._range(f"A{number}:{letters(max(len(cells) - 1, 0))}{number}")
        self._call("PUT", path, [("valueInputOption", how)], {"majorDimension": "ROWS", "values": [cells]})

    def sheets(self) -> list[dict[str, Any]]:
        return sheets(self._call("GET", f"/{escaped(self.id)}", [("fields", _SHEETS)]))

    def _height(self) -> int:
        """How many rows the sheet has, empty ones too."""
        named = [one for one in self.sheets() if str(one.get("title")).casefold() == self.title.casefold()]
        return int((named[0].get("gridProperties") or {}).get("rowCount") or 0) if named else 0

    def _chosen(self, gid: int | None) -> str:
        """The title of the sheet that stood in the pasted address, else of the first."""
        if self.dry:
            return "…"
        found = self.sheets()
        named = [one for one in found if one.get("sheetId") == gid] or found
        if not named:
            raise Failed(_("There is no sheet in the table"))
        return str(named[0]["title"])

    def _a1(self, cells: str) -> str:
        quoted = self.title.replace("'", "''")
        return f"'{quoted}'!{cells}"

    def _range(self, cells: str) -> str:
        return f"/{escaped(self.id)}/values/{escaped(self._a1(cells))}"

    def _get(self, path: str, query: list[tuple[str, str]] | None = None) -> Any:
        return self._call("GET", path, query)

    def _call(
        self, method: str, path: str, query: list[tuple[str, str]] | None = None, told: dict[str, Any] | None = None
    ) -> Any:
        try:
            found = client.call(self._http, method, path, query, told)
        except Failed as failed:
            raise client.shared(self._opened, failed) from None
        if not isinstance(found, dict):
            raise Failed(_("Google gave an unexpected answer"))
        return found


def table_of(text: str) -> tuple[str, int | None]:
    """The id of a table out of its pasted address or an id, and the sheet's number if the address names one."""
    text = text.strip()
    found = _ADDRESS.search(text)
    if found:
        parts = urlsplit(text)
        gids = [gid for part in (parts.fragment, parts.query) for gid in parse_qs(part).get("gid", [])]
        return found[1], next((number for gid in gids if (number := whole(gid)) is not None), None)
    if not _ID.fullmatch(text):
        raise Failed(
            _("This is no address of a Google table: copy it from the browser, with https://docs.google.com/…")
        )
    return text, None


def sheets(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one["properties"] for one in told.get("sheets") or [] if isinstance(one.get("properties"), dict)]


def row_of(a1: str) -> int:
    """The number of the row in «'Sheet'!A5:C5»; 0 when it is not told."""
    found = _UPDATED.search(a1)
    return int(found[1]) if found else 0


def last_row(a1: str) -> int:
    """The number of the last row in «'Sheet'!A1:A1000»; 0 when it is not told."""
    found = _LAST.search(a1)
    return int(found[0]) if found else 0


def letters(number: int) -> str:
    """The name of a column, from 0: A, B, … Z, AA."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def position(header: Sequence[str], name: str) -> int:
    """Where the column of a name is, or of a letter that is no name. Raises Failed."""
    wanted = name.strip().casefold()
    for number, title in enumerate(header):
        if title.casefold() == wanted:
            return number
    if _LETTER.fullmatch(name.strip()):
        place = 0
        for letter in name.strip():
            place = place * 26 + ord(letter) - ord("A") + 1
        return place - 1
    known = ", ".join(title for title in header if title)[:300]
    told = {"name": name[:100], "known": known or "—"}
    raise Failed(_("There is no column “%(name)s” in the first row of the sheet. There are: %(known)s") % told)
