"""Bizon365: what each action sends in both versions of the API, and what each refusal becomes."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kind import ActionKind
from actions.kinds.bizon365.access import AccessForm, GrantAccess
from actions.kinds.bizon365.method import CallMethod
from actions.kinds.bizon365.student import AddStudent
from actions.kinds.bizon365.webinar import RegisterForWebinar
from connections.kinds.bizon365.account import Account, AccountForm
from connections.models import Connection
from connections.opened import Opened
from tests.fakes.bizon365 import PROJECT, TOKEN, Bizon365, bizon365
from webjack.config import bind, errors
from webjack.http import DryRun, Failed, Http

PERSON: dict[str, Any] = {"email": "ivan@example.org", "name": "Иван", "phone": "+79161234567"}
SESSION: dict[str, Any] = {"page": "1234:test", "time": "2026-12-01T17:00:00.000Z"}


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bizon365]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    monkeypatch.setattr(Http, "pause", lambda self, seconds: None)
    with bizon365() as fake:
        monkeypatch.setenv("BIZON365_URL", fake.target.url)
        yield fake


def opened(project: str = "", token: str = TOKEN) -> Opened:
    return Opened(Connection(kind="bizon365", config={"token": token, "project": project}))


def run(kind: ActionKind, project: str = "", http: Http | None = None, token: str = TOKEN, **config: Any) -> Any:
    return kind.execute({"connection": opened(project, token)} | PERSON | config, http or Http())


def test_a_pupil_is_added_in_the_first_version(service: Bizon365) -> None:
    assert run(AddStudent(), password="secret")["created"] is True
    assert run(AddStudent())["created"] is False
    assert service.students == {"ivan@example.org": {"email": "ivan@example.org", "username": "Иван", "pwd": "secret"}}
    assert service.target.requests[0].path == "/api/v1/course/student/add"


def test_a_pupil_is_added_in_the_second_version_and_the_task_awaited(service: Bizon365) -> None:
    assert run(AddStudent(), PROJECT) == {"task_id": "t1", "done": True}
    assert service.students["ivan@example.org"] == {
        "email": "ivan@example.org",
        "username": "Иван",
        "phone": "+79161234567",
    }
    assert len(service.target.requests) == 4  # the task waits twice, then it is no longer found


def test_classes_are_opened_for_a_while(service: Bizon365) -> None:
    output = run(GrantAccess(), PROJECT, classes="c1, c2", create=True, starts="3", expires="2026-12-31")
    assert output["done"] is True
    step = {"cmd": "on", "starts_in_days": 3, "expires": "2026-12-31"}
    assert service.granted[0]["script"] == [step | {"class": "c1"}, step | {"class": "c2"}]


def test_a_task_that_takes_long_is_no_failure_and_says_so(service: Bizon365) -> None:
    service.polls = 100
    output = run(GrantAccess(), PROJECT, classes="c1")
    assert output == {"task_id": "t1", "done": False}
    said = GrantAccess().said(output)
    assert said
    assert said.word == "Ещё выполняется"


def test_a_task_that_failed_is_told(service: Bizon365) -> None:
    service.failing = True
    with pytest.raises(Failed, match="не смог выполнить"):
        run(GrantAccess(), PROJECT, classes="c1")


@pytest.mark.parametrize("answer", [(500, b"<html>"), (429, b"{}"), (401, b"{}"), (200, b"<html>"), (200, b"[]")])
def test_a_question_after_a_task_that_fails_does_not_have_it_done_again(
    service: Bizon365, answer: tuple[int, bytes]
) -> None:
    service.troubles += [(200, b'{"status": "queued", "task_id": "t1"}'), answer]
    assert run(GrantAccess(), PROJECT, classes="c1") == {"task_id": "t1", "done": False}


def test_a_task_that_is_not_found_any_more_is_finished(service: Bizon365) -> None:
    service.troubles += [(200, b'{"status": "queued", "task_id": "t1"}'), (404, b'{"status": "not_found"}')]
    assert run(GrantAccess(), PROJECT, classes="c1")["done"] is True


def test_a_task_that_failed_says_why(service: Bizon365) -> None:
    failed = '{"status": "failed", "error": "Нет такого класса"}'.encode()
    service.troubles += [(200, b'{"status": "queued", "task_id": "t1"}'), (200, failed)]
    with pytest.raises(Failed, match=r"не смог выполнить.*Нет такого класса"):
        run(GrantAccess(), PROJECT, classes="c1")


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"ok"'])
def test_an_answer_of_another_shape_is_told_and_not_repeated(service: Bizon365, body: bytes) -> None:
    calls = [(AddStudent(), ""), (AddStudent(), PROJECT), (GrantAccess(), PROJECT), (RegisterForWebinar(), "")]
    for kind, project in calls:
        service.troubles.append((200, body))
        with pytest.raises(Failed, match="Bizon365") as refused:
            run(kind, project, classes="c1", **SESSION)
        assert (refused.value.retry, refused.value.unknown) == (False, True)


@pytest.mark.parametrize(
    ("config", "words"), [({"classes": " , "}, "занят"), ({"classes": "c1", "starts": "завтра"}, "целым числом")]
)
def test_access_without_its_data_is_refused_before_anything_is_sent(
    service: Bizon365, config: dict[str, Any], words: str
) -> None:
    with pytest.raises(Failed, match=words):
        run(GrantAccess(), PROJECT, **config)
    with pytest.raises(Failed, match="проект"):
        run(GrantAccess(), classes="c1")
    assert service.target.requests == []


@pytest.mark.parametrize("project", ["", PROJECT])
def test_a_person_is_registered_for_a_webinar(service: Bizon365, project: str) -> None:
    output = run(RegisterForWebinar(), project, **SESSION, confirm=True, utm_source="vk")
    assert output == {"hash": "abc", "link": "https://online.bizon365.ru/click/abc"}
    asked = service.subscribers[0]
    assert (asked["username"], asked["confirm"], asked["utm_source"]) == ("Иван", 1, "vk")
    assert "url_marker" not in asked


def test_an_unknown_page_is_a_failure_although_the_answer_is_200(service: Bizon365) -> None:
    with pytest.raises(Failed, match="Страница не найдена") as refused:
        run(RegisterForWebinar(), **SESSION | {"page": "9:x"})
    assert not refused.value.retry


@pytest.mark.parametrize("email", ["", "Иван", "a@b c"])
def test_without_an_address_nothing_is_sent(service: Bizon365, email: str) -> None:
    with pytest.raises(Failed, match="e-mail"):
        run(AddStudent(), email=email)
    assert service.target.requests == []


def test_an_empty_session_is_named(service: Bizon365) -> None:
    with pytest.raises(Failed, match="Сеанс"):
        run(RegisterForWebinar(), page="1234:test", time="")


def test_any_method_is_called(service: Bizon365) -> None:
    rows = [{"name": "days", "value": "7"}]
    output = run(CallMethod(), way="GET", path="/kassa/orders/getorders", parameters=rows)
    assert output["result"]["total"] == 0
    assert service.target.requests[0].path == "/api/v1/kassa/orders/getorders?days=7"


@pytest.mark.parametrize("name", ["path", "http", "config", "self", "query"])
def test_a_parameter_may_have_any_name(service: Bizon365, name: str) -> None:
    run(CallMethod(), way="GET", path="kassa/orders/getorders", parameters=[{"name": name, "value": "1"}])
    assert service.target.requests[0].path.endswith(f"/getorders?{name}=1")


@pytest.mark.parametrize(
    "path", ["", "/", "../../v2/other/student/grantAccess", "a?b=1", "a#b", "a b", "курсы", "a%2e"]
)
def test_what_is_no_path_of_a_method_is_not_called(service: Bizon365, path: str) -> None:
    with pytest.raises(Failed, match="getorders"):
        run(CallMethod(), path=path)
    assert service.target.requests == []


def test_a_wrong_token_needs_attention_and_shows_nowhere(service: Bizon365) -> None:
    http, wrong = Http(), "another-token-of-bizon-9876"
    with pytest.raises(Failed, match="токен") as refused:
        run(AddStudent(), http=http, token=wrong)
    assert refused.value.denied
    assert wrong not in str(http.exchanges)


@pytest.mark.parametrize(
    ("status", "body", "retry"), [(429, b"", True), (500, b"<html>", True), (502, b"", True), (404, b"{}", False)]
)
def test_what_passes_is_repeated(service: Bizon365, status: int, body: bytes, retry: bool) -> None:
    service.troubles.append((status, body))
    with pytest.raises(Failed) as refused:
        run(AddStudent())
    assert refused.value.retry is retry


def test_a_page_in_place_of_an_answer_is_told(service: Bizon365) -> None:
    service.troubles.append((200, b"<html>login</html>"))
    with pytest.raises(Failed, match="JSON"):
        run(AddStudent())


def test_a_dry_run_sends_nothing_and_hides_the_token(service: Bizon365) -> None:
    http = Http(dry=True)
    with pytest.raises(DryRun):
        run(AddStudent(), http=http)
    assert service.target.requests == []
    assert TOKEN not in str(http.exchanges)


def test_the_check_names_the_project_or_those_there_are(service: Bizon365) -> None:
    def check(project: str) -> str:
        return Account().check({"token": TOKEN, "project": project}, Http().through(opened(project)))

    assert "страниц" in check("")
    assert "Школа" in check(PROJECT)
    with pytest.raises(Failed, match=PROJECT):
        check("other")


def test_forms_say_what_is_missing() -> None:
    assert {"token", "project"} <= set(errors(bind(AccountForm, {"token": "", "project": "мой проект"})))
    assert {"connection", "classes"} <= set(errors(bind(AccessForm, {})))
