"""Bodies of «HTTP-запрос»: trees, texts of JSON and XML, multipart with files."""

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
import xmltodict
from pytest_httpserver import HTTPServer
from werkzeug import Request

from actions.fields import grammars
from actions.kinds.http.form import RequestForm
from actions.kinds.http.request import SendRequest
from actions.placeholders import Context, fill
from webjack.config import bind, errors
from webjack.decode import Raw, decode
from webjack.http import DryRun, Failed, Http

EVIL = 'О"Нил \\ & <b>]]></b>\n{{ x }} \x00 😀'
PHOTO = b"\x89PNG\r\n\x00\xff"


@pytest.fixture(autouse=True)
def _local_targets(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]


def checked(config: dict[str, Any]) -> dict[str, Any]:
    form = bind(RequestForm, {"method": "POST", "url": "https://example.com/"} | config)
    assert form.is_valid(), errors(form)
    return form.cleaned_data


def send(httpserver: HTTPServer, config: dict[str, Any], data: dict[str, Any] | None = None) -> Request:
    """The request that arrives when a config, checked by the form, is filled with data and executed."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    context = Context(source=data or {}, steps={}, operation={}, company={})
    filled = fill(checked(config), context, grammars("http.request"))
    SendRequest().execute(filled | {"url": httpserver.url_for("/hook")}, Http())
    return httpserver.log[-1][0]


def refused(config: dict[str, Any]) -> dict[str, list[str]]:
    form = bind(RequestForm, {"method": "POST", "url": "https://example.com/"} | config)
    assert not form.is_valid()
    return errors(form)


TREE = [
    {
        "name": "client",
        "type": "object",
        "fields": [
            {"name": "name", "value": "{{ name }}", "type": "auto"},
            {"name": "age", "value": "{{ age }}", "type": "number"},
            {"name": "address.city", "value": "Пермь", "type": "text"},
        ],
    },
    {
        "name": "items",
        "type": "list",
        "fields": [
            {"name": "", "value": "1", "type": "number"},
            {"type": "object", "fields": [{"name": "ok", "value": "да", "type": "boolean"}]},
            {"type": "list", "fields": []},
        ],
    },
]


def test_a_tree_becomes_json_with_objects_lists_and_types(httpserver: HTTPServer) -> None:
    request = send(httpserver, {"body_kind": "json", "body_fields": TREE}, {"name": EVIL, "age": "41"})
    assert json.loads(request.get_data()) == {
        "client": {"name": EVIL, "age": 41, "address": {"city": "Пермь"}},
        "items": [1, {"ok": True}, []],
    }


def test_rows_of_a_page_are_put_into_each_other_by_their_depth(httpserver: HTTPServer) -> None:
    flat = [
        {"name": "client", "type": "object", "value": "", "depth": "0"},
        {"name": "phones", "type": "list", "value": "", "depth": "1"},
        {"name": "", "type": "auto", "value": "+7", "depth": "2"},
        {"name": "id", "type": "number", "value": "7", "depth": "0"},
    ]
    request = send(httpserver, {"body_kind": "json", "body_fields": flat})
    assert json.loads(request.get_data()) == {"client": {"phones": ["+7"]}, "id": 7}


def test_a_tree_in_a_form_is_written_with_brackets(httpserver: HTTPServer) -> None:
    request = send(httpserver, {"body_kind": "form", "body_fields": TREE[:1]}, {"name": "А&Б", "age": 4})
    assert request.form.to_dict() == {"client[name]": "А&Б", "client[age]": "4", "client[address.city]": "Пермь"}


def test_old_flat_rows_go_on_working(httpserver: HTTPServer) -> None:
    rows = [{"name": "client.name", "value": "Анна"}, {"name": "sum", "value": "1", "type": "number"}]
    request = send(httpserver, {"body_kind": "json", "body_fields": rows})
    assert json.loads(request.get_data()) == {"client": {"name": "Анна"}, "sum": 1}


def as_text(text: str) -> dict[str, Any]:
    return {"body_kind": "json", "json_as": "text", "body_json": text}


def test_values_in_a_json_text_are_written_so_that_it_stays_json(httpserver: HTTPServer) -> None:
    text = '{"name": "Имя: {{ name }}", "raw": {{ name }}, "sum": {{ sum }}, "all": {{ all }}, "no": {{ no }}}'
    request = send(httpserver, as_text(text), {"name": EVIL, "sum": "12", "all": {"a": [1]}})
    body = json.loads(request.get_data())
    assert body == {"name": f"Имя: {EVIL}", "raw": EVIL, "sum": 12, "all": {"a": [1]}, "no": None}
    assert request.headers["Content-Type"] == "application/json"


def test_conditions_work_in_a_json_text(httpserver: HTTPServer) -> None:
    text = '{"a": "{% if name %}да {{ name }}{% endif %}"{% unless x %}, "b": {{ name }}{% endunless %}}'
    request = send(httpserver, as_text(text), {"name": '"'})
    assert json.loads(request.get_data()) == {"a": 'да "', "b": '"'}


@pytest.mark.parametrize("text", ['{"a": }', '{"a": "{{ x }}}', "{{ a }} {{ b }}", '{"a": NaN}', "привет"])
def test_a_text_that_will_be_no_json_is_refused_with_its_place(text: str) -> None:
    assert "JSON" in refused(as_text(text))["body_json"][0]


def test_what_is_no_json_after_filling_is_not_sent(httpserver: HTTPServer) -> None:
    with pytest.raises(Failed, match="JSON") as failed:
        send(httpserver, as_text('{"a": 1{% if x %},{% endif %}}'), {"x": 1})
    assert not failed.value.retry
    assert httpserver.log == []


def test_values_in_xml_are_escaped_and_the_document_is_utf_8(httpserver: HTTPServer) -> None:
    text = (
        '<?xml version="1.0" encoding="windows-1251"?>\n'
        '<order note="{{ name }}"><client>{{ name }}</client><raw><![CDATA[{{ name }}]]></raw></order>'
    )
    request = send(httpserver, {"body_kind": "xml", "body_xml": text}, {"name": EVIL})
    order = xmltodict.parse(request.get_data(), strip_whitespace=False)["order"]
    without = EVIL.replace("\x00", "")
    assert order["client"] == order["raw"] == without
    assert order["@note"] == without.replace("\n", " ")
    assert request.headers["Content-Type"].startswith("application/xml")


@pytest.mark.parametrize("text", ["<a>", "<a></b>", "a", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_a_document_that_is_not_well_formed_is_refused(text: str) -> None:
    assert refused({"body_kind": "xml", "body_xml": text})["body_xml"]


def test_what_is_not_sent_is_neither_checked_nor_kept() -> None:
    kept = checked({"body_kind": "text", "body": "x", "body_json": "{", "body_xml": "<"})
    assert (kept["body_json"], kept["body_xml"]) == ("", "")


def multipart(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"body_kind": "multipart", "body_fields": list(rows)}


def test_fields_and_files_go_as_multipart(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/files/photo.png").respond_with_data(PHOTO, content_type="image/png")
    config = multipart(
        {"name": "name", "value": "{{ name }}"},
        {"name": 'photo"', "value": httpserver.url_for("/files/photo.png"), "type": "file"},
        {"name": "came", "value": "{{ file }}", "type": "file"},
        {"name": "act;filename=акт.pdf", "value": "{{ coded }}", "type": "base64"},
        {"name": "none", "value": "{{ nothing }}", "type": "file"},
    )
    came = {"name": "a.bin", "type": "x/y", "size": 8, "content": b64encode(PHOTO).decode(), "encoding": "base64"}
    data = {"name": EVIL, "file": came, "coded": b64encode(PHOTO).decode().rstrip("=")}
    request = send(httpserver, config, data)
    parts = decode(Raw("POST", "", request.headers["Content-Type"], request.get_data())).data
    assert parts.pop("name") == EVIL
    assert {name: (file["name"], file["type"], b64decode(file["content"])) for name, file in parts.items()} == {
        'photo"': ("photo.png", "image/png", PHOTO),
        "came": ("a.bin", "x/y", PHOTO),
        "act": ("акт.pdf", "application/pdf", PHOTO),
    }


def test_a_repeat_is_byte_for_byte_the_same(httpserver: HTTPServer) -> None:
    config = multipart({"name": "a", "value": "1"})
    assert send(httpserver, config).get_data() == send(httpserver, config).get_data()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"name": "f", "value": "не base64", "type": "base64"}, "Base64"),
        ({"name": "f", "value": "{{ cut }}", "type": "file"}, "f"),
        ({"name": "f", "value": "http://127.0.0.1:9/a.png", "type": "file"}, "127.0.0.1"),
    ],
)
def test_a_file_that_cannot_be_had_is_said_and_nothing_is_sent(
    httpserver: HTTPServer, row: dict[str, Any], said: str
) -> None:
    with pytest.raises(Failed, match=said):
        send(httpserver, multipart(row), {"cut": {"content": "a", "cut": True}})
    assert httpserver.log == []


def test_a_file_whose_server_answers_badly_is_tried_again_when_that_may_help(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/f.png").respond_with_data("", 503)
    with pytest.raises(Failed) as failed:
        send(httpserver, multipart({"name": "f", "value": httpserver.url_for("/f.png"), "type": "file"}))
    assert failed.value.retry


def test_a_dry_run_fetches_no_file(httpserver: HTTPServer) -> None:
    config = checked(multipart({"name": "f", "value": "http://127.0.0.1:9/a.png", "type": "file"}))
    http = Http(dry=True)
    with pytest.raises(DryRun):
        SendRequest().execute(config | {"url": httpserver.url_for("/hook")}, http)
    assert [exchange["request"]["method"] for exchange in http.exchanges] == ["POST"]


def test_files_go_into_a_multipart_body_only() -> None:
    rows = [{"name": "o", "type": "object", "fields": [{"name": "f", "value": "x", "type": "file"}]}]
    assert "body_fields" in refused({"body_kind": "json", "body_fields": rows})


@pytest.mark.parametrize(
    "rows",
    [
        [{"name": "", "type": "object", "fields": []}],
        [{"name": "a", "type": "object", "fields": [{"name": "", "value": "x"}]}],
        [{"name": "a", "type": "object", "fields": 7}],
        [{"name": "a", "type": "what"}],
        [{"name": str(number), "value": ""} for number in range(201)],
    ],
)
def test_wrong_trees_are_refused(rows: Any) -> None:
    assert "body_fields" in refused({"body_kind": "json", "body_fields": rows})


def test_a_name_of_a_row_is_filled_as_a_text(httpserver: HTTPServer) -> None:
    rows = [{"name": "{{ age }}", "value": "1"}, {"name": "x{{ none }}", "value": "2"}]
    request = send(httpserver, {"query": rows}, {"age": 30})
    assert dict(request.args) == {"30": "1", "x": "2"}


def test_a_name_of_a_row_that_cannot_be_filled_is_refused_with_its_row() -> None:
    for name in ("query", "headers", "body_fields"):
        rows = [{"name": "good", "value": ""}, {"name": "{{ broken", "value": "1"}]
        [said] = refused({"body_kind": "json", name: rows})[name]
        assert said.startswith("Строка 2: ")
