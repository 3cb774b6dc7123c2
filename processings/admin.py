from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from processings.models import Processing
from tenants.journal_admin import Noted
from webjack.admin import Page


@admin.register(Processing)
class ProcessingAdmin(Noted, Page):
    """An operator can stop one; whose it is never changes, since its sources and actions name that company too."""

    list_display = ["name", "tenant", "state", "created_at", "deleted_at"]
    list_select_related = ["tenant"]
    list_filter = ["state", ("deleted_at", admin.EmptyFieldListFilter), ("tenant", AutocompleteSelectFilter)]
    search_fields = ["name", "=id", "tenant__name"]
    fields = [
        *("id", "tenant", "name", "state", "notify", "notice_emails", "created_at", "updated_at", "deleted_at"),
    ]
    readonly_fields = ["id", "tenant", "notice_emails", "created_at", "updated_at", "deleted_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Deleted ones too: their history still names them."""
        return Processing.everything.order_by("-created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
