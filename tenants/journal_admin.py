"""Notes in the companies' journals what operators change in the admin."""

from contextlib import ExitStack
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from tenants import journal


class Noted:
    """Mixin before the page of a model that says what of it is noted; also notes such rows of its inlines."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with ExitStack() as notes:
            _note(notes, obj)
            super().save_model(request, obj, form, change)  # type: ignore[misc]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        with ExitStack() as notes:
            for one in formset.forms:
                if one.instance.pk or one.has_changed():
                    _note(notes, one.instance)
            super().save_formset(request, form, formset, change)  # type: ignore[misc]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with ExitStack() as notes:
            _note(notes, obj)
            super().delete_model(request, obj)  # type: ignore[misc]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with ExitStack() as notes:
            for row in queryset:
                _note(notes, row)
            super().delete_queryset(request, queryset)  # type: ignore[misc]


def _note(notes: ExitStack, row: Any) -> None:
    if hasattr(row, "NOTED"):
        notes.enter_context(journal.noted(row))
