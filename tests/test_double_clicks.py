"""Two people, or one with a quick finger, order things at the very same moment: nothing breaks, nothing is half done.

Both requests read first, then both wait in front of the locked tables, then both write: no luck is needed.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from django.urls import reverse

from actions.models import Action
from history.models import Status, Step
from processings.models import Processing, State
from sources.models import Source
from tenants.models import Membership, Role, User
from tests.addresses import Company
from tests.api import Program
from tests.conftest import Person
from tests.factories import PASSWORD, OperationFactory, StepFactory, TenantFactory
from tests.test_receive import another_connection

pytestmark = pytest.mark.django_db(transaction=True)

TABLES = (
    "tenants_user, tenants_tenant, tenants_apikey, processings_processing, sources_source, actions_action, "
    "history_operation"
)
REQUEST = {"method": "POST", "url": "https://example.com/", "own-name": "Отправка"}
FIELDS = {"fields": [{"name": "a", "value": "1"}]}
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
Order = Callable[[], Any]


def at_once(*orders: Order) -> list[Any]:
    """The answers to requests that have all been read and checked before the first of them may write."""
    answers: dict[int, Any] = {}

    def work(number: int, order: Order) -> None:
        try:
            answers[number] = order()
        except Exception as error:  # what a person would see as 500
            answers[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=row) for row in enumerate(orders)]
    with another_connection() as gate, another_connection() as watch:
        gate.autocommit = False
        gate.execute(f"LOCK TABLE {TABLES} IN EXCLUSIVE MODE")
        for thread in threads:
            thread.start()
        _until(lambda: _waiting(watch) + len(answers) == len(orders))
        gate.commit()
        for thread in threads:
            thread.join(20)
    return [answers[number] for number in range(len(orders))]


def _waiting(watch: psycopg.Connection[Any]) -> int:
    row = watch.execute(WAITING).fetchone()
    assert row
    return int(row[0])


def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not done():
        assert time.monotonic() < end
        time.sleep(0.005)


class Crowd:
    """A company whose owner can be in several windows."""

    def __init__(self) -> None:
        self.company = Company(TenantFactory())
        self.owner = Person(self.company.tenant, Role.OWNER)
        self.processing, self.source, self.operation = (
            self.company.processing,
            self.company.source,
            self.company.operation,
        )
        self.actions = self.company.actions
        self.asked = OperationFactory(processing=self.processing, status=Status.UNKNOWN)
        told = {"status": Step.Status.UNKNOWN, "error": "Нет ответа", "output": None}
        StepFactory(operation=self.asked, action_id=self.actions[0].pk, **told)

    def window(self) -> Client:
        client = Client()
        client.cookies = self.owner.cookies.copy()  # type: ignore[assignment]
        return client

    def post(self, view: str, *ids: Any, query: str = "", **data: Any) -> Order:
        client, path = self.window(), reverse(view, args=ids) + query
        return lambda: client.post(path, data)

    def call(self, method: str, path: str, data: Any = None) -> Order:
        program = Program(self.company.tenant)
        return lambda: getattr(program, method)(path, data, format="json")


def orders(crowd: Crowd) -> dict[str, Order]:
    """Everything that can be ordered, once; called again for the same order from another window."""
    p, s, o = crowd.processing.pk, crowd.source.pk, crowd.operation.pk
    first, second = (one.pk for one in crowd.actions)
    post, call = crowd.post, crowd.call
    return {
        "create": post("processings:create", name="Новая"),
        "rename": post("processings:rename", p, name="Другая"),
        "start": post("processings:start", p),
        "stop": post("processings:stop", p),
        "turn": post("processings:turn", p, running="on"),
        "copy": post("processings:copy", p),
        "delete": post("processings:delete", p),
        "restore": post("processings:restore", p),
        "notices": post("processings:notices", p, notify="on"),
        "add a source": post("sources:add", p, query="?kind=http"),
        "save the source": post("sources:detail", s, **{"own-name": "Форма", "methods": "POST"}),
        "capture": post("sources:capture", s),
        "example": post("sources:example", s),
        "delete the source": post("sources:delete", s),
        "add an action": post("actions:add", p, query="?kind=http.request", **REQUEST),
        "add an action behind": post("actions:add", p, query=f"?kind=http.request&after={first}", **REQUEST),
        "add a named action": post("actions:add", p, query="?kind=http.request", **REQUEST, **{"own-alias": "mine"}),
        "save the action": post("actions:detail", first, **REQUEST, **{"own-alias": "http"}),
        "rename the action's result": post("actions:detail", first, **REQUEST, **{"own-alias": "mine"}),
        "check the action": post("actions:check", first, **REQUEST),
        "order": post("actions:order", p, order=[str(second), str(first)]),
        "order as it is": post("actions:order", p, order=[str(first), str(second)]),
        "switch the action off": post("actions:turn", first),
        "duplicate": post("actions:duplicate", first),
        "remove": post("actions:remove", first),
        "remove the other": post("actions:remove", second),
        "save the repeats": post("processings:retries", p, **{"retries-choice": "usual", "retries-deadline": "1 ч"}),
        "repeat": post("history:repeat", o, **{"from": "start"}),
        "accept": post("history:accept", crowd.asked.pk),
        "repeat what was asked about": post("history:repeat", crowd.asked.pk, **{"from": "failed"}),
        "cancel what was asked about": post("history:cancel", crowd.asked.pk),
        "repeat many": post("history:many", id=[str(o)], do="repeat"),
        "cancel": post("history:cancel", o),
        "hurry": post("history:hurry", o),
        "release": post("history:release", p),
        "change the company": post("tenants:change", name="ООО", time_zone="Europe/Moscow"),
        "add a key": post("tenants:add_key", **{"key-name": "Касса"}),
        "revoke the key": post("tenants:revoke_key", crowd.company.key.pk),
        "API: rename": call("patch", f"processings/{p}/", {"name": "Другая"}),
        "API: add an action": call("post", "actions/", {"processing": str(p), "kind": "data.json", "config": FIELDS}),
        "API: change the action": call("patch", f"actions/{first}/", {"name": "x"}),
        "API: remove the action": call("delete", f"actions/{first}/"),
        "API: reorder": call("post", f"processings/{p}/reorder/", {"actions": [str(second), str(first)]}),
        "API: change the source": call("patch", f"sources/{s}/", {"name": "x"}),
        "API: capture": call("post", f"sources/{s}/capture/"),
        "API: delete the source": call("delete", f"sources/{s}/"),
        "API: delete": call("delete", f"processings/{p}/"),
        "API: start": call("post", f"processings/{p}/start/"),
        "API: copy": call("post", f"processings/{p}/copy/"),
        "API: repeat": call("post", f"operations/{o}/repeat/", {"from": "start"}),
        "API: accept": call("post", f"operations/{crowd.asked.pk}/accept/"),
        "API: cancel": call("post", f"operations/{o}/cancel/"),
    }


TWICE = """create; start; copy; delete; restore; add a source; capture; example; delete the source; add an action;
add a named action; save the action; duplicate; remove; order; repeat; release; add a key; revoke the key;
save the repeats; accept; API: accept; repeat what was asked about; cancel what was asked about;
API: add an action; API: remove the action; API: delete the source; API: copy"""
TOGETHER = """capture + delete the source; delete the source + save the source; delete the source + example;
delete + example; delete + start; delete + rename; rename + start; notices + delete; API: rename + stop;
add a named action + rename the action's result; add an action + duplicate; remove + save the action;
remove + switch the action off; remove + add an action behind; order + duplicate; remove + order;
remove + remove the other; API: remove the action + remove; API: delete + API: start; repeat + cancel;
API: capture + API: delete the source; save the repeats + delete; accept + repeat what was asked about;
accept + cancel what was asked about; repeat what was asked about + cancel what was asked about; accept + API: accept"""
PAIRS = [(name, name) for name in re.split(r";\s+", TWICE)]
PAIRS += [(one, other) for pair in re.split(r";\s+", TOGETHER) for one, _plus, other in [pair.partition(" + ")]]


def test_everything_can_be_ordered_twice_or_together_with_anything() -> None:
    broken: list[Any] = []
    for pair in PAIRS:
        crowd = Crowd()
        answers = at_once(*(orders(crowd)[name] for name in pair))
        codes = [repr(one)[:200] if isinstance(one, Exception) else one.status_code for one in answers]
        if not all(code in (200, 201, 202, 204, 302, 404, 409, 422) for code in codes):
            broken.append((pair, codes))
        broken += [(pair, what) for what in _unsound(crowd, pair)]
    assert broken == []


def _unsound(crowd: Crowd, pair: tuple[str, str]) -> Iterator[str]:
    """What must hold whoever was faster."""
    for processing in Processing.everything.filter(tenant=crowd.company.tenant):
        positions = list(processing.actions.values_list("position", flat=True))
        if positions != list(range(1, len(positions) + 1)):
            yield f"positions {positions}"
        if processing.deleted_at and processing.state == State.RUNNING:
            yield "deleted, and running"
    here = Processing.everything.get(pk=crowd.processing.pk)
    yield from _undecided(crowd, pair)
    if "rename" in pair and here.name != "Другая":
        yield "the new name is lost"
    if "start" in pair and "rename" in pair and here.state != State.RUNNING:
        yield "the start is lost"
    if "delete" in pair and not here.deleted_at:
        yield "the deleted processing is back"
    if "delete the source" in pair and Source.objects.filter(pk=crowd.source.pk).exists():
        yield "the deleted source is back"
    if "remove" in pair and Action.objects.filter(pk=crowd.actions[0].pk).exists():
        yield "the removed action is back"


def _undecided(crowd: Crowd, pair: tuple[str, str]) -> Iterator[str]:
    """A person's decision about an unknown outcome is taken once, and by one of the two."""
    asked = {"accept", "API: accept", "repeat what was asked about", "cancel what was asked about"}
    decisions = sum(step.error.count("(") for step in crowd.asked.steps.all())  # who decided stands in brackets
    if asked & {*pair} and decisions != 1:
        yield f"{decisions} decisions"


def test_who_signs_up_by_a_double_click_has_one_company() -> None:
    form = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
    windows = [Client(), Client()]
    answers = at_once(*(lambda window=window: window.post(reverse("account_signup"), form) for window in windows))
    assert sorted(one["Location"] for one in answers) == ["/", reverse("account_login")]
    user = User.objects.get(email="new@example.com")
    assert [place.tenant.memberships.count() for place in user.memberships.all()] == [1]
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("order", ["leave", "step down", "remove each other", "API"])
def test_of_two_owners_who_go_at_once_one_stays(order: str) -> None:
    tenant = TenantFactory()
    owners = [Person(tenant, Role.OWNER) for _ in range(2)]
    places = [Membership.objects.get(user=one.user) for one in owners]
    program = Program(tenant)

    def go(number: int) -> Any:
        own, other, viewer = places[number].pk, places[1 - number].pk, {"role": Role.VIEWER}
        if order == "leave":
            return owners[number].post(reverse("tenants:leave"))
        if order == "step down":
            return owners[number].post(reverse("tenants:change_role", args=[own]), viewer)
        if order == "remove each other":
            return owners[number].post(reverse("tenants:remove", args=[other]))
        return program.delete(f"members/{own}/")

    answers = at_once(lambda: go(0), lambda: go(1))
    assert [one.status_code for one in answers if one.status_code not in (302, 204, 409)] == []
    assert tenant.memberships.filter(role=Role.OWNER).count() == 1


def test_an_invitation_is_answered_once_however_often_one_clicks() -> None:
    tenant = TenantFactory()
    owner, guest = Person(tenant, Role.OWNER), Person(TenantFactory(), Role.OWNER)
    paths = {}
    for email in (guest.user.email, "new@example.com"):
        owner.post(reverse("tenants:invite"), {"invite-email": email, "invite-role": Role.EDITOR})
        found = re.search(r"(/invitations/\S+/)", str(mail.outbox[-1].body))
        assert found
        paths[email] = found[1]

    accept, sign_up = paths[guest.user.email] + "accept/", paths["new@example.com"] + "sign-up/"
    answers = at_once(*[lambda: guest.post(accept)] * 2)
    assert sorted(one.status_code for one in answers) == [302, 404]
    answers = at_once(
        *(lambda window=window: window.post(sign_up, {"password": PASSWORD}) for window in (Client(), Client()))
    )
    assert sorted(one.status_code for one in answers) == [302, 404]
    assert User.objects.filter(email="new@example.com").count() == 1
    assert tenant.memberships.count() == 3


def test_somebody_is_invited_once_by_a_double_click() -> None:
    owner = Person(TenantFactory(), Role.OWNER)
    form = {"invite-email": "new@example.com", "invite-role": Role.EDITOR}
    answers = at_once(*[lambda: owner.post(reverse("tenants:invite"), form)] * 2)
    assert sorted(one.status_code for one in answers) == [200, 302]
    assert (owner.tenant.invitations.count(), len(mail.outbox)) == (1, 1)
