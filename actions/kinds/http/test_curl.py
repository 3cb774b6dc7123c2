"""curl commands as people paste them."""

import json
from contextlib import suppress
from typing import Any

import pytest

from actions.kind import Pasted
from actions.kinds.http.curl import read
from actions.kinds.http.curl_words import words
from actions.kinds.http.form import RequestForm
from actions.values import build_object
from webjack.config import bind, errors


def filled(command: str) -> tuple[dict[str, Any], str]:
    """The settings that a form takes, and all that was said."""
    found: Pasted = read(command)
    form = bind(RequestForm, dict(found.config))
    assert form.is_valid(), errors(form)
    return form.cleaned_data, " ".join(map(str, found.notes))


def pairs(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(row["name"], row["value"]) for row in rows]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("curl https://a.example/", ["curl", "https://a.example/"]),
        ("$ curl \\\n  -H 'A: b'", ["curl", "-H", "A: b"]),
        ("curl \\\r\n -s", ["curl", "-s"]),
        ("""curl -d 'it'"'"'s'""", ["curl", "-d", "it's"]),
        (r"""curl -d 'it'\''s'""", ["curl", "-d", "it's"]),
        (r'''curl -d "a \"b\" \$c \n"''', ["curl", "-d", 'a "b" $c \\n']),
        (r"curl -d $'a\'b\n\u0430\xd0 \ud83d\ude00\101'", ["curl", "-d", "a'b\nаÐ 😀A"]),
        ("curl -d ''", ["curl", "-d", ""]),
        ("curl a | jq .", ["curl", "a"]),
        ("curl a && curl b", ["curl", "a"]),
        ("curl https://a/?b=1&c=2", ["curl", "https://a/?b=1&c=2"]),
        ('curl ^"https://a/?b=1^&c=2^" ^\n  -H ^"A: b^"', ["curl", "https://a/?b=1&c=2", "-H", "A: b"]),
        ('curl ^"a^" --data-raw ^"^{^\\^"b^\\^":1^}^"', ["curl", "a", "--data-raw", '{"b":1}']),
        ('curl ^"a^" -d ^"one^\n\ntwo^"', ["curl", "a", "-d", "one\ntwo"]),
        ("curl a `\n -s", ["curl", "a", "-s"]),
    ],
)
def test_quotes_are_read_as_bash_and_windows_do(command: str, found: list[str]) -> None:
    assert words(command) == found


def test_the_simplest_command() -> None:
    config, said = filled("curl https://api.example.com/leads?page=2")
    assert (config["method"], config["url"]) == ("GET", "https://api.example.com/leads")
    assert pairs(config["query"]) == [("page", "2")]
    assert (config["body"], config["headers"], said) == ("", [], "")


def test_an_object_of_json_becomes_a_tree() -> None:
    sent = {"name": "Анна", "a.b": "x", "sum": 12.50, "tags": ["a", 1, {"deep": None}], "ok": True, "none": {}}
    config, _said = filled(
        f"curl -X PUT https://a.example/ -H 'Content-Type: application/json' -d '{json.dumps(sent)}'"
    )
    assert (config["method"], config["body_kind"], config["json_as"]) == ("PUT", "json", "fields")
    assert build_object(config["body_fields"]) == sent
    assert config["headers"] == []


def test_json_that_no_tree_holds_stays_text() -> None:
    config, _said = filled("curl --json '[1, 2]' https://a.example/")
    assert (config["method"], config["body_kind"], config["json_as"]) == ("POST", "json", "text")
    assert config["body_json"] == "[1, 2]"
    assert pairs(config["headers"]) == [("Accept", "application/json")]


def test_a_form_becomes_rows() -> None:
    command = "curl https://a.example/ -d 'a=1&b=%D0%B0' -d c=3 --data-urlencode 'd=x & y' --data-urlencode e"
    config, _said = filled(command)
    assert (config["method"], config["body_kind"]) == ("POST", "form")
    assert pairs(config["body_fields"])[:4] == [("a", "1"), ("b", "а"), ("c", "3"), ("d", "x & y")]


def test_with_get_the_data_go_into_the_query() -> None:
    config, _said = filled("curl -G https://a.example/?x=0 -d a=1 --data-urlencode 'b=д а'")
    assert config["method"] == "GET"
    assert pairs(config["query"]) == [("x", "0"), ("a", "1"), ("b", "д а")]
    assert config["body"] == ""


def test_xml_and_other_texts() -> None:
    config, _said = filled("curl a.example -H 'Content-Type: text/xml' --data-binary '<a>1</a>'")
    assert (config["url"], config["body_kind"], config["body_xml"]) == ("http://a.example", "xml", "<a>1</a>")
    assert pairs(config["headers"]) == [("Content-Type", "text/xml")]
    config, _said = filled("curl https://a.example -H 'Content-Type: text/csv' --data-raw 'a;b'")
    assert (config["body_kind"], config["body"]) == ("text", "a;b")


def test_files_of_a_multipart_body_are_asked_for() -> None:
    config, said = filled("curl https://a.example -F name=Анна -F 'photo=@/home/me/a.png;type=image/png' -F b=1;type=x")
    assert config["body_kind"] == "multipart"
    rows = [(row["name"], row["value"], row["type"]) for row in config["body_fields"]]
    assert rows[:2] == [("name", "Анна", "auto"), ("photo;filename=a.png;type=image/png", "", "file")]
    assert "a.png" in said


def test_secrets_are_kept_but_a_connection_is_suggested() -> None:
    config, said = filled("curl -u anna:pass https://a.example/?token=1 -H 'X-Api-Key: 2' -b sid=3")
    assert pairs(config["headers"]) == [
        ("Authorization", "Basic YW5uYTpwYXNz"),
        ("X-Api-Key", "2"),
        ("Cookie", "sid=3"),
    ]
    assert "Authorization, X-Api-Key, Cookie, token" in said
    assert "подключени" in said


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("-k", "сертификат"),
        ("-x http://proxy:3128", "подключени"),
        ("--cert a.pem --key b.pem", "подключени"),
        ("-m 5", "--max-time"),
        ("-d @body.json", "body.json"),
        ("-T file.txt", "file.txt"),
        ("--foo", "--foo"),
        ("https://b.example/", "несколько адресов"),
        ("-H 'Authorization: Bearer $TOKEN'", "$TOKEN"),
        ("-X PROPFIND", "PROPFIND"),
        ("-H 'sec-ch-ua: x'", "sec-ch-ua"),
    ],
)
def test_what_cannot_be_taken_over_is_said(option: str, said: str) -> None:
    _config, told = filled(f"curl https://a.example/ {option}")
    assert said in told


def test_what_means_nothing_here_is_passed_over() -> None:
    config, said = filled("curl -sSfL --compressed -o out.json -w '%{http_code}' https://a.example/")
    assert (config["follow_redirects"], said) == (True, "")


def test_options_may_stick_to_each_other_and_to_their_values() -> None:
    config, _said = filled("curl -sXDELETE -HA:b https://a.example/")
    assert (config["method"], pairs(config["headers"])) == ("DELETE", [("A", "b")])


def test_what_browsers_copy() -> None:
    config, said = filled(
        "curl 'https://a.example/api' \\\n  -H 'accept: */*' \\\n  -H 'content-type: application/json' \\\n"
        "  -H 'sec-fetch-mode: cors' \\\n  -H 'host: a.example' \\\n"
        '  --data-raw $\'{"text":"it\\\'s"}\' \\\n  --compressed'
    )
    assert build_object(config["body_fields"]) == {"text": "it's"}
    assert pairs(config["headers"]) == [("accept", "*/*")]
    assert "sec-fetch-mode, host" in said


@pytest.mark.parametrize(
    "command", ["", "wget https://a.example/", "curl", "curl -d", "curl 'https://a.example/", "curl -s"]
)
def test_what_is_no_command_is_refused_with_a_sentence(command: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        read(command)


@pytest.mark.parametrize("piece", ["'", '"', "\\", "$'", "^", "-", "--", "{", "[", "&", "\n", "=", "@", "\x00", "%"])
def test_nothing_pasted_breaks_it(piece: str) -> None:
    texts = [f"curl {piece}", f"curl https://a.example/ -d {piece * 3}", f"curl -F {piece} a", f"curl {piece * 5000}"]
    for text in texts:
        with suppress(ValueError):
            assert read(text).config["url"]
