"""Outside accounts in the operators' admin: their limits, their bad days and who waits for them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display

from connections.models import Lane
from history import outages
from history.lanes import BREAK_AFTER
from history.outages import Account, State
from tenants import journal
from webjack.admin import Page

LABELS = {State.OPEN: "success", State.SILENT: "danger", State.PAUSED: "warning", State.LIMITED: "warning"}


class SilentFilter(admin.SimpleListFilter):
    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("silent", State.SILENT.label), ("waiting", _("Operations wait"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lane]) -> QuerySet[Lane]:
        if self.value() == "silent":
            return queryset.filter(failures__gte=BREAK_AFTER)
        return queryset.filter(waiting=True) if self.value() == "waiting" else queryset


class LimitsForm(forms.ModelForm):  # type: ignore[type-arg]  # subscripted it needs django-stubs while running
    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = self.cleaned_data
        for name in ("most_in_flight", "per_second"):
            if told.get(name) is not None and told[name] <= 0:
                self.add_error(name, _("It must be more than 0, or empty for the usual limit"))
        return told


@admin.register(Lane)
class LaneAdmin(Page):
    """An operator sets limits; the rest is the engine's. Rows come and go with the customers' actions."""

    form = LimitsForm
    list_display = ["key", "tenant", "state", "operations", "closed_until", "most_in_flight", "per_second"]
    list_select_related = ["tenant"]
    list_filter = [SilentFilter, ("tenant", AutocompleteSelectFilter)]
    search_fields = ["key", "=id", "tenant__name"]
    ordering = ["key"]
    actions = ["probe"]
    fieldsets = [
        (None, {"fields": ["id", "tenant", "key"]}),
        (_("Limits"), {"fields": ["most_in_flight", "per_second"]}),
        (_("State"), {"fields": ["state", "operations", "closed_until", "failures", "probes"]}),
    ]
    readonly_fields = ["id", "tenant", "key", "state", "operations", "closed_until", "failures", "probes"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lane]:
        return outages.counted(super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Lane, form: Any, change: bool) -> None:
        """The limits alone: workers write the rest of the row at any moment."""
        with journal.noted(obj):
            obj.save(update_fields=form.changed_data)

    @display(description=_("State"), label=LABELS)  # type: ignore[untyped-decorator]
    def state(self, lane: Any) -> tuple[str, str]:
        found = Account(lane, lane.parked).state
        return found, str(found.label)

    @admin.display(description=_("operations wait"))
    def operations(self, lane: Any) -> str:
        return Account(lane, lane.parked).shown

    @action(description=_("Try now"), permissions=["change"])  # type: ignore[untyped-decorator]
    def probe(self, request: HttpRequest, lanes: QuerySet[Lane]) -> None:
        tried = sum(outages.hurry(lane) for lane in lanes)
        if tried:
            said = ngettext("%(n)s account is being tried", "%(n)s accounts are being tried", tried) % {"n": tried}
            self.message_user(request, said)
        else:
            self.message_user(request, _("None of the chosen accounts is silent"), messages.WARNING)
