"""What all actions with Google tables have: the table and its sheet in their forms, its columns as options."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.fields import ConnectionField, LoadedField, LoadedRowsField, PlaceholderField
from actions.kind import ActionKind, Option
from actions.kinds.googlesheets.cells import FORMULAS, TEXT, TYPED
from actions.kinds.googlesheets.sheet import Sheet, letters, table_of
from actions.kinds.http.request import account_of
from connections.kinds.googlesheets import client
from webjack.config import Config
from webjack.http import Failed, Http

PLACE = ("connection", "spreadsheet", "sheet")


def check_table(text: str) -> None:
    if "{{" in text or "{%" in text:
        return
    try:
        table_of(text)
    except Failed as failed:
        raise ValidationError(str(failed.message)) from failed


class PlaceForm(forms.Form):
    connection = ConnectionField("googlesheets", label=gettext_lazy("Service account"))
    spreadsheet = PlaceholderField(
        label=gettext_lazy("Google table"),
        validators=[check_table],
        widget=forms.TextInput(
            attrs={"placeholder": "https://docs.google.com/spreadsheets/d/…", "autocomplete": "off"}
        ),
        help_text=gettext_lazy("Its address from the browser. The table must be shared with the service account"),
    )
    sheet = LoadedField(
        options="sheets",
        depends=("spreadsheet",),
        label=gettext_lazy("Sheet"),
        required=False,
        help_text=gettext_lazy("Empty: the one in the address, else the first"),
    )


class TableAction(ActionKind):
    def goes_by_answers(self, config: Config) -> bool:
        return True

    def account(self, config: Config) -> str:
        return account_of(client.address())

    def options(self, name: str, config: Config, http: Http) -> Sequence[Option]:
        return options(name, config, http)


def column_field(label: Any, **more: Any) -> LoadedField:
    return LoadedField(options="columns", depends=("spreadsheet", "sheet"), label=label, **more)


def columns_field(label: Any, **more: Any) -> LoadedRowsField:
    more.setdefault(
        "help_text", gettext_lazy("Names stand in the first row of the sheet; a letter such as C works too")
    )
    return LoadedRowsField(options="columns", depends=("spreadsheet", "sheet"), label=label, **more)


def input_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("How values are written"),
        choices=[
            (TEXT, gettext_lazy("As they are: phones and dates stay texts")),
            (TYPED, gettext_lazy("As if typed by hand: numbers and dates are recognised, formulas stay texts")),
            (FORMULAS, gettext_lazy("As if typed by hand, formulas too: only for data that you trust")),
        ],
        initial=TEXT,
        required=False,
    )


def options(name: str, config: Config, http: Http) -> Sequence[Option]:
    """Of sheets and columns. Raises Failed."""
    place = {key: _known(config.get(key)) for key in ("spreadsheet", "sheet")}
    if not place["spreadsheet"]:
        raise Failed(_("Enter the address of the table first; one with placeholders is known only while running"))
    config = {"connection": config["connection"], **place}
    if name == "sheets":
        found = Sheet(config | {"sheet": "?"}, http).sheets()
        return [Option(str(one["title"]), str(one["title"])) for one in found]
    header = Sheet(config, http).header()
    titles = [(title, letters(number)) for number, title in enumerate(header) if title]
    return [Option(title, title, about=letter) for title, letter in dict(reversed(titles)).items()][::-1]


def _known(text: Any) -> str:
    """What is certain before a placeholder is filled."""
    return "" if "{" in str(text or "") else str(text or "").strip()
