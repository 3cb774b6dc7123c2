"""People and a processing, as most tests of pages need them."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import translation

from actions.models import Action
from connections import tokens
from history import bell
from processings.models import Processing
from tenants.models import Role, Tenant
from tests.api import Program
from tests.factories import ActionFactory, MembershipFactory, ProcessingFactory, TenantFactory


class Person(Client):
    """A logged-in browser that knows whose it is: `.user`, `.tenant`."""

    def __init__(self, tenant: Tenant, role: str) -> None:
        super().__init__()
        self.tenant = tenant
        self.user = MembershipFactory(tenant=tenant, role=role).user
        self.force_login(self.user, backend="allauth.account.auth_backends.AuthenticationBackend")


END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A browser's kept connection keeps a thread of the live server, that its session, and this the database."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(END_OTHERS)


@pytest.fixture(autouse=True)
def same_language() -> Iterator[None]:
    """A request in English leaves its language to the thread, and so to the next test."""
    before = translation.get_language()
    yield
    translation.activate(before or "ru")


@pytest.fixture(autouse=True)
def no_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bell belongs to a web process; in the tests' own its thread would hold the database when that is to go."""
    monkeypatch.setattr(bell, "hang", lambda: None)


@pytest.fixture(autouse=True)
def nobody_stays_aside() -> Iterator[None]:
    """These threads keep their connection for a while, and would hold the database when that is to go."""
    yield
    tokens.aside.rest()
    tokens.turns.rest()


@pytest.fixture(autouse=True)
def no_database_in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The threads that perform actions know no database: one connection each would be hundreds for each worker."""
    connect = BaseDatabaseWrapper.connect

    def refuse(wrapper: Any) -> None:
        assert threading.current_thread().name != "drain", "an action's thread asked the database"
        connect(wrapper)

    monkeypatch.setattr(BaseDatabaseWrapper, "connect", refuse)


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Any) -> None:
    """Tests make many people; a password that costs 0.3 s is none of their concern."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def tenant(db: None) -> Tenant:
    return TenantFactory()


@pytest.fixture
def owner(tenant: Tenant) -> Person:
    return Person(tenant, Role.OWNER)


@pytest.fixture
def viewer(tenant: Tenant) -> Person:
    return Person(tenant, Role.VIEWER)


@pytest.fixture
def stranger(db: None) -> Person:
    """Owner of another company."""
    return Person(TenantFactory(), Role.OWNER)


@pytest.fixture
def processing(tenant: Tenant) -> Processing:
    """A stopped processing of the owner's company, with nothing in it."""
    return ProcessingFactory(tenant=tenant, name="Заявки с сайта")


@pytest.fixture
def program(tenant: Tenant) -> Program:
    """A program with a key of the owner's company."""
    return Program(tenant)


@pytest.fixture
def builder(processing: Processing) -> Action:
    """An action of this processing that builds `{"name": …}` out of the source's client_name."""
    rows = [{"name": "name", "value": "{{ client_name }}", "type": "auto"}]
    return ActionFactory(processing=processing, kind="data.json", alias="json", config={"fields": rows})
