"""Which outside account an action goes to, however its settings came to be."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from actions import arrange
from actions.lanes import lane_of
from actions.models import Action
from connections.models import Lane
from processings.models import Processing
from tests.actions import REQUEST, new, of
from tests.api import Program
from tests.conftest import Person
from tests.factories import ActionFactory, ProcessingFactory

pytestmark = pytest.mark.django_db
BUILDER = {"fields": [{"name": "a", "value": "1", "type": "auto"}]}


def config(host: str) -> dict[str, Any]:
    return {"method": "POST", "url": f"https://{host}/in"}


def account(action: Action) -> str | None:
    """The account that the row in the database names."""
    action.refresh_from_db()
    return Lane.objects.get(pk=action.lane_id).key if action.lane_id else None


def test_an_action_made_and_changed_on_the_page_knows_its_account(owner: Person, processing: Processing) -> None:
    owner.post(new(processing), REQUEST | {"url": "https://one.example/in"})
    action = processing.actions.get()
    assert account(action) == "one.example"
    owner.post(of(action), REQUEST | {"url": "https://two.example/in"})
    assert account(action) == "two.example"
    owner.post(of(action), REQUEST | {"url": "{{ client_name }}"})
    assert account(action) is None


def test_an_action_made_and_changed_by_the_api_knows_its_account(program: Program, processing: Processing) -> None:
    told = {"processing": str(processing.pk), "kind": "http.request", "config": config("one.example")}
    action = Action.objects.get(pk=program.send("actions/", told, code=201)["id"])
    assert account(action) == "one.example"
    program.change(f"actions/{action.pk}/", {"config": config("two.example")})
    assert account(action) == "two.example"
    program.change(f"actions/{action.pk}/", {"name": "Другое имя"})
    assert account(action) == "two.example"


def test_copies_know_their_account(program: Program, processing: Processing) -> None:
    action = arrange.add(processing, "http.request", config("one.example"))
    assert account(arrange.duplicate(action)) == "one.example"
    assert account(arrange.restore(processing, arrange.remove(action))) == "one.example"
    copied = program.send(f"processings/{processing.pk}/copy/", code=201)
    exported = program.read(f"processings/{processing.pk}/export/")
    imported = program.send("processings/import/", exported, code=201)
    for made in (copied, imported):
        assert [account(action) for action in Action.objects.filter(processing_id=made["id"])] == ["one.example"] * 2
    assert Lane.objects.count() == 1


def test_what_stays_here_has_no_account(processing: Processing) -> None:
    assert account(arrange.add(processing, "data.json", BUILDER)) is None
    assert lane_of(Action(tenant=processing.tenant, kind="gone.kind", config={})) is None


def test_two_companies_have_lanes_of_their_own_to_one_account() -> None:
    one, other = (arrange.add(ProcessingFactory(), "http.request", config("one.example")) for _ in range(2))
    assert one.lane_id != other.lane_id


@pytest.mark.django_db(transaction=True)
def test_many_actions_saved_at_once_share_one_lane() -> None:
    processing = ProcessingFactory()

    def found(_number: int) -> Any:
        try:
            return lane_of(Action(tenant=processing.tenant, kind="http.request", config=config("one.example")))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        lanes = set(pool.map(found, range(16)))
    assert lanes == {Lane.objects.get().pk}


def test_the_migration_tells_old_actions_their_account() -> None:
    old = ActionFactory(config=config("one.example"), lane_id=None)
    builder = ActionFactory(kind="data.json", config=BUILDER, alias="json", lane_id=None)
    gone = ActionFactory(kind="gone.kind", lane_id=None)
    import_module("actions.migrations.0004_lanes").assign(apps, None)
    assert [account(action) for action in (old, builder, gone)] == ["one.example", None, None]
