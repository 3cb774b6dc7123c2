"""GetCourse: users, orders and letters; a failure that is answered 200 is a failure, in either form of a boolean."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kind import ActionKind
from actions.kinds.getcourse.deal import DealForm, SaveDeal
from actions.kinds.getcourse.message import SendMessage
from actions.kinds.getcourse.user import SaveUser
from connections.kinds.getcourse.account import School, SchoolForm
from connections.models import Connection
from connections.opened import Opened
from tests.fakes.getcourse import KEY, GetCourse, getcourse
from webjack.config import bind, errors
from webjack.http import DryRun, Failed, Http

IVAN: dict[str, Any] = {"email": "ivan@example.org", "phone": "+79161234567", "first_name": "Иван", "refresh": True}
ORDER: dict[str, Any] = {"deal_number": "1001", "offer_code": "code-1", "deal_cost": "9 900", "quantity": 2}


@pytest.fixture(params=[False, True], ids=["booleans", "words"])
def service(request: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[GetCourse]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    monkeypatch.setenv("GETCOURSE_SCHEME", "http")
    with getcourse() as fake:
        fake.words = request.param
        yield fake


def run(kind: ActionKind, service: GetCourse, http: Http | None = None, key: str = KEY, **config: Any) -> Any:
    row = Connection(kind="getcourse", config={"account": service.host, "key": key})
    return kind.execute({"connection": Opened(row)} | config, http or Http())


def test_a_user_is_added_with_groups_and_fields(service: GetCourse) -> None:
    groups = [{"name": "Ученики", "value": ""}, {"name": "Гости", "value": "2026-10-01 21:21"}]
    fields = [{"name": "Рост", "value": 180}]
    output = run(SaveUser(), service, user_groups=groups, user_fields=fields, **IVAN)
    assert output == {"user_id": 1000, "user_status": "added"}
    kept = service.users["ivan@example.org"]
    assert kept["group_name"] == ["Ученики", ["Гости", "2026-10-01 21:21"]]
    assert kept["addfields"] == {"Рост": "180"}
    assert "city" not in kept


def test_a_known_user_is_changed_or_left(service: GetCourse) -> None:
    run(SaveUser(), service, **IVAN)
    run(SaveUser(), service, **IVAN | {"first_name": "Пётр", "refresh": False})
    assert service.users["ivan@example.org"]["first_name"] == "Иван"
    assert run(SaveUser(), service, **IVAN | {"first_name": "Пётр"})["user_status"] == "updated"
    assert service.users["ivan@example.org"]["first_name"] == "Пётр"


def test_an_order_with_the_same_number_is_one_order(service: GetCourse) -> None:
    first = run(SaveDeal(), service, **IVAN, **ORDER, payment_link=True)
    again = run(SaveDeal(), service, **IVAN, **ORDER, deal_is_paid=True, deal_status="payed")
    assert first["payment_link"].startswith("http")
    assert (first["deal_id"], first["deal_number"]) == (again["deal_id"], "1001")
    (deal,) = service.deals.values()
    assert (deal["deal_cost"], deal["quantity"], deal["deal_is_paid"]) == ("9900", 2, 1)


def test_a_letter_of_a_mailing_is_sent(service: GetCourse) -> None:
    run(
        SendMessage(), service, email="ivan@example.org", mailing=123, parameters=[{"name": "first_name", "value": "И"}]
    )
    assert service.letters == [
        {"email": "ivan@example.org", "transport": "email", "mailing_id": "123", "params": {"first_name": "И"}}
    ]


@pytest.mark.parametrize(
    ("kind", "config", "words"),
    [
        (SaveUser(), {"email": "Иван"}, "e-mail"),
        (SaveDeal(), {**IVAN, **ORDER, "deal_number": ""}, "Номер заказа"),
        (SaveDeal(), {**IVAN, **ORDER, "offer_code": ""}, "предложения"),
        (SaveDeal(), {**IVAN, **ORDER, "deal_cost": "много"}, "Стоимость"),
    ],
)
def test_what_cannot_be_is_not_sent(service: GetCourse, kind: ActionKind, config: dict[str, Any], words: str) -> None:
    with pytest.raises(Failed, match=words):
        run(kind, service, **config)
    assert service.target.requests == []


def test_a_failure_inside_a_good_answer_is_told(service: GetCourse) -> None:
    answer = (
        '{"success": true, "result": {"success": false, "error": "true", "error_message": "Не указано предложение"}}'
    )
    service.troubles.append((200, answer.encode()))
    with pytest.raises(Failed, match="Не указано предложение") as refused:
        run(SaveDeal(), service, **IVAN, **ORDER)
    assert (refused.value.retry, refused.value.denied) == (False, False)


@pytest.mark.parametrize("trouble", [None, (401, b""), (403, b"")])
def test_a_wrong_key_needs_attention_and_shows_nowhere(service: GetCourse, trouble: Any) -> None:
    service.troubles += [trouble] if trouble else []
    http, wrong = Http(), "another-secret+key/of=the school"
    with pytest.raises(Failed, match="отказал в доступе") as refused:
        run(SaveUser(), service, http, wrong, **IVAN)
    assert refused.value.denied
    assert "another-secret" not in str(http.exchanges)


@pytest.mark.parametrize("said", ["Предложение недоступно", "Ключ поля «Рост» не задан", "Доступ к курсу уже выдан"])
def test_what_is_not_about_the_key_leaves_the_connection_well(service: GetCourse, said: str) -> None:
    service.troubles.append((200, f'{{"success": false, "error_message": "{said}"}}'.encode()))
    with pytest.raises(Failed, match=said) as refused:
        run(SaveUser(), service, **IVAN)
    assert not refused.value.denied


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_repeated(service: GetCourse, status: int) -> None:
    service.troubles.append((status, b"<html>"))
    with pytest.raises(Failed) as refused:
        run(SaveUser(), service, **IVAN)
    assert refused.value.retry


@pytest.mark.parametrize("body", [b"<html>login</html>", b"", b"[]"])
def test_something_else_than_an_answer_is_told(service: GetCourse, body: bytes) -> None:
    service.troubles.append((200, body))
    with pytest.raises(Failed):
        run(SaveUser(), service, **IVAN)
    assert len(service.target.requests) == 1


def test_a_dry_run_sends_nothing_and_hides_the_key(service: GetCourse) -> None:
    http = Http(dry=True)
    with pytest.raises(DryRun):
        run(SaveUser(), service, http, **IVAN)
    assert service.target.requests == []
    assert KEY not in str(http.exchanges)


def test_the_check_says_whether_the_key_fits(service: GetCourse) -> None:
    config = {"account": service.host, "key": KEY}
    assert "групп: 2" in School().check(config, Http())
    service.troubles.append((200, '{"success": false, "error_message": "Не задан фильтр"}'.encode()))
    assert "подходит" in School().check(config, Http())
    service.troubles.append((200, b'{"success": false, "error": true, "error_code": 909}'))
    assert "подходит" in School().check(config, Http())
    with pytest.raises(Failed, match="Неверный ключ"):
        School().check(config | {"key": "wrong"}, Http())


@pytest.mark.parametrize(
    "pasted", ["school", "School.getcourse.ru", "https://school.getcourse.ru/pl/sales", " school.getcourse.ru/ "]
)
def test_a_school_is_known_in_any_shape(pasted: str) -> None:
    form = bind(SchoolForm, {"account": pasted, "key": KEY})
    assert form.is_valid()
    assert form.cleaned_data["account"] == "school.getcourse.ru"


def test_forms_say_what_is_missing() -> None:
    assert set(errors(bind(SchoolForm, {"account": "моя школа"}))) == {"account", "key"}
    assert {"connection", "offer_code"} <= set(errors(bind(DealForm, {})))
