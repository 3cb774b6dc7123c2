"""«Получить» of an action: its answer's fields, kept as a sample and offered to later actions."""

import json
import re
from typing import Any

import pytest
from django.urls import reverse
from pytest_httpserver import HTTPServer

from actions import arrange
from actions.captured import MOST_CHARACTERS, kept
from actions.models import Action
from processings.models import Processing
from tests.actions import REQUEST, new, of
from tests.api import Program
from tests.conftest import Person
from tests.factories import ActionFactory, OperationFactory, SourceFactory, StepFactory
from webjack.fields import dump

pytestmark = pytest.mark.django_db

ANSWER = {"ok": True, "lead": {"id": 7, "token": "very-secret"}}


@pytest.fixture
def target(httpserver: HTTPServer, settings: Any) -> str:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    httpserver.expect_request("/lead").respond_with_json(ANSWER, headers={"Set-Cookie": "sid=very-secret"})
    return httpserver.url_for("/lead")


def offered(page: str) -> dict[str, str]:
    """The placeholders of the picker with the value each has."""
    found = re.search(r'<script id="picker-data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    groups = json.loads(found[1])["groups"]
    return {item["placeholder"]: item["sample"] for group in groups for item in group["items"]}


def test_a_new_action_is_saved_and_its_answer_becomes_fields_of_later_ones(
    owner: Person, processing: Processing, httpserver: HTTPServer, target: str
) -> None:
    SourceFactory(processing=processing)
    posted = REQUEST | {"url": target, "body": "phone={{ client_phone }}", "capture": "yes"}
    answer = owner.post(new(processing), posted, follow=True)
    action = processing.actions.get()
    assert answer.redirect_chain == [(of(action) + "#answer", 302)]
    assert "{{ steps.http.body.lead.id }}" in answer.content.decode()
    assert httpserver.log[0][0].get_data() == b"phone=+79161234567"
    picked = offered(owner.get(new(processing)).content.decode())
    assert picked["{{ steps.http.body.lead.id }}"] == "7"
    assert picked["{{ steps.http.body.ok }}"] == "true"


def test_previews_and_checks_of_later_actions_use_it(owner: Person, processing: Processing) -> None:
    ActionFactory(processing=processing, sample={"status": 200, "body": {"lead": 9}})
    operation = OperationFactory(processing=processing)
    StepFactory(operation=operation, action_id=processing.actions.get().pk, output={"status": 200, "body": {"lead": 1}})
    posted = REQUEST | {"body": "{{ steps.http.body.lead }}"}
    answer = owner.post(new(processing, "preview_new"), posted)
    assert answer.json()["previews"]["body"]["text"] == "9"


def test_what_is_secret_is_not_kept(owner: Person, processing: Processing, target: str) -> None:
    action = ActionFactory(processing=processing, config={"method": "POST", "url": target})
    owner.post(of(action), REQUEST | {"url": target, "capture": "yes"})
    action.refresh_from_db()
    assert action.sample["body"]["lead"] == {"id": 7, "token": "••••"}
    assert action.sample["headers"]["set-cookie"] == "••••"
    assert json.loads(action.sample["text"]) == {"ok": True, "lead": {"id": 7, "token": "••••"}}
    assert "very-secret" not in dump(action.sample)


def test_an_error_is_shown_with_its_exchange_and_keeps_the_old_sample(
    owner: Person, processing: Processing, httpserver: HTTPServer, settings: Any
) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    httpserver.expect_request("/lead").respond_with_data("нет места", 507)
    action = ActionFactory(processing=processing, sample={"status": 200})
    page = owner.post(of(action), REQUEST | {"url": httpserver.url_for("/lead"), "capture": "yes"}).content.decode()
    assert "507" in page
    assert "нет места" in page
    action.refresh_from_db()
    assert action.sample == {"status": 200}
    assert action.config["url"] == httpserver.url_for("/lead")


def test_wrong_settings_send_nothing(owner: Person, processing: Processing, httpserver: HTTPServer) -> None:
    page = owner.post(new(processing), REQUEST | {"url": "example.com", "capture": "yes"}).content.decode()
    assert "field-errors" in page
    assert not processing.actions.exists()


def test_who_may_only_look_gets_no_button(viewer: Person, processing: Processing) -> None:
    action = ActionFactory(processing=processing, sample={"status": 200})
    page = viewer.get(of(action)).content.decode()
    assert 'name="capture"' not in page
    assert "{{ steps.http.status }}" in page


def test_builders_have_nothing_to_get(owner: Person, builder: Action) -> None:
    assert 'name="capture"' not in owner.get(of(builder)).content.decode()


def test_a_huge_answer_is_kept_in_part() -> None:
    deep: dict[str, Any] = {}
    for _level in range(40):
        deep = {"a": deep}
    output = {"status": 200, "text": "я" * 10**6, "body": [{"n": "x" * 500, "d": deep}] * 5000}
    sample = kept(output)
    assert len(dump(sample)) <= MOST_CHARACTERS
    assert sample["status"] == 200
    assert sample["body"][0]["n"].startswith("xxx")
    wide = {f"name {number}": {f"{inner}": "y" * 50 for inner in range(300)} for number in range(300)}
    assert len(dump(kept({"status": 200, "body": wide}))) <= MOST_CHARACTERS


def test_copies_keep_it_and_an_export_does_not(
    owner: Person, processing: Processing, program: Program, tenant: Any
) -> None:
    action = ActionFactory(processing=processing, sample={"status": 201})
    arrange.duplicate(action)
    assert [one.sample for one in processing.actions.all()] == [{"status": 201}] * 2
    owner.post(reverse("processings:copy", args=[processing.pk]))
    assert Action.objects.exclude(processing=processing).first().sample == {"status": 201}  # type: ignore[union-attr]
    exported = program.get(f"/api/v1/processings/{processing.pk}/export/").json()
    assert "sample" not in exported["actions"][0]


def test_a_deleted_action_comes_back_with_it(owner: Person, processing: Processing) -> None:
    action = ActionFactory(processing=processing, sample={"status": 201})
    owner.post(of(action, "remove"))
    owner.post(reverse("actions:restore", args=[processing.pk, action.pk]))
    assert processing.actions.get().sample == {"status": 201}


def test_the_api_captures_too(program: Program, processing: Processing, target: str) -> None:
    action = ActionFactory(processing=processing, config={"method": "POST", "url": target})
    told = program.post(f"/api/v1/actions/{action.pk}/capture/").json()
    assert told["sample"]["body"]["lead"]["id"] == 7
    assert told["sampled_at"]
    assert program.get(f"/api/v1/actions/{action.pk}/").json()["sample"] == told["sample"]


def test_the_api_says_why_there_is_nothing(program: Program, processing: Processing, builder: Action) -> None:
    answer = program.post(f"/api/v1/actions/{builder.pk}/capture/")
    assert answer.status_code == 409
    action = ActionFactory(processing=processing)  # nobody listens there
    answer = program.post(f"/api/v1/actions/{action.pk}/capture/")
    assert answer.status_code == 409
    assert answer.json()["detail"]
