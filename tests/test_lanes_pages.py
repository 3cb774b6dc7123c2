"""What people see of an outside account that is silent, asks for a pause or is at its limit, and what they can do."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connections.models import Lane
from history import outages
from history.lanes import BREAK_AFTER
from history.models import Operation
from processings.models import Processing, State
from tests.api import Program
from tests.conftest import Person
from tests.factories import ActionFactory, OperationFactory, ProcessingFactory, SourceFactory, UserFactory

pytestmark = pytest.mark.django_db
HOST = "online.bizon365.ru"
SOON = timedelta(minutes=5)


@pytest.fixture
def lane(processing: Processing) -> Lane:
    """The account that the processing's only action goes to."""
    ActionFactory(processing=processing, config={"method": "POST", "url": f"https://{HOST}/api"})
    return Lane.objects.get(tenant=processing.tenant)


def be(lane: Lane, **told: Any) -> Lane:
    Lane.objects.filter(pk=lane.pk).update(**told)
    lane.refresh_from_db()
    return lane


def silent(lane: Lane, until: timedelta = SOON) -> Lane:
    return be(lane, failures=BREAK_AFTER, closed_until=timezone.now() + until, waiting=True)


def paused(lane: Lane) -> Lane:
    return be(lane, failures=0, closed_until=timezone.now() + SOON, waiting=True)


def park(lane: Lane, processing: Processing, count: int = 1, **told: Any) -> list[Operation]:
    told = {"status": "queued", "lane_id": lane.pk, "waits_for": lane.pk, "due_at": None, "data": None} | told
    return [OperationFactory(processing=processing, **told) for _ in range(count)]


def words(answer: Any) -> str:
    """What a person reads on the page, in one line."""
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def read(person: Person, view: str, *args: Any) -> str:
    return words(person.get(reverse(view, args=args))).replace(" ,", ",").replace(" :", ":")


def clock(lane: Lane) -> str:
    """The time of the next probe as the company reads it; no test runs into midnight, since days are left out."""
    assert lane.closed_until
    return timezone.localtime(lane.closed_until).strftime("%M:%S")


def test_a_silent_service_is_told_on_the_processings_page(owner: Person, processing: Processing, lane: Lane) -> None:
    park(silent(lane), processing, 3)
    text = read(owner, "processings:detail", processing.pk)
    assert f"Сервис {HOST} не отвечает, ждут 3 операции, следующая проба в" in text
    assert clock(lane) in text
    assert "Проверить сейчас" in text
    assert f"Сервис {HOST} не отвечает" in read(owner, "processings:last", processing.pk)


def test_a_service_that_asks_for_a_pause_gets_no_probe(owner: Person, processing: Processing, lane: Lane) -> None:
    park(paused(lane), processing)
    text = read(owner, "processings:detail", processing.pk)
    assert f"Сервис {HOST} просит реже обращаться, ждёт 1 операция, продолжим в" in text
    assert clock(lane) in text
    assert "Проверить сейчас" not in text


def test_a_service_at_its_limits_says_how_many_wait(owner: Person, processing: Processing, lane: Lane) -> None:
    be(lane, most_in_flight=10, per_second=0.5, waiting=True)
    park(lane, processing, 5)
    text = read(owner, "processings:detail", processing.pk)
    assert f"Сервиса {HOST} ждут 5 операций: не больше 10 одновременно, не больше 0,5 в секунду" in text


def test_a_service_that_answers_is_not_mentioned(owner: Person, processing: Processing, lane: Lane) -> None:
    assert HOST + " " not in read(owner, "processings:detail", processing.pk).replace(f"POST {HOST}/api", "")
    ended = park(lane, processing, status="cancelled", waits_for=None)[0]
    assert "Сервис" not in read(owner, "history:detail", ended.pk)


def test_no_more_are_counted_than_anybody_reads(
    owner: Person, processing: Processing, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "MOST", 2)
    park(silent(lane), processing, 5)
    assert "ждут больше 2 операции" in read(owner, "processings:detail", processing.pk)


def test_only_parked_ones_are_counted(owner: Person, processing: Processing, lane: Lane) -> None:
    park(silent(lane), processing, due_at=timezone.now())
    park(lane, processing, waits_for=None, due_at=timezone.now())
    park(lane, processing, waits_for=uuid.UUID(int=1))
    assert "ждёт" not in read(owner, "connections:list")
    park(lane, processing)
    assert "ждёт 1 операция" in read(owner, "connections:list")


def test_the_count_comes_from_the_index_of_parked_ones(processing: Processing, lane: Lane) -> None:
    park(lane, processing)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
        cursor.execute("EXPLAIN " + str(outages.counted(Lane.objects.filter(failures=0)).query))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond: (waits_for = connections_lane.id)" in plan
    assert "Limit" in plan


@pytest.mark.parametrize("status", ["queued", "waiting"])
def test_a_parked_operation_says_what_it_waits_for(
    owner: Person, processing: Processing, lane: Lane, status: str
) -> None:
    operation = park(silent(lane), processing, status=status)[0]
    text = read(owner, "history:detail", operation.pk)
    assert f"Сервис {HOST} не отвечает, ждёт 1 операция, следующая проба в" in text
    assert "Проверить сейчас" in text
    assert "как только освободится" not in text
    assert "ждёт сервиса" in read(owner, "history:list")


def test_an_operation_that_waits_to_be_repeated_there_says_so_too(
    owner: Person, processing: Processing, lane: Lane
) -> None:
    silent(lane)
    operation = park(lane, processing, status="waiting", waits_for=None, due_at=timezone.now() + SOON)[0]
    assert f"Сервис {HOST} не отвечает, следующая проба в" in read(owner, "history:detail", operation.pk)
    be(lane, failures=0, closed_until=None)
    assert "Сервис" not in read(owner, "history:detail", operation.pk)


def test_an_open_page_hears_of_the_silence_and_of_its_end(owner: Person, processing: Processing, lane: Lane) -> None:
    operation = park(lane, processing)[0]

    def watch() -> str:
        found = re.search(r'id="watch"[^>]*hx-get="([^"]+)"', owner.get(f"/history/{operation.pk}/").content.decode())
        assert found
        return found[1]

    before = watch()
    assert owner.get(before).status_code == 204
    silent(lane)
    assert f"{HOST} </b>" in owner.get(before).content.decode().replace("</b>", " </b>")
    after = watch()
    assert owner.get(after).status_code == 204
    be(lane, failures=0, closed_until=None)
    assert owner.get(after).status_code == 200


def test_the_list_of_services_shows_state_limits_and_who_uses_them(
    owner: Person, processing: Processing, lane: Lane
) -> None:
    other = ProcessingFactory(tenant=owner.tenant, name="Возвраты")
    ActionFactory(processing=other, config={"method": "GET", "url": f"https://{HOST}/"})
    unused = Lane.objects.create(tenant=owner.tenant, key="unused.example")
    gone = Lane.objects.create(tenant=owner.tenant, key="gone.example", waiting=True)
    park(gone, processing)
    text = read(owner, "connections:list")
    assert "Отвечает" in text
    assert processing.name in text
    assert "Возвраты" in text
    assert gone.key in text
    assert "больше не используется" in text
    assert unused.key not in text
    park(silent(be(lane, most_in_flight=10)), processing, 2)
    text = read(owner, "connections:list")
    assert all(word in text for word in ("Не отвечает", "ждут 2 операции", "не больше 10 одновременно"))


def test_the_list_of_services_takes_few_queries_whatever_its_length(owner: Person, processing: Processing) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            owner.get(reverse("connections:list"))
        return len(asked)

    def more(count: int) -> None:
        for _ in range(count):
            number = processing.actions.count()
            ActionFactory(processing=processing, config={"method": "GET", "url": f"https://s{number}.example/"})

    more(1)
    few = queries()
    more(5)
    assert queries() == few


def test_without_services_the_page_says_what_will_be_here(owner: Person) -> None:
    assert "Сервисов пока нет" in read(owner, "connections:list")


def test_a_probe_by_hand_opens_the_service_and_wakes_the_workers(
    owner: Person, processing: Processing, lane: Lane
) -> None:
    park(silent(lane), processing, 2)
    back = reverse("processings:detail", args=[processing.pk])
    with CaptureQueriesContext(connection) as asked:
        answer = owner.post(reverse("connections:probe", args=[lane.pk]), {"next": back})
    assert answer["Location"] == back
    assert any(query["sql"].startswith("NOTIFY") for query in asked)
    be(lane)
    assert lane.closed_until
    assert lane.closed_until <= timezone.now()
    assert lane.failures == BREAK_AFTER
    assert Operation.objects.filter(waits_for=lane.pk, due_at=None).count() == 2  # the claim lets one of them go
    text = read(owner, "processings:detail", processing.pk)
    assert "Проверяем, отвечает ли" in text
    assert "ждут 2 операции, пробуем прямо сейчас" in text


def test_a_probe_with_nobody_parked_takes_the_first_that_waits_to_be_repeated(
    owner: Person, processing: Processing, lane: Lane
) -> None:
    silent(lane)
    late, early = (
        park(lane, processing, status="waiting", waits_for=None, due_at=timezone.now() + SOON * times)[0]
        for times in (2, 1)
    )
    elsewhere = OperationFactory(processing=processing, status="waiting", due_at=timezone.now() + SOON / 2)
    owner.post(reverse("connections:probe", args=[lane.pk]))
    due = Operation.objects.filter(due_at__lte=timezone.now())
    assert list(due) == [early]
    assert {late.pk, elsewhere.pk} == set(Operation.objects.exclude(pk=early.pk).values_list("pk", flat=True))


@pytest.mark.parametrize("told", [{}, {"failures": BREAK_AFTER - 1}, {"closed_until": timezone.now() + SOON}])
def test_what_is_not_silent_is_not_probed(owner: Person, lane: Lane, told: dict[str, Any]) -> None:
    be(lane, **told)
    answer = owner.post(reverse("connections:probe", args=[lane.pk]), follow=True)
    assert "уже отвечает" in words(answer)
    assert Lane.objects.get(pk=lane.pk).closed_until == lane.closed_until


def test_a_viewer_sees_but_does_not_probe(viewer: Person, processing: Processing, lane: Lane) -> None:
    operation = park(silent(lane), processing)[0]
    for view, *args in (("processings:detail", processing.pk), ("history:detail", operation.pk), ("connections:list",)):
        text = read(viewer, view, *args)
        assert HOST in text
        assert "Проверить сейчас" not in text


def test_programs_read_accounts_and_probe_them(program: Program, processing: Processing, lane: Lane) -> None:
    found = program.read("accounts/")
    usual = {"connection": None, "most_in_flight": None, "per_second": None}
    assert found == [{"id": str(lane.pk), "key": HOST, "state": "open", "waiting": 0, "next_probe_at": None} | usual]
    program.send(f"accounts/{lane.pk}/probe/", code=409)
    operation = park(silent(lane), processing, 2)[0]
    told = program.read(f"accounts/{lane.pk}/")
    assert (told["state"], told["waiting"], bool(told["next_probe_at"])) == ("silent", 2, True)
    shown = program.read(f"operations/{operation.pk}/")
    assert (shown["waits_for"], shown["account"], shown["behind"]) == ("account", str(lane.pk), None)
    assert program.send(f"accounts/{lane.pk}/probe/")["next_probe_at"] is None
    paused(lane)
    assert program.read(f"accounts/{lane.pk}/")["state"] == "paused"
    be(lane, closed_until=None)
    assert program.read(f"accounts/{lane.pk}/")["state"] == "limited"


KEY = uuid.UUID(int=7)


def line(processing: Processing, first: str, behind: int = 2) -> list[Operation]:
    """The first one of an order, and those parked behind it."""
    due = timezone.now() + SOON if first == "waiting" else None
    head = OperationFactory(processing=processing, status=first, order_key=KEY, due_at=due, error="Сервер отказал")
    parked = {"status": "queued", "order_key": KEY, "waits_for": KEY, "due_at": None}
    return [head, *(OperationFactory(processing=processing, **parked) for _ in range(behind))]


def test_one_that_waits_for_its_turn_names_the_one_before_it(owner: Person, processing: Processing) -> None:
    head, second, third = line(processing, "unknown")
    text = read(owner, "history:detail", second.pk)
    assert "Ждёт своей очереди: перед ней операция от" in text
    assert "(исход неизвестен)" in text
    assert "и ещё" not in text
    assert f'href="/history/{head.pk}/"' in owner.get(f"/history/{third.pk}/").content.decode()
    assert "и ещё 1" in read(owner, "history:detail", third.pk)
    assert read(owner, "history:list").count("ждёт очереди") == 2


def test_it_can_be_run_without_waiting(owner: Person, processing: Processing) -> None:
    _head, second, third = line(processing, "running")
    text = words(owner.post(reverse("history:skip", args=[third.pk]), follow=True))
    assert "Операция выведена из очереди" in text
    assert "Ждёт своей очереди" not in text
    third.refresh_from_db()
    second.refresh_from_db()
    assert (third.order_key, third.waits_for, third.due_at is not None) == (None, None, True)
    assert second.parked_for == "order"
    assert "уже не в очереди" in words(owner.post(reverse("history:skip", args=[third.pk]), follow=True))


@pytest.mark.parametrize("status", ["waiting", "unknown"])
def test_a_stuck_one_lets_the_others_go_ahead(owner: Person, processing: Processing, status: str) -> None:
    head, second, third = line(processing, status)
    assert "За ней по очереди ждут 2 операции Пропустить их вперёд" in read(owner, "history:detail", head.pk)
    owner.post(reverse("history:skip", args=[head.pk]))
    assert "Пропустить их вперёд" not in read(owner, "history:detail", head.pk)
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.parked_for, third.parked_for) == ("", "order")
    assert Operation.objects.get(pk=head.pk).status == status


def test_a_viewer_takes_nothing_out_of_the_order(viewer: Person, processing: Processing) -> None:
    head, second, _third = line(processing, "waiting")
    for operation, button in ((head, "Пропустить их вперёд"), (second, "Выполнить без очереди")):
        assert button not in read(viewer, "history:detail", operation.pk)


def test_programs_take_one_out_of_the_order(program: Program, processing: Processing) -> None:
    head, second, third = line(processing, "waiting")
    told = program.read(f"operations/{third.pk}/")
    assert (told["waits_for"], told["behind"], told["due_at"]) == ("order", str(head.pk), None)
    assert program.send(f"operations/{head.pk}/skip/")["status"] == "waiting"
    assert program.read(f"operations/{second.pk}/")["waits_for"] is None
    program.send(f"operations/{head.pk}/skip/", code=409)


@pytest.fixture
def superuser() -> Client:
    client = Client()
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_operators_set_limits_and_nothing_else(superuser: Client, lane: Lane) -> None:
    silent(lane)
    url = reverse("admin:connections_lane_change", args=[lane.pk])
    assert superuser.post(url, {"most_in_flight": "10", "per_second": "2.5", "failures": "0"}).status_code == 302
    after = Lane.objects.get(pk=lane.pk)
    assert (after.most_in_flight, after.per_second, after.failures) == (10, 2.5, BREAK_AFTER)
    for told in ({"most_in_flight": "0"}, {"per_second": "-1"}):
        assert "Должно быть больше 0" in superuser.post(url, told).content.decode()
    assert superuser.post(url, {"most_in_flight": "", "per_second": ""}).status_code == 302
    assert Lane.objects.get(pk=lane.pk).most_in_flight is None


def test_operators_find_silent_accounts_and_probe_them(superuser: Client, processing: Processing, lane: Lane) -> None:
    url = reverse("admin:connections_lane_changelist")
    fine = Lane.objects.create(tenant=processing.tenant, key="fine.example")
    park(silent(lane), processing, 3)
    for query in ({"state": "silent"}, {"state": "waiting"}, {"q": "bizon365"}):
        text = superuser.get(url, query).content.decode()
        assert HOST in text
        assert fine.key not in text
    assert "Не отвечает" in superuser.get(url).content.decode()
    chosen = {"action": "probe", "_selected_action": [str(lane.pk), str(fine.pk)]}
    assert "Проверяем 1 сервис" in superuser.post(url, chosen, follow=True).content.decode()
    be(lane)
    assert lane.closed_until
    assert lane.closed_until <= timezone.now()
    silent_none = {"action": "probe", "_selected_action": [str(fine.pk)]}
    assert "нет замолчавших" in superuser.post(url, silent_none, follow=True).content.decode()


def order_url(processing: Processing) -> str:
    return reverse("processings:order", args=[processing.pk])


def test_the_order_is_chosen_on_the_processings_page(owner: Person, processing: Processing) -> None:
    text = words(owner.get(order_url(processing)))
    for choice in ("Параллельно", "Строго по очереди", "По ключу"):
        assert choice in text
    assert "Порядок" in read(owner, "processings:detail", processing.pk)
    answer = owner.post(order_url(processing), {"ordering": "strict", "ordering_field": ""}, follow=True)
    assert "Сохранено" in words(answer)
    processing.refresh_from_db()
    assert (processing.ordering, processing.state) == ("strict", State.STOPPED)


def test_the_field_is_chosen_from_those_of_the_sources(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    page = owner.get(order_url(processing)).content.decode()
    assert '<option value="client_phone">Телефон</option>' in page
    known = owner.post(order_url(processing), {"ordering": "key", "ordering_field": " client_phone "}, follow=True)
    assert "пока нет поля" not in words(known)
    processing.refresh_from_db()
    assert (processing.ordering, processing.ordering_field) == ("key", "client_phone")
    strange = owner.post(order_url(processing), {"ordering": "key", "ordering_field": "phon"}, follow=True)
    assert "пока нет поля «phon»" in words(strange)
    inner = owner.post(
        order_url(processing), {"ordering": "key", "ordering_field": "appointment.time.hour"}, follow=True
    )
    assert "пока нет поля" not in words(inner)


def test_an_order_by_a_field_needs_the_field(owner: Person, program: Program, processing: Processing) -> None:
    answer = owner.post(order_url(processing), {"ordering": "key", "ordering_field": " "})
    assert "Укажите поле" in words(answer)
    url = f"processings/{processing.pk}/"
    assert "ordering_field" in program.change(url, {"ordering": "key"}, code=400)["errors"]
    assert program.change(url, {"ordering": "key", "ordering_field": "phone"})["ordering_field"] == "phone"
    assert "ordering_field" in program.change(url, {"ordering_field": ""}, code=400)["errors"]
    assert program.change(url, {"ordering": "strict", "ordering_field": ""})["ordering"] == "strict"
    program.change(url, {"ordering": "sideways"}, code=400)


def test_a_viewer_reads_the_order_and_changes_nothing(viewer: Person, processing: Processing) -> None:
    assert "Сохранить" not in words(viewer.get(order_url(processing)))
    assert viewer.post(order_url(processing), {"ordering": "strict"}).status_code == 403


def test_the_order_is_copied_exported_and_imported(program: Program, processing: Processing) -> None:
    Processing.objects.update(ordering="key", ordering_field="phone")
    copied = program.send(f"processings/{processing.pk}/copy/", code=201)
    exported = program.read(f"processings/{processing.pk}/export/")
    imported = program.send("processings/import/", exported, code=201)
    for told in (copied, exported, imported):
        assert (told["ordering"], told["ordering_field"]) == ("key", "phone")
    assert program.send("processings/import/", {"name": "Старый файл"}, code=201)["ordering"] == "parallel"
    program.send("processings/import/", {"name": "Без поля", "ordering": "key"}, code=400)
