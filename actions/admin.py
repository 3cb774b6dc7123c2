from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from actions.models import Action
from webjack import plain
from webjack.admin import ReadOnly
from webjack.http.mask import Mask


@admin.register(Action)
class ActionAdmin(ReadOnly):
    """Only looked at: customers change their actions on pages that check them. Their keys are masked."""

    list_display = ["shown_title", "kind", "processing", "tenant", "position", "enabled", "updated_at"]
    list_select_related = ["processing", "tenant"]
    list_filter = ["kind", "enabled", ("tenant", AutocompleteSelectFilter)]
    search_fields = ["name", "alias", "kind", "=id", "processing__name", "tenant__name"]
    fields = readonly_fields = [
        *("id", "tenant", "processing", "position", "kind", "name", "alias", "enabled", "settings"),
        *("created_at", "updated_at"),
    ]

    @admin.display(description=_("Name"), ordering="name")
    def shown_title(self, action: Action) -> str:
        return action.title

    @admin.display(description=_("settings"))
    def settings(self, action: Action) -> str:
        return plain.block(plain.pretty(Mask([]).config(action.config)))
