import uuid
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline

from history.models import Heartbeat, Notice, Operation, Step
from webjack.admin import ReadOnly, Uncounted

BIG = ["headers", "body", "data", "query"]


class StepInline(StackedInline):  # type: ignore[misc]
    """What was sent and what came back, attempt by attempt."""

    model = Step
    extra = 0
    can_delete = False
    fields = readonly_fields = [
        "run", "position", "attempt", "status", "started_at", "duration_ms", "error", "config", "exchanges", "output"
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Operation)
class OperationAdmin(ReadOnly):
    """Across all companies, newest first; found by its id or by its company's or processing's name."""

    list_display = ["id", "status", "received_at", "tenant", "processing", "method", "duration_ms", "error"]
    list_select_related = ["tenant", "processing"]
    list_filter = ["status"]
    search_fields = ["=id"]
    search_help_text = _("Id of the operation, or the name of its company or processing")
    show_full_result_count = False
    paginator = Uncounted
    inlines = [StepInline]
    exclude = ["body"]
    readonly_fields = ["raw_body"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        found = Operation.objects.all()
        return found if request.resolver_match and "object_id" in request.resolver_match.kwargs else found.defer(*BIG)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Operation], search_term: str
    ) -> tuple[QuerySet[Operation], bool]:
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(pk=uuid.UUID(search_term.strip())), False
        except ValueError:
            by_tenant = queryset.filter(tenant__name__icontains=search_term)
            return by_tenant | queryset.filter(processing__name__icontains=search_term), False

    @admin.display(description=_("body"))
    def raw_body(self, operation: Operation) -> str:
        return bytes(operation.body).decode("utf-8", "backslashreplace").replace("\0", "\\0")


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    """Mails about errors, also those that could not be sent yet."""

    list_display = ["cause", "processing", "tenant", "pending", "total", "due_at", "sent_at", "failures"]
    list_select_related = ["processing", "tenant"]
    list_filter = ["final"]
    search_fields = ["cause", "processing__name", "tenant__name"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    list_display = ["host", "seen_at"]
