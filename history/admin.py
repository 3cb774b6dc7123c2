import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from history import admin_accounts, admin_tasks, transcript
from history.filters import moment_of
from history.models import Heartbeat, Notice, Operation, Status, Step
from history.search import WINDOW, matching, window_end
from processings.models import Processing
from tenants.models import Tenant
from webjack import plain
from webjack.admin import ReadOnly, Uncounted
from webjack.fields import first_uuid7
from webjack.http.secret_fields import without_secrets

__all__ = ["admin_accounts", "admin_tasks"]  # imported for its pages

BIG = ["headers", "body", "data", "query"]
MOST_STEPS = 100
MOST_FOUND = 1000
LABELS = dict.fromkeys(Status.values, "default") | {
    Status.SUCCEEDED: "success",
    Status.FAILED: "danger",
    Status.UNKNOWN: "danger",
    Status.RUNNING: "info",
    Status.QUEUED: "info",
    Status.WAITING: "warning",
}


class ReceivedFilter(admin.SimpleListFilter):
    """By the id, which holds the time and has an index; `received_at` has none."""

    title = _("received")
    parameter_name = "received"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("Within an hour")), ("24", _("Within a day")), ("168", _("Within 7 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Operation]) -> QuerySet[Operation]:
        hours = self.value()
        if hours not in ("1", "24", "168"):
            return queryset
        return queryset.filter(pk__gte=first_uuid7(timezone.now() - timedelta(hours=int(hours))))


@admin.register(Operation)
class OperationAdmin(ReadOnly):
    """Across all companies, newest first."""

    list_display = ["received", "outcome", "tenant", "processing", "method", "duration_ms", "trouble", "id"]
    list_display_links = ["received"]
    list_filter = [
        "status",
        ReceivedFilter,
        ("tenant", AutocompleteSelectFilter),
        ("processing", AutocompleteSelectFilter),
    ]
    sortable_by: list[str] = []
    search_fields = ["=id"]
    search_help_text = _("Id, company, processing, phone or other text")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = Uncounted
    fieldsets = [
        (None, {"fields": ["id", "status", "error", "tenant", "processing", "source"]}),
        (
            _("How it went"),
            {
                "fields": [
                    *("received", "started", "finished", "duration_ms", "due"),
                    *("run", "attempts", "losses", "forced"),
                ]
            },
        ),
        (_("Steps"), {"fields": ["steps"]}),
        (_("What came in"), {"fields": ["address", "kind", "content_type", "raw_request", "decoded"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        found = Operation.objects.select_related("tenant", "processing")
        return found if request.resolver_match and "object_id" in request.resolver_match.kwargs else found.defer(*BIG)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for _title, options in self.fieldsets for name in options["fields"]]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Operation], search_term: str
    ) -> tuple[QuerySet[Operation], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        with suppress(ValueError):
            return queryset.filter(pk=uuid.UUID(term)), False
        tenants = list(Tenant.objects.filter(name__icontains=term).values_list("pk", flat=True)[:MOST_FOUND])
        named = Processing.everything.filter(name__icontains=term)
        processings = list(named.values_list("pk", flat=True)[:MOST_FOUND])
        found = Q(pk__in=self.holding(request, queryset, term)) | Q(tenant__in=tenants) | Q(processing__in=processings)
        return queryset.filter(found), False

    def holding(self, request: HttpRequest, operations: QuerySet[Operation], term: str) -> list[uuid.UUID]:
        """Among the newest only, and says so: whole rows are read."""
        end = window_end(operations)
        if end:
            told = _("The text was looked for in the %(count)d newest operations, back to %(moment)s")
            self.message_user(request, told % {"count": WINDOW, "moment": moment(moment_of(end))})
            operations = operations.filter(pk__gte=end)
        return list(matching(operations, term).values_list("pk", flat=True)[:MOST_FOUND])

    @admin.display(description=_("received"))
    def received(self, operation: Operation) -> str:
        return moment(operation.received_at)

    @admin.display(description=_("started"))
    def started(self, operation: Operation) -> str:
        return moment(operation.started_at)

    @admin.display(description=_("finished"))
    def finished(self, operation: Operation) -> str:
        return moment(operation.finished_at)

    @admin.display(description=_("due"))
    def due(self, operation: Operation) -> str:
        return moment(operation.due_at)

    @display(description=_("Status"), label=LABELS)  # type: ignore[untyped-decorator]
    def outcome(self, operation: Operation) -> tuple[str, str]:
        return operation.status, operation.get_status_display()

    @admin.display(description=_("error"))
    def trouble(self, operation: Operation) -> str:
        return Truncator(operation.error).chars(80)

    @admin.display(description=_("data source"))
    def source(self, operation: Operation) -> str:
        if not operation.source_id:
            return ""
        url = reverse("admin:sources_source_change", args=[operation.source_id])
        return format_html('<a href="{}" class="text-link">{}</a>', url, operation.source_id)

    @admin.display(description=_("raw request"))
    def raw_request(self, operation: Operation) -> str:
        return plain.block(transcript.received(operation))

    @admin.display(description=_("data"))
    def decoded(self, operation: Operation) -> str:
        return "" if operation.data is None else plain.block(plain.pretty(operation.data))

    @admin.display(description=_("steps"))
    def steps(self, operation: Operation) -> str:
        steps = [_shown(step) for step in operation.steps.order_by("run", "started_at", "id")[:MOST_STEPS]]
        return render_to_string("admin/history/steps.html", {"steps": steps, "most": MOST_STEPS})


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    """Mails about errors, also those that could not be sent yet."""

    list_display = ["cause", "processing", "tenant", "pending", "total", "due_at", "sent_at", "failures"]
    list_select_related = ["processing", "tenant"]
    list_filter = ["final", ("sent_at", admin.EmptyFieldListFilter), ("tenant", AutocompleteSelectFilter)]
    search_fields = ["cause", "processing__name", "tenant__name", "=operation_id"]
    exclude = ["fingerprint"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    list_display = ["name", "work", "seen"]
    fields = ["name", "work", "seen"]
    readonly_fields = ["name", "work", "seen"]
    ordering = ["-seen_at"]

    @admin.display(description=_("worker host"))
    def name(self, heartbeat: Heartbeat) -> str:
        return heartbeat.host

    @admin.display(description=_("what it does"))
    def work(self, heartbeat: Heartbeat) -> str:
        return str(_("Operations") if heartbeat.cluster == "operations" else _("Schedules and mails"))

    @admin.display(description=_("last seen"))
    def seen(self, heartbeat: Heartbeat) -> str:
        return moment(heartbeat.seen_at)


def moment(at: datetime | None) -> str:
    """With seconds, which Django's formats leave out."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M:%S}"


def _shown(step: Step) -> dict[str, Any]:
    return {
        "step": step,
        "started": moment(step.started_at),
        "error": plain.text(step.error),
        "config": plain.pretty(step.config),
        "exchanges": [transcript.exchange(record) for record in step.exchanges or []],
        "output": "" if step.output is None else plain.pretty(without_secrets(step.output)),
    }
