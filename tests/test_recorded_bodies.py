"""Bodies of real exchanges on the pages of the history: secrets are masked, files are told of by size and type."""

import hashlib
import json
from typing import Any

import pytest
from django.urls import reverse
from pytest_httpserver import HTTPServer

from history.models import Operation
from processings.models import Processing
from tests.api import Program
from tests.conftest import Person
from tests.factories import OperationFactory, StepFactory
from webjack.http import Http
from webjack.http.mask import MASK

KEY = "sk_live_51Hc9aZq7"
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00" + b"\xff" * 12_278


@pytest.fixture
def exchanges(httpserver: HTTPServer, settings: Any) -> list[dict[str, Any]]:
    """A token is asked for, then a picture; a picture is sent."""
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    httpserver.expect_request("/token").respond_with_json({"access_token": KEY, "name": "Анна"})
    httpserver.expect_request("/picture").respond_with_data(PICTURE, content_type="image/png")
    http = Http()
    http.request("POST", httpserver.url_for("/token"), body=f"client_secret={KEY}&id=7".encode())
    http.request("PUT", httpserver.url_for("/picture"), headers=[("Content-Type", "image/png")], body=PICTURE)
    return http.exchanges


def kept(processing: Processing, exchanges: list[dict[str, Any]]) -> Operation:
    operation: Operation = OperationFactory(processing=processing, status="succeeded")
    output = {"status": 200, "body": {"access_token": KEY, "name": "Анна"}, "text": f'{{"access_token": "{KEY}"}}'}
    StepFactory(operation=operation, exchanges=exchanges, output=output)
    return operation


def test_what_only_a_name_tells_to_be_secret_is_not_recorded(exchanges: list[dict[str, Any]]) -> None:
    token = exchanges[0]
    assert token["request"]["body"] == f"client_secret={MASK}&id=7"
    assert json.loads(token["response"]["body"]) == {"access_token": MASK, "name": "Анна"}


def test_of_a_file_size_and_type_are_recorded(exchanges: list[dict[str, Any]]) -> None:
    for message in (exchanges[1]["request"], exchanges[1]["response"]):
        assert (message["body"], message["size"], message["binary"]) == (None, 12_288, "image/png")
        assert message["sha256"] == hashlib.sha256(PICTURE).hexdigest()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("image/png", b'{"error": "not found"}'),
        ("application/octet-stream", "привет".encode()),
        ("application/json", b'{"a": "\x00"}'),
        ("text/plain; charset=utf-16", "привет".encode("utf-16")),
        ("", "привет".encode("cp1251")),
        ("application/pdf", "ж".encode() * 40_000),
    ],
)
def test_text_stays_text_whatever_type_it_is_sent_under(
    httpserver: HTTPServer, settings: Any, content_type: str, body: bytes
) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    httpserver.expect_request("/").respond_with_data(body, content_type=content_type)
    http = Http()
    http.request("GET", httpserver.url_for("/"))
    assert http.exchanges[0]["response"]["body"]
    assert "binary" not in http.exchanges[0]["response"]


@pytest.mark.django_db
def test_the_page_shows_neither_secrets_nor_bytes(
    owner: Person, processing: Processing, exchanges: list[dict[str, Any]]
) -> None:
    operation = kept(processing, exchanges)
    page = owner.get(f"/history/{operation.pk}/").content.decode()
    assert KEY not in page
    assert "Анна" in page
    assert page.count("Двоичные данные, 12 КБ, image/png") == 2
    assert "--data-binary @body" in page
    assert "\\x89" not in page


@pytest.mark.django_db
def test_the_api_gives_no_secret_of_an_output(
    program: Program, processing: Processing, exchanges: list[dict[str, Any]]
) -> None:
    operation = kept(processing, exchanges)
    told = program.get(f"/api/v1/operations/{operation.pk}/").json()
    assert told["steps"][0]["output"]["body"] == {"access_token": MASK, "name": "Анна"}
    assert KEY not in str(told["steps"][0]["output"])


@pytest.mark.django_db
def test_bytes_cannot_be_downloaded_as_text(
    owner: Person, processing: Processing, exchanges: list[dict[str, Any]]
) -> None:
    operation = kept(processing, exchanges)
    step = operation.steps.get()
    pages = [reverse("history:exchange", args=[operation.pk, step.pk, number, "response"]) for number in (0, 1)]
    assert [owner.get(page).status_code for page in pages] == [200, 404]
