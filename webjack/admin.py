"""What all pages of the operators' admin share."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin


class Page(ModelAdmin):  # type: ignore[misc]
    """Every operator may look; to change something takes a right that superusers have."""

    compressed_fields = True
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_operator(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_operator(request)


class ReadOnly(Page):
    """Rows that operators look at and never change by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Uncounted(Paginator):  # type: ignore[type-arg]
    """Counts no further than an operator would leaf: `count(*)` over a whole history takes seconds."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        rows = cast(QuerySet[Any], self.object_list)
        return rows.order_by()[: self.MOST].count()


def is_operator(request: HttpRequest) -> bool:
    return request.user.is_active and getattr(request.user, "is_staff", False)
