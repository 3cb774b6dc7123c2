"""What a local server of a service's API says of itself: a module of tests.fakes that has a `SERVICE` is found.

By it scripts/fakes serves it to a person, and tests/test_kinds.py tries all kinds of that service.
"""

import pkgutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tests import fakes
from webjack.config import Config


@dataclass(frozen=True)
class Service:
    """key: the first part of its kinds' keys. title: for people. port: where scripts/fakes serves it.

    serve: starts it; what it gives has a `target` (tests.fakes.target), where `target.answer` stands for all answers.
    environment: of a product that shall use it. account: the settings of a connection that it lets in, with secrets.
    """

    key: str
    title: str
    port: int
    serve: Callable[[], AbstractContextManager[Any]]
    environment: Callable[[Any], dict[str, str]]
    account: Callable[[Any], Config]


@dataclass(frozen=True)
class Case:
    """How one kind of action is tried: `CASES = {"telegram.message": Case({…})}` in its folder's test_cases.py.

    works: settings, without the connection, that its local server takes. refused: others, which the server refuses for
    what they say; None where it takes anything. arrange: prepares the server, such as a record that is to be
    changed; settings that it gives come on top.
    """

    works: Config
    refused: Config | None = None
    arrange: Callable[[Any], Any] = lambda fake: None


def services() -> dict[str, Service]:
    """All there are, by key."""
    names = sorted(module.name for module in pkgutil.iter_modules(fakes.__path__, fakes.__name__ + "."))
    found = [getattr(import_module(name), "SERVICE", None) for name in names]
    return {one.key: one for one in found if isinstance(one, Service)}
