"""Klientiks: clients are found before they are added, visits are written its way, every form of a refusal is read."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kind import ActionKind
from actions.kinds.klientiks.booking import Book
from actions.kinds.klientiks.customer import SaveCustomer
from actions.kinds.klientiks.method import CallMethod
from actions.kinds.klientiks.visit import SaveVisit, VisitForm
from actions.placeholders import Context
from connections.kinds.klientiks.account import Account, AccountForm
from connections.models import Connection
from connections.opened import Opened
from tests.fakes.klientiks import ACCOUNT, TOKEN, USER, Klientiks, klientiks
from webjack.config import bind, errors
from webjack.http import DryRun, Failed, Http

ANNA: dict[str, Any] = {"phone": "8 (916) 123-45-67", "first_name": "Анна"}


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Klientiks]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with klientiks() as fake:
        monkeypatch.setenv("KLIENTIKS_URL", fake.target.url)
        yield fake


def opened(token: str = TOKEN) -> Opened:
    return Opened(Connection(kind="klientiks", config={"account": ACCOUNT, "user": USER, "token": token}))


def run(kind: ActionKind, http: Http | None = None, token: str = TOKEN, **config: Any) -> Any:
    return kind.execute({"connection": opened(token)} | config, http or Http())


@pytest.mark.parametrize("says", [True, "ok"])
def test_a_client_is_added_once_and_changed_then(service: Klientiks, says: Any) -> None:
    service.says = says
    first = run(SaveCustomer(), **ANNA, birth_date="1984-04-15")
    again = run(SaveCustomer(), phone="+7 916 123-45-67", first_name="Анна", email="anna@example.com")
    assert (first["created"], again["created"], first["id"]) == (True, False, again["id"])
    (kept,) = service.clients.values()
    assert (kept["phone"], kept["birth_date"], kept["email"]) == ("79161234567", "15.04.1984", "anna@example.com")


def test_a_known_client_may_be_left_as_they_are_or_added_once_more(service: Klientiks) -> None:
    run(SaveCustomer(), **ANNA)
    kept = run(SaveCustomer(), existing="keep", **ANNA | {"first_name": "Ольга"})
    assert (kept["created"], kept["client"]["first_name"]) == (False, "Анна")
    assert run(SaveCustomer(), existing="add", **ANNA)["created"] is True
    assert len(service.clients) == 2


def test_a_failure_inside_a_good_answer_names_the_field(service: Klientiks) -> None:
    with pytest.raises(Failed, match="first_name: Поле Имя обязательно") as refused:
        run(SaveCustomer(), phone="79161234567", first_name="")
    assert not refused.value.retry


def test_without_a_phone_nothing_is_sent(service: Klientiks) -> None:
    with pytest.raises(Failed, match="Телефон"):
        run(SaveCustomer(), phone=" ", first_name="Анна")
    assert service.target.requests == []


def test_a_visit_is_added_with_day_and_time_apart(service: Klientiks) -> None:
    when: dict[str, Any] = {"start": "01.12.2026 10:00", "minutes": 30}
    assert run(SaveVisit(), client_id=6439301, executor_id="11", services=[5, 6], **when)["created"] is True
    (visit,) = service.visits
    asked = ("start_datetime", "start_time", "finish_datetime", "finish_time", "appointed_services", "status")
    assert [visit[name][0] for name in asked] == [
        "2026-12-01", "10:00:00", "2026-12-01", "10:30:00", "5,6", "scheduled",
    ]  # fmt: skip


def test_a_visit_is_changed(service: Klientiks) -> None:
    when: dict[str, Any] = {"start": "2026-12-01T12:00:00+03:00", "finish": "2026-12-01T13:00:00+03:00"}
    assert run(SaveVisit(), visit="7000001", status="confirmed", **when) == {"id": 7000001, "created": False}
    assert service.visits[0]["start_datetime"] == ["2026-12-01 12:00:00"]


@pytest.mark.parametrize(
    ("config", "sent"),
    [
        ({"status": "cancelled"}, {"status": "cancelled"}),
        ({"status": "cancelled", "minutes": 60, "start": None}, {"status": "cancelled"}),
        ({"start": "2026-12-01 12:00"}, {"start_datetime": "2026-12-01 12:00:00"}),
        ({"finish": "2026-12-01 12:00"}, {"finish_datetime": "2026-12-01 12:00:00"}),
        (
            {"start": "2026-12-01 12:00", "minutes": 45},
            {"start_datetime": "2026-12-01 12:00:00", "finish_datetime": "2026-12-01 12:45:00"},
        ),
    ],
)
def test_only_what_is_filled_in_is_changed(service: Klientiks, config: dict[str, Any], sent: dict[str, str]) -> None:
    run(SaveVisit(), visit="7000001", **config)
    [visit] = service.visits
    assert {name: each[0] for name, each in visit.items() if name not in ("model", "id")} == sent


def test_a_change_of_nothing_is_not_sent(service: Klientiks) -> None:
    with pytest.raises(Failed, match="менять"):
        run(SaveVisit(), visit="7000001", minutes=60, start="", status="")
    assert service.target.requests == []


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-12-01T07:00:00Z", "2026-12-01 12:00:00"),
        ("2026-12-01T23:00:00+03:00", "2026-12-02 01:00:00"),
        ("2026-12-01 12:00", "2026-12-01 12:00:00"),
        ("01.12.2026 12:00", "2026-12-01 12:00:00"),
    ],
)
def test_a_time_is_kept_in_the_companys_zone(service: Klientiks, written: str, kept: str) -> None:
    context = Context(source={}, steps={}, operation={}, company={"time_zone": "Asia/Yekaterinburg"})
    zone = SaveVisit().knows({}, context)
    run(SaveVisit(), visit="1", start=written, **zone)
    run(Book(), executor_id="11", services="5", start=written, **ANNA, **zone)
    assert [visit["start_datetime"] for visit in service.visits] == [[kept], [kept]]


def test_a_birthday_is_the_day_that_was_written(service: Klientiks) -> None:
    run(SaveCustomer(), **ANNA, birth_date="1984-04-15T23:30:00Z")
    [kept] = service.clients.values()
    assert kept["birth_date"] == "15.04.1984"


def test_a_visit_needs_a_beginning_only_when_it_is_new() -> None:
    assert "start" in errors(bind(VisitForm, {}))
    assert "start" not in errors(bind(VisitForm, {"visit": "{{ visit }}"}))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"start": "скоро"}, "не дата"),
        ({"start": ""}, "пустое"),
        ({"start": "2026-12-01 10:00", "finish": "2026-12-01 09:00"}, "раньше"),
        ({"start": "9999-12-31 23:59"}, "не дата"),
        ({"start": "2026-12-01 10:00", "client_id": "Анна"}, "ожидалось число"),
        ({"start": "2026-12-01 10:00", "client_id": 1, "executor_id": 2, "services": "стрижка"}, "Услуги"),
    ],
)
def test_a_visit_that_cannot_be_is_not_sent(service: Klientiks, config: dict[str, Any], words: str) -> None:
    with pytest.raises(Failed, match=words):
        run(SaveVisit(), **config)
    assert service.target.requests == []


def test_a_client_is_booked_in_one_call(service: Klientiks) -> None:
    run(Book(), executor_id="11", services="5, 6", start="2026-12-01 10:00", subclient_name="Маша", **ANNA)
    (visit,) = service.visits
    assert visit["service_id[]"] == ["5", "6"]
    assert (visit["start_datetime"], visit["phone"]) == (["2026-12-01 10:00:00"], ["79161234567"])
    assert visit["model"] == "Appointments/s/apiAdd/"


def test_any_list_is_read(service: Klientiks) -> None:
    assert run(CallMethod(), model="Services/")["items"][0]["name"] == "Консультация"
    assert run(CallMethod(), model="getClientByPhone/phone/79990000000")["items"] == []
    assert run(CallMethod(), model="availableTimes", parameters=[{"name": "executor_id", "value": 1}])["items"] == [
        {"day": "2026-12-01", "items": ["2026-12-01 10:00:00", "2026-12-01 10:15:00"]}
    ]
    for wrong in ("../../admin", "Services/?a=1", "Услуги/", "Services/%2e%2e/", ""):
        with pytest.raises(Failed, match="Services"):
            run(CallMethod(), model=wrong)


def test_what_is_not_about_the_token_leaves_the_connection_well(service: Klientiks) -> None:
    service.troubles.append((200, '{"status": false, "errors": ["Время недоступно"]}'.encode()))
    with pytest.raises(Failed, match=r"не принял.*Время недоступно") as refused:
        run(SaveCustomer(), **ANNA)
    assert not refused.value.denied


def test_a_refusal_of_the_token_keeps_what_was_said(service: Klientiks) -> None:
    with pytest.raises(Failed, match="отказал в доступе: Неверный токен доступа") as refused:
        run(SaveCustomer(), token="wrong-token-of-the-clinic", **ANNA)
    assert refused.value.denied


@pytest.mark.parametrize("trouble", [None, (401, b""), (403, b"<html>")])
def test_a_wrong_token_needs_attention_and_shows_nowhere(service: Klientiks, trouble: Any) -> None:
    service.troubles += [trouble] if trouble else []
    http, wrong = Http(), "fedcba9876543210fedcba9876543210"
    with pytest.raises(Failed, match="отказал в доступе") as refused:
        run(SaveCustomer(), http=http, token=wrong, **ANNA)
    assert refused.value.denied
    assert wrong not in str(http.exchanges)
    assert "••••" in http.exchanges[0]["request"]["url"]


@pytest.mark.parametrize("status", [429, 500, 502])
def test_what_passes_is_repeated(service: Klientiks, status: int) -> None:
    service.troubles.append((status, b"<html>"))
    with pytest.raises(Failed) as refused:
        run(SaveCustomer(), **ANNA)
    assert refused.value.retry


@pytest.mark.parametrize("body", [b"<html>login</html>", b"", b"[]"])
def test_something_else_than_an_answer_is_told(service: Klientiks, body: bytes) -> None:
    service.troubles.append((200, body))
    with pytest.raises(Failed):
        run(SaveCustomer(), **ANNA)
    assert len(service.target.requests) == 1


def test_a_dry_run_sends_nothing_and_hides_the_token(service: Klientiks) -> None:
    http = Http(dry=True)
    with pytest.raises(DryRun):
        run(SaveCustomer(), http=http, **ANNA)
    assert service.target.requests == []
    assert TOKEN not in str(http.exchanges)


def test_the_check_names_employees(service: Klientiks) -> None:
    config = {"account": ACCOUNT, "user": USER, "token": TOKEN}
    assert "Иванова" in Account().check(config, Http().through(opened()))


def test_a_pasted_address_gives_all_keys() -> None:
    pasted = f"https://klientiks.ru/clientix/Restapi/list/a/{ACCOUNT}/u/{USER}/t/{TOKEN}/m/Users/"
    form = bind(AccountForm, {"token": pasted})
    assert form.is_valid()
    assert form.cleaned_data == {"account": ACCOUNT, "user": USER, "token": TOKEN}


def test_forms_say_what_is_missing() -> None:
    assert set(errors(bind(AccountForm, {"token": "не ключ"}))) == {"token", "account", "user"}
    assert {"connection", "start"} <= set(errors(bind(VisitForm, {})))
