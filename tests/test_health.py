"""What load balancers, watchdogs and Prometheus see."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from history.models import Heartbeat, Status
from tests.factories import OperationFactory


def beat(seconds_ago: float, host: str = "worker-1", cluster: str = "operations") -> None:
    seen = {"seen_at": timezone.now() - timedelta(seconds=seconds_ago)}
    Heartbeat.objects.update_or_create(host=host, cluster=cluster, defaults=seen)


def test_the_process_says_ok_without_the_database(client: Client) -> None:
    # Without the fixture of the database any query would raise.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_ready_means_database_migrations_and_fresh_workers(client: Client) -> None:
    beat(2)
    beat(2, cluster="app")
    beat(300, "worker-gone")
    answer = client.get("/readyz")
    told = answer.json()
    assert (answer.status_code, told["status"]) == (200, "ok")
    assert {name: check["ok"] for name, check in told["checks"].items()} == {
        "database": True,
        "migrations": True,
        "worker": True,
        "app": True,
        "queue": True,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("seconds_ago", [None, 31])
@pytest.mark.parametrize(("check", "cluster", "other"), [("worker", "operations", "app"), ("app", "app", "operations")])
def test_without_a_fresh_worker_it_is_not_ready(
    client: Client, seconds_ago: int | None, check: str, cluster: str, other: str
) -> None:
    beat(1, cluster=other)
    if seconds_ago:
        beat(seconds_ago, cluster=cluster)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "failed"
    assert [name for name, found in answer.json()["checks"].items() if not found["ok"]] == [check]


@pytest.mark.django_db
def test_the_age_of_the_longest_due_operation_is_told(client: Client) -> None:
    beat(1)
    now = timezone.now()
    OperationFactory(status=Status.QUEUED, due_at=now - timedelta(seconds=90))
    OperationFactory(status=Status.WAITING, due_at=now + timedelta(seconds=90))
    OperationFactory(status=Status.SUCCEEDED, due_at=now - timedelta(seconds=900))
    assert 90 <= client.get("/readyz").json()["checks"]["queue"]["oldest_due_seconds"] < 100


def test_a_database_that_is_away_is_said_in_the_checks(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(connection, "cursor", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == {"ok": False, "problem": "the database cannot be asked"}


@pytest.mark.django_db
def test_metrics_are_gauges_that_prometheus_reads(client: Client, settings: Any) -> None:
    settings.METRICS_ALLOW = ["10.0.0.0/8"]
    beat(3, 'host"1\\')
    beat(4, cluster="app")
    OperationFactory(status=Status.QUEUED, due_at=timezone.now() - timedelta(seconds=5))
    answer = client.get("/metrics", REMOTE_ADDR="10.1.2.3")
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'webjack_operations_open{status="queued"} 1' in lines
    assert 'webjack_operations_open{status="running"} 0' in lines
    assert any(line.startswith("webjack_oldest_due_seconds 5") for line in lines)
    assert any(line.startswith('webjack_app_heartbeat_seconds{host="worker-1"} 4') for line in lines)
    assert any(line.startswith('webjack_worker_heartbeat_seconds{host="host\\"1\\\\"} 3') for line in lines)


@pytest.mark.django_db
def test_metrics_do_not_exist_for_others(client: Client, settings: Any) -> None:
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 404
    settings.METRICS_ALLOW = ["10.0.0.0/8"]
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 404
    made_up = client.get("/metrics", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="10.0.0.1")
    assert made_up.status_code == 404


@pytest.mark.django_db
def test_behind_a_trusted_proxy_the_scrapers_own_address_counts(client: Client, settings: Any) -> None:
    settings.METRICS_ALLOW = ["10.0.0.0/8"]
    settings.TRUSTED_PROXIES = ["192.0.2.1"]
    allowed = client.get("/metrics", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="10.0.0.1")
    assert allowed.status_code == 200
    stranger = client.get("/metrics", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="10.0.0.1, 203.0.113.9")
    assert stranger.status_code == 404
