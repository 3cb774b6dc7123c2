"""Every shape of request gives the right fields."""

import json
import re
from pathlib import Path

import pytest
from django.utils import translation

from sources.problems import sentence
from tests.shapes import KLIENTIKS, SHAPES, Shape
from webjack.decode import Problem, Raw, decode
from webjack.decode import __file__ as package
from webjack.decode.limits import FILE_SIZE


def post(body: bytes, content_type: str = "", query: str = "") -> Raw:
    return Raw("POST", query, content_type, body)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_shape_gives_its_fields(shape: Shape) -> None:
    decoded = decode(Raw(shape.method, shape.query.encode(), shape.content_type, shape.body))
    assert decoded.data == shape.data
    assert (decoded.problem.code if decoded.problem else None) == shape.problem
    json.dumps(decoded.data, allow_nan=False)


def test_there_are_many_shapes_with_distinct_names() -> None:
    assert len({shape.name for shape in SHAPES}) == len(SHAPES) >= 60


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_query_as_wsgi_gives_it_reads_the_same(shape: Shape) -> None:
    as_bytes = decode(Raw(shape.method, shape.query.encode(), "", b""))
    as_wsgi = decode(Raw(shape.method, shape.query.encode().decode("latin-1"), "", b""))
    assert as_wsgi == as_bytes


def test_klientiks_sends_its_unresolved_placeholder_literally() -> None:
    paid = KLIENTIKS[3]
    assert "appointment_status={appointment.status}}" in paid.query
    assert decode(Raw("GET", paid.query, "", b"")).data["appointment_status"] == "{appointment.status}}"


def test_query_and_body_are_both_kept_when_merged() -> None:
    decoded = decode(post(b'{"a": 2, "b": 3}', "application/json", "a=1&c=4"))
    assert decoded.data == {"a": 2, "b": 3, "c": "4"}
    assert decoded.query == {"a": "1", "c": "4"}
    assert decoded.body == {"a": 2, "b": 3}


@pytest.mark.parametrize(
    ("content_type", "body", "form", "charset"),
    [
        ("", b"", "none", ""),
        ("application/json", b"", "none", ""),
        ("application/x-www-form-urlencoded", b"a=%CF%F0", "form", "windows-1251"),
        (
            "multipart/form-data; boundary=XX",
            b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--XX--',
            "multipart",
            "utf-8",
        ),
        ("application/json", '"я"'.encode("utf-16-le"), "json", "utf-16-le"),
        ("text/xml", b"<a/>", "xml", "utf-8"),
        ("text/plain; charset=koi8-r", "я".encode("koi8-r"), "text", "koi8-r"),
        ("application/octet-stream", b"\0\1\2", "binary", ""),
    ],
)
def test_it_says_how_the_body_was_read(content_type: str, body: bytes, form: str, charset: str) -> None:
    decoded = decode(post(body, content_type))
    assert (decoded.form, decoded.charset) == (form, charset)


def test_a_problem_points_at_the_place() -> None:
    assert decode(post(b'{"a": 1,\n "b": }', "application/json")).problem == Problem("json", {"line": 2, "column": 7})
    assert decode(post(b"<a>\n<b></a>", "text/xml")).problem == Problem("xml", {"line": 2, "column": 6})


def test_a_problem_of_the_query_does_not_hide_the_body() -> None:
    decoded = decode(post(b'{"a": 1}', "application/json", "x=%D0%9C%D0%B0%D1"))
    assert decoded.data == {"x": "Ма\ufffd", "a": 1}
    assert decoded.problem == Problem("charset", {"charset": "utf-8"})


@pytest.mark.parametrize(("media_type", "byte"), [("text/plain", b"a"), ("image/png", b"\0")])
def test_a_large_file_is_cut_and_says_so(media_type: str, byte: bytes) -> None:
    content = byte * (FILE_SIZE + 1)
    head = f'--XX\r\nContent-Disposition: form-data; name="f"; filename="big"\r\nContent-Type: {media_type}\r\n\r\n'
    decoded = decode(post(head.encode() + content + b"\r\n--XX--\r\n", "multipart/form-data; boundary=XX"))
    file = decoded.data["f"]
    assert file["size"] == FILE_SIZE + 1
    assert file["cut"] is True
    assert len(file["content"]) == (FILE_SIZE if byte == b"a" else (FILE_SIZE + 2) // 3 * 4)
    assert decoded.problem == Problem("cut", {"name": "big", "limit": FILE_SIZE})


def test_a_multipart_of_too_many_parts_keeps_the_first_ones() -> None:
    part = b'--XX\r\nContent-Disposition: form-data; name="a[]"\r\n\r\n1\r\n'
    decoded = decode(post(part * 10_001 + b"--XX--", "multipart/form-data; boundary=XX"))
    assert decoded.data == {"a": ["1"] * 10_000}
    assert decoded.problem == Problem("fields", {"limit": 10_000})


def test_very_many_keys_in_brackets_stay_names() -> None:
    name = "a" + "[x]" * 59
    names = [f"{name}[{number}]" for number in range(2_000)]
    decoded = decode(Raw("GET", "&".join(f"{name}=1" for name in names), "", b""))
    assert decoded.problem == Problem("depth", {"limit": 64})
    assert set(decoded.data) == {"a", *names[1_639:]}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<a>" * 64 + b"x" + b"</a>" * 64, None),
        (b"<a>" * 65 + b"x" + b"</a>" * 65, "depth"),
        (b"<a>" * 300_000, "depth"),
        (b"<r>" + b"<a/>" * 100_000 + b"</r>", "values"),
        (b'<!DOCTYPE r [<!ENTITY e "x">]><r>&e;' + b"<a/>" * 100 + b"</r>", "xml_entities"),
        (b"<r>" + b"<a/>" * 100 + b"</b>", "xml"),
    ],
)
def test_xml_of_too_much_is_refused_before_it_is_made_into_objects(body: bytes, problem: str | None) -> None:
    decoded = decode(post(body, "application/xml"))
    assert (decoded.problem.code if decoded.problem else None) == problem
    assert decoded.form == ("text" if problem else "xml")


def test_a_text_of_bytes_that_windows_1251_lacks_is_read() -> None:
    assert decode(post(b"\xcf\xf0\x98\xe8", "text/plain")).data == {"text": "Пр\x98и"}


def test_every_problem_has_its_sentence() -> None:
    source = "".join(path.read_text() for path in Path(package).parent.glob("*.py"))
    codes = set(re.findall(r'(?:Problem|UndecodableError)\("(\w+)"', source))
    assert codes >= {"json", "xml", "depth", "fields"}
    detail = {"line": 3, "column": 7, "limit": 64, "charset": "utf-8", "name": "big"}
    with translation.override("en"):
        fallback = sentence(Problem("of another version"))
        sentences = {code: sentence(Problem(code, detail)) for code in codes}
    assert "kept as it came" in fallback
    assert fallback not in sentences.values()
    assert "line 3, column 7" in sentences["json"]
    assert "64" in sentences["depth"]
