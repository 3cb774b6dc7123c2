"""«Google Таблицы: найти строку»: finds rows by a column's value."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions import values
from actions.fields import PlaceholderField
from actions.kind import Data, Then
from actions.kinds.googlesheets import place
from actions.kinds.googlesheets.cells import EXACT, PART, PHONE, by_name, same
from actions.kinds.googlesheets.sheet import Sheet, position
from webjack.config import Config
from webjack.http import Failed, Http

FIRST, LAST, ALL = "first", "last", "all"
GO_ON, STOP, FAIL = "go_on", "stop", "fail"
MOST = 100
MATCHES = (
    (EXACT, gettext_lazy("The same, whatever the case of letters")),
    (PHONE, gettext_lazy("The same phone number, however written")),
    (PART, gettext_lazy("It contains this")),
)


class FindForm(place.PlaceForm):
    column = place.column_field(gettext_lazy("Where to look"))
    value = PlaceholderField(label=gettext_lazy("What to look for"))
    match = forms.ChoiceField(label=gettext_lazy("What counts"), choices=MATCHES, initial=EXACT, required=False)
    which = forms.ChoiceField(
        label=gettext_lazy("If there are several"),
        choices=[
            (FIRST, gettext_lazy("The first one")),
            (LAST, gettext_lazy("The last one")),
            (ALL, gettext_lazy("All, as a list of at most 100")),
        ],
        initial=FIRST,
        required=False,
    )
    missing = forms.ChoiceField(
        label=gettext_lazy("If there is none"),
        choices=[
            (GO_ON, gettext_lazy("Go on without it")),
            (STOP, gettext_lazy("End the operation here")),
            (FAIL, gettext_lazy("Report an error")),
        ],
        initial=GO_ON,
        required=False,
    )

    groups = (("", (*place.PLACE, "column", "value", "match", "which", "missing")),)


class FindRow(place.TableAction):
    """Its output: `found`, `count`, `row` and `values` of the first or last one, `items` when all are wanted."""

    key = "googlesheets.find"
    alias = "found"
    title = gettext_lazy("Google Sheets: find a row")
    about = gettext_lazy("Finds a row of a table by what stands in one of its columns")
    words = "гугл таблицы найти строка поиск google sheets spreadsheet"
    form = FindForm
    sample: ClassVar[dict[str, Any]] = {
        "found": True,
        "count": 1,
        "row": 15,
        "values": {"Имя": "Анна", "Телефон": "+79161234567"},
        "items": [],
    }

    def execute(self, config: Config, http: Http) -> Data:
        sheet = Sheet(config, http.through(config["connection"]))
        header = sheet.header()
        numbers = found_in(sheet, header, config)
        if not numbers:
            return missing(config)
        which = config.get("which") or FIRST
        wanted = numbers[:MOST] if which == ALL else [numbers[-1] if which == LAST else numbers[0]]
        rows = [by_name(header, cells) for cells in sheet.rows(wanted)]
        items = [{"row": number, "values": row} for number, row in zip(wanted, rows, strict=False)]
        told = {"found": True, "count": len(numbers), "row": wanted[0], "values": rows[0] if rows else {}}
        return told | {"items": items if which == ALL else []}

    def then(self, output: Data) -> Then:
        return Then.STOP if output.get("reason") else Then.ON

    def harmless(self, config: Config) -> bool:
        return True

    def summary(self, config: Config) -> str:
        return f"{config.get('column', '')} = {config.get('value', '')}"[:80]


def found_in(sheet: Sheet, header: list[str], config: Config) -> list[int]:
    """The numbers of the rows with the value. Raises Failed."""
    wanted = config.get("value")
    if not values.text(wanted).strip():
        return []
    column = sheet.column(position(header, values.text(config.get("column"))))
    match = config.get("match") or EXACT
    return [number for number, cell in enumerate(column, 2) if same(cell, wanted, match)]


def missing(config: Config) -> Data:
    """Raises Failed where that is wanted."""
    told = {"column": values.text(config.get("column")), "value": values.text(config.get("value"))[:100]}
    reason = _("The sheet has no row with “%(value)s” in the column “%(column)s”") % told
    if config.get("missing") == FAIL:
        raise Failed(reason)
    nothing: Data = {"found": False, "count": 0, "row": None, "values": {}, "items": []}
    return nothing | ({"reason": reason} if config.get("missing") == STOP else {})
