"""What later actions get of an answer."""

from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from actions.kinds.http.request import SendRequest
from webjack.http import Http


@pytest.fixture(autouse=True)
def _local_targets(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]


def answered(httpserver: HTTPServer, body: str | bytes, content_type: str) -> dict[str, Any]:
    httpserver.expect_request("/hook").respond_with_response(Response(body, content_type=content_type))
    return SendRequest().execute({"method": "GET", "url": httpserver.url_for("/hook")}, Http())


XML = '<?xml version="1.0" encoding="windows-1251"?><order id="7"><client>Анна</client></order>'


@pytest.mark.parametrize(
    ("body", "content_type", "value"),
    [
        ('{"lead": [{"id": 7}]}', "application/json", {"lead": [{"id": 7}]}),
        ('[{"id": 7}]', "application/json", [{"id": 7}]),
        ("7", "application/json", 7),
        ('{"id": 7}', "text/html", {"id": 7}),
        ("<a><b>1</b><b>2</b></a>", "text/xml; charset=utf-8", {"a": {"b": ["1", "2"]}}),
        (XML.encode("cp1251"), "application/xml", {"order": {"@id": "7", "client": "Анна"}}),
        ("status=ok&tag=1&tag=2", "application/x-www-form-urlencoded", {"status": "ok", "tag": ["1", "2"]}),
        ("готово".encode("cp1251"), "text/plain; charset=windows-1251", "готово"),
        ("a=1&b=2", "text/plain", "a=1&b=2"),
        ("true", "text/plain", True),
        ("", "application/json", ""),
        ('{"broken": ', "application/json", '{"broken": '),
    ],
)
def test_the_body_is_decoded_like_a_request_of_a_source(
    httpserver: HTTPServer, body: str | bytes, content_type: str, value: Any
) -> None:
    assert answered(httpserver, body, content_type)["body"] == value


def test_the_text_stays_beside_what_was_decoded(httpserver: HTTPServer) -> None:
    output = answered(httpserver, XML.encode("cp1251"), "application/xml")
    assert output["text"] == XML


@pytest.mark.parametrize("content_type", ["image/png", "application/octet-stream"])
def test_a_file_is_described_and_not_kept(httpserver: HTTPServer, content_type: str) -> None:
    output = answered(httpserver, b"\x89PNG\r\n\x1a\n\x00\x01", content_type)
    assert output["body"] == {"size": 10, "type": content_type}
    assert output["text"] == ""


def test_entities_of_an_answer_are_not_expanded(httpserver: HTTPServer) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'
    assert answered(httpserver, bomb, "application/xml")["body"] == bomb
