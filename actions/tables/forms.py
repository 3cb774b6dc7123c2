"""Forms of the tables' pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.tables.models import LONGEST_KEY, LONGEST_NAME, MOST_COLUMNS, Table, TableRow
from actions.tables.rows import Values, checked_column, checked_key, checked_values
from actions.tables.sheet import ENCODINGS, SEPARATORS
from actions.values import text
from tenants.models import Tenant

COLUMN = "column-"
"""Begins the name of the input of a column, followed by its number: a name may hold anything."""


class CreateForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    columns = forms.CharField(
        label=_("Columns"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": _("Manager\nPhone")}),
        help_text=_("One in each line, without the key. They can be added and renamed later"),
    )

    def __init__(self, tenant: Tenant, data: Any = None) -> None:
        super().__init__(data)
        self.tenant = tenant

    def clean_name(self) -> str:
        return free_name(self.tenant, self.cleaned_data["name"])

    def clean_columns(self) -> list[str]:
        names = [line for line in self.cleaned_data["columns"].splitlines() if line.strip()]
        return columns(names)


class SettingsForm(forms.Form):
    """Name, and the columns: `was` and `column` once for each, `was` empty for a new one."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)

    def __init__(self, table: Table, data: Any = None) -> None:
        super().__init__(data, initial={"name": table.name})
        self.table = table
        known = [(name, name) for name in table.columns]
        self.rows = list(zip(data.getlist("was"), data.getlist("column"), strict=False)) if data else known

    def clean_name(self) -> str:
        return free_name(self.table.tenant, self.cleaned_data["name"], self.table)

    def clean(self) -> None:
        super().clean()
        kept = [(was if was in self.table.columns else "", name) for was, name in self.rows if name.strip()]
        self.cleaned_data["columns"] = columns([name for _was, name in kept])
        renamed = zip((was for was, _name in kept), self.cleaned_data["columns"], strict=True)
        self.cleaned_data["renamed"] = {was: name for was, name in renamed if was}


class RowForm(forms.Form):
    """Key and values of a row, which may be new: `key`, and `column-<number>` for each column."""

    def __init__(self, table: Table, data: Any = None, row: TableRow | None = None) -> None:
        self.table, self.row = table, row
        super().__init__(data, prefix=f"row-{row.pk}" if row else "new")
        self.fields["key"] = forms.CharField(
            label=_("Key"), max_length=LONGEST_KEY, initial=row.key if row else "", strip=False
        )
        for number, name in enumerate(table.columns):
            first = text(row.values.get(name)) if row else ""
            widget = forms.Textarea(attrs={"rows": 1}) if "\n" in first or len(first) > 80 else forms.TextInput()
            self.fields[f"{COLUMN}{number}"] = forms.CharField(
                label=name, initial=first, required=False, strip=False, widget=widget
            )
        for field in self.visible_fields():
            own = {"aria-label": field.label, "autocomplete": "off", "form": "grid-edit" if row else "grid-new"}
            field.field.widget.attrs |= own
            field.field.validators = []  # what a key may hold says clean_key, and a value may hold anything

    def clean_key(self) -> str:
        return str(_checked(checked_key, self.cleaned_data["key"]))

    def clean(self) -> None:
        super().clean()
        self.cleaned_data["values"] = _checked(checked_values, self._values())

    def _values(self) -> Values:
        """What was not changed stays of the type that it had."""
        before: Values = self.row.values if self.row else {}
        found = dict(before)
        for number, name in enumerate(self.table.columns):
            typed = self.cleaned_data.get(f"{COLUMN}{number}", "").replace("\r\n", "\n")
            if typed != text(before.get(name)).replace("\r\n", "\n"):
                found[name] = typed
        return found


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("The first line holds the names of the columns, the first column is the key"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )


class LoadForm(forms.Form):
    """How the file is read and what becomes of the rows that are there."""

    MERGE, REPLACE = "merge", "replace"

    file = forms.CharField(widget=forms.HiddenInput, max_length=64)
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS, required=False)
    separator = forms.ChoiceField(label=_("Separator"), choices=SEPARATORS, required=False)
    mode = forms.ChoiceField(
        label=_("Rows that are there"),
        choices=[(MERGE, _("Keep, and change those with the same key")), (REPLACE, _("Delete all others"))],
        initial=MERGE,
        required=False,
        widget=forms.RadioSelect,
    )


def free_name(tenant: Tenant, name: str, own: Table | None = None) -> str:
    """The name without blanks around it. Raises ValidationError when another table has it."""
    name = str(_checked(checked_column, name))
    others = Table.objects.filter(tenant=tenant, name=name)
    if (others.exclude(pk=own.pk) if own else others).exists():
        raise ValidationError(_("There is already a table “%(name)s”"), params={"name": name})
    return name


def columns(names: list[str]) -> list[str]:
    """Raises ValidationError."""
    found = [_checked(checked_column, name) for name in names]
    if len(set(found)) < len(found):
        raise ValidationError(_("Two columns have the same name"))
    if len(found) > MOST_COLUMNS:
        raise ValidationError(_("A table has at most %(count)s columns"), params={"count": MOST_COLUMNS})
    return found


def _checked(check: Any, value: Any) -> Any:
    try:
        return check(value)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from wrong
