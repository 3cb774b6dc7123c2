"""«SMSC.ru: SMS»: what is sent, what it cost, and what each error of the service becomes."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.smsc.message import MessageForm, SendMessage
from connections.kinds.smsc.account import Account, AccountForm
from connections.models import Connection
from connections.opened import Opened
from tests.fakes.smsc import KEY, LOGIN, PASSWORD, Smsc, smsc
from webjack.config import bind, errors
from webjack.http import DryRun, Failed, Http


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Smsc]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with smsc() as fake:
        monkeypatch.setenv("SMSC_URL", fake.target.url)
        # Nobody else uses this account, so nobody has to be waited for.
        monkeypatch.setattr(Account, "per_second", None)
        yield fake


def opened(**config: str) -> Opened:
    return Opened(Connection(kind="smsc", config=config or {"login": LOGIN, "password": PASSWORD}))


def send(http: Http | None = None, account: Opened | None = None, **config: Any) -> dict[str, Any]:
    asked = {"connection": account or opened(), "phone": "8 (916) 123-45-67", "text": "Ждём вас завтра"} | config
    return SendMessage().execute(asked, http or Http(key="operation-1-step-1"))


def refused(**config: Any) -> Failed:
    with pytest.raises(Failed) as failed:
        send(**config)
    return failed.value


def test_an_sms_is_sent_and_its_price_is_told(service: Smsc) -> None:
    output = send(sender="Clinic", translit=True)
    (sent,) = service.sent
    assert (sent["phones"], sent["mes"], sent["sender"], sent["translit"]) == (
        "79161234567", "Ждём вас завтра", "Clinic", "1",
    )  # fmt: skip
    assert output["id"] == sent["id"]
    assert (output["phones"], output["sent"], output["price"], output["balance"]) == (["+79161234567"], True, 3.4, 96.6)


def test_the_price_alone_can_be_asked(service: Smsc) -> None:
    output = send(only_price=True, phone="+7 916 123-45-67, 8 916 765 43 21")
    assert (output["price"], output["parts"], output["sent"]) == (6.8, 2, False)
    assert service.sent == []


def test_some_refused_numbers_do_not_stop_the_others(service: Smsc) -> None:
    service.refused = {"79160000000": "blocked"}
    output = send(phone=["89160000000", "+79161234567"])
    assert output["phones"] == ["+79161234567"]
    assert output["refused"] == [{"phone": "+79160000000", "reason": "blocked"}]
    said = SendMessage().said(output)
    assert said is not None
    assert "blocked" in said.why
    assert "blocked" in str(refused(phone="89160000000", text="Другое"))


@pytest.mark.parametrize("phone", ["", "12", "звоните", "89161234567, нет"])
def test_what_is_no_number_is_not_sent_to(service: Smsc, phone: str) -> None:
    assert not refused(phone=phone).retry
    assert service.calls == []


def test_a_number_of_another_country_is_read_by_its_rules(service: Smsc) -> None:
    assert send(phone="0555 123 456", country="KG")["phones"] == ["+996555123456"]


def test_a_repeat_of_what_went_out_is_a_success(service: Smsc) -> None:
    first, again = send(), send()
    assert first["id"] == again["id"]
    assert len(service.sent) == 1


def test_a_repeat_that_nobody_knows_waits_a_minute(service: Smsc) -> None:
    send()
    problem = refused(http=Http(key="operation-2-step-1"))
    assert (problem.retry, problem.after) == (True, 60.0)
    service.forgets = True
    assert refused().retry


@pytest.mark.parametrize(
    ("code", "judged"),
    [
        (1, (False, None, False)),
        (2, (False, None, True)),
        (3, (False, None, True)),
        (4, (True, 1800.0, False)),
        (6, (False, None, False)),
        (7, (False, None, False)),
        (8, (False, None, False)),
        (77, (False, None, False)),
    ],
)
def test_each_error_says_what_to_do(service: Smsc, code: int, judged: tuple[bool, float | None, bool]) -> None:
    service.troubles.append((code, "some words"))
    problem = refused()
    assert (problem.retry, problem.after, problem.denied) == judged
    assert "some words" in str(problem)


@pytest.mark.parametrize(
    ("answer", "retry"),
    [((500, b"oops"), True), ((502, b"<html>"), True), ((200, b"<html>"), False), ((200, b"[]"), False)],
)
def test_an_answer_that_is_none_is_told(service: Smsc, answer: tuple[int, bytes], retry: bool) -> None:
    service.troubles.append(answer)
    assert refused().retry is retry


def test_a_key_works_alone_and_with_a_login(service: Smsc) -> None:
    assert send(account=opened(apikey=KEY))["sent"]
    service.key_needs_login = True
    assert refused(account=opened(apikey=KEY), text="Ещё").denied
    assert send(account=opened(apikey=KEY, login=LOGIN), text="Ещё")["sent"]


def test_the_check_tells_the_balance_and_nothing_secret_is_kept(service: Smsc) -> None:
    http = Http().through(opened())
    assert "100" in Account().check({}, http)
    assert PASSWORD not in str(http.exchanges)
    assert "psw=••••" in http.exchanges[0]["request"]["body"]


def test_a_dry_run_sends_nothing(service: Smsc) -> None:
    with pytest.raises(DryRun):
        send(http=Http(dry=True))
    assert service.calls == []


def test_the_forms_say_what_is_missing() -> None:
    assert set(errors(bind(AccountForm, {}))) == {"apikey"}
    assert set(errors(bind(AccountForm, {"login": "x"}))) == {"password"}
    assert errors(bind(AccountForm, {"apikey": "x"})) == {}
    assert set(errors(bind(MessageForm, {}))) == {"connection", "text"}
