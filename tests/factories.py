"""Rows for tests, each with what it cannot be without; `ProcessingFactory(tenant=…)` and so on to tie them together."""

# mypy: disable-error-code="no-untyped-call"
# factory-boy's declarations have no types; what `factory` gives back has.

from functools import cache
from typing import Any, Protocol, TypeVar, cast

from django.contrib.auth.hashers import make_password
from django.db.models import Model
from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory
from factory.helpers import make_factory

from actions.lanes import lane_of
from actions.models import Action
from connections import vault
from connections.models import Connection
from history.models import Operation, Status, Step
from processings.models import Processing, State
from sources.models import Source
from tenants.models import Membership, Role, Tenant, User

Row = TypeVar("Row", bound=Model)

PASSWORD = "correct horse battery"

FIELDS = [
    {"name": "client_name", "sample": "Анна Петрова", "label": "", "hidden": False},
    {"name": "client_phone", "sample": "+79161234567", "label": "Телефон", "hidden": False},
    {"name": "appointment.time", "sample": "14:00", "label": "", "hidden": False},
    {"name": "token", "sample": "secret", "label": "", "hidden": True},
]
SAMPLE = {"client_name": "Анна Петрова", "client_phone": "+79161234567", "appointment.time": "14:00", "token": "secret"}


class Factory(Protocol[Row]):
    """Called, it makes and saves a row; what is not given has a default."""

    def __call__(self, **values: Any) -> Row: ...

    def build(self, **values: Any) -> Row: ...

    def create_batch(self, size: int, **values: Any) -> list[Row]: ...


def factory(model: type[Row], **defaults: Any) -> Factory[Row]:
    """A factory of factory-boy, with types."""
    return cast(Factory[Row], make_factory(model, FACTORY_CLASS=DjangoModelFactory, **defaults))


@cache
def hashed() -> str:
    """The hash of PASSWORD; made once, since hashing is slow on purpose."""
    return make_password(PASSWORD)


TenantFactory = factory(Tenant, name=Sequence(lambda n: f"Компания {n}"))

UserFactory = factory(User, email=Sequence(lambda n: f"person{n}@example.com"), password=LazyFunction(hashed))

MembershipFactory = factory(Membership, tenant=SubFactory(TenantFactory), user=SubFactory(UserFactory), role=Role.OWNER)

ProcessingFactory = factory(
    Processing, tenant=SubFactory(TenantFactory), name=Sequence(lambda n: f"Заявки {n}"), state=State.STOPPED
)

# A webhook that has captured SAMPLE; `fields=[], sample={}` for one that has not.
SourceFactory = factory(
    Source,
    processing=SubFactory(ProcessingFactory),
    tenant=SelfAttribute("processing.tenant"),
    kind="http",
    config=LazyFunction(dict),
    fields=LazyFunction(lambda: [dict(field) for field in FIELDS]),
    sample=LazyFunction(lambda: dict(SAMPLE)),
)

# A request to a local address where nobody listens; give `kind`, `alias` and `config` for another.
ActionFactory = factory(
    Action,
    processing=SubFactory(ProcessingFactory),
    tenant=SelfAttribute("processing.tenant"),
    kind="http.request",
    position=LazyAttribute(lambda row: row.processing.actions.count() + 1),
    alias=LazyAttribute(lambda row: "http" if row.position == 1 else f"http_{row.position}"),
    config=LazyFunction(lambda: {"method": "POST", "url": "http://127.0.0.1:9/target"}),
    lane_id=LazyAttribute(lambda row: lane_of(Action(tenant=row.tenant, kind=row.kind, config=row.config))),
)

# HTTP authorization by a token; give `config` and `sealed` for another.
ConnectionFactory = factory(
    Connection,
    tenant=SubFactory(TenantFactory),
    kind="http",
    name=Sequence(lambda n: f"CRM {n}"),
    config=LazyFunction(lambda: {"auth": "bearer"}),
    sealed=LazyFunction(lambda: vault.seal({"bearer": "very-secret-token"})),
)

# A succeeded operation; `status="held"` and so on for others.
OperationFactory = factory(
    Operation,
    processing=SubFactory(ProcessingFactory),
    tenant=SelfAttribute("processing.tenant"),
    kind="http",
    status=Status.SUCCEEDED,
    received_at=LazyFunction(timezone.now),
    method="POST",
    content_type="application/json",
    body=b'{"client_name": "Anna"}',
    data=LazyFunction(lambda: dict(SAMPLE)),
    due_at=None,
)

StepFactory = factory(
    Step,
    operation=SubFactory(OperationFactory),
    tenant=SelfAttribute("operation.tenant"),
    run=1,
    attempt=1,
    position=1,
    action_id=LazyAttribute(lambda row: ActionFactory(processing=row.operation.processing).pk),
    kind="http.request",
    alias="http",
    title="HTTP-запрос",
    status=Step.Status.SUCCEEDED,
    started_at=LazyFunction(timezone.now),
    duration_ms=12,
    output=LazyFunction(lambda: {"status": 200, "body": {"id": 7}}),
)
