"""Form fields of action kinds: texts with placeholders, rows of names and values, success codes."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions import values
from actions.placeholders import BadTemplate, check
from webjack import kinds, status_codes

Row = dict[str, Any]

MOST_ROWS = 300
"""Of one field: a page with its inputs must still open, and Django takes no more than 1,000 of them (settings)."""

FOLDED = "folded"
"""Ends a group of a form's fields that stays closed while its first field is empty (actions.layout)."""

TYPES = (
    ("auto", _("As it is")),
    ("text", _("Text")),
    ("number", _("Number")),
    ("boolean", _("Yes or no")),
    ("json", _("JSON")),
    ("empty", _("Empty (null)")),
)
"""What a row's value becomes in JSON (actions.values)."""


def check_template(text: str) -> None:
    try:
        check(text)
    except BadTemplate as bad:
        raise ValidationError(bad.sentence) from bad


class PlaceholderField(forms.CharField):
    """A text with placeholders; the page gives it the picker and the preview."""

    default_validators = [check_template]

    def __init__(self, *, lines: int = 1, grammar: str = "", **options: Any) -> None:
        """grammar: "json" or "xml" where the text is that, and values are written so that it stays that."""
        self.grammar = grammar
        options.setdefault("strip", lines == 1)
        widget = forms.TextInput() if lines == 1 else forms.Textarea(attrs={"rows": lines})
        super().__init__(widget=options.pop("widget", widget), **options)

    def widget_attrs(self, widget: forms.Widget) -> Any:
        return {**super().widget_attrs(widget), "data-picker": "", "data-preview": "", "spellcheck": "false"}


@cache
def grammars(kind: str) -> dict[str, str]:
    """The settings of a kind of action whose text is JSON or XML; none when the kind is gone."""
    try:
        fields = kinds.get("action", kind).form.base_fields
    except kinds.UnknownKind:
        return {}
    found = {name: str(getattr(field, "grammar", "")) for name, field in fields.items()}
    return {name: grammar for name, grammar in found.items() if grammar}


class RowsWidget(forms.Widget):
    """Rows that can be added, removed and moved; posts `<name>-<column>` once for each row."""

    template_name = "django/forms/widgets/rows.html"
    use_fieldset = True

    def __init__(self, columns: tuple[str, ...], types: Any = ()) -> None:
        super().__init__()
        self.columns, self.types = columns, types

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        if isinstance(data.get(name), list):
            found: list[Row] = data[name]
            return found
        if not hasattr(data, "getlist"):
            return []
        columns = [data.getlist(f"{name}-{column}") for column in self.columns]
        return [dict(zip(self.columns, values, strict=True)) for values in zip(*columns, strict=False)]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}-{self.columns[0]}" not in data

    def id_for_label(self, id_: str) -> str:
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [shown(row) for row in value or [] if isinstance(row, dict)]
        if not rows and self.is_required:
            rows = [{}]
        return context | {"rows": rows, "empty": {}, "types": self.types}


def shown(row: Row) -> Row:
    """A row as inputs show it: a value that the API gave as no text becomes a text of the type that means the same."""
    value, kind = row.get("value", ""), row.get("type") or "auto"
    if isinstance(value, str):
        return row
    if kind == "auto":
        kind = {bool: "boolean", int: "number", float: "number"}.get(type(value), "empty")
    return row | {"value": values.text(value), "type": kind}


class RowsField(forms.Field):
    """A list of rows `{"name", "value"}`, with `"type"` where types are given. Values may hold placeholders."""

    def __init__(self, *, types: Any = (), widget: type[RowsWidget] = RowsWidget, **options: Any) -> None:
        self.types = types
        columns = ("name", "value", "type") if types else ("name", "value")
        options.setdefault("required", False)
        super().__init__(widget=widget(columns, types), **options)

    def clean(self, value: Any) -> list[Row]:
        if len(value or []) > MOST_ROWS:
            raise ValidationError(_("There may be at most %(count)s rows"), params={"count": MOST_ROWS})
        rows = [self.row(number, row) for number, row in enumerate(value or [], 1) if not self.blank(row)]
        if self.required and not rows:
            raise ValidationError(_("Add at least one row"))
        return rows

    def json_schema(self) -> dict[str, Any]:
        """What `clean` takes, for the catalogue of the API (webjack.schema)."""
        columns: dict[str, Any] = {
            "name": {"type": "string"},
            "value": {"type": ["string", "number", "boolean", "null"]},
        }
        if self.types:
            columns["type"] = {
                "type": "string",
                "enum": [key for key, label in self.types],
                "default": self.types[0][0],
            }
        row = {"type": "object", "properties": columns, "required": ["name"], "additionalProperties": False}
        return {"type": "array", "items": row, "maxItems": MOST_ROWS} | ({"minItems": 1} if self.required else {})

    def texts(self, value: Any) -> Iterator[tuple[int, str]]:
        """The texts of stored rows, each with the number of its row from 1."""
        for number, row in enumerate(value or [], 1):
            if isinstance(row, dict) and isinstance(row.get("value"), str):
                yield number, row["value"]

    @staticmethod
    def blank(row: Any) -> bool:
        return isinstance(row, dict) and not str(row.get("name") or "").strip() and row.get("value") in ("", None)

    def row(self, number: int, row: Any) -> Row:
        if not isinstance(row, dict) or row.keys() - {"name", "value", "type"}:
            raise ValidationError(_("Row %(number)s: expected a name and a value") % {"number": number})
        name, value = str(row.get("name") or "").strip(), row.get("value", "")
        if not name:
            raise ValidationError(_("Row %(number)s: the name is missing") % {"number": number})
        self.check_text(number, name)
        if isinstance(value, str):
            self.check_text(number, value)
        elif not isinstance(value, int | float | bool | None):
            raise ValidationError(_("Row %(number)s: the value must be a text") % {"number": number})
        return {"name": name, "value": value} | self.type_of(number, row)

    @staticmethod
    def check_text(number: int, text: str) -> None:
        try:
            check(text)
        except BadTemplate as bad:
            raise ValidationError(_("Row %(number)s: %(error)s") % {"number": number, "error": bad.sentence}) from bad

    def type_of(self, number: int, row: Row) -> Row:
        if not self.types:
            return {}
        chosen = row.get("type") or self.types[0][0]
        if chosen not in dict(self.types):
            raise ValidationError(_("Row %(number)s: there is no type “%(type)s”") % {"number": number, "type": chosen})
        return {"type": chosen}


class LoadedInput(forms.TextInput):
    """labels: what people call the values, as far as it is known without asking the service."""

    template_name = "django/forms/widgets/loaded.html"

    def __init__(self, options: str) -> None:
        super().__init__()
        self.options = options
        self.labels: dict[str, str] = {}

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, value, attrs) | {"label": self.labels.get(str(value or "").strip(), "")}


class LoadedField(PlaceholderField):
    """A text with placeholders that can also be chosen from what the account has; ids and placeholders may be typed.

        pipeline = LoadedField(options="pipelines", label=_("Pipeline"), required=False)
        stage = LoadedField(options="stages", depends=("pipeline",), label=_("Stage"), required=False)

    options: what ActionKind.options is asked by. depends: names of the form's other fields that the answer depends on;
    it is asked, and its answer kept, by their values, and it sees no others.
    """

    def __init__(self, *, options: str, depends: tuple[str, ...] = (), **more: Any) -> None:
        self.options, self.depends = options, depends
        super().__init__(widget=LoadedInput(options), **more)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "x-options": True}


class LoadedRowsWidget(RowsWidget):
    template_name = "django/forms/widgets/loaded_rows.html"

    def __init__(self, columns: tuple[str, ...], types: Any = ()) -> None:
        super().__init__(columns, types)
        self.labels: dict[str, str] = {}

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [row | {"label": self.labels.get(str(row.get("name") or "").strip(), "")} for row in context["rows"]]
        return context | {"rows": rows}


class LoadedRowsField(RowsField):
    """Rows `{"name", "value"}` whose name is chosen from what the account has, such as its custom fields.

    fields = LoadedRowsField(options="fields", label=_("Custom fields"))

    options, depends: as of LoadedField; a name may be typed too, a value is a text with placeholders.
    """

    def __init__(self, *, options: str, depends: tuple[str, ...] = (), **more: Any) -> None:
        self.options, self.depends = options, depends
        super().__init__(widget=LoadedRowsWidget, **more)

    def json_schema(self) -> dict[str, Any]:
        return super().json_schema() | {"x-options": True}


class SuccessCodesField(forms.CharField):
    """A comma list of three-character patterns, kept as typed but tidied: `2**, 404`."""

    def clean(self, value: Any) -> str:
        try:
            return ", ".join(status_codes.parse(super().clean(value)) or status_codes.SUCCESS)
        except ValueError as bad:
            raise ValidationError(str(bad)) from bad


class ConnectionWidget(forms.Select):
    template_name = "django/forms/widgets/connection.html"

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, value, attrs) | {"kind": self.kind, "value": value or ""}


class ConnectionField(forms.ChoiceField):
    """One of the company's connections of a kind; its id, or "". Takes none until it is offered some (connected.offer).

    `execute` finds the opened connection in its place.
    """

    def __init__(self, kind: str, **options: Any) -> None:
        self.connection = kind
        options.setdefault("label", _("Connection"))
        super().__init__(widget=ConnectionWidget(kind), **options)
        self.offer([])
        self.error_messages["invalid_choice"] = _("The company has no such connection")

    def offer(self, found: list[tuple[str, str]]) -> None:
        """found: id and name of each."""
        empty = _("Choose a connection") if self.required else _("Without a connection")
        self.choices = [("", empty), *found]

    def json_schema(self) -> dict[str, Any]:
        """The ids are a company's own and stand in no catalogue."""
        return {"type": "string", "format": "uuid", "x-connection": self.connection}


class TableWidget(forms.Select):
    template_name = "django/forms/widgets/table.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        known = [key for key, _title in self.choices]
        if value and value not in known:  # one that will be made, or that was deleted
            self.choices = [*self.choices, (value, value)]
        return super().get_context(name, value, attrs) | {"value": value or ""}


class TableField(forms.CharField):
    """The name of one of the company's tables; also of one that there is not yet."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Table"))
        super().__init__(widget=TableWidget(), **options)

    def offer(self, names: list[str]) -> None:
        self.widget.choices = [("", _("Choose a table")), *((name, name) for name in names)]


class ProcessingField(forms.ChoiceField):
    """One of the company's processings; its id, or "". Takes none until it is offered some (offers.offer)."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Processing"))
        super().__init__(**options)
        self.offer([])
        self.error_messages["invalid_choice"] = _("The company has no such processing")

    def offer(self, found: list[tuple[str, str]]) -> None:
        """found: id and name of each."""
        self.choices = [("", _("Choose a processing")), *found]

    def json_schema(self) -> dict[str, Any]:
        """The ids are a company's own and stand in no catalogue."""
        return {"type": "string", "format": "uuid"}
