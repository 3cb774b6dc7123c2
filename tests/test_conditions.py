"""Conditions on values: each operator, sentences, what was seen, and values made to do harm."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from actions import conditions
from actions.conditions import DEEPEST, MOST_RULES, OPERATORS, BadRules, Here
from actions.conditions.reading import looks

NOON = Here(ZoneInfo("Europe/Moscow"), datetime(2026, 3, 16, 9, 30, tzinfo=UTC))
"""Monday, 16 March 2026, 12:30 in Moscow."""

CASES: list[tuple[Any, str, Any, bool]] = [
    ("Записан", "equals", "записан", True),
    (" Записан ", "equals", "Записан", True),
    ("Учёт", "equals", "учет", True),
    ("Отменён", "equals", "Записан", False),
    (5, "equals", "5", True),
    (1500.0, "equals", "1500", True),
    (5, "equals", "пять", False),
    (True, "equals", "true", True),
    (None, "equals", "", True),
    ({"a": 1}, "equals", '{"a":1}', True),
    ("Отменён", "not_equals", "Записан", True),
    ("Записан", "not_equals", "ЗАПИСАН", False),
    ("Иванов Пётр", "contains", "петр", True),
    ("Иванов", "contains", "петр", False),
    ("что угодно", "contains", "", False),
    (["VIP", "новый"], "contains", "vip", True),
    (["VIP-клиент"], "contains", "vip", False),
    ("Иванов", "not_contains", "петр", True),
    (["VIP"], "not_contains", "VIP", False),
    ("+79161234567", "begins", "+7", True),
    ("89161234567", "begins", "+7", False),
    ("anna@EXAMPLE.com", "ends", "@example.com", True),
    ("anna@example.org", "ends", "@example.com", False),
    ("Записан", "in_list", "Новый, Записан", True),
    ("Записан", "in_list", "Новый; Записан", True),
    ("Иванов, Пётр", "in_list", "Иванов, Пётр\nСидоров", True),
    ("Записан", "in_list", ["новый", "записан"], True),
    (7, "in_list", "5, 7", True),
    (["a", "b"], "in_list", "b, c", True),
    ("Отменён", "in_list", "Новый, Записан", False),
    ("Отменён", "not_in_list", "Новый, Записан", True),
    ("новый", "not_in_list", "Новый, Записан", False),
    ("", "empty", None, True),
    (" \n", "empty", None, True),
    (None, "empty", None, True),
    ([], "empty", None, True),
    ({}, "empty", None, True),
    (0, "empty", None, False),
    (False, "filled", None, True),
    ("x", "filled", None, True),
    (None, "filled", None, False),
    ("Заказ №1042", "matches", "№[0-9]+$", True),
    ("заказ", "matches", "^ЗАКАЗ$", True),
    ("Заказ", "matches", "^[0-9]+$", False),
    ("Заказ", "not_matches", "^[0-9]+$", True),
    ("1042", "not_matches", "^[0-9]+$", False),
    ("1 234,50", "number_equals", "1234.5", True),
    ("1\u202f234,50 ₽", "number_equals", 1234.5, True),
    ("1500 руб.", "number_equals", "1 500", True),
    ("abc", "number_equals", "5", False),
    ("5,0", "number_not_equals", "5", False),
    ("abc", "number_not_equals", "5", True),
    ("1 499,99", "less", "1 500", True),
    ("1 500", "less", "1 500", False),
    ("1 500", "at_most", "1500,0", True),
    ("1 501", "at_most", "1500,0", False),
    ("2 000", "greater", "1 999,9", True),
    (None, "greater", "0", False),
    ("", "less", "5", False),
    ("10", "at_least", "9", True),
    ("9", "at_least", "10", False),
    ("10%", "greater", "9", True),
    ("15.03.2026", "before", "16.03.2026", True),
    ("16.03.2026 10:00", "before", "16.03.2026", False),
    ("2026-03-16T09:00:00+03:00", "before", "2026-03-16T07:00:00Z", True),
    ("2026-03-16T23:30:00Z", "after", "16.03.2026", True),
    ("17 марта 2026", "after", "сегодня", True),
    ("17.03.26", "after", "2026-03-17", False),
    ("16.03.2026 23:59", "same_day", "2026-03-16", True),
    ("2026-03-15T22:00:00Z", "same_day", "сегодня", True),
    ("2026-03-15T20:00:00Z", "same_day", "сегодня", False),
    ("завтра", "same_day", "17.03.2026", True),
    ("нет даты", "before", "16.03.2026", False),
    ("13.03.2026", "within_last", "3", True),
    ("12.03.2026", "within_last", "3", False),
    ("17.03.2026", "within_last", "3", False),
    ("2026-03-15T12:31:00+03:00", "within_last", "1", True),
    ("2026-03-15T12:29:00+03:00", "within_last", "1", False),
    ("16.03.2026", "within_next", "7", True),
    ("23.03.2026", "within_next", "7", True),
    ("24.03.2026", "within_next", "7", False),
    ("15.03.2026", "within_next", "7", False),
    (True, "is_true", None, True),
    ("Да", "is_true", None, True),
    ("1", "is_true", None, True),
    ("нет", "is_true", None, False),
    ("нет", "is_false", None, True),
    (0, "is_false", None, True),
    ("может быть", "is_false", None, False),
    (None, "is_false", None, False),
]


def rule(left: Any, operator: str, right: Any = None, **more: Any) -> dict[str, Any]:
    return {"left": left, "operator": operator, "right": right} | more


def one(*rules: Any, match: str = "all") -> dict[str, Any]:
    return {"match": match, "rules": list(rules)}


@pytest.fixture(autouse=True)
def russian() -> Any:
    with translation.override("ru"):
        yield


@pytest.mark.parametrize(("left", "operator", "right", "met"), CASES)
def test_a_rule_holds_or_not(left: Any, operator: str, right: Any, met: bool) -> None:
    assert conditions.holds(one(rule(left, operator, right)), here=NOON) is met


def test_each_operator_is_tried_both_ways() -> None:
    tried = {(operator, met) for _left, operator, _right, met in CASES}
    assert {("between", True), ("between", False)} | tried == {(key, met) for key in OPERATORS for met in (True, False)}


@pytest.mark.parametrize(
    ("value", "met"), [("100", True), ("1 000,0", True), (550, True), ("99,9", False), ("", False)]
)
def test_both_ends_belong_to_a_range(value: Any, met: bool) -> None:
    assert conditions.holds(one(rule(value, "between", "100", to="1 000"))) is met


def test_capitals_count_where_it_is_asked() -> None:
    assert not conditions.holds(one(rule("записан", "equals", "Записан", case=True)))
    assert not conditions.holds(one(rule("заказ", "matches", "^ЗАКАЗ", case=True)))
    assert not conditions.holds(one(rule("vip", "in_list", "VIP", case=True)))


def test_groups_stand_inside_groups() -> None:
    yes, no = rule("x", "filled"), rule("", "filled")
    assert conditions.holds(one(one(yes, no), yes, match="any"))
    assert not conditions.holds(one(one(yes, no, match="any"), no))
    assert conditions.holds(one(one(one(no, yes, match="any")), yes))


def test_a_field_is_looked_up_in_the_values() -> None:
    rules = conditions.checked(one({"field": "body.status", "operator": "equals", "right": "ok"}), fields=True)
    assert conditions.holds(rules, {"body": {"status": "OK"}})
    assert not conditions.holds(rules, {"body": []})
    assert conditions.why(rules, {"body": {"status": "fail"}}) == "body.status = «fail»"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (rule("{{ status }}", "equals", "Записан"), "Статус равняется «Записан»"),
        (rule("{{ status }}", "not_equals", "{{ other }}"), "Статус не равняется other"),
        (rule("{{ note }}", "contains", "срочно"), "note содержит «срочно»"),
        (rule("{{ note }}", "not_contains", "тест"), "note не содержит «тест»"),
        (rule('{{ source["тел."] }}', "begins", "+7"), "тел. начинается с «+7»"),
        (rule("{{ mail | downcase }}", "ends", ".ru"), "mail | downcase заканчивается на «.ru»"),
        (rule("{{ status }}", "in_list", "Новый, Записан"), "Статус — одно из: «Новый», «Записан»"),
        (rule("{{ status }}", "not_in_list", "Новый"), "Статус — ни одно из: «Новый»"),
        (rule("{{ phone }}", "filled"), "phone — заполнено"),
        (rule("{{ phone }}", "empty"), "phone — пусто"),
        (rule("{{ phone }}", "matches", "^[+]7"), "phone подходит под шаблон «^[+]7»"),
        (rule("{{ phone }}", "not_matches", "^[+]7"), "phone не подходит под шаблон «^[+]7»"),
        (rule("{{ price }}", "number_equals", "1 500"), "price = 1 500"),
        (rule("{{ price }}", "number_not_equals", "0"), "price ≠ 0"),
        (rule("{{ price }}", "less", "1 500"), "price меньше 1 500"),
        (rule("{{ price }}", "at_most", "1 500"), "price не больше 1 500"),
        (rule("{{ price }}", "greater", "{{ steps.value.limit }}"), "price больше value.limit"),
        (rule("{{ price }}", "at_least", "1 500"), "price не меньше 1 500"),
        (rule("{{ price }}", "between", "100", to="200"), "price от 100 до 200"),
        (rule("{{ day }}", "before", "12.03.2026"), "day раньше, чем 12.03.2026"),
        (rule("{{ day }}", "after", "сегодня"), "day позже, чем сегодня"),
        (rule("{{ day }}", "same_day", "завтра"), "day — в тот же день: завтра"),
        (rule("{{ day }}", "within_last", "3"), "day — за последние 3 дня"),
        (rule("{{ day }}", "within_next", "7"), "day — в ближайшие 7 дней"),
        (rule("{{ agree }}", "is_true"), "agree — да"),
        (rule("{{ agree }}", "is_false"), "agree — нет"),
    ],
)
def test_a_rule_is_a_sentence(given: Any, said: str) -> None:
    assert conditions.sentence(conditions.checked(one(given)), {"status": "Статус"}) == said


def test_groups_are_one_sentence_that_can_be_read_one_way() -> None:
    a, b, c = (rule("{{ " + name + " }}", "filled") for name in "abc")
    labels: dict[str, str] = {}
    assert (
        conditions.sentence(one(one(a, b), c, match="any"), labels)
        == "a — заполнено и b — заполнено, или c — заполнено"
    )
    assert (
        conditions.sentence(one(one(a, b, match="any"), c), labels)
        == "(a — заполнено или b — заполнено) и c — заполнено"
    )
    with translation.override("en"):
        assert (
            conditions.sentence(one(one(a, b), c, match="any"), labels) == "a is filled and b is filled, or c is filled"
        )


def test_it_says_what_decided() -> None:
    rules = one(
        rule("Отменён", "equals", "Записан", name="Статус"),
        rule("", "filled", name="Телефон"),
        rule("x", "filled", name="Имя"),
    )
    assert conditions.why(rules) == "Статус = «Отменён»; Телефон — пусто"
    assert conditions.why(one(*rules["rules"], match="any")) == "Имя = «x»"


def test_what_cannot_be_compared_meets_no_rule_and_says_why() -> None:
    verdict = conditions.judge(one(rule("много", "greater", "5", name="Сумма")))
    assert (verdict.met, str(verdict.seen[0])) == (False, "Сумма = «много» («много» — не число)")
    broken = conditions.judge(one(rule("x", "not_matches", "(", name="Имя")))
    assert not broken.met
    assert broken.seen[0].note


@pytest.mark.parametrize(
    ("given", "path", "said"),
    [
        (None, (), "Ожидалась группа"),
        ([], (), "Ожидалась группа"),
        ("x", (), "Ожидалась группа"),
        ({"rules": {}}, (), "Ожидалась группа"),
        ({"rules": []}, (), "Добавьте хотя бы одно правило"),
        ({"rules": [{"left": "", "operator": "equals", "right": ""}]}, (), "Добавьте хотя бы одно правило"),
        ({"rules": [7]}, (0,), "Ожидалось правило"),
        ({"rules": [rule("a", "like", "b")]}, (0,), "Нет оператора «like»"),
        ({"rules": [rule("a", ["equals"], "b")]}, (0,), "Нет оператора"),  # type: ignore[arg-type]
        ({"rules": [rule("", "equals", "b")]}, (0,), "Выберите, что сравнивать"),
        ({"rules": [rule({"a": 1}, "equals", "b")]}, (0,), "Выберите, что сравнивать"),
        ({"rules": [rule("a", "equals", "")]}, (0,), "Укажите, с чем сравнивать"),
        ({"rules": [rule("a", "between", "1")]}, (0,), "Укажите, с чем сравнивать"),
        ({"rules": [rule("a", "equals", {"b": 1})]}, (0,), "Ожидался текст"),
        ({"rules": [rule("a", "equals", ["b"])]}, (0,), "Список"),
        ({"rules": [rule("a", "equals", "x" * 2001)]}, (0,), "2000"),
        ({"rules": [rule("a", "less", "много")]}, (0,), "«много» — не число"),
        ({"rules": [rule("a", "before", "когда-нибудь")]}, (0,), "«когда-нибудь»"),
        ({"rules": [rule("a", "within_last", "-1")]}, (0,), "число дней"),
        ({"rules": [rule("a", "matches", "(")]}, (0,), "("),
        ({"rules": [rule("a", "filled", case="да")]}, (0,), "case"),
        ({"rules": [rule("a", "filled"), one(rule("a", "filled"), rule("a", "x"))]}, (1, 1), "Нет оператора «x»"),
        ({"match": "none", "rules": [rule("a", "filled")]}, (), "match"),
        ({"rules": [rule("a", "filled")] * (MOST_RULES + 1)}, (), "50"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_rule(given: Any, path: Any, said: str) -> None:
    with pytest.raises(BadRules) as bad:
        conditions.checked(given)
    assert said in bad.value.problems[path]


def test_groups_have_a_bottom() -> None:
    deep: Any = rule("a", "filled")
    for _level in range(DEEPEST + 1):
        deep = one(deep)
    assert conditions.checked(deep)
    with pytest.raises(BadRules, match="уровней"):
        conditions.checked(one(deep))
    for _level in range(5_000):
        deep = {"rules": [deep]}
    with pytest.raises(BadRules):
        conditions.checked(deep)


def nested(levels: int) -> Any:
    value: Any = "x"
    for _level in range(levels):
        value = [value]
    return value


HOSTILE = {
    "a megabyte": "Я" * (1 << 20),
    "a megabyte of digits": "9" * (1 << 20),
    "a megabyte of spaces": " " * (1 << 20),
    "a long list": ["элемент"] * 100_000,
    "deep": nested(5_000),
    "a huge number": 10**5000,
    "nan": float("nan"),
    "endless": float("inf"),
    "half a pair": "\ud800" * 1000,
    "NUL": "\0",
    "combining": "е\u0308" * 100_000,
    "an object": {str(number): number for number in range(20_000)},
}


def outcome(rules: Any) -> str:
    try:
        return str(conditions.judge(rules, here=NOON))
    except ValueError as told:
        return str(told)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_value_breaks_a_condition(value: Any) -> None:
    sides: list[Any] = [("16.03.2026", "5"), (value, value)]
    for operator in OPERATORS:
        for right, to in sides:
            told = outcome(one(rule(value, operator, right, to=to)))
            assert 0 < len(told) < 3000, (operator, right)


def test_many_rules_on_large_texts_end_with_a_sentence() -> None:
    rules = [rule("Я" * 500_000 + str(number), "contains", "ю") for number in range(MOST_RULES)]
    with pytest.raises(ValueError, match="условия"):
        conditions.judge(one(*rules))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("", "empty"), ([1], "list"), (True, "flag"), ("Да", "flag"), ("1 234,50", "number"), (15, "number"),
        ("12.03.2026", "date"), ("2026-03-12T10:00:00Z", "date"), ("+79161234567", "text"), ("Анна", "text"),
        ("x" * 100_000, "text"),
    ],
)  # fmt: skip
def test_a_sample_shows_what_it_may_be_compared_as(value: Any, kind: str) -> None:
    assert looks(value) == kind
