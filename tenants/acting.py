"""Who is at work: the person, the program or the operator whose request is being answered; else the system itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from tenants.changes import By

_request: ContextVar[Any] = ContextVar("request", default=None)


class Acting:
    """Middleware behind the one that knows the person. Reads nothing itself, so it costs no query."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        before = _request.set(request)
        try:
            return self.answer(request)
        finally:
            _request.reset(before)


@dataclass(frozen=True)
class Actor:
    """who: as people read it, kept even when the person or the key is gone."""

    by: By
    who: str = ""
    user_id: int | None = None


_person: ContextVar[Actor | None] = ContextVar("person", default=None)


@contextmanager
def person(user: Any) -> Iterator[None]:
    """Inside, this person is at work, who need not be logged in yet."""
    before = _person.set(Actor(By.PERSON, user.email, user.pk))
    try:
        yield
    finally:
        _person.reset(before)


def actor() -> Actor:
    if told := _person.get():
        return told
    request = _request.get()
    if request is None:
        return Actor(By.SYSTEM)
    if key := getattr(request, "api_key", None):
        return Actor(By.KEY, str(key))
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Actor(By.SYSTEM)
    place = request.resolver_match
    operator = place is not None and place.app_name == "admin"
    return Actor(By.OPERATOR if operator else By.PERSON, user.email, user.pk)


def current() -> Any:
    """The request that is being answered, or None."""
    return _request.get()
