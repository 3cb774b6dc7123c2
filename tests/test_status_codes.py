"""Status codes: reading them and matching a status."""

import pytest

from webjack.status_codes import SUCCESS, matches, parse


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("", ()),
        (" , ", ()),
        ("2**", ("2**",)),
        ("2**, 404", ("2**", "404")),
        ("200,,201 ,", ("200", "201")),
        ("200 201\n20*", ("200", "201", "20*")),
        ("200, 200", ("200",)),
    ],
)
def test_a_list_of_codes_is_read(text: str, patterns: tuple[str, ...]) -> None:
    assert parse(text) == patterns


@pytest.mark.parametrize("text", ["2*", "2", "2000", "2хх", "2xx", "2∗∗", "2＊＊", "٢٠٠", "600", "2**;404", "ok"])
def test_what_is_no_code_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="404") as caught:
        parse(f"200, {text}")
    assert text in str(caught.value)


def test_a_long_wrong_code_is_shortened_in_the_sentence() -> None:
    with pytest.raises(ValueError, match="404") as caught:
        parse("9" * 5000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("patterns", "status", "fits"),
    [
        (SUCCESS, 204, True),
        (SUCCESS, 302, False),
        (("404",), 404, True),
        (("40*",), 410, False),
        (("*04",), 504, True),
        ((), 200, False),
        (("2**",), 2000, False),
    ],
)
def test_a_status_fits_a_pattern(patterns: tuple[str, ...], status: int, fits: bool) -> None:
    assert matches(patterns, status) is fits
