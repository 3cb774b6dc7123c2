from django.contrib import admin

from actions.models import Action
from webjack.admin import ReadOnly


@admin.register(Action)
class ActionAdmin(ReadOnly):
    """Only looked at: customers change their actions on pages that check them."""

    list_display = ["title", "kind", "processing", "tenant", "position", "enabled", "updated_at"]
    list_select_related = ["processing", "tenant"]
    list_filter = ["kind", "enabled"]
    search_fields = ["name", "alias", "kind", "=id", "processing__name", "tenant__name"]
