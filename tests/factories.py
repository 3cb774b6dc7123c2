"""Rows for tests, each with what it cannot be without; `ProcessingFactory(tenant=…)` and so on to tie them together."""

from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from actions.models import Action
from history.models import Operation, Status, Step
from processings.models import Processing, State
from sources.models import Source
from tenants.models import Membership, Role, Tenant, User

PASSWORD = "correct horse battery"

FIELDS = [
    {"name": "client_name", "sample": "Анна Петрова", "label": "", "hidden": False},
    {"name": "client_phone", "sample": "+79161234567", "label": "Телефон", "hidden": False},
    {"name": "appointment.time", "sample": "14:00", "label": "", "hidden": False},
    {"name": "token", "sample": "secret", "label": "", "hidden": True},
]
SAMPLE = {"client_name": "Анна Петрова", "client_phone": "+79161234567", "appointment.time": "14:00", "token": "secret"}


class TenantFactory(DjangoModelFactory[Tenant]):
    class Meta:
        model = Tenant

    name = factory.Sequence(lambda n: f"Компания {n}")


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    password = factory.django.Password(PASSWORD)


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    tenant = factory.SubFactory(TenantFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.OWNER


class ProcessingFactory(DjangoModelFactory[Processing]):
    class Meta:
        model = Processing

    tenant = factory.SubFactory(TenantFactory)
    name = factory.Sequence(lambda n: f"Заявки {n}")
    state = State.STOPPED


class SourceFactory(DjangoModelFactory[Source]):
    """A webhook that has captured SAMPLE; `fields=[], sample={}` for one that has not."""

    class Meta:
        model = Source

    processing = factory.SubFactory(ProcessingFactory)
    tenant = factory.SelfAttribute("processing.tenant")
    kind = "http"
    config = factory.LazyFunction(dict)
    fields: Any = factory.LazyFunction(lambda: [dict(field) for field in FIELDS])
    sample = factory.LazyFunction(lambda: dict(SAMPLE))


class ActionFactory(DjangoModelFactory[Action]):
    """A request to a local address; give `kind`, `alias` and `config` for another."""

    class Meta:
        model = Action

    processing = factory.SubFactory(ProcessingFactory)
    tenant = factory.SelfAttribute("processing.tenant")
    kind = "http.request"
    position = factory.LazyAttribute(lambda row: row.processing.actions.count() + 1)
    alias = factory.LazyAttribute(lambda row: "http" if row.position == 1 else f"http_{row.position}")
    config = factory.LazyFunction(lambda: {"method": "POST", "url": "http://127.0.0.1:9/target"})


class OperationFactory(DjangoModelFactory[Operation]):
    """A succeeded operation; `status="held", due_at=None` and so on for others."""

    class Meta:
        model = Operation

    processing = factory.SubFactory(ProcessingFactory)
    tenant = factory.SelfAttribute("processing.tenant")
    kind = "http"
    status = Status.SUCCEEDED
    received_at = factory.LazyFunction(timezone.now)
    method = "POST"
    content_type = "application/json"
    body = b'{"client_name": "Anna"}'
    data = factory.LazyFunction(lambda: dict(SAMPLE))
    due_at = None


class StepFactory(DjangoModelFactory[Step]):
    class Meta:
        model = Step

    operation = factory.SubFactory(OperationFactory)
    tenant = factory.SelfAttribute("operation.tenant")
    run = 1
    attempt = 1
    position = 1
    action_id = factory.LazyAttribute(lambda row: ActionFactory(processing=row.operation.processing).id)
    kind = "http.request"
    alias = "http"
    title = "HTTP-запрос"
    status = Step.Status.SUCCEEDED
    started_at = factory.LazyFunction(timezone.now)
    duration_ms = 12
    output = factory.LazyFunction(lambda: {"status": 200, "body": {"id": 7}})
