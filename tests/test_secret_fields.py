"""Secrets that only a field's name reveals: what is recorded and shown has a mask in their place."""

import json
from typing import Any

import pytest

from webjack.http.mask import MASK, Mask
from webjack.http.secret_fields import in_text, secret_field, without_secrets

KEY = "sk_live_51Hc9aZq7"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"access_token": "{KEY}", "id": 7}}',
        f'{{"a":{{"client_secret" : "{KEY}"}}}}',
        f'{{"password": "a\\"{KEY}", "id": 7}}',
        f'{{"text": "{{\\"token\\": \\"{KEY}\\"}}"}}',
        f'{{"key": "{KEY}"}}',
        f'[{{"refreshToken":"{KEY}',
        f"grant_type=x&client_secret={KEY}&id=7",
        f"user%5Bpassword%5D={KEY}",
        f"access_token={KEY}&id=7",
        f'{{"link": "https://example.com/?api_key={KEY}&id=7"}}',
        f'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n{KEY}\r\n--x--',
        f"<answer><sessionToken>{KEY}</sessionToken><id>7</id></answer>",
    ],
)
def test_a_secret_is_not_shown_and_the_rest_is(text: str) -> None:
    shown = in_text(text)
    assert KEY not in shown
    assert shown.count(MASK) == 1
    assert shown.split(MASK)[0] == text.split(KEY)[0].removesuffix('a\\"')
    assert ("7" in shown) == ("7" in text.replace(KEY, ""))


@pytest.mark.parametrize(
    "text",
    [
        '{"key": "phone", "value": "+79123456789"}',
        '{"next_page_token": "abc", "token_type": "bearer", "total_tokens": 500, "token_expires_at": "2026-01-01"}',
        '{"keyboard": "Да", "design": "синий", "signal": 1, "author": "Анна"}',
        "status=new&sign=да&sort_key=name",
        '{"token": "", "password": null, "secret": true}',
        "The token is wrong: check the password",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert in_text(text) == text
    if text.startswith("{"):
        assert without_secrets(json.loads(text)) == json.loads(text)


def test_numbers_are_secrets_only_as_passwords() -> None:
    assert secret_field("password", 1234)
    assert not secret_field("token", 1234)
    assert json.loads(in_text('{"password": 1234, "id": 5}')) == {"password": MASK, "id": 5}


def test_values_inside_each_other_are_masked() -> None:
    value: Any = {"rows": [{"access_token": KEY, "id": 1}], "text": f"password={KEY}"}
    assert without_secrets(value) == {"rows": [{"access_token": MASK, "id": 1}], "text": f"password={MASK}"}


def test_bodies_and_settings_are_recorded_without_them() -> None:
    mask = Mask([])
    body = json.dumps({"access_token": KEY, "id": 7}).encode()
    assert mask.body(body, "application/json", 1000, False) == (f'{{"access_token": "{MASK}", "id": 7}}', False)
    assert mask.body(body[:25], "application/json", 1000, True) == (f'{{"access_token": "{MASK}', True)
    config = {
        "url": "https://example.com",
        "body": body.decode(),
        "password": KEY,
        "rows": [{"name": "id", "value": 1}],
    }
    assert KEY not in json.dumps(mask.config(config))
    assert mask.config(config)["rows"] == config["rows"]


@pytest.mark.parametrize("length", [1, 199, 200, 201, 5000])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"token": "', '", "id": 7}'),
        ('{"text": "{\\"token\\": \\"', '\\"}"}'),
        ('--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n', "\r\n--x--"),
        ("<token>", "</token>"),
        ("id=7&token=", "&name=x"),
    ],
)
def test_the_whole_of_a_secret_is_masked_however_long(before: str, after: str, length: int) -> None:
    assert in_text(before + "ё" * length + after) == before + MASK + after


def test_so_are_escaped_signs_and_digits() -> None:
    assert in_text('{"token": "' + '\\"' * 300 + '", "id": 7}') == f'{{"token": "{MASK}", "id": 7}}'
    assert in_text('{"password": ' + "1" * 90 + ', "id": 7}') == f'{{"password": "{MASK}", "id": 7}}'


@pytest.mark.parametrize(
    "piece",
    [
        '"token":', '"token":"\\', "token=&", 'name="token"\n', "<token>", '\\"token\\":\\"', "&" * 9, "?tokens=",
        "tokens=?", "tokens=tokens=",
    ],
)  # fmt: skip
def test_a_megabyte_of_beginnings_is_read_in_passing(piece: str) -> None:
    text = piece * ((1 << 20) // len(piece))
    assert len(in_text(text)) < 3 * len(text)


@pytest.mark.parametrize("kept", [1, 150, 199, 200, 201, 5000, 9_999])
def test_of_a_secret_that_was_cut_in_two_nothing_is_left(kept: int) -> None:
    secret = "".join(chr(ord("a") + number % 26) + str(number) for number in range(5_000))[:10_000]
    body = f"answer: {secret[:kept]}".encode()
    assert Mask([secret]).body(body, "text/plain", 100_000, True) == (f"answer: {MASK}", True)


def test_a_long_secret_costs_no_more_than_its_length() -> None:
    compared: list[int] = []

    class Counted(str):
        def endswith(self, *given: Any) -> bool:
            compared.append(len(given[0]))
            return super().endswith(*given)

    mask = Mask(["a" * 9_999 + "b"])
    assert mask._without_beginning_of_secret(Counted("c" * 20_000)) == "c" * 20_000
    assert sum(compared) < 100_000
