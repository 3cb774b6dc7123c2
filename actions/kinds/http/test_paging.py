"""Answers in several pages: which requests go out, what is collected, and where it ends."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from actions.kinds.http.form import RequestForm
from actions.kinds.http.request import SendRequest
from webjack.config import bind, errors, nest
from webjack.http import Failed, Http

Answering = Callable[[Request], Response]


@pytest.fixture(autouse=True)
def _local_targets(settings: Any) -> None:
    settings.EGRESS_ALLOW = ["127.0.0.1"]


def collect(httpserver: HTTPServer, answer: Answering, http: Http | None = None, **config: Any) -> dict[str, Any]:
    httpserver.expect_request("/list").respond_with_handler(answer)
    form = bind(RequestForm, {"method": "GET", "url": httpserver.url_for("/list")} | config)
    assert form.is_valid(), errors(form)
    return SendRequest().execute(nest(form.cleaned_data), http or Http())


def page(body: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), content_type="application/json", headers=headers)


def numbered(last: int) -> Answering:
    def answer(request: Request) -> Response:
        number = int(request.args["page"])
        return page({"total": last, "items": [{"id": number}] if number <= last else []})

    return answer


def test_pages_by_number_are_asked_until_one_is_empty(httpserver: HTTPServer) -> None:
    http = Http()
    output = collect(
        httpserver,
        numbered(3),
        http,
        query=[{"name": "limit", "value": "1"}],
        paging={"kind": "page", "parameter": "page"},
    )
    assert output["items"] == [{"id": 1}, {"id": 2}, {"id": 3}]
    assert (output["pages"], output["more"], output["status"]) == (4, False, 200)
    assert output["body"]["items"] == [{"id": 1}]
    assert [request.args.to_dict() for request, _answer in httpserver.log] == [
        {"limit": "1", "page": str(number)} for number in (1, 2, 3, 4)
    ]
    assert len(http.exchanges) == 4


def test_links_of_the_header_are_followed(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        number = int(request.args.get("after", 0))
        link = {"Link": f'</list?after={number + 1}>; rel="next", </list>; rel="first"'} if number < 2 else {}
        return page([number], link)

    output = collect(httpserver, answer, query=[{"name": "q", "value": "x"}], paging={"kind": "link"})
    assert output["items"] == [0, 1, 2]
    assert [request.args.to_dict() for request, _answer in httpserver.log] == [
        {"q": "x"},
        {"after": "1"},
        {"after": "2"},
    ]


def test_links_of_the_body_are_followed(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        last = request.args.get("p") == "2"
        return page({"result": {"rows": [1]}, "links": {"next": None if last else httpserver.url_for("/list?p=2")}})

    paging = {"kind": "link", "next": "{{ steps.http.body.links.next }}", "items": "body.result.rows"}
    assert collect(httpserver, answer, paging=paging)["items"] == [1, 1]


def test_a_cursor_is_sent_on(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        cursor = int(request.args.get("start", 0))
        return page({"result": [cursor], "next": cursor + 50 if cursor < 100 else ""})

    output = collect(httpserver, answer, paging={"kind": "cursor", "next": "next", "parameter": "start"})
    assert output["items"] == [0, 50, 100]


@pytest.mark.parametrize(("limits", "asked", "kept"), [({"pages": 2}, 2, 2), ({"most": 3}, 3, 3), ({"most": 1}, 1, 1)])
def test_limits_end_it_and_are_told(httpserver: HTTPServer, limits: dict[str, int], asked: int, kept: int) -> None:
    output = collect(httpserver, numbered(99), paging={"kind": "page", "parameter": "page"} | limits)
    assert (len(httpserver.log), len(output["items"]), output["more"]) == (asked, kept, True)


def test_much_data_end_it(httpserver: HTTPServer) -> None:
    output = collect(
        httpserver,
        lambda request: page(["x" * 900_000]),
        paging={"kind": "page", "parameter": "page", "pages": 100},
    )
    assert output["pages"] == 5
    assert output["more"]


def test_a_server_that_leads_in_a_circle_is_left(httpserver: HTTPServer) -> None:
    paging = {"kind": "link", "next": "next"}
    output = collect(httpserver, lambda request: page({"items": [1], "next": "/list"}), paging=paging)
    assert output["pages"] == 1
    assert not output["more"]


def test_a_link_to_another_server_is_not_followed(httpserver: HTTPServer) -> None:
    with pytest.raises(Failed, match=r"example\.com"):
        collect(
            httpserver,
            lambda request: page({"next": "https://example.com/list?p=2", "items": []}),
            paging={"kind": "link", "next": "body.next"},
        )


def test_a_page_that_fails_fails_the_action(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        return page({"items": [1]}) if request.args["page"] == "1" else Response("", 503)

    with pytest.raises(Failed) as failed:
        collect(httpserver, answer, paging={"kind": "page", "parameter": "page"})
    assert failed.value.status == 503


def test_each_page_has_a_key_of_its_own(httpserver: HTTPServer) -> None:
    collect(httpserver, numbered(1), Http(key="k"), method="POST", paging={"kind": "page", "parameter": "page"})
    assert [request.headers["Idempotency-Key"] for request, _answer in httpserver.log] == ["k", "k-2"]


@pytest.mark.parametrize(
    ("paging", "wrong"),
    [
        ({"kind": "page"}, "paging.parameter"),
        ({"kind": "cursor", "parameter": "start"}, "paging.next"),
        ({"kind": "link", "pages": 1000}, "paging.pages"),
        ({"kind": "what"}, "paging.kind"),
    ],
)
def test_wrong_settings_are_refused(paging: dict[str, Any], wrong: str) -> None:
    form = bind(RequestForm, {"method": "GET", "url": "https://example.com/", "paging": paging})
    assert wrong in errors(form)


def test_without_it_nothing_changes(httpserver: HTTPServer) -> None:
    output = collect(httpserver, lambda request: page({"next": "/list", "items": [1]}))
    assert output.keys() == {"status", "headers", "body", "text"}


@pytest.mark.parametrize("paging", [{"kind": "cursor", "next": "body.next"}, {"kind": "page", "first": 0}])
@pytest.mark.parametrize(
    "body",
    [
        {"body_kind": "json", "body_fields": [{"name": "params.limit", "value": 1, "type": "number"}]},
        {"body": '{"params": {"limit": 1}}'},
    ],
)
def test_the_next_page_is_named_in_a_json_body(
    httpserver: HTTPServer, paging: dict[str, Any], body: dict[str, Any]
) -> None:
    def answer(request: Request) -> Response:
        number = request.get_json()["params"].get("start", 0)
        return page({"items": [number] if number < 2 else [], "next": number + 1 if number < 2 else None})

    told = paging | {"place": "body", "parameter": "params.start"}
    output = collect(httpserver, answer, method="POST", paging=told, **body)

    assert output["items"] == [0, 1]
    sent = [request.get_json() for request, _answer in httpserver.log]
    assert [one["params"].get("start", 0) for one in sent] == [0, 1, 2]
    assert all(one["params"]["limit"] == 1 for one in sent)
    assert {request.headers["Content-Type"] for request, _answer in httpserver.log} == {"application/json"}


def test_a_body_that_is_no_object_cannot_name_a_page(httpserver: HTTPServer) -> None:
    paging = {"kind": "page", "place": "body", "parameter": "page"}
    with pytest.raises(Failed, match="нет объекта JSON"):
        collect(httpserver, numbered(1), method="POST", paging=paging, body="[1]")
    form = bind(RequestForm, {"method": "POST", "url": "https://a.ru", "body_kind": "xml", "paging": paging})
    assert "paging.place" in str(errors(form))
