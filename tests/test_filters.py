"""Every filter by its example, and what examples do not show: values of all kinds, empty ones, hostile ones."""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from actions.filters.catalogue import FILTERS, THEMES
from actions.filters.declared import EXAMPLE, SURROUNDINGS, Around, Filter
from actions.filters.moments import moment
from actions.filters.people import person
from actions.filters.phones import e164
from actions.placeholders import BadTemplate, Context, check, fill

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
DATA = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=6)


@pytest.fixture(autouse=True, scope="module")
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def context(source: dict[str, Any], seed: str = "", zone: str = "Europe/Moscow", operation: str = "0192") -> Context:
    company = {"name": "Ромашка", "time_zone": zone}
    return Context(source=source, steps={}, operation={"id": operation}, company=company, seed=seed)


def filled(expression: str, source: dict[str, Any] | None = None, **known: Any) -> Any:
    return fill("{{ " + expression + " }}", context(source or {}, **known))


def refusal(text: str, source: dict[str, Any]) -> BadTemplate | None:
    """Why a text cannot be filled with these values; None when it can."""
    try:
        fill(text, context(source))
    except BadTemplate as refused:
        return refused
    return None


def exactly(value: Any) -> tuple[type, Any]:
    return type(value), value


@pytest.mark.parametrize("one", FILTERS.values(), ids=lambda one: one.key)
def test_every_filter_gives_what_its_example_shows(one: Filter) -> None:
    result = one.apply(one.example.value, one.example.arguments, {}, EXAMPLE)
    assert exactly(result) == exactly(one.example.output)


@pytest.mark.parametrize("one", FILTERS.values(), ids=lambda one: one.key)
def test_every_example_can_be_written_as_a_placeholder(one: Filter) -> None:
    check("{{ value | " + one.call + " }}")
    check("{{ value | " + one.form + " }}")


def test_every_filter_is_told_of_in_words_and_in_russian() -> None:
    for theme in THEMES:
        for one in theme.filters:
            texts = [one.title, one.about, *(argument.title for argument in one.arguments)]
            assert all(str(text).strip() for text in texts), one.key
            assert [argument.name for argument in one.arguments] == [
                name for name in one.signature.parameters if name not in {"value", "allow_false", *SURROUNDINGS}
            ], one.key
            with translation.override("ru"):
                assert any("а" <= letter <= "я" for letter in str(one.about).lower()), one.key


@given(st.sampled_from(list(FILTERS.values())), DATA)
def test_a_filter_gives_a_value_or_a_sentence_whatever_it_gets(one: Filter, value: Any) -> None:
    refused = refusal("\n{{ value | " + one.call + " }}", {"value": value})
    if refused:
        assert refused.line == 2
        assert refused.message.startswith(f"Filter “{one.title}”: ")


@given(st.sampled_from([one for one in FILTERS.values() if one.arguments]), DATA)
def test_any_argument_gives_a_value_or_a_sentence(one: Filter, argument: Any) -> None:
    count = sum(each.required for each in one.arguments) or 1
    text = "{{ value | " + one.key + ": " + ", ".join(["argument"] * count) + " }}"
    refused = refusal(text, {"value": one.example.value, "argument": argument})
    assert refused is None or refused.message.startswith("Filter “")


@pytest.mark.parametrize("one", FILTERS.values(), ids=lambda one: one.key)
def test_a_filter_takes_nothing_for_an_answer(one: Filter) -> None:
    """Optional fields come empty: then the action goes on, unless the filter is there to stop it."""
    for nothing in (None, ""):
        if one.key == "required":
            with pytest.raises(ValueError, match="Нет имени"):
                one.apply(nothing, one.example.arguments, {}, EXAMPLE)
        else:
            one.apply(nothing, one.example.arguments, {}, EXAMPLE)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("8 (912) 345-67-89", "+79123456789"),
        ("+7 912 345 67 89", "+79123456789"),
        ("79123456789", "+79123456789"),
        ("9123456789", "+79123456789"),
        ("8-800-555-35-35", "+78005553535"),
        ("375 29 123-45-67", "+375291234567"),
        ("+998 90 123 45 67", "+998901234567"),
        (89123456789, "+79123456789"),
        ("тел.: 8 912 345 67 89", "+79123456789"),
        ("8 912 345 67 89 Анна", None),
        ("12-34", None),
        ("нет", None),
        ("", None),
    ],
)
def test_phones_are_understood_as_people_write_them(written: Any, number: str | None) -> None:
    assert e164(written) == number


def test_a_phone_among_words_is_found_and_words_alone_are_refused() -> None:
    assert filled("'звонить 8 912 345 67 89 Анне' | phone") == "+79123456789"
    assert filled("'0532 123 45 67' | phone: 'TR'") == "+905321234567"
    assert filled("'тел 8 912 345-67-89' | phone_last: 4") == "6789"
    assert filled("l | phones", {"l": ["89123456789", "и +7 495 123-45-67", None]}) == ["+79123456789", "+74951234567"]
    with pytest.raises(BadTemplate, match="“нет телефона” is not a phone number"):
        filled("'нет телефона' | phone")


@pytest.mark.parametrize(
    ("written", "address"),
    [(" Anna@MAIL.ru ", "anna@mail.ru"), ("Анна <anna+1@x.co.uk>", "anna+1@x.co.uk"), ("a @ mail.ry", "a@mail.ru"),
     ("a@mail,ru", "a@mail.ru"), ("иван@почта.рф", "иван@почта.рф"), ("", None)],
)  # fmt: skip
def test_addresses_are_cleaned_up(written: str, address: str | None) -> None:
    assert filled("a | email", {"a": written}) == address


@pytest.mark.parametrize(
    ("written", "last", "first", "middle"),
    [
        ("Петрова Анна Ивановна", "Петрова", "Анна", "Ивановна"),
        ("анна ивановна ПЕТРОВА", "Петрова", "Анна", "Ивановна"),
        ("Пётр Ильич Чайковский", "Чайковский", "Пётр", "Ильич"),
        ("Петрова Анна", "Петрова", "Анна", ""),
        ("Анна Петрова", "Петрова", "Анна", ""),
        ("Иван Петрович", "", "Иван", "Петрович"),
        ("Анна Ковалевич", "Ковалевич", "Анна", ""),
        ("Ольга Ким", "Ким", "Ольга", ""),
        ("Ким Ольга", "Ким", "Ольга", ""),
        ("Марина Иванова", "Иванова", "Марина", ""),
        ("Мамедов Гасан Али оглы", "Мамедов", "Гасан", "Али оглы"),
        ("Римская-Корсакова Мария Львовна", "Римская-Корсакова", "Мария", "Львовна"),
        ("John Smith", "Smith", "John", ""),
        ("Анна", "", "Анна", ""),
        ("Петрова", "Петрова", "", ""),
        (" ", "", "", ""),
    ],
)
def test_the_parts_of_a_name_are_told_apart(written: str, last: str, first: str, middle: str) -> None:
    found = person(written)
    assert (found.last, found.first, found.middle) == (last, first, middle)


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2026-03-16", "2026-03-16"),
        ("16.03.2026", "2026-03-16"),
        ("16.03.26", "2026-03-16"),
        ("16/03/2026", "2026-03-16"),
        ("20260316", "2026-03-16"),
        ("16 марта 2026 г.", "2026-03-16"),
        ("16 мар 2026", "2026-03-16"),
        ("5 мая", "2026-05-05"),
        ("понедельник, 16 марта 2026", "2026-03-16"),
        ("March 16, 2026", "2026-03-16"),
        ("16.03.2026 9:05", "2026-03-16T09:05:00+03:00"),
        ("16 марта 2026 в 12:30", "2026-03-16T12:30:00+03:00"),
        ("2026-03-16T12:30:00Z", "2026-03-16T12:30:00+00:00"),
        ("2026-03-16T12:30:00.250+05:00", "2026-03-16T12:30:00.250000+05:00"),
        ("2026-03-16 12:30:00", "2026-03-16T12:30:00+03:00"),
        ("Mon, 16 Mar 2026 12:30:00 +0300", "2026-03-16T12:30:00+03:00"),
        ("16.03.2026 12:30 МСК", "2026-03-16T12:30:00+03:00"),
        (1773653400, "2026-03-16T12:30:00+03:00"),
        ("1773653400000", "2026-03-16T12:30:00+03:00"),
        ("завтра", "2026-03-17"),
        ("now", "2026-03-16T12:30:00+03:00"),
    ],
)
def test_dates_are_understood_as_people_and_systems_write_them(written: Any, iso: str) -> None:
    read = moment(written, EXAMPLE.zone, EXAMPLE.now)
    assert read is not None
    assert read.iso() == iso


@pytest.mark.parametrize(
    "written",
    ["31.02.2026", "2026-13-01", "не дата", "16.марта", "9" * 40, "25:00", "16 мбрта 2026", True, {}, ["2026"]],
)
def test_what_is_no_date_is_refused(written: Any) -> None:
    if written is True:
        assert moment(written) is None
        return
    with pytest.raises(ValueError, match="is not a date"):
        moment(written)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'01/02/2026' | parse_date: 'mdy'", "2026-01-02"),
        ("'16|марта|2026' | parse_date: '%d|%B|%Y'", "2026-03-16"),
        ("'2026-03-16 23:30' | date: '%d.%m %H:%M', 'Asia/Vladivostok'", "17.03 06:30"),
        ("'2026-03-16' | date: '%d.%m.%Y', 'Asia/Vladivostok'", "16.03.2026"),
        ("'2026-03-16T10:00:00Z' | date: 'iso', '+05:00'", "2026-03-16T15:00:00+05:00"),
        ("'2026-03-16T12:30:00+03:00' | date: 'rfc'", "Mon, 16 Mar 2026 12:30:00 +0300"),
        ("'05.03.2026' | date: '%-d %B %Y, %A, %a, %b, %%, %j'", "5 марта 2026, четверг, чт, мар, %, 064"),
        ("'2028-02-29' | date_plus: 1, 'years'", "2029-02-28"),
        ("'2026-01-31' | date_plus: 1, 'month'", "2026-02-28"),
        ("'31.12.2026' | date_plus: 1", "2027-01-01"),
        ("'2026-03-16 12:30' | date_minus: 90, 'minutes'", "2026-03-16T11:00:00+03:00"),
        ("'2026-03-01' | date_diff: '2026-03-20'", -19),
        ("'2026-03-16' | date_diff: '2025-03-17', 'years'", 0),
        ("'2026-04-16' | date_diff: '2026-03-17', 'months'", 0),
        ("'16.03.2026' | weekday: 'number'", 1),
        ("'2026-03-16 12:30' | unix_time: 'milliseconds'", 1773653400000),
        ("'2026-03-18 10:00' | date_start: 'week'", "2026-03-16"),
        ("'' | date", ""),
    ],
)
def test_dates_are_counted_with_and_written(expression: str, value: Any) -> None:
    assert exactly(filled(expression)) == exactly(value)


def test_hours_are_counted_across_a_change_of_the_clock_and_days_keep_the_time() -> None:
    berlin = "Europe/Berlin"
    assert filled("'2026-03-28 12:00' | date_plus: 24, 'hours'", zone=berlin) == "2026-03-29T13:00:00+02:00"
    assert filled("'2026-03-28 12:00' | date_plus: 1, 'days'", zone=berlin) == "2026-03-29T12:00:00+02:00"


def test_an_age_grows_on_the_birthday() -> None:
    def age(hour: int, minute: int) -> Any:
        around = Around(ZoneInfo("Europe/Moscow"), lambda: datetime(2026, 3, 16, hour, minute, tzinfo=UTC))
        return FILTERS["age"].apply("17.03.1990", [], {}, around)

    assert (age(20, 59), age(21, 0)) == (35, 36)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'от 1 500 руб.' | number", 1500),
        ("'1,234.50' | number", 1234.5),
        ("'1.234.567' | number", 1234567),
        ("'−5' | number", -5),
        ("'12%' | number", 12),
        ("'' | number", None),
        ("1234 | format_number", "1\u202f234"),
        ("1234.5 | format_number: 2, 'plain'", "1234.50"),
        ("1234.5 | format_number: '', 'en'", "1,234.5"),
        ("-0.004 | format_number: 2", "0,00"),
        ("'1 000' | money: 'USD', 0", "1\u202f000\u202f$"),
        ("15 | money: ''", "15,00"),
        ("'' | money", ""),
        ("1 | plural: 'заявка', 'заявки', 'заявок'", "1 заявка"),
        ("11 | plural: 'заявка', 'заявки', 'заявок'", "11 заявок"),
        ("102 | plural: 'заявка', 'заявки', 'заявок', true", "заявки"),
        ("1.5 | plural: 'час', 'часа', 'часов'", "1,5 часа"),
        ("7 | modulo: 4", 3),
        ("999.5 | percent: 10", 99.95),
        ("'-2,5' | round", -3),
        ("-2.1 | ceil", -2),
        ("-2.1 | floor", -3),
        ("1000000000000 | times: 1000000000000", 10**24),
    ],
)
def test_numbers_are_read_counted_with_and_written(expression: str, value: Any) -> None:
    assert exactly(filled(expression)) == exactly(value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("l | where: 'paid', true | map: 'id'", [1]),
        ("l | where: 'sum', '>', '100' | map: 'id'", [2]),
        ("l | where: 'sum', '=', '100,0' | map: 'id'", [1]),
        ("l | where: 'name', 'contains', 'анн' | map: 'id'", [1]),
        ("l | where: 'name', 'empty' | map: 'id'", [3]),
        ("l | where: 'name', 'filled' | size", 2),
        ("l | sort: 'sum' | map: 'id'", [1, 2, 3]),
        ("l | sort: 'sum', 'down' | map: 'id'", [2, 1, 3]),
        ("l | sum: 'sum'", 350),
        ("w | sum", 0.3),
        ("w | uniq", ["0,1", "0,2"]),
        ("w | compact | size", 2),
        ("'абвг' | slice: 1, 2", "бв"),
        ("w | slice: -1, 5", ["0,2"]),
        ("w | slice: -9, 1", ["0,1"]),
        ("l | get: '1.sum'", "250"),
        ("l | first | keys", ["id", "paid", "sum", "name"]),
        ("w | concat: w | size", 4),
        ("'x' | first", None),
        ("l | batch: 2 | size", 2),
        ("nothing | where: 'a', 1", []),
        ("w | reverse", ["0,2", "0,1"]),
    ],
)
def test_lists_are_picked_from_and_sorted(expression: str, value: Any) -> None:
    rows = [
        {"id": 1, "paid": True, "sum": 100, "name": "Анна"},
        {"id": 2, "paid": False, "sum": "250", "name": "Олег"},
        {"id": 3, "paid": False, "sum": "", "name": None},
    ]
    assert exactly(filled(expression, {"l": rows, "w": ["0,1", "0,2"]})) == exactly(value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'a1b22' | extract: '[0-9]+'", "1"),
        ("'abc' | extract: '[0-9]+'", None),
        ("'a1b22' | extract_all: '[0-9]+'", ["1", "22"]),
        ("'тест' | replace_pattern: '(?i)Т', 'X'", "XесX"),
        ("'ab' | replace_pattern: '(a)(b)', '$2$1$3$$'", "ba$3$"),
        ("'ab' | replace_pattern: '', '-'", "-a-b-"),
        ("'a1b' | split_pattern: '[0-9]'", ["a", "b"]),
        ("'Ёлка😀' | extract: '(.)$'", "😀"),
        ("'<script>x</script><p>a<b & c</p>' | strip_html", "a<b & c"),
        ("'0JDQvdC90LA=' | base64_decode", "Анна"),
        ("'>>??' | base64: 'url'", "Pj4_Pw"),
        ("'x' | hmac: 'k', 'md5'", hmac.new(b"k", b"x", "md5").hexdigest()),
        ("'new' | choose: 'new = Новая; paid = Оплачена'", "Новая"),
        ("'NEW' | choose: 'new = Новая', 'Другое'", "Новая"),
        ("'x' | choose: 'new = Новая', 'Другое'", "Другое"),
        ("'x' | choose: 'new = Новая'", "x"),
        ("'нет' | boolean", False),
        ("0 | yes_no", "нет"),
        ("'объект Щука' | transliterate: 'passport'", "obieekt Shchuka"),
        ("'[1, 2.5, null]' | parse_json | size", 3),
    ],
)
def test_other_filters_do_as_they_say(expression: str, value: Any) -> None:
    assert exactly(filled(expression)) == exactly(value)


def test_random_values_stay_for_the_attempts_of_one_action_and_differ_elsewhere() -> None:
    config = {"a": "{{ '' | uuid }}", "b": ["{{ '' | uuid }}", "{{ '' | uuid }}-{{ '' | uuid }}"]}
    first, again = (fill(config, context({}, seed="key")) for _attempt in range(2))
    assert first == again
    values = [first["a"], first["b"][0], first["b"][1][:36], first["b"][1][37:]]
    values += [fill(config, context({}, seed="other"))["a"], fill(config, context({}, operation="0193"))["a"]]
    assert len(set(values)) == 6


def test_an_error_names_the_filter_its_line_and_what_was_wrong() -> None:
    with pytest.raises(BadTemplate) as caught:
        fill("Имя\n{{ name |\n upcase | divided_by: 0 }}", context({"name": 5}))
    assert caught.value.sentence == "Line 3: Filter “Divide”: a number cannot be divided by zero"
    with pytest.raises(BadTemplate, match=r"There is no filter “upper” \(perhaps upcase\)"):
        check("{{ a | upper }}")
    with pytest.raises(BadTemplate, match=r"There is no filter “phne” \(perhaps phone\)"):
        check("{{ a | phne }}")
    with pytest.raises(BadTemplate, match="takes other parameters: truncate: 50"):
        check("{{ a | truncate: 1, 2, 3 }}")


def test_an_error_knows_where_in_the_config_it_is() -> None:
    with pytest.raises(BadTemplate) as caught:
        fill({"headers": [{"name": "a", "value": "{{ 'x' | plus: 1 }}"}]}, context({}))
    assert caught.value.place == ("headers", 0, "value")
