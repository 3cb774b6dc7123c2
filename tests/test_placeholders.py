"""Placeholders: what they reach, what they keep, and that hostile texts end early."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from actions import placeholder_templates
from actions.filters.catalogue import FILTERS
from actions.filters.declared import Around
from actions.placeholders import (
    RESERVED,
    BadTemplate,
    Context,
    Unknown,
    check,
    fields,
    fill,
    placeholder,
    unknown,
)

MIB = 1 << 20


def context(source: dict[str, Any] | None = None, **roots: Any) -> Context:
    return Context(
        source={} if source is None else source,
        steps=roots.get("steps", {}),
        operation=roots.get("operation", {"id": "0192", "received_at": "2026-01-02T03:04:05Z"}),
        company=roots.get("company", {"name": "Ромашка"}),
        request=roots.get("request", {"method": "POST", "headers": {"X-Id": "7"}}),
    )


def filled(text: Any, source: dict[str, Any] | None = None, **roots: Any) -> Any:
    return fill(text, context(source, **roots))


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
DATA = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
WORDS = ["true", "false", "nil", "null", "empty", "blank", "and", "or", "contains", "size", "first", "last", "if"]
NAMES = (
    st.text(max_size=40)
    | st.text(alphabet="ab.\"'{}[]%-\\ \n|\x00я😀", max_size=12)
    | st.sampled_from([*sorted(RESERVED), *WORDS])
)


@pytest.fixture(autouse=True, scope="module")
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def shortened(value: object) -> str:
    return str(value)[:24]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ client_phone }}", "+7 900"),
        ("{{ source.client_phone }}", "+7 900"),
        ('{{ source["client_phone"] }}', "+7 900"),
        ("{{source['client_phone']}}", "+7 900"),
        ("{{ steps.json.text }}", "готово"),
        ("{{ operation.id }} {{ company.name }}", "0192 Ромашка"),
        ('{{ request.headers["X-Id"] }}', "7"),
        ("{{ order.items[1].name }}", "б"),
        ("{{ order.items[-1].name }}", "б"),
        ("{{ order.items.0.name }}", "а"),
        ("{{ order.items.first.name }}", "а"),
        ("{{ order.items.size }}", 2),
        ("{{ order[key].size }}", 2),
        ("{{ Имя }}", "Анна"),
        ("{{ 2gis }}", "да"),
        ("{{ utm-source }}", "ya"),
    ],
)
def test_a_path_reaches_its_value(text: str, value: Any) -> None:
    source = {
        "client_phone": "+7 900",
        "order": {"items": [{"name": "а"}, {"name": "б"}]},
        "key": "items",
        "Имя": "Анна",
        "2gis": "да",
        "utm-source": "ya",
    }
    assert filled(text, source, steps={"json": {"text": "готово"}}) == value


@pytest.mark.parametrize("text", ['{{ source["a.b"] }}', "{{ a.b }}", "{{ source.a.b }}", '{{ ["a.b"] }}'])
def test_a_flat_name_with_dots_and_a_nested_path_reach_each_other(text: str) -> None:
    assert filled(text, {"a.b": 1}) == 1
    assert filled(text, {"a": {"b": 1}}) == 1
    assert filled(text, {"a": {"c": 2}, "a.b": 1}) == 1


def test_a_nested_path_wins_over_a_flat_name_and_a_flat_name_in_quotes_over_a_nested_path() -> None:
    both = {"a": {"b": "nested"}, "a.b": "flat"}
    assert filled("{{ a.b }}", both) == "nested"
    assert filled('{{ source["a.b"] }}', both) == "flat"


@pytest.mark.parametrize("root", sorted(RESERVED))
def test_a_reserved_name_is_never_a_field_unless_asked_for(root: str) -> None:
    assert filled("{{ " + root + " }}", {root: "field"}) != "field"
    assert filled("{{ source." + root + " }}", {root: "field"}) == "field"


@given(DATA)
def test_a_text_that_is_one_placeholder_keeps_the_value_and_its_type(value: Any) -> None:
    result = filled(" \n{{ a }} ", {"a": value})
    assert result == value
    assert type(result) is type(value)


def test_a_missing_value_is_none_alone_and_empty_in_a_text() -> None:
    assert filled("{{ nothing.here }}") is None
    assert filled("[{{ nothing.here }}]") == "[]"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (1, "1"),
        (1.0, "1.0"),
        (10**30, str(10**30)),
        ("12.50", "12.50"),
        ({"имя": ["а", None, 1.5]}, '{"имя":["а",null,1.5]}'),
        ([], "[]"),
    ],
)
def test_a_value_inside_a_longer_text_is_written_as_json_writes_it(value: Any, text: str) -> None:
    assert filled("<{{ a }}>", {"a": value}) == f"<{text}>"


@given(st.text(st.characters(codec=None)) | st.sampled_from(["{{ b }}", "{% if %}", "\x00\"'\n\r\n😀", "<b>&amp;</b>"]))
def test_values_are_data_and_pass_unharmed(value: str) -> None:
    source = {"a": value, "b": "expanded"}
    assert filled("x{{ a }}y", source) == f"x{value}y"
    assert filled("{% if b %}{{ a }}{% endif %}", source) == value


def test_fill_goes_through_lists_and_objects_and_leaves_keys_and_other_values_alone() -> None:
    config = {"{{ a }}": ["{{ a }}", {"x": "<{{ a }}>", "n": None, "b": True, "i": 3}], "plain": "}} {x}"}
    assert filled(config, {"a": 5}) == {
        "{{ a }}": [5, {"x": "<5>", "n": None, "b": True, "i": 3}],
        "plain": "}} {x}",
    }


@pytest.mark.parametrize(
    ("value", "name"), [(5, "5"), (None, ""), (True, "true"), ([1, "б"], '[1,"б"]'), ({"x": 1}, '{"x":1}')]
)
def test_the_name_of_a_row_becomes_a_text(value: Any, name: str) -> None:
    rows = [{"name": "{{ a }}", "value": "{{ a }}", "fields": [{"name": "{{ a }}", "value": "1"}]}]
    config = {"name": "{{ a }}", "rows": rows, "taken": ["{{ row }}"]}
    row = {"name": value}
    assert filled(config, {"a": value, "row": row}) == {
        "name": value,
        "rows": [{"name": name, "value": value, "fields": [{"name": name, "value": "1"}]}],
        "taken": [row],
    }


def test_the_name_of_a_row_that_cannot_be_written_says_where_it_stands() -> None:
    with pytest.raises(BadTemplate) as refused:
        filled({"rows": [{"name": "{{ a }}", "value": ""}]}, {"a": 10**5000})
    assert refused.value.place == ("rows", 0, "name")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{% if amount > 10 %}много{% elsif amount == 3 %}три{% else %}мало{% endif %}", "три"),
        ("{% unless nothing %}нет{% endunless %}", "нет"),
        ("{% if list contains 'б' and amount == 3 %}да{% endif %}", "да"),
        ("{% if nothing == nil %}да{% endif %}", "да"),
        ("а{% comment %} {{ не разбирается {% endcomment %}б{% # заметка %}", "аб"),
        ("а {{- amount -}} б", "а3б"),
        ("{{ '{{' }}{{ '}}' }}", "{{}}"),
        ("{% if true %} {% endif %}", " "),
    ],
)
def test_conditions_and_comments_work(text: str, value: str) -> None:
    assert filled(text, {"amount": 3, "list": ["а", "б"]}) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("nothing | default: 'нет'", "нет"),
        ("zero | default: 5", 0),
        ("no | default: 5", 5),
        ("no | default: 5, allow_false: true", False),
        ("word | upcase", "СЛОВО"),
        ("word | capitalize | append: '!' | prepend: '¡'", "¡Слово!"),
        ("' a ' | strip", "a"),
        ("' a ' | lstrip", "a "),
        ("' a ' | rstrip", " a"),
        ("word | replace: 'с', 'С' | remove: 'о'", "Слв"),
        ("word | truncate: 4", "с..."),
        ("word | truncate: 4, ''", "слов"),
        ("list | first", "а"),
        ("list | last", "б"),
        ("list | join: ', '", "а, б"),
        ("'a,b' | split: ','", ["a", "b"]),
        ("'' | split: ','", []),
        ("list | size", 2),
        ("'1 200,50' | plus: 1", 1201.5),
        ("0.1 | plus: 0.2", 0.3),
        ("3 | minus: 5", -2),
        ("3 | times: '2'", 6),
        ("7 | divided_by: 2", 3),
        ("7 | divided_by: 2.0", 3.5),
        ("2.5 | round", 3),
        ("2.345 | round: 2", 2.35),
        ("'а б&' | url_encode", "%D0%B0+%D0%B1%26"),
        ("'%D0%B0+b' | url_decode", "а b"),
        ("list | json", '["а","б"]'),
        ("yes | append: ''", "true"),
        ("object | append: ''", '{"k":1}'),
    ],
)
def test_every_filter_gives_what_liquid_promises(expression: str, value: Any) -> None:
    source = {"word": "слово", "list": ["а", "б"], "zero": 0, "no": False, "yes": True, "object": {"k": 1}}
    result = filled("{{ " + expression + " }}", source)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    "text",
    ["{{ a.__class__ }}", "{{ a.upper }}", "{{ d.keys }}", "{{ l.append }}", "{{ l.__len__ }}", '{{ d["__class__"] }}',
     "{{ source.__init__ }}", "{{ a.size.real }}", "{{ a[0] }}", "{{ l[yes] }}", "{{ now }}"],
)  # fmt: skip
def test_python_attributes_are_out_of_reach(text: str) -> None:
    assert filled(text, {"a": "x", "d": {}, "l": [1, 2], "yes": True}) is None


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("{{", 1, 1),
        ("a\n {{ b", 2, 2),
        ("{{ }}", 1, 3),
        ("{{ a | nonsense }}", 1, 8),
        ("{{ a | append }}", 1, 8),
        ("{{ a | upcase: 1 }}", 1, 8),
        ("{{ a b }}", 1, 6),
        ("{{ a | }}", 1, 3),
        ("{{ (1..5) }}", 1, 4),
        ("{% if a %}", 1, 4),
        ("{% endif %}", 1, 4),
        ("{% if a %}{% endunless %}", 1, 14),
        ("{% if %}{% endif %}", 1, 4),
        ("{% comment %}", 1, 1),
        *[(f"{{% {tag} x %}}", 1, 4) for tag in (
            "for", "assign", "capture", "include", "render", "raw", "case", "cycle", "tablerow", "echo", "liquid",
            "increment", "doc", "extends", "block", "macro")],
    ],
)  # fmt: skip
def test_a_bad_text_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(BadTemplate) as caught:
        check(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value) == caught.value.message != ""


def test_a_name_with_a_space_is_refused_with_the_right_way_to_write_it() -> None:
    with pytest.raises(BadTemplate, match=r'\{\{ source\["Имя клиента"\] \}\}'):
        check("{{ Имя клиента }}")


@pytest.mark.parametrize(
    "text",
    ["{{ 'z' | plus: 1 }}", "{{ 1 | divided_by: 0 }}", "{% if a > 1 %}{% endif %}", "{% if d contains l %}{% endif %}"],
)
def test_a_text_that_fails_on_the_values_says_so_with_its_line(text: str) -> None:
    check(text)
    with pytest.raises(BadTemplate) as caught:
        filled("первая\n" + text, {"a": "x", "l": [], "d": {"x": 1}})
    assert caught.value.line == 2


def test_a_text_without_placeholders_may_be_long_and_one_with_them_may_not() -> None:
    check("x" * 100_000)
    with pytest.raises(BadTemplate):
        check("{{ a }}" + "x" * 8192)


@pytest.mark.parametrize(
    "text",
    [
        "{{" * 4096,
        "{{" + " " * 8000,
        "{{" + " " * 8000 + "}}",
        "{%" + "a" * 8000,
        "{{ " + "(" * 8000 + " }}",
        "{{ " + "[" * 8000 + " }}",
        "{{ " + '["a' * 2700 + " }}",
        "{{ " + '"' * 8001 + " }}",
        "{{ a" + ".a" * 4000 + " }}",
        "{{ a" + " | upcase" * 900 + " }}",
        "{% if a" + " and a" * 1300 + " %}{% endif %}",
        "{% if a %}" * 400 + "{% endif %}" * 400,
        "{% comment %}" * 600,
        "{{ " + "a[" * 120 + "a" + "]" * 120 + " | }}",
    ],
    ids=shortened,
)
def test_a_hostile_text_is_refused_before_any_work(text: str) -> None:
    with pytest.raises(BadTemplate):
        check(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ '1' " + "| append: big " * 40 + "}}",
        "{{ 'x' " + "| replace: 'x', 'xx' " * 40 + "}}",
        "{{ big | replace: '', big }}",
        "{{ big | replace: 'a', big }}",
        "{{ big | split: '' }}",
        "{{ big | split: 'a' }}",
        "{{ list | join: big }}",
        "{{ long | join }}",
        "{{ long | json }}",
        "{{ 99999999999 " + "| times: 99999999999 " * 20 + "}}",
        "{{ '1e999' | plus: 1 }}",
        "{{ '1e308' | times: '1e308' }}",
        "{{ big | url_encode }}",
        "{{ big | append: 'a' }}",
        "{{ big }}" * 5,
        "{{ big | size }}" * 500,
        "{% if big contains big %}{% endif %}" * 200,
        "{% if true %}" + "{{ big }}" * 5 + "{% endif %}",
    ],
    ids=shortened,
)
def test_work_and_sizes_are_bounded(text: str) -> None:
    check(text)
    with pytest.raises(BadTemplate):
        filled(text, {"big": "a" * MIB, "list": [1] * 9999, "long": [1] * 10_001})


def test_the_work_of_all_texts_of_a_config_counts_together() -> None:
    source = {"big": "a" * MIB}
    assert len(filled(["<{{ big }}>"] * 3, source)) == 3
    with pytest.raises(BadTemplate):
        filled(["<{{ big }}>"] * 5, source)
    assert filled(["{{ big }}"] * 50, source)[49] is source["big"]


def test_a_text_holds_no_value_of_too_many_elements() -> None:
    rows = {"rows": [[1, 2, 3, 4]] * 10_000}
    assert filled("<{{ rows }}>", rows) == f"<{json.dumps(rows['rows'], separators=(',', ':'))}>"
    assert filled("{{ many }}", {"many": [1] * 60_000}) == [1] * 60_000
    for many in ([1] * 60_000, {"a": [{"b": 1}] * 30_000}):
        with translation.override("en"), pytest.raises(BadTemplate, match="at most 50000 elements"):
            filled("<{{ many }}>", {"many": many})


def test_every_filter_is_bounded_by_its_guard() -> None:
    for filter_ in FILTERS.values():
        with pytest.raises(ValueError, match=r"long|large"):
            filter_.apply("a" * (MIB + 1), filter_.example.arguments, {}, Around())


def test_a_config_nested_too_deeply_is_refused() -> None:
    config: Any = "x"
    for _level in range(100):
        config = [config]
    with pytest.raises(BadTemplate):
        filled(config)


def test_values_nested_too_deeply_are_refused() -> None:
    value: Any = "x"
    for _level in range(100_000):
        value = [value]
    with pytest.raises(BadTemplate):
        filled("<{{ a }}>", {"a": value})


@given(st.text() | st.text(alphabet="{}%|[]\"'.:, a1-if\n", max_size=40).map(lambda inner: "{{" + inner + "}}"))
def test_any_text_is_filled_or_refused(text: str) -> None:
    line = 1
    try:
        filled(text, {"a": {"i": [1, "x"]}})
    except BadTemplate as refused:
        line = refused.line
    assert 1 <= line <= text.count("\n") + 1


@given(NAMES, DATA)
def test_the_placeholder_of_any_name_reaches_exactly_that_field(name: str, value: Any) -> None:
    assert filled(placeholder(name), {name: value}) == value
    assert unknown(placeholder(name), context({name: value})) == []


def test_a_plain_name_has_a_plain_placeholder_and_any_other_stands_in_quotes() -> None:
    assert placeholder("client_phone") == "{{ client_phone }}"
    assert placeholder("appointment.time") == '{{ source["appointment.time"] }}'
    assert placeholder("Имя") == '{{ source["Имя"] }}'
    assert placeholder('a"b') == '{{ source["a""b"] }}'
    assert placeholder("steps") == "{{ source.steps }}"


@given(st.dictionaries(NAMES, DATA, max_size=5))
def test_every_field_offered_reaches_its_sample(data: dict[str, Any]) -> None:
    for offered in fields(data):
        written = filled("<" + offered.placeholder + ">", data)[1:-1]
        assert written == offered.sample or written.startswith(offered.sample[:-1])


def test_fields_are_flattened_with_their_paths() -> None:
    data = {"fields": {"PHONE": 7, "a b": {"c": None}}, "items": [{"name": "а"}, {"name": "б"}], "steps": {}}
    assert [(field.placeholder, field.sample) for field in fields(data)] == [
        ("{{ fields.PHONE }}", "7"),
        ('{{ fields["a b"].c }}', ""),
        ("{{ items[0].name }}", "а"),
        ("{{ source.steps }}", "{}"),
    ]
    assert fields({"x y": 1}, ("steps", "json"))[0].placeholder == '{{ steps.json["x y"] }}'


def test_fields_are_bounded() -> None:
    assert len(fields({str(number): number for number in range(5000)})) == 500
    assert len(fields({"a": "x" * 5000})[0].sample) == 200


def test_unknown_names_come_with_their_line_and_the_closest_name() -> None:
    text = "{{ client_fone }}\n{{ steps.jsn.text | upcase }} {{ client_phone }}"
    text += "{% if операция %}{{ client_fone }}{% endif %}"
    known = context({"client_phone": "+7"}, steps={"json": {"text": "x"}})
    assert unknown(text, known) == [
        Unknown("client_fone", 1, "client_phone"),
        Unknown("steps.jsn.text", 2, "steps.json.text"),
        Unknown("операция", 2, None),
    ]


def test_the_cache_is_bounded_and_shared_by_threads() -> None:
    cache = placeholder_templates.Cache()
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for index in range(150):
                template = cache.get(f"{{{{ a }}}}{index}" + "x" * 4000)
                assert template.source.startswith(f"{{{{ a }}}}{index}x")
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert 0 < cache.weight <= 1 << 18
    assert cache.get("{{ a }}") is cache.get("{{ a }}")


def test_a_filled_text_of_json_stays_json() -> None:
    assert json.loads(filled('{"a": {{ a | json }}}', {"a": 'кавычка " и \n'})) == {"a": 'кавычка " и \n'}
