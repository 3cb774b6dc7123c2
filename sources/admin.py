from django.contrib import admin

from sources.models import Source
from webjack.admin import ReadOnly


@admin.register(Source)
class SourceAdmin(ReadOnly):
    """Only looked at. The key is found by pasting it from the address that a customer names."""

    list_display = ["title", "kind", "processing", "tenant", "url", "created_at"]
    list_select_related = ["processing", "tenant"]
    list_filter = ["kind"]
    search_fields = ["name", "=key", "=id", "processing__name", "tenant__name"]
