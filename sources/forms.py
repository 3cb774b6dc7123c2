"""What every source has beside its kind's settings: a name, and the fields that were taken from a request."""

from typing import Any

from django import forms
from django.http import QueryDict

from actions.lookup import MISSING, find
from actions.placeholders import MOST_FIELDS
from actions.values import text
from sources.capture import Row, found
from sources.models import Source

LONGEST_NAME, LONGEST_LABEL = 500, 200  # as the API has them


class OwnForm(forms.ModelForm):  # type: ignore[type-arg]  # subscripted it needs django-stubs while running
    """The name; prefixed, so that a kind's form may have a field of the same name."""

    prefix = "own"

    class Meta:
        model = Source
        fields = ["name"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].widget.attrs |= {"autocomplete": "off", "placeholder": str(self.instance.spec.title)}


def posted_fields(data: QueryDict, source: Source) -> list[Row]:
    """The fields as the table on the page has them: rows of `field-name` and `field-label`, in order.

    `field-shown` holds the names that are shown, of rows that were there before; a new row is shown. A name that did
    not come with the captured request is the customer's own: it is marked as added and outlives the next capture.
    """
    known = {row["name"]: row for row in source.fields}
    came = {row["name"]: row for row in found(source.sample)}
    shown = set(data.getlist("field-shown"))
    rows: dict[str, Row] = {}
    for name, label in zip(data.getlist("field-name"), data.getlist("field-label"), strict=False):
        name = name if name in known else name.strip()
        if name and name not in rows and len(name) <= LONGEST_NAME:
            row = came.get(name) or {"sample": _sample(source, name), "added": True}
            hidden = name in known and name not in shown
            rows[name] = row | {"name": name, "label": label.strip()[:LONGEST_LABEL], "hidden": hidden}
    return list(rows.values())[:MOST_FIELDS]


def _sample(source: Source, name: str) -> str:
    value = find(source.sample, [name])
    return "" if value is MISSING else text(value)[:200]
