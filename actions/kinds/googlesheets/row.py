"""«Google Таблицы: добавить строку»: adds a row below the last one (values.append)."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.kind import Data
from actions.kinds.googlesheets import place
from actions.kinds.googlesheets.cells import EXACT, how, row_of_cells, same
from actions.kinds.googlesheets.sheet import RAW, Sheet, position
from webjack.config import Config
from webjack.http import Failed, Http


class RowForm(place.PlaceForm):
    columns = place.columns_field(gettext_lazy("Columns"), required=True)
    input = place.input_field()
    unique = place.column_field(
        gettext_lazy("Column by which rows are told apart"),
        required=False,
        help_text=gettext_lazy(
            "When its value is in the sheet already, nothing is added. With {{ operation.id }} in that column no row "
            "comes twice, even when Google's answer was lost"
        ),
    )

    groups = (
        ("", (*place.PLACE, "columns")),
        (gettext_lazy("How it is written, and never twice"), ("input", "unique")),
    )

    def clean(self) -> Config:
        told: Config = super().clean() or {}
        given = {str(row["name"]).strip().casefold() for row in told.get("columns") or []}
        if told.get("unique") and given and told["unique"].strip().casefold() not in given:
            self.add_error("unique", _("This column must be among those that are filled in"))
        return told


class AddRow(place.TableAction):
    key = "googlesheets.row"
    alias = "row"
    title = gettext_lazy("Google Sheets: add a row")
    about = gettext_lazy("Adds a row to a table; the first row of the sheet gives the columns")
    common = True
    words = "гугл таблицы строка google sheets spreadsheet эксель excel"
    form = RowForm
    sample: ClassVar[dict[str, Any]] = {
        "added": True,
        "row": 15,
        "sheet": "Заявки",
        "link": "https://docs.google.com/spreadsheets/d/1qFo/edit",
    }

    def execute(self, config: Config, http: Http) -> Data:
        sheet, rows = Sheet(config, http.through(config["connection"])), config.get("columns") or []
        names = [str(row["name"]) for row in rows]
        header = sheet.header(dry=names)
        if not any(header):
            header = begin(sheet, names)
        cells = row_of_cells(header, rows, config.get("input"))
        number = there(sheet, header, cells, values.text(config.get("unique")).strip())
        added = number is None
        if number is None:
            number = sheet.append(cells, how(config.get("input")))
        return {"added": added, "row": number, "sheet": sheet.title, "link": sheet.link}

    def harmless(self, config: Config) -> bool:
        return bool(config.get("unique"))

    def summary(self, config: Config) -> str:
        return ", ".join(str(row.get("name", "")) for row in config.get("columns") or [])[:80]


def begin(sheet: Sheet, names: list[str]) -> list[str]:
    """An empty sheet gets the names of the columns as its first row."""
    sheet.put(1, list(names), RAW)
    return names


def there(sheet: Sheet, header: list[str], cells: list[Any], unique: str) -> int | None:
    """The number of the row that has this value already. Raises Failed."""
    if not unique or sheet.dry:
        return None
    place = position(header, unique)
    wanted = cells[place] if place < len(cells) else None
    if wanted in (None, ""):
        raise Failed(_("The column “%(name)s” is empty, so rows cannot be told apart") % {"name": unique})
    wanted = wanted.removeprefix("'") if isinstance(wanted, str) else wanted
    return next((number for number, found in enumerate(sheet.column(place), 2) if same(found, wanted, EXACT)), None)
