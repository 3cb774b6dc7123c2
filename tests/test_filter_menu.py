"""The picker's second step, as the page asks for it, and the help's page of all filters."""

import json
from typing import Any

import pytest
from django.urls import reverse

from actions.check import check
from actions.filters.catalogue import FILTERS
from actions.models import Action
from processings.models import Processing
from tests.actions import REQUEST, new, of
from tests.conftest import Person
from tests.factories import ActionFactory, SourceFactory

pytestmark = pytest.mark.django_db

FIELDS = {
    "client_phone": "8 (912) 345-67-89",
    "client_name": "Анна Ивановна Петрова",
    "birthday": "17.03.1990",
    "sum": "1 234,50",
    "services": [{"name": "Стрижка", "price": 1500}],
    "ответ": '{"id": 5}',
}


@pytest.fixture
def action(processing: Processing) -> Action:
    kept = [{"name": name, "sample": sample, "label": "", "hidden": False} for name, sample in FIELDS.items()]
    SourceFactory(processing=processing, fields=kept, sample=FIELDS)
    made: Action = ActionFactory(processing=processing)
    return made


def asked(owner: Person, action: Action, text: str, calls: Any = None, status: int = 200, **more: str) -> Any:
    posted = {"text": text} | ({} if calls is None else {"calls": json.dumps(calls)}) | more
    answer = owner.post(of(action, "filters"), posted)
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


@pytest.mark.parametrize(
    ("field", "theme", "title", "result"),
    [
        ("client_phone", "Телефон", "Телефон → +7XXXXXXXXXX", "+79123456789"),
        ("client_name", "Имя человека", "Фамилия", "Петрова"),
        ("birthday", "Дата и время", "Дата в нужном виде", "17.03.1990 00:00"),
        ("sum", "Число", "Прочитать число", "1234.5"),
        ("services", "Список", "Первый элемент", '{"name":"Стрижка","price":1500}'),
        ('source["ответ"]', "JSON, адреса, HTML", "Прочитать JSON", '{"id":5}'),
    ],
)
def test_the_filters_that_fit_a_value_come_first_with_their_results(
    owner: Person, action: Action, field: str, theme: str, title: str, result: str
) -> None:
    first = asked(owner, action, "{{ " + field + " }}")["themes"][0]
    assert first["title"] == theme
    found = next(one for one in first["filters"] if one["title"] == title)
    assert (found["result"], found["fits"]) == (result, True)


def test_every_filter_is_in_the_menu_once(owner: Person, action: Action) -> None:
    themes = asked(owner, action, "{{ client_phone }}")["themes"]
    assert sorted(one["key"] for theme in themes for one in theme["filters"]) == sorted(FILTERS)


def test_an_empty_field_is_offered_what_its_name_suggests(owner: Person, action: Action) -> None:
    assert asked(owner, action, "{{ mobile_phone }}", name="mobile_phone")["themes"][0]["title"] == "Телефон"


def test_filters_go_one_behind_the_other_and_each_shows_its_result(owner: Person, action: Action) -> None:
    calls = [{"key": "full_name", "arguments": ["ФИ"]}, {"key": "upcase"}, {"key": "truncate", "arguments": ["8", "."]}]
    shown = asked(owner, action, "{{ client_name }}", calls)
    assert shown["text"] == '{{ client_name | full_name: "ФИ" | upcase | truncate: 8, "." }}'
    assert [call["result"]["text"] for call in shown["calls"]] == ["Петрова Анна", "ПЕТРОВА АННА", "ПЕТРОВА."]
    assert shown["result"]["text"] == "ПЕТРОВА."
    assert shown["start"]["text"] == "Анна Ивановна Петрова"


def test_a_placeholder_that_stands_in_a_field_is_taken_apart(owner: Person, action: Action) -> None:
    text = """{{ source["ответ"] | replace: 'a"b', "c" | default: -1.5 }}"""
    shown = asked(owner, action, text)
    assert [(call["key"], [one["value"] for one in call["arguments"]]) for call in shown["calls"]] == [
        ("replace", ['a"b', "c"]),
        ("default", [-1.5]),
    ]
    assert asked(owner, action, shown["text"])["text"] == shown["text"]


@pytest.mark.parametrize("key", sorted(FILTERS))
def test_what_the_picker_writes_it_can_read_again(owner: Person, action: Action, key: str) -> None:
    shown = asked(owner, action, "{{ client_name }}", [{"key": key}])
    again = asked(owner, action, shown["text"])
    assert again["text"] == shown["text"]
    assert [call["key"] for call in again["calls"]] == [key]


def test_a_filter_that_fails_on_the_sample_says_why(owner: Person, action: Action) -> None:
    shown = asked(owner, action, "{{ client_name }}", [{"key": "phone"}])
    assert shown["result"]["error"] == "Фильтр «Телефон → +7XXXXXXXXXX»: «Анна Ивановна Петрова» — не номер телефона"


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("", None),
        ("просто текст", None),
        ("{{ a }} и {{ b }}", None),
        ("{{ a | default: b }}", None),
        ("{{ a | default: 1, allow_false: true }}", None),
        ("{{ a[b] }}", None),
        ("{{ a | }}", None),
        ("{{ a }}", [{"key": "nonsense"}]),
        ("{{ a }}", [1, None, []]),
        ("{{ " + "a" * 9000 + " }}", None),
    ],
)
def test_what_clicks_cannot_change_is_refused_in_words(owner: Person, action: Action, text: str, calls: Any) -> None:
    assert asked(owner, action, text, calls, status=422)["error"] != ""


def test_broken_calls_and_endless_arguments_are_taken_calmly(owner: Person, action: Action) -> None:
    answer = owner.post(of(action, "filters"), {"text": "{{ a }}", "calls": "[" * 100_000})
    assert answer.status_code == 422
    many = [{"key": "append", "arguments": ["x" * 5000]}] * 100
    assert len(asked(owner, action, "{{ client_name }}", many)["calls"]) == 12


def test_a_new_action_has_the_same_menu_and_its_page_knows_where(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    answer = owner.post(new(processing, "filters_new"), {"text": "{{ client_phone }}"})
    assert answer.json()["themes"][0]["title"] == "Телефон"
    assert 'data-filters-url="' in owner.get(new(processing)).content.decode()


def test_an_error_of_a_run_names_the_field_the_row_the_line_and_the_filter(action: Action) -> None:
    action.config = {
        "method": "POST",
        "url": "https://example.com/",
        "headers": [{"name": "X", "value": "a\n{{ client_name | phone }}"}],
    }
    outcome = check(action, send=False)
    assert outcome.error == (
        "Заголовки, строка 1, строка текста 2: Фильтр «Телефон → +7XXXXXXXXXX»: "
        "«Анна Ивановна Петрова» — не номер телефона"
    )


def test_an_unknown_name_is_told_with_its_line(owner: Person, processing: Processing, action: Action) -> None:
    posted = REQUEST | {"body": '{"a": 1,\n "b": "{{ clientphone | phone }}"}'}
    page = owner.post(of(action), posted, follow=True).content.decode()
    assert "Тело, строка текста 2: нет «clientphone» (возможно, client_phone)" in page


def test_the_help_shows_every_filter_with_its_example_and_finds_it(owner: Person) -> None:
    page = owner.get(reverse("actions:filter_guide")).content.decode()
    for key in FILTERS:
        assert f'id="filter-{key}"' in page
    assert "+79123456789" in page
    found = owner.get(reverse("actions:filter_guide") + "?q=телефон+цифры").content.decode()
    assert 'id="filter-phone_last"' in found
    assert 'id="filter-upcase"' not in found
    english = owner.get(reverse("actions:filter_guide"), headers={"Accept-Language": "en"}).content.decode()
    assert "Last name with initials" in english


def test_the_texts_of_an_answer_have_the_menu_too(owner: Person, stranger: Person, action: Action) -> None:
    place = reverse("sources:filters", args=[action.processing.sources.get().pk])
    told = owner.post(place, {"text": "{{ client_phone }}"}).json()
    assert "+79123456789" in json.dumps(told)
    assert stranger.post(place, {"text": "{{ client_phone }}"}).status_code == 404
