from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from processings.models import Processing


@admin.register(Processing)
class ProcessingAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ["name", "tenant", "state", "created_at", "deleted_at"]
    list_select_related = ["tenant"]
    list_filter = ["state", ("deleted_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "=id", "tenant__name"]
    autocomplete_fields = ["tenant"]
    readonly_fields = ["id", "created_at", "updated_at", "deleted_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Deleted ones too: their history still names them."""
        return Processing.everything.all()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
