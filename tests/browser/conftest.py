"""A real browser at a live server, logged in as the owner; a page that complains in its console fails its test."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.conftest import Person
from tests.factories import TenantFactory
from tests.network import still

# Playwright keeps an event loop of its own running in this thread, where Django takes it for an async view.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="session")
def base_url() -> None:
    """Stands for pytest-base-url's own, at which pytest 9 warns; `site` is used instead."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return browser_type_launch_args | {"executable_path": os.environ.get("BROWSER_PATH"), "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {"locale": "ru-RU", "viewport": {"width": 1280, "height": 900}}


@pytest.fixture(autouse=True)
def network() -> Iterator[None]:
    with still():
        yield


@pytest.fixture
def site(settings: Any, transactional_db: None, request: pytest.FixtureRequest) -> str:
    """The address of the live server."""
    # The live server serves what was collected, which may be older than the files.
    settings.STATIC_ROOT = settings.BASE_DIR / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.ALLOWED_HOSTS = ["*"]
    address: str = request.getfixturevalue("live_server").url
    return address


@pytest.fixture
def person(site: str) -> Person:
    return Person(TenantFactory(name="Клиника «Ромашка»"), "owner")


@pytest.fixture
def desk(page: Page, site: str, person: Person) -> Iterator[Page]:
    """The owner's browser window."""
    page.context.add_cookies([{"name": "sessionid", "value": person.cookies["sessionid"].value, "url": site}])
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error.stack or error}"))
    page.set_default_timeout(10_000)
    yield page
    assert complaints == []
