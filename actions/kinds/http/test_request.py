"""«HTTP-запрос»: the request it sends, what it makes of the answer, which errors are tried again."""

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from actions.kinds.http.form import RequestForm
from actions.kinds.http.request import SendRequest
from webjack.config import bind, errors
from webjack.http import Failed, Http

SMALLEST = {"method": "POST", "url": "https://example.com/"}


@pytest.fixture(autouse=True)
def _local_targets(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]


def send(httpserver: HTTPServer, answer: Response | None = None, **config: Any) -> tuple[Request, dict[str, Any]]:
    """Executes the action against the local server: what arrived, and the output."""
    httpserver.expect_request("/hook").respond_with_response(answer or Response("ok"))
    output = SendRequest().execute({"method": "POST", "url": httpserver.url_for("/hook")} | config, Http())
    return httpserver.log[-1][0], output


def rows(**values: Any) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def test_it_sends_method_address_query_headers_and_body(httpserver: HTTPServer) -> None:
    request, _output = send(
        httpserver,
        method="PUT",
        query=[*rows(phone="+7 916"), *rows(tag="а&б"), *rows(tag="в")],
        headers=rows(Authorization="Bearer 1"),
        body="привет",
    )
    assert request.method == "PUT"
    assert request.args.getlist("phone") == ["+7 916"]
    assert request.args.getlist("tag") == ["а&б", "в"]
    assert request.headers["Authorization"] == "Bearer 1"
    assert request.get_data().decode() == "привет"


def test_nothing_optional_is_needed(httpserver: HTTPServer) -> None:
    request, output = send(httpserver)
    assert request.get_data() == b""
    assert "Content-Type" not in request.headers
    assert output["status"] == 200


def test_empty_optional_fields_send_nothing_of_their_own(httpserver: HTTPServer) -> None:
    request, _output = send(httpserver, body="", query=[], headers=[], success_codes="", body_kind="", body_fields=[])
    assert request.get_data() == b""
    assert request.query_string == b""


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"a": 1}', "application/json"),
        ("[1]", "application/json"),
        ("a=1&b=%D0%B0", "application/x-www-form-urlencoded"),
        ("просто текст", "text/plain; charset=utf-8"),
        ("1 = 2", "text/plain; charset=utf-8"),
    ],
)
def test_a_text_gets_the_content_type_it_looks_like(httpserver: HTTPServer, body: str, content_type: str) -> None:
    request, _output = send(httpserver, body=body)
    assert request.headers["Content-Type"] == content_type


def test_the_customers_own_content_type_stays(httpserver: HTTPServer) -> None:
    request, _output = send(httpserver, body='{"a": 1}', headers=[{"name": "content-type", "value": "text/xml"}])
    assert request.headers.getlist("Content-Type") == ["text/xml"]


def test_a_body_of_json_is_valid_whatever_the_values(httpserver: HTTPServer) -> None:
    evil = 'кавычки " \\ \n строка 😀 {{ x }} \x00'
    fields = [*rows(**{"client.name": evil}), {"name": "sum", "value": "1 200,50", "type": "number"}]
    request, _output = send(httpserver, body_kind="json", body_fields=fields, body="not this one")
    assert json.loads(request.get_data()) == {"client": {"name": evil}, "sum": 1200.5}
    assert request.headers["Content-Type"] == "application/json"


def test_a_body_of_a_form(httpserver: HTTPServer) -> None:
    request, _output = send(httpserver, body_kind="form", body_fields=rows(name="Анна & Ко", phone="+7"))
    assert request.form.to_dict() == {"name": "Анна & Ко", "phone": "+7"}
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_value_that_does_not_fit_its_type_is_said_and_not_tried_again(httpserver: HTTPServer) -> None:
    fields = [{"name": "sum", "value": "много", "type": "number"}]
    with pytest.raises(Failed, match="много") as failed:
        send(httpserver, body_kind="json", body_fields=fields)
    assert not failed.value.retry
    assert httpserver.log == []


def test_the_output_holds_status_headers_and_the_decoded_body(httpserver: HTTPServer) -> None:
    answer = Response('{"lead": {"id": 7}}', 201, {"X-Request": "a"}, content_type="application/json")
    _request, output = send(httpserver, answer)
    assert output["status"] == 201
    assert output["headers"]["x-request"] == "a"
    assert output["body"] == {"lead": {"id": 7}}
    assert output["text"] == '{"lead": {"id": 7}}'


def test_an_answer_that_is_no_json_is_text(httpserver: HTTPServer) -> None:
    _request, output = send(httpserver, Response("<p>готово</p>"))
    assert output["body"] == output["text"] == "<p>готово</p>"


@pytest.mark.parametrize("depth", [65, 900, 5000])
def test_an_answer_nested_too_deeply_for_the_history_stays_text(httpserver: HTTPServer, depth: int) -> None:
    bomb = "[" * depth + "]" * depth
    _request, output = send(httpserver, Response(bomb))
    assert output["body"] == bomb


def test_an_answer_as_deep_as_a_source_takes_is_read(httpserver: HTTPServer) -> None:
    _request, output = send(httpserver, Response("[" * 64 + "]" * 64))
    assert isinstance(output["body"], list)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_an_error_that_may_pass_is_tried_again(httpserver: HTTPServer, status: int) -> None:
    with pytest.raises(Failed) as failed:
        send(httpserver, Response("", status, {"Retry-After": "7"}))
    assert (failed.value.retry, failed.value.after) == (True, 7)


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_an_error_that_stays_is_not(httpserver: HTTPServer, status: int) -> None:
    with pytest.raises(Failed, match=str(status)) as failed:
        send(httpserver, Response("", status))
    assert not failed.value.retry


def test_success_codes_say_what_counts_as_success(httpserver: HTTPServer) -> None:
    _request, output = send(httpserver, Response("", 404), success_codes="2**, 404")
    assert output["status"] == 404


def test_no_answer_at_all_is_tried_again() -> None:
    with pytest.raises(Failed) as failed:
        SendRequest().execute({"method": "GET", "url": "http://127.0.0.1:9/"}, Http())
    assert failed.value.retry


def test_redirects_are_followed_only_when_chosen(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/there").respond_with_data("arrived")
    answer = Response("", 302, {"Location": "/there"})
    _request, output = send(httpserver, answer, follow_redirects=True)
    assert output["text"] == "arrived"


@pytest.mark.parametrize(
    ("method", "harmless"), [("GET", True), ("PUT", True), ("DELETE", True), ("POST", False), ("PATCH", False)]
)
def test_only_some_methods_may_be_sent_twice(method: str, harmless: bool) -> None:
    assert SendRequest().harmless({"method": method}) is harmless


def test_the_card_says_method_and_address() -> None:
    config = {"method": "POST", "url": "https://online.bizon365.ru/api/v1/"}
    assert SendRequest().summary(config) == "POST online.bizon365.ru/api/v1/"


def test_the_api_may_leave_out_all_but_method_and_address() -> None:
    form = bind(RequestForm, SMALLEST)
    assert form.is_valid()
    assert form.cleaned_data["success_codes"] == "2**"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("method", "FETCH"),
        ("url", "example.com"),
        ("url", "https:///path"),
        ("url", "{{ name"),
        ("success_codes", "20"),
        ("body_kind", "yaml"),
        ("headers", [{"name": "", "value": "x"}]),
        ("query", [{"name": "a", "value": "{{ | }}"}]),
        ("unknown", 1),
    ],
)
def test_wrong_settings_are_refused(setting: str, value: Any) -> None:
    form = bind(RequestForm, SMALLEST | {setting: value})
    assert not form.is_valid()
    assert list(errors(form)) == ["" if setting == "unknown" else setting]


@pytest.mark.parametrize("url", ["https://{{ host }}/a", "{{ url }}", "HTTP://example.com", "https://пример.рф/путь"])
def test_addresses_that_may_become_right_are_taken(url: str) -> None:
    assert bind(RequestForm, SMALLEST | {"url": url}).is_valid()


@pytest.mark.parametrize(
    ("url", "account"),
    [
        ("https://Online.Bizon365.ru/api/v1/", "online.bizon365.ru"),
        (" http://example.com ", "example.com"),
        ("https://example.com:443/in", "example.com"),
        ("https://example.com:8443/in", "example.com:8443"),
        ("http://[2001:db8::1]:8080/in", "[2001:db8::1]:8080"),
        ("https://почта.рф/in", "xn--80a1acny.xn--p1ai"),
        ("https://user:secret@example.com/in", "example.com"),
        ("https://example.com/students/{{ id }}", "example.com"),
        ("https://example.com?phone={{ client_phone }}", "example.com"),
        ("https://example.com/{% if a %}a{% endif %}", "example.com"),
    ],
)
def test_the_account_is_the_host(url: str, account: str) -> None:
    assert SendRequest().account({"method": "POST", "url": url}) == account


@pytest.mark.parametrize(
    "url",
    [
        *("https://{{ host }}/in", "{{ url }}", "https://example.com{{ path }}", "https://example.com:{{ port }}/"),
        *("https://{{ user }}@example.com/", "{% if a %}https://a.example/{% endif %}", "ftp://example.com/", ""),
    ],
)
def test_an_address_whose_host_is_not_certain_has_no_account(url: str) -> None:
    assert SendRequest().account({"method": "POST", "url": url}) == ""
