"""What of the operations the API shows and repeats."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.utils import translate_validation
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from history.filters import LONGEST_SEARCH
from history.models import Operation, Status
from history.newest import Merged, place
from history.search import SCRIPTED, matching
from webjack.fields import first_uuid7, utc

# A key is made a moment before its row's received_at, perhaps by another clock.
SLACK = timedelta(minutes=10)


class StatusFilter(filters.BaseInFilter, filters.ChoiceFilter):  # type: ignore[misc]
    """A comma list of statuses."""


class OperationFilter(filters.FilterSet):  # type: ignore[misc]
    processing = filters.UUIDFilter("processing_id", label=_("Processing"))
    source = filters.UUIDFilter("source_id", label=_("Data source"))
    status = StatusFilter(
        method="last", choices=Status.choices, label=_("One or several statuses, separated by commas")
    )
    received_after = filters.IsoDateTimeFilter(method="after", label=_("Received at this time or later"))
    received_before = filters.IsoDateTimeFilter(method="before", label=_("Received before this time"))
    test = filters.BooleanFilter(label=_("Whether a person tried the settings with it"))
    search = filters.CharFilter(
        method="last",
        max_length=LONGEST_SEARCH,
        label=_("A text in the data, the body or the error; of what fits, the newest 2000 are looked through"),
    )

    class Meta:
        model = Operation
        fields: list[str] = []

    def after(self, operations: QuerySet[Operation], name: str, moment: datetime) -> QuerySet[Operation]:
        return operations.filter(received_at__gte=utc(moment), id__gte=_beside(moment, -SLACK))

    def before(self, operations: QuerySet[Operation], name: str, moment: datetime) -> QuerySet[Operation]:
        return operations.filter(received_at__lt=utc(moment), id__lt=_beside(moment, SLACK))

    def last(self, operations: QuerySet[Operation], name: str, value: Any) -> QuerySet[Operation]:
        return operations  # after all others: see filter_queryset

    def filter_queryset(self, queryset: QuerySet[Operation]) -> QuerySet[Operation]:
        found: QuerySet[Operation] = super().filter_queryset(queryset)
        statuses = self.form.cleaned_data.get("status")
        return self._searched([found.filter(status__in=statuses) if statuses else found])[0]

    @property
    def kinds(self) -> list[QuerySet[Operation]]:
        """The same by status, which is how the newest are found fast."""
        found: QuerySet[Operation] = super().filter_queryset(self.queryset.all())
        statuses = set(self.form.cleaned_data.get("status") or Status)
        every = len(statuses) == len(Status)
        return self._searched([found] if every else [found.filter(status=status) for status in statuses])

    def _searched(self, kinds: list[QuerySet[Operation]]) -> list[QuerySet[Operation]]:
        text = self.form.cleaned_data.get("search")
        if not text:
            return kinds
        end = place(kinds, SCRIPTED)
        return [matching(kind.filter(id__gte=end) if end else kind, text) for kind in kinds]


class Backend(filters.DjangoFilterBackend):  # type: ignore[misc]
    """Gives the paginator what is found fast in several parts."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Operation], view: Any) -> Any:
        chosen = self.get_filterset(request, queryset, view)
        if chosen is None:
            return queryset
        if not chosen.is_valid():
            raise translate_validation(chosen.errors)
        return Merged(chosen.kinds)


def _beside(moment: datetime, slack: timedelta) -> uuid.UUID:
    """The smallest key of about that moment; the columns' own order does the rest."""
    shifted = first_uuid7(moment).int + (int(slack.total_seconds() * 1000) << 80)
    return uuid.UUID(int=min(max(shifted, 0), 2**128 - 1))


def narrow(operations: QuerySet[Operation], chosen: dict[str, Any]) -> QuerySet[Operation]:
    """The same by values that were read from JSON. Raises rest_framework's ValidationError."""
    found = OperationFilter({name: _text(value) for name, value in chosen.items()}, queryset=operations)
    if not found.is_valid():
        raise ValidationError({"filter": found.errors})
    chosen_ones: QuerySet[Operation] = found.qs
    return chosen_ones


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
