"""Under what a run measured."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from bench._load import BODY

PACKAGES = ("Django", "gunicorn", "psycopg", "requests", "django-q2")


def conditions(size: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        names = ("server_version", "fsync", "synchronous_commit", "shared_buffers")
        cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
        postgres = dict(zip(names, cursor.fetchone(), strict=True))
    clusters: Any = settings.Q_CLUSTER["ALT_CLUSTERS"]
    cluster = clusters["operations"]
    return {
        "machine": f"{os.cpu_count()} cores ({_processor()}), {_memory():.0f} GiB, shared by web, workers, PostgreSQL, "
        "senders and target",
        "load before": f"{os.getloadavg()[0]:.1f} (of the last minute)",
        "versions": f"Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
        + f", PostgreSQL {postgres.pop('server_version')}",
        "PostgreSQL": ", ".join(f"{name} {value}" for name, value in postgres.items()),
        "engine": f"{cluster['workers']} worker processes × {settings.DRAIN_THREADS} threads unless said otherwise, "
        f"lease {settings.LEASE_SECONDS:g} s",
        "requests": f"{len(BODY)} bytes of Cyrillic JSON, 32 kept-alive connections unless said otherwise",
        "size": size,
    }


def said(conditions: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in conditions.items())


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return " ".join(line.partition(":")[2].split())
    return platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
