from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from sources.models import Source
from webjack import plain
from webjack.admin import ReadOnly


@admin.register(Source)
class SourceAdmin(ReadOnly):
    """Only looked at. The key is found by pasting it from the address that a customer names."""

    list_display = ["shown_title", "kind", "processing", "tenant", "key", "created_at"]
    list_select_related = ["processing", "tenant"]
    list_filter = ["kind", ("tenant", AutocompleteSelectFilter)]
    search_fields = ["name", "=key", "=id", "processing__name", "tenant__name"]
    search_help_text = _("Name, processing, company, id or the 32 digits of the address")
    fields = readonly_fields = [
        *("id", "tenant", "processing", "kind", "name", "address", "settings", "field_list", "captured_sample"),
        *("captured_id", "created_at", "updated_at"),
    ]

    @admin.display(description=_("Name"), ordering="name")
    def shown_title(self, source: Source) -> str:
        return source.title

    @admin.display(description=_("Address"))
    def address(self, source: Source) -> str:
        return source.url

    @admin.display(description=_("settings"))
    def settings(self, source: Source) -> str:
        return plain.block(plain.pretty(source.config))

    @admin.display(description=_("fields"))
    def field_list(self, source: Source) -> str:
        return plain.block(plain.pretty(source.fields))

    @admin.display(description=_("sample"))
    def captured_sample(self, source: Source) -> str:
        return plain.block(plain.pretty(source.sample))
