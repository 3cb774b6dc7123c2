"""«Google Таблицы: изменить строку»: changes cells of a row found by a column's value, or named by its number."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import PlaceholderField
from actions.filled import whole
from actions.kind import Data
from actions.kinds.googlesheets import place
from actions.kinds.googlesheets.cells import EXACT, how, row_of_cells
from actions.kinds.googlesheets.find import FAIL, GO_ON, MATCHES, found_in, missing
from actions.kinds.googlesheets.sheet import Sheet
from webjack.config import Config
from webjack.http import Failed, Http

BY_VALUE, BY_NUMBER = "value", "number"
ADD = "add"


class UpdateForm(place.PlaceForm):
    by = forms.ChoiceField(
        label=gettext_lazy("Which row"),
        choices=[
            (BY_VALUE, gettext_lazy("The first one with a value in a column")),
            (BY_NUMBER, gettext_lazy("By its number")),
        ],
        initial=BY_VALUE,
        required=False,
        widget=forms.RadioSelect,
    )
    column = place.column_field(gettext_lazy("Where to look"), required=False)
    value = PlaceholderField(label=gettext_lazy("What to look for"), required=False)
    match = forms.ChoiceField(label=gettext_lazy("What counts"), choices=MATCHES, initial=EXACT, required=False)
    row = PlaceholderField(
        label=gettext_lazy("Number of the row"),
        required=False,
        help_text=gettext_lazy("From an earlier action, such as {{ steps.found.row }}"),
    )
    columns = place.columns_field(
        gettext_lazy("What to write"),
        required=True,
        help_text=gettext_lazy("The other cells of the row stay as they are; an empty value empties its cell"),
    )
    missing = forms.ChoiceField(
        label=gettext_lazy("If there is none"),
        choices=[
            (FAIL, gettext_lazy("Report an error")),
            (GO_ON, gettext_lazy("Go on without it")),
            (ADD, gettext_lazy("Add a row")),
        ],
        initial=FAIL,
        required=False,
    )
    input = place.input_field()

    groups = (("", (*place.PLACE, "by", "column", "value", "match", "row", "columns", "missing", "input")),)
    shown_for: ClassVar[dict[str, Any]] = {
        **dict.fromkeys(("column", "value", "match", "missing"), ("by", (BY_VALUE,))),
        "row": ("by", (BY_NUMBER,)),
    }

    def clean(self) -> Config:
        told: Config = super().clean() or {}
        told["by"] = told.get("by") or BY_VALUE
        for name in ("column", "value") if told["by"] == BY_VALUE else ("row",):
            if not told.get(name) and name not in self.errors:
                self.add_error(name, _("Fill this in"))
        return told


class UpdateRow(place.TableAction):
    key = "googlesheets.update"
    alias = "updated"
    title = gettext_lazy("Google Sheets: change a row")
    about = gettext_lazy("Writes into cells of a row that is there already, or adds it when it is not")
    words = "гугл таблицы изменить обновить строка google sheets spreadsheet"
    form = UpdateForm
    sample: ClassVar[dict[str, Any]] = {
        "updated": True,
        "added": False,
        "row": 15,
        "sheet": "Заявки",
        "link": "https://docs.google.com/spreadsheets/d/1qFo/edit",
    }

    def execute(self, config: Config, http: Http) -> Data:
        sheet = Sheet(config, http.through(config["connection"]))
        rows, given, by_number = config.get("columns") or [], config.get("input"), config.get("by") == BY_NUMBER
        header = sheet.header(dry=[str(row["name"]) for row in rows] if by_number else ())
        cells = row_of_cells(header, rows, given)
        number = number_of(config) if by_number else next(iter(found_in(sheet, header, config)), 0)
        told: Data = {"updated": bool(number), "added": False, "row": number or None}
        if number:
            sheet.put(number, cells, how(given))
        elif config.get("missing") == ADD:
            told |= {"added": True, "row": sheet.append(cells, how(given))}
        else:
            missing(config | {"missing": config.get("missing") or FAIL})
        return told | {"sheet": sheet.title, "link": sheet.link}

    def harmless(self, config: Config) -> bool:
        """A row that was added is found the next time, when what it is looked for by stands in it."""
        names = {str(row.get("name", "")).strip().casefold() for row in config.get("columns") or []}
        return config.get("missing") != ADD or str(config.get("column") or "").strip().casefold() in names

    def summary(self, config: Config) -> str:
        names = ", ".join(str(row.get("name", "")) for row in config.get("columns") or [])
        which = config.get("row") if config.get("by") == BY_NUMBER else config.get("value")
        return f"{which}: {names}"[:80]


def number_of(config: Config) -> int:
    """Raises Failed."""
    number = whole(config.get("row"))
    if number is None or not 1 < number < 10_000_000:
        raise Failed(_("The number of the row must be a whole number from 2 on"))
    return number
