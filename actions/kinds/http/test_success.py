"""Success that is required of the answer's content: many services answer 200 with an error inside."""

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from actions.kinds.http.form import RequestForm
from actions.kinds.http.request import SendRequest
from webjack.config import bind, errors, nest
from webjack.http import Failed, Http


@pytest.fixture(autouse=True)
def _local_targets(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]


def send(httpserver: HTTPServer, answer: Any, status: int = 200, **rule: Any) -> dict[str, Any]:
    response = Response(json.dumps(answer), status, content_type="application/json")
    httpserver.expect_request("/hook").respond_with_response(response)
    form = bind(RequestForm, {"method": "POST", "url": httpserver.url_for("/hook"), "success": rule})
    assert form.is_valid(), errors(form)
    return SendRequest().execute(nest(form.cleaned_data), Http())


OK: dict[str, Any] = {"operator": "is_true", "field": "body.ok"}


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ({"ok": True}, OK),
        ({"ok": "true"}, OK | {"field": "{{ steps.http.body.ok }}"}),
        ({"status": "OK"}, {"operator": "equals", "field": "status", "value": "ok"}),
        ({"error": ""}, {"operator": "empty", "field": "body.error"}),
        ({}, {"operator": "empty", "field": "body.error"}),
        ({"result": [{"id": 7}]}, {"operator": "filled", "field": "body.result[0].id"}),
        ({"code": 0}, {"operator": "number_equals", "field": "body.code", "value": "0"}),
    ],
)
def test_what_meets_the_rule_is_a_success(httpserver: HTTPServer, answer: Any, rule: dict[str, Any]) -> None:
    if rule["field"] == "status":  # the answer's own, not the code: that is what a path into the body is for
        rule = rule | {"field": "body.status"}
    assert send(httpserver, answer, **rule)["body"] == answer


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ({"ok": False}, OK),
        ({}, OK),
        ({"error": {"code": 5}}, {"operator": "empty", "field": "body.error"}),
        ([], {"operator": "filled", "field": "body"}),
    ],
)
def test_what_does_not_is_an_error_that_is_not_tried_again(
    httpserver: HTTPServer, answer: Any, rule: dict[str, Any]
) -> None:
    with pytest.raises(Failed, match="body") as failed:
        send(httpserver, answer, **rule)
    assert not failed.value.retry
    assert failed.value.status is None


def test_it_is_tried_again_where_that_is_chosen(httpserver: HTTPServer) -> None:
    with pytest.raises(Failed) as failed:
        send(httpserver, {"ok": False}, **OK, repeat=True)
    assert failed.value.retry


def test_the_services_own_words_are_cited(httpserver: HTTPServer) -> None:
    with pytest.raises(Failed, match="Телефон занят"):
        send(httpserver, {"ok": False, "error": {"message": "Телефон\n занят"}}, **OK, message="body.error.message")


def test_they_are_cited_after_a_bad_status_too(httpserver: HTTPServer) -> None:
    with pytest.raises(Failed, match=r"400.*Телефон занят") as failed:
        send(httpserver, {"message": "Телефон занят"}, 400, message="body.message")
    assert failed.value.status == 400


def test_a_rule_needs_a_field() -> None:
    form = bind(RequestForm, {"method": "GET", "url": "https://example.com/", "success": {"operator": "is_true"}})
    assert list(errors(form)) == ["success.field"]
