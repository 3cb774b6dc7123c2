"""The pages of processings, as the owner, a viewer and a stranger meet them."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from history.models import Status, Step
from processings.models import Processing, State
from tests.conftest import Person
from tests.ended import ended
from tests.factories import ActionFactory, OperationFactory, ProcessingFactory, SourceFactory, StepFactory

pytestmark = pytest.mark.django_db
POSTED = ("rename", "start", "stop", "turn", "copy", "delete", "restore", "notices", "retries")
SEEN = ("detail", "notices", "retries", "last")


def page(person: Person, name: str, *args: object) -> str:
    answer = person.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_is_never_blank(owner: Person) -> None:
    text = page(owner, "processings:list")
    assert "Создать" in text
    assert "Название" in text


def test_creating_asks_only_the_name_and_leads_to_the_processing(owner: Person) -> None:
    answer = owner.post(reverse("processings:create"), {"name": " Клиентикс → Бизон "})
    processing = Processing.objects.get()
    assert answer["Location"] == reverse("processings:detail", args=[processing.pk])
    assert (processing.tenant, processing.name, processing.state) == (owner.tenant, "Клиентикс → Бизон", State.STOPPED)


def test_a_processing_without_a_name_is_refused_at_the_field(owner: Person) -> None:
    answer = owner.post(reverse("processings:create"), {"name": " "})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Processing.objects.exists()


def test_the_list_counts_today_in_the_zone_of_the_company(owner: Person, processing: Processing) -> None:
    owner.tenant.time_zone = "Asia/Vladivostok"
    owner.tenant.save()
    with timezone.override("Asia/Vladivostok"):
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for status, moment in [
        (Status.SUCCEEDED, midnight),
        (Status.SUCCEEDED, timezone.now()),
        (Status.FAILED, timezone.now()),
        (Status.FAILED, midnight - timedelta(minutes=1)),
    ]:
        ended(status, processing=processing, received_at=moment)
    text = page(owner, "processings:list")
    assert "Успешно сегодня: </span>2</span>" in text
    assert "Ошибок сегодня: </span>1</span>" in text


def test_the_list_takes_the_same_queries_for_many_rows(owner: Person, django_assert_max_num_queries: Any) -> None:
    for processing in ProcessingFactory.create_batch(12, tenant=owner.tenant):
        SourceFactory(processing=processing)
        ActionFactory(processing=processing)
        OperationFactory(processing=processing)
    with django_assert_max_num_queries(10):
        page(owner, "processings:list")


def test_the_list_is_searched_and_filtered(owner: Person) -> None:
    ProcessingFactory(tenant=owner.tenant, name="Заявки Тильды", state=State.RUNNING)
    ProcessingFactory(tenant=owner.tenant, name="Заказы")
    url = reverse("processings:list")
    assert "Заказы" not in owner.get(url, {"q": "тильд"}).content.decode()
    assert "Заказы" not in owner.get(url, {"state": "running"}).content.decode()
    assert "Заказы" in owner.get(url, {"state": "stopped"}).content.decode()
    assert "Ничего не найдено" in owner.get(url, {"q": "нет такой"}).content.decode()


def test_starting_says_what_is_missing(owner: Person, processing: Processing) -> None:
    url = reverse("processings:start", args=[processing.pk])
    assert "Сначала добавьте источник данных" in owner.post(url, follow=True).content.decode()
    SourceFactory(processing=processing)
    ActionFactory(processing=processing, enabled=False)
    assert "Сначала добавьте или включите действие" in owner.post(url, follow=True).content.decode()
    processing.refresh_from_db()
    assert processing.state == State.STOPPED


def test_it_starts_and_stops(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    ActionFactory(processing=processing)
    assert "Остановить" in owner.post(reverse("processings:start", args=[processing.pk]), follow=True).content.decode()
    processing.refresh_from_db()
    assert processing.state == State.RUNNING
    assert "Запустить" in owner.post(reverse("processings:stop", args=[processing.pk]), follow=True).content.decode()
    processing.refresh_from_db()
    assert processing.state == State.STOPPED


def test_the_switch_of_the_list_comes_back_to_the_list(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    ActionFactory(processing=processing)
    url = reverse("processings:turn", args=[processing.pk])
    answer = owner.post(url, {"running": "yes", "from": "list"})
    assert answer["Location"] == reverse("processings:list")
    assert Processing.objects.get().running
    owner.post(url, {"from": "list"})
    assert not Processing.objects.get().running


def test_renaming_keeps_the_old_name_when_the_new_one_is_empty(owner: Person, processing: Processing) -> None:
    url = reverse("processings:rename", args=[processing.pk])
    assert owner.post(url, {"name": ""}).status_code == 200
    assert Processing.objects.get().name == "Заявки с сайта"
    owner.post(url, {"name": "<Новое & имя>"})
    assert escape("<Новое & имя>") in page(owner, "processings:detail", processing.pk)


def test_a_copy_has_new_addresses_and_no_history(owner: Person, processing: Processing) -> None:
    source = SourceFactory(processing=processing, captured_id=uuid.uuid4())
    first, second = ActionFactory(processing=processing), ActionFactory(processing=processing, enabled=False)
    OperationFactory(processing=processing)
    owner.post(reverse("processings:copy", args=[processing.pk]))
    copied = Processing.objects.exclude(pk=processing.pk).get()
    again = copied.sources.get()
    assert copied.name == "Заявки с сайта (копия)"
    assert not copied.running
    assert again.key != source.key
    assert (again.fields, again.sample, again.captured_id) == (source.fields, source.sample, None)
    assert [(action.alias, action.config, action.enabled) for action in copied.actions.all()] == [
        (action.alias, action.config, action.enabled) for action in (first, second)
    ]
    assert not copied.operations.exists()


def test_deleting_keeps_the_history_and_can_be_undone(owner: Person, processing: Processing) -> None:
    operation = OperationFactory(processing=processing)
    assert "Удалить «Заявки с сайта»?" in page(owner, "processings:detail", processing.pk)
    answer = owner.post(reverse("processings:delete", args=[processing.pk]), follow=True)
    restore = reverse("processings:restore", args=[processing.pk])
    assert restore in answer.content.decode()
    assert owner.get(reverse("processings:detail", args=[processing.pk])).status_code == 404
    operation.refresh_from_db()
    assert operation.processing == Processing.everything.get(pk=processing.pk)
    owner.post(restore)
    assert Processing.objects.get() == processing


def test_the_page_shows_the_pipeline_in_order(owner: Person, processing: Processing) -> None:
    source = SourceFactory(processing=processing)
    ActionFactory(processing=processing, name="Собрать тело", kind="data.json", alias="json", config={"fields": []})
    action = ActionFactory(processing=processing, config={"method": "POST", "url": "https://online.bizon365.ru/api/"})
    operation = OperationFactory(processing=processing, source_id=source.pk)
    StepFactory(operation=operation, action_id=action.pk, status=Step.Status.FAILED)
    text = page(owner, "processings:detail", processing.pk)
    places = [text.index(words) for words in (source.url, "Собрать тело", "POST online.bizon365.ru/api/")]
    assert places == sorted(places)
    assert "последний запрос" in text
    assert "В последний раз: ошибка" in text


def test_the_checklist_goes_when_all_is_done(owner: Person, processing: Processing) -> None:
    assert "До первого запуска" in page(owner, "processings:detail", processing.pk)
    SourceFactory(processing=processing)
    ActionFactory(processing=processing)
    owner.post(reverse("processings:start", args=[processing.pk]))
    assert "До первого запуска" not in page(owner, "processings:detail", processing.pk)


def test_requests_kept_while_it_stood_are_offered_for_processing(owner: Person, processing: Processing) -> None:
    for _each in range(3):
        OperationFactory(processing=processing, status=Status.HELD)
    text = page(owner, "processings:detail", processing.pk)
    assert "3 запроса пришли, пока обработка стояла" in text
    assert reverse("history:release", args=[processing.pk]) in text


def test_requests_that_come_while_the_page_is_open_are_offered_too(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    assert 'id="last"' in page(owner, "processings:detail", processing.pk)
    OperationFactory(processing=processing, status=Status.HELD)
    assert "1 запрос пришёл, пока обработка стояла" in page(owner, "processings:last", processing.pk)


def test_the_strip_shows_the_last_ten_operations(owner: Person, processing: Processing) -> None:
    assert "Пока ничего не пришло" in page(owner, "processings:last", processing.pk)
    operations = [OperationFactory(processing=processing) for _each in range(12)]
    text = page(owner, "processings:last", processing.pk)
    shown = [str(operation.pk) in text for operation in operations]
    assert shown == [False] * 2 + [True] * 10


def test_notices_are_set_and_wrong_addresses_refused(owner: Person, processing: Processing) -> None:
    url = reverse("processings:notices", args=[processing.pk])
    answer = owner.post(url, {"notify": "on", "notice_emails": "anna@example.com\nне адрес"})
    assert answer.status_code == 200
    assert "«не» — не адрес электронной почты" in answer.content.decode()
    owner.post(url, {"notice_emails": "anna@example.com\n\nboris@example.com, anna@example.com"})
    processing.refresh_from_db()
    assert (processing.notify, processing.notice_emails) == (False, ["anna@example.com", "boris@example.com"])
    assert "anna@example.com\nboris@example.com" in page(owner, "processings:notices", processing.pk)


@pytest.mark.parametrize("name", SEEN)
def test_a_stranger_finds_nothing(stranger: Person, processing: Processing, name: str) -> None:
    assert stranger.get(reverse(f"processings:{name}", args=[processing.pk])).status_code == 404


@pytest.mark.parametrize("name", POSTED)
def test_a_stranger_changes_nothing(stranger: Person, processing: Processing, name: str) -> None:
    assert stranger.post(reverse(f"processings:{name}", args=[processing.pk]), {"name": "x"}).status_code == 404


def test_a_stranger_sees_nothing_in_the_list(stranger: Person, processing: Processing) -> None:
    assert processing.name not in page(stranger, "processings:list")


@pytest.mark.parametrize("name", POSTED)
def test_a_viewer_may_not_change(viewer: Person, processing: Processing, name: str) -> None:
    before = Processing.objects.values().get()
    assert viewer.post(reverse(f"processings:{name}", args=[processing.pk]), {"name": "x"}).status_code == 403
    assert Processing.objects.values().get() == before


def test_a_viewer_looks_and_finds_no_buttons(viewer: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    ActionFactory(processing=processing)
    assert viewer.post(reverse("processings:create"), {"name": "x"}).status_code == 403
    for name in SEEN:
        text = page(viewer, f"processings:{name}", processing.pk)
        for words in ("Запустить", "Добавить", "Сохранить", "Удалить", "Переименовать"):
            assert words not in text
    assert "Создать" not in page(viewer, "processings:list")


@pytest.mark.parametrize("name", [name for name in POSTED if name not in ("notices", "retries")])
def test_a_change_is_never_a_get(owner: Person, processing: Processing, name: str) -> None:
    assert owner.get(reverse(f"processings:{name}", args=[processing.pk])).status_code == 405


def test_who_is_not_logged_in_is_asked_to(client: Client, processing: Processing) -> None:
    answer = client.get(reverse("processings:detail", args=[processing.pk]))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
