"""Whether this installation lives: for load balancers, watchdogs and Prometheus. Says nothing of any company."""

from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from history.models import OPEN, Heartbeat, Operation
from webjack.sender import sender

FRESH = 30  # seconds that a worker may be silent

Check = dict[str, Any]


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """`{"status": "ok" | "failed", "checks": {name: {"ok": …, …}}}`; 503 when a check failed."""
    checks: dict[str, Check] = {}
    for name, check in CHECKS.items():
        try:
            checks[name] = check()
        except (DatabaseError, InterfaceError):
            checks[name] = {"ok": False, "problem": "the database cannot be asked"}
    good = all(check["ok"] for check in checks.values())
    return JsonResponse({"status": "ok" if good else "failed", "checks": checks}, status=200 if good else 503)


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True}


def _migrations() -> Check:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return {"ok": not missing, "missing": len(missing)}


def _works(cluster: str) -> Check:
    """Whether a worker of such a cluster took a task lately, on any host."""
    ages = [age for _host, age in _heartbeats(cluster)]
    newest = round(min(ages), 1) if ages else None
    return {"ok": newest is not None and newest < FRESH, "seconds_since_heartbeat": newest}


def _queue() -> Check:
    """Told, not judged: one company's backlog may be old by right, since each has only its share of the workers."""
    return {"ok": True, "oldest_due_seconds": round(_oldest_due(), 1)}


CHECKS: dict[str, Callable[[], Check]] = {
    "database": _database,
    "migrations": _migrations,
    "worker": partial(_works, "operations"),
    "app": partial(_works, "app"),
    "queue": _queue,
}


def _heartbeats(cluster: str) -> list[tuple[str, float]]:
    """Each host with the seconds since such a cluster was seen there."""
    now = timezone.now()
    seen = Heartbeat.objects.filter(cluster=cluster).order_by("host").values_list("host", "seen_at")
    return [(host, (now - at).total_seconds()) for host, at in seen]


def _oldest_due() -> float:
    """Seconds that the longest due operation has been waiting; 0 when none is due."""
    now = timezone.now()
    oldest = Operation.objects.filter(status__in=OPEN, due_at__lte=now).aggregate(oldest=Min("due_at"))["oldest"]
    return (now - oldest).total_seconds() if oldest else 0.0


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Gauges in Prometheus' text format, for the addresses in METRICS_ALLOW; for others it does not exist.

    https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format (2025-11-24)
    """
    if not _allowed(sender(request.META)):
        raise Http404
    counts = dict(Operation.objects.filter(status__in=OPEN).order_by().values_list("status").annotate(Count("pk")))
    lines = [
        *_gauge(
            "webjack_operations_open",
            "Operations that are not finished",
            "status",
            [(s.value, counts.get(s, 0)) for s in OPEN],
        ),
        *_gauge(
            "webjack_oldest_due_seconds",
            "How long the longest due operation has been waiting",
            "",
            [("", _oldest_due())],
        ),
        *_gauge(
            "webjack_worker_heartbeat_seconds",
            "Seconds since a worker host was seen",
            "host",
            _heartbeats("operations"),
        ),
        *_gauge(
            "webjack_app_heartbeat_seconds",
            "Seconds since a host of schedules and mails was seen",
            "host",
            _heartbeats("app"),
        ),
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _gauge(name: str, about: str, label: str, values: Iterable[tuple[str, float]]) -> list[str]:
    lines = [f"# HELP {name} {about}", f"# TYPE {name} gauge"]
    return lines + [f"{name}{_labels(label, value)} {number:g}" for value, number in values]


def _labels(label: str, value: str) -> str:
    escaped = value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'{{{label}="{escaped}"}}' if label else ""


def _allowed(address: str | None) -> bool:
    networks = [ip_network(name.strip(), strict=False) for name in settings.METRICS_ALLOW if name.strip()]
    return address is not None and any(ip_address(address) in network for network in networks)


urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
]
