"""django-q's own pages in the look of the others: what runs in the background, looked at, never written by hand.

A schedule names the function it calls: who could change one could run anything.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin, resubmit_task
from django_q.models import Failure, OrmQ, Schedule, Success

from webjack import plain
from webjack.admin import ReadOnly

for model in (Failure, OrmQ, Schedule, Success):
    admin.site.unregister(model)


class Task(ReadOnly):
    """args, kwargs and result are unpickled: shown as text."""

    fields = readonly_fields = [
        *("id", "name", "func", "group", "cluster", "started", "stopped", "attempt_count"),
        *("arguments", "outcome"),
    ]
    ordering = ["-stopped"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.fields)

    @admin.display(description=_("arguments"))
    def arguments(self, task: Any) -> str:
        return plain.text(
            ", ".join([*map(repr, task.args or ()), *(f"{k}={v!r}" for k, v in (task.kwargs or {}).items())])
        )

    @admin.display(description=_("result"))
    def outcome(self, task: Any) -> str:
        return plain.text("" if task.result is None else str(task.result))


@admin.register(Success)
class SuccessPage(Task, TaskAdmin):  # type: ignore[misc]
    list_display = ["name", "func", "group", "cluster", "started", "stopped", "time_taken"]
    list_filter = ["cluster"]
    actions: list[Any] = []


@admin.register(Failure)
class FailurePage(Task, FailAdmin):  # type: ignore[misc]
    list_display = ["name", "func", "group", "cluster", "started", "stopped", "short_result"]
    list_filter = ["cluster"]
    actions = ["resubmit"]

    def has_resubmit_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    @admin.action(description=_("Start again"), permissions=["resubmit"])
    def resubmit(self, request: HttpRequest, failures: QuerySet[Any]) -> None:
        resubmit_task(self, request, failures)


@admin.register(Schedule)
class SchedulePage(ReadOnly, ScheduleAdmin):  # type: ignore[misc]
    list_display = ["name", "func", "schedule_type", "repeats", "cluster", "next_run", "get_last_run", "get_success"]
    list_display_links = ["name"]
    list_filter = ["schedule_type"]
    ordering = ["name"]

    @admin.display(description=_("last run"))
    def get_last_run(self, schedule: Any) -> Any:
        return super().get_last_run(schedule)


@admin.register(OrmQ)
class QueuePage(ReadOnly, QueueAdmin):  # type: ignore[misc]
    list_display = ["id", "key", "name", "func", "group", "lock", "task_id"]
    list_filter = ["key"]
    ordering = ["id"]
    list_per_page = 50
