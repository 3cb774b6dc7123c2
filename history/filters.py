"""What of the history is shown: by status, processing, period and text."""

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from history.models import Operation, Status
from history.search import matching, newest
from webjack.fields import first_uuid7

LONGEST_SEARCH = 100  # characters; it travels in the address of every look for news
TESTS = (("", _("With tests")), ("false", _("Without tests")), ("true", _("Tests only")))
PERIODS = (("", _("Any time")), ("today", _("Today")), ("week", _("7 days")), ("own", _("Own dates")))


class FilterForm(forms.Form):
    """The bar above the list, read from the query string; `processings` are pairs of id and name."""

    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("Any status")), *Status.choices])
    processing = forms.ChoiceField(label=_("Processing"), required=False)
    period = forms.ChoiceField(label=_("Period"), required=False, choices=PERIODS)
    test = forms.ChoiceField(label=_("Test operations"), required=False, choices=TESTS)
    since = forms.DateField(label=_("From day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    until = forms.DateField(label=_("To day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    q = forms.CharField(
        label=_("Search in the data"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, data: Any, processings: Iterable[tuple[Any, str]]) -> None:
        super().__init__(data)
        choices = [("", _("All processings")), *((str(id), name) for id, name in processings)]
        self.fields["processing"].choices = choices  # type: ignore[attr-defined]
        self.use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if told.get("since") and told.get("until") and told["since"] > told["until"]:
            self.add_error("until", _("The last day is before the first"))
        return told

    @property
    def chosen(self) -> dict[str, str]:
        """What is set and valid, as query parameters."""
        self.is_valid()
        told = {name: value for name, value in self.cleaned_data.items() if value}
        if told.get("period") != "own":
            told.pop("since", None)
            told.pop("until", None)
        return {name: value.isoformat() if isinstance(value, date) else str(value) for name, value in told.items()}

    def narrow(self, operations: QuerySet[Operation]) -> QuerySet[Operation]:
        """The operations that fit; a text is looked for in the newest only. What could not be read does not narrow."""
        operations = self.narrow_by_column(operations)
        text = self.cleaned_data.get("q")
        return matching(newest(operations), text) if text else operations

    def narrow_by_column(self, operations: QuerySet[Operation]) -> QuerySet[Operation]:
        """The same without the text, so that indexes alone answer it."""
        self.is_valid()
        told = self.cleaned_data
        if told.get("status"):
            operations = operations.filter(status=told["status"])
        if told.get("processing"):
            operations = operations.filter(processing_id=told["processing"])
        if told.get("test"):
            operations = operations.filter(test=told["test"] == "true")
        begin, end = self.bounds()
        if begin:
            operations = operations.filter(id__gte=first_uuid7(begin))
        if end:
            operations = operations.filter(id__lt=first_uuid7(end))
        return operations

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """Begin and end of the period in the company's time zone."""
        told, today = self.cleaned_data, timezone.localdate()
        if told.get("period") == "today":
            return _midnight(today), None
        if told.get("period") == "week":
            return _midnight(today - timedelta(days=6)), None
        if told.get("period") == "own":
            since, until = told.get("since"), told.get("until")
            if until == date.max:  # there is no day after it
                until = None
            return since and _midnight(since), until and _midnight(until + timedelta(days=1))
        return None, None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def moment_of(id: uuid.UUID) -> datetime:
    """When a UUIDv7 was made."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)
