"""Rows that a benchmark plays on. Sets Django up, so it comes before whatever needs models."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webjack.settings")
django.setup()

# Models can be imported only now.
from actions import arrange  # noqa: E402
from bench import _bare  # noqa: E402
from bench._processes import LOG  # noqa: E402
from history.models import OPEN, Operation, Status  # noqa: E402
from history.repeat import wake  # noqa: E402
from processings.models import Processing, State  # noqa: E402
from sources.models import Source  # noqa: E402
from tenants.models import Tenant  # noqa: E402
from webjack.fields import uuid7  # noqa: E402

COMPANIES = 20


@contextmanager
def set_up() -> Iterator[None]:
    """The database as the product and the yardstick need it."""
    prepare()
    try:
        yield
    finally:
        if "BENCH_ROWS_STAY" not in os.environ:
            clear()
        run("DROP TABLE bench_bare")


def prepare() -> None:
    LOG.parent.mkdir(exist_ok=True)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    run(_bare.TABLE)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def clear() -> None:
    """Ends what an earlier benchmark left, and its rows."""
    Tenant.objects.filter(name="Bench").delete()
    run("TRUNCATE history_operation, history_step, history_tally, bench_bare")


def webhook(target: int, milliseconds: int = 0, company: int = 0) -> Source:
    """The source of a running processing of a company of its own; one POST to the target.

    company: its number; each has a target address, and so an outside account, of its own.
    """
    tenant = Tenant.objects.create(name="Bench")
    processing = Processing.objects.create(tenant=tenant, name="Bench", state=State.RUNNING, notify=False)
    config = {
        "method": "POST",
        "url": f"http://127.0.0.{1 + company}:{target}/{milliseconds}",
        "body": "{{ operation.id }}",
        "success_codes": "2**",
    }
    arrange.add(processing, "http.request", config)
    return Source.objects.create(tenant=tenant, processing=processing, kind="http", config={})


def webhooks(target: int, milliseconds: int = 0, count: int = COMPANIES) -> list[Source]:
    return [webhook(target, milliseconds, company) for company in range(count)]


def path(source: Source) -> str:
    return f"/webhooks/http/{source.key}/"


def queue(sources: list[Source], count: int) -> None:
    """Waiting operations, shared among the sources, as the webhook address leaves them."""
    Operation.objects.bulk_create(
        (
            Operation(
                id=uuid7(),
                tenant_id=source.tenant_id,
                processing_id=source.processing_id,
                source_id=source.pk,
                kind="http",
                status=Status.QUEUED,
                due_at=timezone.now(),
                method="POST",
                content_type="application/json",
                body=b'{"client_name": "Anna"}',
            )
            for number in range(count)
            for source in [sources[number % len(sources)]]
        ),
        batch_size=1000,
    )
    wake()


def succeeded(sources: list[Source] | None = None) -> int:
    """How many operations have, of these sources or of all."""
    chosen = Operation.objects.filter(status=Status.SUCCEEDED)
    if sources is not None:
        chosen = chosen.filter(source_id__in=[source.pk for source in sources])
    return chosen.count()


def is_done() -> bool:
    return not Operation.objects.filter(status__in=OPEN).exists()
