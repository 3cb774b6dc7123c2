"""An operation of unknown outcome as people and programs meet it, and the setting of an action."""

import re
import uuid
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from actions.models import Action
from history import notices
from history.models import Notice, Operation, Status, Step
from processings.models import Processing
from tests.actions import REQUEST, new, of
from tests.api import Program
from tests.conftest import Person
from tests.factories import ActionFactory, OperationFactory, StepFactory

pytestmark = pytest.mark.django_db
CAUSE = "Сервер crm.example.ru оборвал соединение"


@pytest.fixture
def operation(processing: Processing) -> Operation:
    """One whose second action of three broke off."""
    actions = [ActionFactory(processing=processing, name=name) for name in ("Собрать", "Отправить", "Сообщить")]
    asked: Operation = OperationFactory(processing=processing, status=Status.UNKNOWN, error=CAUSE, tries=1)
    StepFactory(operation=asked, action_id=actions[0].pk, title="Собрать", position=1)
    told: dict[str, Any] = {"status": Step.Status.UNKNOWN, "error": CAUSE, "output": None}
    StepFactory(operation=asked, action_id=actions[1].pk, title="Отправить", position=2, **told)
    return asked


def page(person: Client, operation: Operation) -> str:
    return person.get(
        reverse("history:detail", args=[operation.pk]), headers={"accept-language": "ru"}
    ).content.decode()


def buttons(text: str) -> list[str]:
    """What the headline offers."""
    headline = re.search(r'<section class="headline".*?</section>', text, re.DOTALL)
    assert headline
    return [
        re.sub(r"<svg.*?</svg>", "", one).strip() for one in re.findall(r"<button[^>]*>(.*?)</button>", headline[0])
    ]


def order(person: Client, name: str, operation: Operation, **data: str) -> Any:
    url = reverse(f"history:{name}", args=[operation.pk])
    return person.post(url, data, follow=True, headers={"accept-language": "ru"})


def test_the_page_says_what_happened_and_offers_three_choices(owner: Person, operation: Operation) -> None:
    text = page(owner, operation)
    assert f"Исход шага 2 из 3 неизвестен: Отправить. {CAUSE}" in text
    assert "Проверьте в сервисе, дошла ли заявка, и выберите" in text
    assert buttons(text) == ["Считать выполненным", "Повторить", "Отменить"]
    assert "подстановки из ответа этого будут пустыми" in text


def test_considered_done_by_a_click_it_goes_on(owner: Person, operation: Operation) -> None:
    answer = order(owner, "accept", operation).content.decode()
    assert "Считаем действие выполненным, операция идёт дальше" in answer
    assert f"Решили считать выполненным ({owner.user.email})" in answer
    assert "Ответа мы не видели" in answer
    operation.refresh_from_db()
    assert (operation.status, operation.error, operation.due_at is None) == (Status.QUEUED, "", False)


def test_a_second_click_only_says_that_it_is_decided(owner: Person, operation: Operation) -> None:
    order(owner, "accept", operation)
    assert "кто-то успел решить" in order(owner, "accept", operation).content.decode()
    assert operation.steps.filter(status="accepted").count() == 1


def test_repeated_or_cancelled_the_history_keeps_who_decided(owner: Person, operation: Operation) -> None:
    order(owner, "repeat", operation, **{"from": "failed"})
    assert f"Решили повторить ({owner.user.email})" in page(owner, operation)
    Operation.objects.update(status=Status.UNKNOWN)
    order(owner, "cancel", operation)
    text = page(owner, operation)
    assert f"Решили отменить ({owner.user.email})" in text
    assert "Исход шага 2 так и неизвестен: Отправить" in text


def test_a_viewer_sees_it_and_decides_nothing(viewer: Person, operation: Operation) -> None:
    assert buttons(page(viewer, operation)) == []
    assert order(viewer, "accept", operation).status_code == 403
    operation.refresh_from_db()
    assert operation.status == Status.UNKNOWN


def test_of_a_deleted_processing_it_can_only_be_cancelled(owner: Person, operation: Operation) -> None:
    owner.post(reverse("processings:delete", args=[operation.processing_id]))
    assert buttons(page(owner, operation)) == ["Отменить"]


def test_the_list_says_it_in_words_and_can_be_narrowed_to_it(owner: Person, operation: Operation) -> None:
    OperationFactory(processing=operation.processing)
    url = reverse("history:list", query={"status": "unknown"})
    text = owner.get(url, headers={"accept-language": "ru"}).content.decode()
    assert text.count('id="row-') == 1
    assert "Исход неизвестен" in text
    assert CAUSE in text


def test_parked_it_can_be_hurried_and_cancelled(owner: Person, processing: Processing) -> None:
    parked = OperationFactory(processing=processing, status=Status.QUEUED, waits_for=uuid.uuid4(), due_at=None)
    assert "Отменить" in buttons(page(owner, parked))
    order(owner, "hurry", parked)
    parked.refresh_from_db()
    assert (parked.waits_for, parked.due_at is None) == (None, False)


def test_the_mail_says_that_somebody_must_decide(owner: Person, operation: Operation) -> None:
    Notice.objects.create(
        tenant=owner.tenant, processing=operation.processing, fingerprint="a", final=True, cause=CAUSE, pending=1,
        operation_id=operation.pk, due_at=operation.received_at,
    )  # fmt: skip
    assert notices.send() == 1
    assert "Неизвестно, дошла ли заявка. Проверьте в сервисе и выберите, что делать." in str(mail.outbox[0].body)


# The API


def test_a_program_considers_it_done_once(program: Program, operation: Operation) -> None:
    address = f"operations/{operation.pk}/"
    assert program.read(address)["status"] == "unknown"
    assert program.send(address + "accept/", code=202)["status"] == "queued"
    program.send(address + "accept/", code=409)
    steps = program.read(address)["steps"]
    assert [step["status"] for step in steps] == ["succeeded", "unknown", "accepted"]
    assert steps[2]["output"] == {}
    assert "CRM" in steps[2]["error"]  # the name of the key


def test_a_program_repeats_and_cancels_it(program: Program, operation: Operation) -> None:
    address = f"operations/{operation.pk}/"
    assert program.send(address + "cancel/")["status"] == "cancelled"
    Operation.objects.update(status=Status.UNKNOWN)
    assert program.send(address + "repeat/", code=202)["status"] == "queued"


def test_a_program_of_another_company_finds_nothing(operation: Operation, stranger: Person) -> None:
    Program(stranger.tenant).send(f"operations/{operation.pk}/accept/", code=404)


# The setting


def test_an_action_that_leaves_the_machine_is_asked_what_to_do(owner: Person, processing: Processing) -> None:
    text = owner.get(new(processing), headers={"accept-language": "ru"}).content.decode()
    for words in ("При обрыве связи", "Повторить с тем же ключом", "Остановить и спросить"):
        assert words in text
    owner.post(new(processing), REQUEST | {"own-on_unknown": "stop"})
    action = Action.objects.get()
    assert action.on_unknown == "stop"
    owner.post(of(action), REQUEST | {"own-alias": "http", "own-on_unknown": "repeat"})
    assert Action.objects.get().on_unknown == "repeat"


def test_what_is_not_said_stays_as_it_is(owner: Person, processing: Processing) -> None:
    policy = {"attempts": 2, "delays": [60], "codes": "5**"}
    action = ActionFactory(processing=processing, on_unknown="stop", retries=policy)
    owner.post(of(action), REQUEST | {"own-alias": "http"})
    action.refresh_from_db()
    assert (action.on_unknown, action.retries) == ("stop", policy)


def test_a_builder_is_asked_nothing(owner: Person, builder: Action) -> None:
    text = owner.get(of(builder), headers={"accept-language": "ru"}).content.decode()
    assert "При обрыве связи" not in text
    assert "Повторы" not in text


def test_nonsense_is_refused_at_the_field(owner: Person, processing: Processing) -> None:
    answer = owner.post(new(processing), REQUEST | {"own-on_unknown": "maybe"})
    assert answer.status_code == 200
    assert not Action.objects.exists()


def test_a_copy_keeps_it(owner: Person, processing: Processing) -> None:
    policy = {"attempts": 2, "delays": [60], "codes": "5**"}
    action = ActionFactory(processing=processing, on_unknown="stop", retries=policy)
    owner.post(of(action, "duplicate"))
    owner.post(reverse("processings:copy", args=[processing.pk]))
    owner.post(of(action, "remove"))
    owner.post(reverse("actions:restore", args=[processing.pk, action.pk]))
    assert list(Action.objects.values_list("on_unknown", "retries")) == [("stop", policy)] * 4


def test_a_program_sets_it(program: Program, processing: Processing) -> None:
    config = {"method": "POST", "url": "https://example.com/"}
    told = {"processing": str(processing.pk), "kind": "http.request", "config": config}
    made = program.send("actions/", told, code=201)
    assert (made["on_unknown"], made["retries"]) == ("repeat", None)
    made = program.send("actions/", told | {"on_unknown": "stop", "retries": {"delays": [5, 60]}}, code=201)
    assert made["on_unknown"] == "stop"
    assert made["retries"] == {"attempts": 3, "delays": [5, 60], "codes": "408, 409, 425, 429, 5**"}
    assert program.change(f"actions/{made['id']}/", {"retries": None, "on_unknown": "repeat"})["retries"] is None
    assert list(program.change(f"actions/{made['id']}/", {"on_unknown": "odd"}, code=400)["errors"]) == ["on_unknown"]
