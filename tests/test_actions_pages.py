"""The pages of actions, as the owner, a viewer and a stranger meet them."""

import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from actions import arrange
from actions.models import Action
from processings.models import Processing
from tests.actions import JSON_ROWS, REQUEST, new, of
from tests.conftest import Person
from tests.factories import ActionFactory, SourceFactory

pytestmark = pytest.mark.django_db
OF_PROCESSING = ("add", "preview_new", "check_new", "order")
OF_ACTION = ("detail", "preview", "check", "turn", "duplicate", "remove")


def order(processing: Processing) -> list[tuple[int, str]]:
    return list(processing.actions.values_list("position", "alias"))


def test_the_catalogue_shows_all_kinds_and_is_searched(owner: Person, processing: Processing) -> None:
    url = reverse("actions:add", args=[processing.pk])
    text = owner.get(url).content.decode()
    assert all(title in text for title in ("HTTP-запрос", "JSON", "Form Urlencoded"))
    found = owner.get(url, {"q": "вебхук"}).content.decode()
    assert "HTTP-запрос" in found
    assert "data.json" not in found
    assert "Ничего не найдено" in owner.get(url, {"q": "такого нет"}).content.decode()


def test_the_catalogue_opens_right_there_as_a_dialog(owner: Person, processing: Processing) -> None:
    answer = owner.get(reverse("actions:add", args=[processing.pk]), headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith("<dialog")


def test_the_form_has_the_labels_of_the_guide_in_their_order(owner: Person, processing: Processing) -> None:
    text = owner.get(new(processing)).content.decode()
    labels = [
        "Параметры запроса",
        "Метод",
        "Адрес",
        "Тело",
        "Успешные коды статуса",
        "Параметры строки запроса",
        "Заголовки",
    ]
    places = [text.index(f">{label}</") for label in labels]
    assert places == sorted(places)
    assert 'value="2**"' in text
    assert ">Сохранить</button>" in text


def test_saving_makes_an_action_with_the_usual_alias(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    posted = REQUEST | {"headers-name": ["X-Token", ""], "headers-value": ["{{ client_phone }}", ""]}
    answer = owner.post(new(processing), posted)
    assert answer["Location"] == reverse("processings:detail", args=[processing.pk])
    owner.post(new(processing), REQUEST)
    first, second = processing.actions.all()
    assert (first.alias, second.alias) == ("http", "http_2")
    assert first.config == {
        "method": "POST",
        "url": "https://example.com/{{ client_name }}",
        "body_kind": "text",
        "body": "",
        "json_as": "fields",
        "body_json": "",
        "body_fields": [],
        "body_xml": "",
        "success_codes": "2**",
        "query": [],
        "headers": [{"name": "X-Token", "value": "{{ client_phone }}"}],
        "connection": "",
        "follow_redirects": False,
        "success": {"operator": "", "field": "", "value": "", "message": "", "repeat": False},
        "paging": {
            "kind": "",
            "next": "",
            "parameter": "",
            "place": "query",
            "first": 1,
            "items": "",
            "pages": 10,
            "most": 1000,
        },
    }


def test_a_new_one_goes_where_its_plus_stands(owner: Person, processing: Processing) -> None:
    first, last = ActionFactory(processing=processing, alias="a"), ActionFactory(processing=processing, alias="b")
    owner.post(new(processing, after=first.pk), REQUEST)
    owner.post(new(processing, after="start"), REQUEST)
    owner.post(new(processing, after=last.pk), REQUEST)
    assert order(processing) == [(1, "http_2"), (2, "a"), (3, "http"), (4, "b"), (5, "http_3")]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("url", "example.com/hook", "Адрес должен начинаться с https:// или http://"),
        ("url", "ftp://{{ client_name }}", "Адрес должен начинаться с https:// или http://"),
        ("url", "", "Заполните это поле"),
        ("url", "https://", "В адресе нет имени сервера: проверьте, как он написан"),
        ("success_codes", "2**, 20", "«20» не похоже на код: нужно три знака, например 2** или 404"),
        ("body", "{{ client_name", "Скобки «{{» не закрыты"),
        ("own-alias", "имя", None),
    ],
)
def test_what_is_wrong_is_refused_at_the_field(
    owner: Person, processing: Processing, field: str, value: str, sentence: str | None
) -> None:
    answer = owner.post(new(processing), REQUEST | {field: value})
    text = answer.content.decode()
    assert answer.status_code == 200
    at_field = text[text.index(f'name="{field}"') :]
    assert escape(sentence) in at_field if sentence else 'aria-invalid="true"' in at_field
    assert 'value="https://example.com/{{ client_name }}"' in text or field == "url"
    assert not processing.actions.exists()


def test_a_row_without_a_name_is_refused_and_keeps_what_was_typed(owner: Person, processing: Processing) -> None:
    answer = owner.post(new(processing), REQUEST | {"headers-name": ["", "B"], "headers-value": ["typed", ""]})
    text = answer.content.decode()
    assert "Строка 1: не указано название" in text
    assert 'value="typed"' in text


def test_a_taken_alias_is_refused(owner: Person, processing: Processing, builder: Action) -> None:
    answer = owner.post(new(processing), REQUEST | {"own-alias": "json"})
    assert "Это короткое имя занято" in answer.content.decode()


def test_a_saved_action_is_edited(owner: Person, processing: Processing, builder: Action) -> None:
    text = owner.get(of(builder)).content.decode()
    assert 'value="{{ client_name }}"' in text
    owner.post(of(builder), JSON_ROWS | {"own-name": "Тело заявки", "own-alias": "lead"})
    builder.refresh_from_db()
    assert (builder.title, builder.alias, builder.position) == ("Тело заявки", "lead", 1)
    assert builder.config["fields"][1] == {"name": "phone", "value": "{{ client_phone }}", "type": "text"}


def test_values_that_the_api_gave_as_no_text_keep_their_type(
    owner: Person, processing: Processing, builder: Action
) -> None:
    builder.config = {
        "fields": [{"name": "n", "value": 5}, {"name": "yes", "value": True}, {"name": "no", "value": None}]
    }
    builder.save()
    text = owner.get(of(builder)).content.decode()
    chosen = re.findall(r'<option value="(\w+)" selected>', text)
    assert chosen == ["number", "boolean", "empty"]


def test_actions_are_put_in_order(owner: Person, processing: Processing) -> None:
    actions = [ActionFactory(processing=processing, alias=alias) for alias in "abc"]
    ids = [str(actions[place].pk) for place in (2, 0, 1)]
    assert owner.post(reverse("actions:order", args=[processing.pk]), {"order": ids}).status_code == 204
    assert order(processing) == [(1, "c"), (2, "a"), (3, "b")]


def test_an_order_that_is_not_exactly_the_actions_is_refused(owner: Person, processing: Processing) -> None:
    actions = [ActionFactory(processing=processing, alias=alias) for alias in "ab"]
    foreign = ActionFactory(tenant=processing.tenant)
    first = str(actions[0].pk)
    for ids in ([first], [first, first], [first, str(foreign.pk)], [first, "nonsense"], []):
        assert owner.post(reverse("actions:order", args=[processing.pk]), {"order": ids}).status_code == 409
        with pytest.raises(ValueError, match="изменился"):
            arrange.reorder(processing, ids)
    assert order(processing) == [(1, "a"), (2, "b")]


def test_one_is_switched_off_and_on(owner: Person, processing: Processing) -> None:
    action = ActionFactory(processing=processing)
    owner.post(of(action, "turn"))
    assert not processing.actions.get().enabled
    assert "Выключено" in owner.get(reverse("processings:detail", args=[processing.pk])).content.decode()
    owner.post(of(action, "turn"), {"enabled": "yes"})
    assert processing.actions.get().enabled


def test_a_duplicate_stands_right_behind_with_an_alias_of_its_own(owner: Person, processing: Processing) -> None:
    action = ActionFactory(processing=processing, name="Заявка")
    ActionFactory(processing=processing, alias="b")
    owner.post(of(action, "duplicate"))
    assert order(processing) == [(1, "http"), (2, "http_2"), (3, "b")]
    copied = processing.actions.get(position=2)
    assert (copied.config, copied.name) == (action.config, "Заявка (копия)")


def test_a_deleted_one_comes_back_with_everything(owner: Person, processing: Processing) -> None:
    first, second, _third = (ActionFactory(processing=processing, alias=alias) for alias in "abc")
    answer = owner.post(of(second, "remove"), follow=True)
    restore = reverse("actions:restore", args=[processing.pk, second.pk])
    assert restore in answer.content.decode()
    assert order(processing) == [(1, "a"), (2, "c")]
    owner.post(of(first, "remove"))
    owner.post(restore)
    assert order(processing) == [(1, "c"), (2, "b")]
    assert processing.actions.get(alias="b").config == second.config
    assert owner.post(restore).status_code == 404


def test_an_action_whose_kind_is_gone_breaks_no_page(owner: Person, processing: Processing) -> None:
    action = ActionFactory(processing=processing, kind="gone.kind", alias="gone")
    for url in (reverse("processings:list"), reverse("processings:detail", args=[processing.pk]), new(processing)):
        assert owner.get(url).status_code == 200
    assert owner.get(of(action)).status_code == 404
    owner.post(of(action, "duplicate"))
    owner.post(of(action, "remove"))
    assert order(processing) == [(1, "gone_2")]


@pytest.mark.parametrize("kind", ["", "no.such"])
def test_an_unknown_kind_is_not_found(owner: Person, processing: Processing, kind: str) -> None:
    url = reverse("actions:preview_new", args=[processing.pk], query={"kind": kind})
    assert owner.post(url, REQUEST).status_code == 404


@pytest.mark.parametrize("name", OF_PROCESSING)
def test_strangers_and_viewers_do_nothing_in_a_processing(
    stranger: Person, viewer: Person, processing: Processing, name: str
) -> None:
    assert stranger.post(new(processing, name), REQUEST).status_code == 404
    assert viewer.post(new(processing, name), REQUEST).status_code == 403
    assert stranger.get(new(processing, name)).status_code in (404, 405)
    assert not processing.actions.exists()


@pytest.mark.parametrize("name", OF_ACTION)
def test_strangers_and_viewers_change_no_action(
    stranger: Person, viewer: Person, processing: Processing, name: str
) -> None:
    action = ActionFactory(processing=processing)
    before = Action.objects.values().get()
    assert stranger.post(of(action, name), REQUEST).status_code == 404
    assert viewer.post(of(action, name), REQUEST).status_code == 403
    assert Action.objects.values().get() == before


def test_a_removed_action_is_no_strangers_to_restore(stranger: Person, viewer: Person, processing: Processing) -> None:
    action = ActionFactory(processing=processing)
    url = reverse("actions:restore", args=[processing.pk, action.pk])
    assert stranger.post(url).status_code == 404
    assert viewer.post(url).status_code == 403


def test_a_place_behind_a_foreign_action_is_not_found(owner: Person, processing: Processing) -> None:
    foreign = ActionFactory(tenant=processing.tenant)
    for after in (foreign.pk, "nonsense"):
        assert owner.post(new(processing, after=after), REQUEST).status_code == 404


def test_a_viewer_reads_the_settings_but_has_no_buttons(
    viewer: Person, stranger: Person, processing: Processing
) -> None:
    action = ActionFactory(processing=processing)
    assert stranger.get(of(action)).status_code == 404
    text = viewer.get(of(action)).content.decode()
    assert "http://127.0.0.1:9/target" in text
    assert "<fieldset disabled>" in text
    assert "data-preview-url" not in text
    assert "Сохранить" not in text
    assert "Проверить" not in text
