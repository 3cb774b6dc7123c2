"""The form field of a JSON tree: rows of names and typed values, objects and lists with rows inside."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.fields import TYPES, Row, RowsField, RowsWidget, shown
from actions.nested_rows import DEEPEST, LIST, OBJECT, from_depths, holds, with_depths

FILE, BASE64 = "file", "base64"
HOLDING = ((OBJECT, _("Object")), (LIST, _("List")))
FILES = ((FILE, _("File")), (BASE64, _("File in Base64")))
MOST_ROWS = 200
"""A row posts four inputs, and Django takes no more than 1,000 of a form."""


class TreeWidget(RowsWidget):
    template_name = "django/forms/widgets/tree.html"

    def __init__(self, types: Any, only: dict[str, tuple[str, tuple[str, ...]]]) -> None:
        super().__init__(("name", "type", "value", "depth"), types)
        self.only = only

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        given = [row for row in value or [] if isinstance(row, dict)]
        if any("depth" in row for row in given):  # posted, and shown again with its errors
            given = from_depths(given)
        rows = [shown(row) for row in with_depths(given)]
        options = [
            {"value": key, "label": label, "chooser": (self.only.get(key) or ("", ()))[0], "for": self._for(key)}
            for key, label in self.types
        ]
        context = super().get_context(name, [], attrs)
        return context | {"rows": rows or context["rows"], "options": options, "deepest": DEEPEST}

    def _for(self, key: str) -> str:
        return " ".join(self.only.get(key, ("", ()))[1])


class TreeField(RowsField):
    """Rows `{"name", "value", "type"}`, or `{"name", "type": "object" | "list", "fields": [rows]}`.

    only: types that make sense only while another field has one of some values, as `{type: (field, values)}`.
    """

    def __init__(
        self, *, files: bool = False, only: dict[str, tuple[str, tuple[str, ...]]] | None = None, **options: Any
    ) -> None:
        types = (*TYPES, *HOLDING, *(FILES if files else ()))
        super().__init__(types=types, **options)
        self.widget = TreeWidget(types, only or {})
        self.widget.is_required = self.required

    def clean(self, value: Any) -> list[Row]:
        rows = value or []
        if any(isinstance(row, dict) and "depth" in row for row in rows):
            rows = from_depths(rows)
        if sum(1 for _row in with_depths(rows)) > MOST_ROWS:
            raise ValidationError(_("There may be at most %(count)s rows"), params={"count": MOST_ROWS})
        found = list(self._cleaned(rows, iter(range(1, MOST_ROWS + 2)), 0, in_list=False))
        if self.required and not found:
            raise ValidationError(_("Add at least one row"))
        return found

    def _cleaned(self, rows: Any, numbers: Iterator[int], depth: int, *, in_list: bool) -> Iterator[Row]:
        if not isinstance(rows, list) or depth > DEEPEST:
            raise ValidationError(_("The rows are nested too deeply, or are no list"))
        for row in rows:
            number = next(numbers)
            if not isinstance(row, dict):
                self.row(number, row)
            if holds(row):
                yield self._holder(number, row, numbers, depth, in_list=in_list)
            elif not self.blank(row) or (in_list and row.get("type") not in (None, "", self.types[0][0])):
                yield self.row(number, row) if not in_list else self._element(number, row)

    def _holder(self, number: int, row: Row, numbers: Iterator[int], depth: int, *, in_list: bool) -> Row:
        name = row.get("name") or ("-" if in_list else "")
        named = self.row(number, {"name": name, "value": "", "type": row["type"]})
        inner = self._cleaned(row.get("fields") or [], numbers, depth + 1, in_list=row["type"] == LIST)
        return {"name": "" if in_list else named["name"], "type": row["type"], "fields": list(inner)}

    def _element(self, number: int, row: Row) -> Row:
        return self.row(number, row | {"name": "-"}) | {"name": ""}

    def texts(self, value: Any) -> Iterator[tuple[int, str]]:
        for number, row in enumerate(with_depths(value or []), 1):
            if isinstance(row.get("value"), str):
                yield number, row["value"]

    def json_schema(self) -> dict[str, Any]:
        schema = super().json_schema()
        row = schema["items"]
        row["properties"] |= {"fields": {"type": "array", "items": {"type": "object"}}}
        row["required"] = []
        return schema | {"maxItems": MOST_ROWS}
