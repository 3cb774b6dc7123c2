"""What all pages of the operators' admin share."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin


class ReadOnly(ModelAdmin):  # type: ignore[misc]
    """Rows that operators look at and never change by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Uncounted(Paginator[Any]):
    """Counts no further than an operator would leaf: `count(*)` over a whole history takes seconds."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        return min(self.MOST, self.object_list.order_by()[: self.MOST].count())  # type: ignore[union-attr]
