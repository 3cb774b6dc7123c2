"""«Повторы» of a processing and of an action, on their pages and by the API."""

import html
from typing import Any

import pytest
from django.urls import reverse

from actions.models import Action
from processings.models import Processing
from tests.actions import REQUEST, of
from tests.api import Program
from tests.conftest import Person
from tests.factories import ActionFactory

pytestmark = pytest.mark.django_db
OWN = {
    "retries-choice": "own",
    "retries-repeats": "3",
    "retries-delays": "10 с, 1 мин; 2 ч",
    "retries-codes": "429, 5**",
    "retries-deadline": "1 д",
}
STORED = {"attempts": 4, "delays": [10, 60, 7200], "codes": "429, 5**"}


def place(processing: Processing) -> str:
    return reverse("processings:retries", args=[processing.pk])


def told(person: Person, processing: Processing, data: Any = None) -> str:
    ask = person.get if data is None else person.post
    answer = ask(place(processing), data, headers={"accept-language": "ru"})
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_the_table_is_told_in_plain_words(owner: Person, processing: Processing) -> None:
    text = told(owner, processing)
    assert "Обычные: через 10 с, 1 мин, 5 мин, 15 мин, 1 ч, 3 ч, 6 ч" in text
    assert text.count("<li>через") == 7
    assert 'value="24 ч"' in text


def test_own_ones_are_saved_and_shown_again(owner: Person, processing: Processing) -> None:
    assert owner.post(place(processing), OWN).status_code == 302
    processing.refresh_from_db()
    assert (processing.retries, processing.deadline_seconds) == (STORED, 86400)
    text = told(owner, processing)
    for value in ("10 с, 1 мин, 2 ч", "429, 5**", "24 ч", "3"):
        assert f'value="{value}"' in text


def test_as_usual_again_forgets_them_whatever_stands_in_the_hidden_fields(
    owner: Person, processing: Processing
) -> None:
    owner.post(place(processing), OWN)
    usual = OWN | {"retries-choice": "usual", "retries-repeats": "-7", "retries-delays": "скоро"}
    assert owner.post(place(processing), usual).status_code == 302
    processing.refresh_from_db()
    assert processing.retries is None


def test_no_repeats_at_all_is_a_choice_too(owner: Person, processing: Processing) -> None:
    owner.post(place(processing), OWN | {"retries-repeats": "0", "retries-delays": ""})
    processing.refresh_from_db()
    assert processing.retries is not None
    assert processing.retries["attempts"] == 1
    assert "<li>через" not in told(owner, processing)


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("repeats", "20", "Не больше 19"),
        ("repeats", "", "Заполните это поле"),
        ("delays", "10, 1 мин", "У «10» нет единицы: напишите «10 с», «10 мин» или «10 ч»"),
        ("delays", "5 попугаев", "Не понимаем «5 попугаев»: напишите число и единицу, например 30 с, 5 мин или 2 ч"),
        ("delays", "0 с", "Не меньше 1 с"),
        ("delays", "8 д", "Не больше 168 ч"),
        ("delays", "1 с," * 20, "Повторов может быть не больше 19"),
        ("delays", "", "Заполните это поле"),
        ("codes", "5xx", "«5xx» не похоже на код: нужно три знака, например 2** или 404"),
        ("deadline", "год", "Не понимаем «год»: напишите число и единицу, например 30 с, 5 мин или 2 ч"),
        ("deadline", "1 с", "Не меньше 10 с"),
        ("deadline", "31 д", "Не больше 720 ч"),
        ("deadline", "", "Заполните это поле"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
    owner: Person, processing: Processing, field: str, text: str, sentence: str
) -> None:
    answer = told(owner, processing, OWN | {f"retries-{field}": text})
    assert sentence in answer
    assert answer.count('aria-invalid="true"') == 1
    if text:
        assert f'value="{text}"' in answer
    processing.refresh_from_db()
    assert processing.retries is None


def test_repeats_that_the_deadline_leaves_no_room_for_are_not_promised(owner: Person, processing: Processing) -> None:
    Processing.objects.update(deadline_seconds=3600)
    text = told(owner, processing)
    assert text.count("<li>через") == 4
    assert "раньше выйдет время операции" in text


def test_a_viewer_reads_it_and_changes_nothing(viewer: Person, processing: Processing) -> None:
    text = told(viewer, processing)
    assert "<fieldset disabled>" in text
    assert "Сохранить" not in text
    assert viewer.post(place(processing), OWN).status_code == 403


def test_an_action_goes_by_its_processing_or_has_its_own(owner: Person, processing: Processing) -> None:
    Processing.objects.update(retries=STORED)
    action = ActionFactory(processing=processing)
    text = owner.get(of(action), headers={"accept-language": "ru"}).content.decode()
    assert "Как у обработки: через 10 с, 1 мин, 2 ч" in text
    posted = REQUEST | {"own-alias": "http"}
    own = {"retries-choice": "own", "retries-repeats": "5", "retries-delays": "1 ч", "retries-codes": "5**"}
    assert owner.post(of(action), posted | own).status_code == 302
    assert Action.objects.get().retries == {"attempts": 6, "delays": [3600], "codes": "5**"}
    wrong = owner.post(of(action), posted | own | {"retries-delays": "час"}, headers={"accept-language": "ru"})
    assert "Не понимаем «час»" in html.unescape(wrong.content.decode())
    owner.post(of(action), posted | own | {"retries-choice": "usual"})
    assert Action.objects.get().retries is None


# The API


def test_a_program_sets_repeats_and_the_deadline(program: Program, processing: Processing) -> None:
    address = f"processings/{processing.pk}/"
    found = program.read(address)
    assert (found["retries"], found["deadline_seconds"]) == (None, 86400)
    assert program.change(address, {"retries": STORED, "deadline_seconds": 60})["retries"] == STORED
    processing.refresh_from_db()
    assert (processing.retries, processing.deadline_seconds) == (STORED, 60)
    made = program.send("processings/", {"name": "Новая", "retries": {"attempts": 2}}, code=201)
    assert made["retries"]["attempts"] == 2
    assert program.change(address, {"retries": None})["retries"] is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"retries": {"attempts": 0}}, "retries.attempts"),
        ({"retries": {"attempts": 21}}, "retries.attempts"),
        ({"retries": {"delays": []}}, "retries.delays"),
        ({"retries": {"delays": [0]}}, "retries.delays.0"),
        ({"retries": {"delays": [10**9]}}, "retries.delays.0"),
        ({"retries": {"codes": "5xx"}}, "retries.codes"),
        ({"retries": "often"}, "retries"),
        ({"deadline_seconds": 1}, "deadline_seconds"),
        ({"deadline_seconds": 10**12}, "deadline_seconds"),
        ({"deadline_seconds": None}, "deadline_seconds"),
    ],
)
def test_a_program_is_told_what_is_wrong(
    program: Program, processing: Processing, change: dict[str, Any], path: str
) -> None:
    errors = program.change(f"processings/{processing.pk}/", change, code=400)["errors"]
    assert path.split(".")[0] in next(iter(errors))


def test_they_travel_with_an_export(program: Program, stranger: Person, processing: Processing) -> None:
    Processing.objects.update(retries=STORED, deadline_seconds=600)
    ActionFactory(processing=processing, on_unknown="stop", retries=STORED)
    exported = program.read(f"processings/{processing.pk}/export/")
    other = Program(stranger.tenant)
    made = other.send("processings/import/", exported, code=201)
    assert (made["retries"], made["deadline_seconds"]) == (STORED, 600)
    action = Action.objects.get(processing_id=made["id"])
    assert (action.on_unknown, action.retries) == ("stop", STORED)
