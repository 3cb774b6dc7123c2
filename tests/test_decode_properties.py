"""What holds for any request."""

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from webjack.decode import Raw, decode
from webjack.decode.urlencoded import _PHONE

TYPES = st.sampled_from(
    [
        "",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=XX",
        "multipart/form-data",
        "application/xml",
        "text/plain",
        "application/octet-stream",
        "image/png",
    ]
)
CHARSETS = st.sampled_from(
    [
        "",
        "; charset=utf-8",
        "; charset=utf-16",
        "; charset=cp1251",
        "; charset=idna",
        "; charset=hex",
        "; charset=iso2022_jp",
    ]
)
FRAGMENTS = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b"a",
        b"=",
        b"&",
        b"%",
        b"+",
        b":",
        b",",
        b"<a>",
        b"</a>",
        b"<!",
        b"--XX",
        b"\r\n",
        b"\0",
        b"Content-Disposition: form-data; name=",
        b"1e9",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xcf",
        b"\xd0\x9f",
        b"\x1f\x8b\x08",
    ]
)
BODIES = st.binary(max_size=300) | st.lists(FRAGMENTS, max_size=30).map(b"".join)
QUERIES = BODIES | st.text() | st.text("a[]0=&%+", max_size=40)
TEXTS = st.text(max_size=30)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="[]"), max_size=20)
KEYS = st.text("abcxyzПФ .-_0", min_size=1, max_size=6).filter(lambda key: not key.isdigit())


def survives_a_form(text: str) -> bool:
    """A leading space before a phone is read as an unescaped plus, on purpose."""
    return not _PHONE.match(text.encode())


@given(st.text(max_size=40) | st.tuples(TYPES, CHARSETS).map("".join), BODIES, QUERIES)
def test_it_never_raises_and_gives_what_json_can_hold(content_type: str, body: bytes, query: str | bytes) -> None:
    decoded = decode(Raw("POST", query, content_type, body))
    assert decoded.form in {"none", "form", "multipart", "json", "xml", "text", "binary"}
    assert decoded.data == {**decoded.query, **decoded.body}
    json.dumps(decoded.data, allow_nan=False)


@given(st.dictionaries(NAMES.filter(survives_a_form), TEXTS.filter(survives_a_form), max_size=10))
def test_flat_fields_survive_a_query_and_a_form(fields: dict[str, str]) -> None:
    encoded = urlencode(fields)
    assert decode(Raw("GET", encoded, "", b"")).data == fields
    sent = decode(Raw("POST", "", "application/x-www-form-urlencoded", encoded.encode()))
    assert (sent.body, sent.problem) == (fields, None)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)


@given(
    st.dictionaries(TEXTS, JSON_VALUES, max_size=5),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"]),
    TYPES,
)
def test_json_survives_in_every_charset(fields: dict[str, Any], charset: str, content_type: str) -> None:
    body = json.dumps(fields, ensure_ascii=False).encode(charset)
    sent = decode(Raw("POST", "", "application/json", body))
    assert (sent.data, sent.form, sent.problem) == (fields, "json", None)


@given(
    st.dictionaries(TEXTS, JSON_VALUES, max_size=5),
    st.sampled_from(["", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "application/octet-stream"]),
)
def test_json_is_found_under_a_wrong_type(fields: dict[str, Any], content_type: str) -> None:
    body = json.dumps(fields).encode()
    assert decode(Raw("POST", "", content_type, body)).body == fields


NESTED = st.dictionaries(
    KEYS,
    st.recursive(
        TEXTS.filter(survives_a_form),
        lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(KEYS, inner, min_size=1, max_size=4),
        max_leaves=12,
    ),
    max_size=4,
)


def pairs(name: str, value: Any) -> list[tuple[str, str]]:
    """As PHP's http_build_query writes them."""
    if isinstance(value, str):
        return [(name, value)]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [pair for key, item in inner for pair in pairs(f"{name}[{key}]", item)]


@given(NESTED)
def test_nested_fields_survive_brackets(fields: dict[str, Any]) -> None:
    encoded = urlencode([pair for name, value in fields.items() for pair in pairs(name, value)])
    assert decode(Raw("GET", encoded, "", b"")).data == fields


def leaves(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [leaf for inner in (value.values() if isinstance(value, dict) else value) for leaf in leaves(inner)]


@given(st.lists(st.text("ab01[]", max_size=12), max_size=12))
def test_no_value_is_lost_whatever_the_brackets(names: list[str]) -> None:
    values = [f"value {number}" for number in range(len(names))]
    encoded = urlencode(list(zip(names, values, strict=True)))
    assert sorted(leaves(decode(Raw("GET", encoded, "", b"")).data)) == sorted(values)
