"""Actions by the API."""

from typing import Any

import pytest

from actions.models import Action
from processings.models import Processing
from tests.api import Program
from tests.factories import (
    ActionFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db

BODY = {"name": "title", "value": "{{ client_name }}", "type": "text"}
REQUEST = {"method": "POST", "url": "https://example.com/in"}


def test_actions_are_added_last_with_aliases_of_their_kind(program: Program, processing: Processing) -> None:
    told = {"processing": str(processing.pk), "kind": "http.request", "config": REQUEST}
    first = program.send("actions/", told, code=201)
    second = program.send("actions/", told | {"enabled": False, "name": "Вторая"}, code=201)
    builder = {"processing": str(processing.pk), "kind": "data.json", "config": {"fields": [BODY]}}
    third = program.send("actions/", builder | {"alias": "lead"}, code=201)
    found = [(row["position"], row["alias"], row["enabled"]) for row in (first, second, third)]
    assert found == [(1, "http", True), (2, "http_2", False), (3, "lead", True)]
    assert (
        first["config"] | {"success_codes": "2**", "query": [], "headers": [], "follow_redirects": False}
        == first["config"]
    )
    assert [row["id"] for row in program.read("actions/", {"processing": str(processing.pk)})] == [
        first["id"], second["id"], third["id"],
    ]  # fmt: skip


def test_the_config_of_an_action_is_checked_like_on_the_page(program: Program, processing: Processing) -> None:
    told = {"processing": str(processing.pk), "kind": "http.request"}
    for config, path in (
        ({"method": "POST"}, "config.url"),
        (REQUEST | {"method": "BREW"}, "config.method"),
        (REQUEST | {"success_codes": "2x"}, "config.success_codes"),
        (REQUEST | {"body": {"a": 1}}, "config.body"),
        (REQUEST | {"headers": {"a": "b"}}, "config.headers"),
        (REQUEST | {"headers": [{"name": "", "value": "x"}]}, "config.headers"),
        (REQUEST | {"follow_redirects": "yes"}, "config.follow_redirects"),
        (REQUEST | {"url": "{{ a | nofilter }}"}, "config.url"),
    ):
        assert list(program.send("actions/", told | {"config": config}, code=400)["errors"]) == [path]
    assert list(program.send("actions/", told, code=400)["errors"]) == ["config.url"]
    assert list(program.send("actions/", told | {"kind": "no.such"}, code=400)["errors"]) == ["kind"]
    assert not Action.objects.exists()


def test_aliases_are_words_and_stand_once(program: Program, processing: Processing) -> None:
    first, second = ActionFactory(processing=processing), ActionFactory(processing=processing)
    for alias in (first.alias, "a b", "имя", "a" * 65):
        assert list(program.change(f"actions/{second.pk}/", {"alias": alias}, code=400)["errors"]) == ["alias"]
    assert program.change(f"actions/{second.pk}/", {"alias": "crm"})["alias"] == "crm"
    assert program.change(f"actions/{second.pk}/", {"enabled": False, "name": "CRM"})["alias"] == "crm"
    second.refresh_from_db()
    assert (second.alias, second.enabled, second.name) == ("crm", False, "CRM")


def test_unknown_placeholders_are_saved_and_said(program: Program, processing: Processing) -> None:
    SourceFactory(processing=processing)
    config = REQUEST | {"body": "{{ client_nam }} {{ client_phone }}"}
    told = {"processing": str(processing.pk), "kind": "http.request", "config": config}
    (warning,) = (made := program.send("actions/", told, code=201))["warnings"]
    assert (warning["path"], warning["name"], warning["row"]) == ("config.body", "client_nam", None)
    assert warning["detail"]
    good = program.change(f"actions/{made['id']}/", {"config": REQUEST})
    assert good["warnings"] == []


def test_actions_are_put_in_another_order(program: Program, processing: Processing) -> None:
    ids = [str(ActionFactory(processing=processing).pk) for _ in range(3)]
    address = f"processings/{processing.pk}/reorder/"
    found = program.send(address, {"actions": ids[::-1]})
    assert [(row["id"], row["position"]) for row in found] == [(ids[2], 1), (ids[1], 2), (ids[0], 3)]
    program.send(address, {"actions": ids[:2]}, code=409)
    program.send(address, {"actions": "all"}, code=400)
    program.send(address, {"actions": [*ids, str(ActionFactory().pk)]}, code=404)
    assert program.delete(f"actions/{ids[1]}/").status_code == 204
    assert list(processing.actions.values_list("position", flat=True)) == [1, 2]


def test_a_dry_test_shows_the_request_and_sends_nothing(program: Program, processing: Processing) -> None:
    SourceFactory(processing=processing)
    action = ActionFactory(processing=processing, config=REQUEST | {"body": "{{ client_name }}"})
    told = program.send(f"actions/{action.pk}/test/", {"dry": True})
    assert (told["ok"], told["error"], told["output"]) == (True, "", None)
    assert told["config"]["body"] == told["exchanges"][0]["request"]["body"] == "Анна Петрова"
    assert told["exchanges"][0]["response"] is None


def test_a_real_test_tells_why_it_failed(program: Program, processing: Processing, settings: Any) -> None:
    settings.EGRESS_ALLOW = []
    told = program.send(f"actions/{ActionFactory(processing=processing).pk}/test/")
    assert told["ok"] is False
    assert told["error"]


def test_a_curl_command_becomes_settings(program: Program, processing: Processing) -> None:
    command = "curl https://example.com/in?a=1 -H 'X-Key: 5' --json '{\"phone\": 1}' --verbose"
    told = program.send("actions/parse/", {"text": command}, code=200)
    assert told["kind"] == "http.request"
    assert (told["config"]["method"], told["config"]["url"]) == ("POST", "https://example.com/in")
    assert told["config"]["query"] == [{"name": "a", "value": "1"}]
    new = {"processing": str(processing.pk), "kind": told["kind"], "config": told["config"]}
    made = program.send("actions/", new, code=201)
    assert made["config"]["body_kind"] == "json"
    assert not Action.objects.exclude(pk=made["id"]).exists()
    refused = program.send("actions/parse/", {"text": "wget https://example.com/"}, code=400)
    assert "curl" in str(refused)
    program.send("actions/parse/", {"kind": "flow.delay", "text": command}, code=400)
