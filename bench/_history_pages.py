"""Calls the history's pages and the API under every filter, as a browser and a program of three companies would."""

import time
import uuid
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.utils import timezone

from bench import _stage as stage
from bench._usage import spent
from history.models import Operation, Status
from processings.models import Processing
from tenants.models import ApiKey, Membership, Role, Tenant, User
from webjack.fields import first_uuid7

assert stage  # it sets Django up, so it is imported first
LIST, API = "/history/", "/api/v1/operations/"
FOUND, SELDOM, MISSING = "Марина", "+7900", "такого здесь нет"


@dataclass
class Company:
    """name: for people. busy, quiet, failing: ids of processings; quiet never fails. dead: a source called no more."""

    name: str
    browser: Client
    program: Client
    processings: dict[str, uuid.UUID]
    sources: dict[str, uuid.UUID]


def companies() -> list[Company]:
    """The largest, one in the middle and the smallest."""
    names = {"largest": "Largest", "middle": "Company 250", "smallest": "Smallest"}
    return [company(word, Tenant.objects.filter(name=name).latest("pk")) for word, name in names.items()]


def company(name: str, tenant: Tenant) -> Company:
    user = User.objects.create_user(f"{uuid.uuid4()}@example.com")
    Membership.objects.create(tenant=tenant, user=user, role=Role.OWNER)
    browser = Client(headers={"Host": "127.0.0.1"})
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    program = Client(headers={"Host": "127.0.0.1", "Authorization": f"Bearer {ApiKey.make(tenant, 'bench')[1]}"})
    owned = list(Processing.objects.filter(tenant=tenant).order_by("pk"))
    processings = {"busy": owned[0].pk, "quiet": owned[min(3, len(owned) - 1)].pk}
    processings |= {"failing": owned[min(5, len(owned) - 1)].pk}
    sources = [source.pk for source in owned[0].sources.order_by("pk")]
    return Company(name, browser, program, processings, {"busy": sources[0], "dead": sources[1]})


def addresses(company: Company) -> Iterator[tuple[str, str]]:
    """Pairs of what is asked and its address."""
    for said, query in combinations(company):
        yield f"list: {said}", f"{LIST}?{urlencode(query)}"
    for said, query in for_programs(company):
        yield f"API: {said}", f"{API}?{urlencode(query)}"
    far = first_uuid7(timezone.now() - timedelta(days=20))
    for said, query in (("everything", {}), ("failed", {"status": "failed"}), ("“Марина”", {"q": FOUND})):
        yield f"list, 20 days back: {said}", f"{LIST}?{urlencode(query | {'before': far})}"
    for said, query in (("everything", {}), ("2 statuses", {"status": "failed,unknown"})):
        cursor = b64encode(urlencode({"p": far}).encode()).decode()
        yield f"API, page 20 days back: {said}", f"{API}?{urlencode(query | {'cursor': cursor})}"
    newest = Operation.objects.filter(processing=company.processings["busy"]).latest("pk")
    yield "page of an operation", f"{LIST}{newest.pk}/"
    yield "API: an operation", f"{API}{newest.pk}/"
    yield "page of a processing", f"/processings/{company.processings['busy']}/"
    yield "list of processings", "/"


def combinations(company: Company) -> Iterator[tuple[str, dict[str, Any]]]:
    far = timezone.localdate() - timedelta(days=25)
    periods: dict[str, dict[str, Any]] = {
        "today": {"period": "today"},
        "7 days": {"period": "week"},
        "a day long ago": {"period": "own", "since": far, "until": far},
    }
    processings = {f"{name} processing": {"processing": id} for name, id in company.processings.items()}
    statuses = {status.value: {"status": status.value} for status in Status}
    yield "everything", {}
    for several in (statuses, processings, periods):
        yield from several.items()
    for test in ("true", "false"):
        yield f"tests: {test}", {"test": test}
        yield f"tests: {test}, quiet processing", {"test": test} | processings["quiet processing"]
        yield f"tests: {test}, failed", {"test": test} | statuses["failed"]
    for status, chosen in statuses.items():
        yield from ((f"{status}, {name}", chosen | more) for name, more in processings.items())
    for name, chosen in periods.items():
        yield from ((f"{name}, {word}", chosen | more) for word, more in processings.items())
        for status in ("failed", "unknown", "succeeded"):
            yield f"{name}, {status}", chosen | statuses[status]
            yield f"{name}, {status}, quiet processing", chosen | statuses[status] | processings["quiet processing"]
    for word in (FOUND, SELDOM, MISSING):
        yield f"“{word}”", {"q": word}
        yield f"“{word}”, busy processing", {"q": word} | processings["busy processing"]
        yield f"“{word}”, failed", {"q": word} | statuses["failed"]
        yield f"“{word}”, failed, quiet processing", {"q": word} | statuses["failed"] | processings["quiet processing"]
        yield f"“{word}”, a day long ago", {"q": word} | periods["a day long ago"]


def for_programs(company: Company) -> Iterator[tuple[str, dict[str, Any]]]:
    lists = ("failed,unknown", "unknown,cancelled", "queued,running,waiting", ",".join(Status.values))
    several: dict[str, dict[str, Any]] = {
        f"{names.count(',') + 1} statuses: {names[:20]}": {"status": names} for names in lists
    }
    sources = {f"{name} source": {"source": id} for name, id in company.sources.items()}
    far = timezone.now() - timedelta(days=25)
    times = {"received_after": (timezone.now() - timedelta(hours=1)).isoformat()}
    past = {"received_before": far.isoformat(), "received_after": (far - timedelta(hours=3)).isoformat()}
    yield "everything", {}
    yield from (several | sources | {"the last hour": times, "three hours long ago": past}).items()
    for name, chosen in (several | {"failed": {"status": "failed"}, "unknown": {"status": "unknown"}}).items():
        yield from ((f"{name}, {source}", chosen | more) for source, more in sources.items())
        yield f"{name}, quiet processing", chosen | {"processing": company.processings["quiet"]}
        yield f"{name}, three hours long ago", chosen | past
    for test in ("true", "false"):
        yield f"tests: {test}", {"test": test}
        yield from ((f"tests: {test}, {name}", {"test": test} | chosen) for name, chosen in several.items())
        yield from ((f"tests: {test}, {name}", {"test": test} | chosen) for name, chosen in sources.items())
    for word in (FOUND, MISSING):
        yield f"“{word}”", {"search": word}
        yield f"“{word}”, 2 statuses", {"search": word, "status": "failed,unknown"}
        yield f"“{word}”, dead source", {"search": word, "source": company.sources["dead"]}


@dataclass
class Took:
    """Milliseconds of each call, sorted: by the clock, and of the processors (here and in the database)."""

    clock: list[float]
    spent: list[float]


def timed(company: Company, address: str, calls: int) -> Took:
    caller = company.program if address.startswith(API) else company.browser
    clock, used = [], []
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    for _ in range(calls):
        began, before = time.perf_counter(), spent(backend)
        answer = caller.get(address)
        used.append(1000 * (spent(backend) - before))
        clock.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200, (address, answer.status_code)
    return Took(sorted(clock), sorted(used))
