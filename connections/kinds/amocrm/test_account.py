"""«amoCRM», the connection: addresses as people paste them, both ways in, what each refusal becomes."""

from collections.abc import Iterator
from typing import Any

import pytest

from connections.kind import Token
from connections.kinds.amocrm.account import Account, AccountForm
from tests.fakes.amocrm import CLIENT, LONG_LIVED, SECRET, Amocrm, on_this_machine, opened
from tests.fakes.amocrm_refused import BROKEN, FORBIDDEN, PAGE, UNPAID
from webjack.config import bind, errors
from webjack.http import Failed, Http, Outgoing

KIND = Account()
OAUTH = {"address": "clinic.amocrm.ru", "way": "oauth", "client_id": CLIENT, "client_secret": SECRET}


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amocrm]:
    monkeypatch.setattr(Account, "per_second", None)  # whose turn it is the database tells, and there is none here
    with on_this_machine(settings, monkeypatch) as fake:
        yield fake


def check(token: str = LONG_LIVED) -> str:
    account = opened(token)
    return KIND.check(account.config, Http().through(account))


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        ("clinic", "clinic.amocrm.ru"),
        (" Clinic.AmoCRM.ru ", "clinic.amocrm.ru"),
        ("https://clinic.amocrm.ru/leads/pipeline/3177727/?skip=1", "clinic.amocrm.ru"),
        ("http://clinic.amocrm.com", "clinic.amocrm.com"),
        ("my-shop.kommo.com/dashboard/", "my-shop.kommo.com"),
        ("//clinic.amocrm.ru/", "clinic.amocrm.ru"),
    ],
)
def test_the_address_is_taken_in_whatever_shape_it_is_pasted(pasted: str, address: str) -> None:
    form = bind(AccountForm, {"address": pasted, "token": LONG_LIVED})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["address"] == address


@pytest.mark.parametrize(
    "pasted", ["", "клиника", "www.amocrm.ru", "clinic.example.com", "https://evil.example/clinic.amocrm.ru", "a@b/c d"]
)
def test_what_is_no_address_of_an_account_is_refused(pasted: str) -> None:
    assert "address" in errors(bind(AccountForm, {"address": pasted, "token": LONG_LIVED}))


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({}, {"token"}),
        ({"token": "два слова"}, {"token"}),
        ({"way": "oauth"}, {"client_id", "client_secret"}),
        ({"way": "oauth", "client_id": CLIENT, "client_secret": SECRET, "token": "old"}, set()),
    ],
)
def test_the_chosen_way_needs_its_own_and_forgets_the_others(config: Any, wrong: set[str]) -> None:
    form = bind(AccountForm, {"address": "clinic"} | config)
    assert errors(form).keys() == wrong
    assert wrong or form.cleaned_data["token"] == ""


def test_the_check_says_which_account_it_is(service: Amocrm) -> None:
    assert "Клиника «Ромашка»" in check()


def test_the_check_names_the_rights_that_are_missing(service: Amocrm) -> None:
    service.account.rights = {"leads": {"add": "A"}, "contacts": {"add": "D"}, "companies": {"add": "D"}}
    with pytest.raises(Failed, match="контакты, компании"):
        check()


@pytest.mark.parametrize(
    ("trouble", "words", "denied", "retry"),
    [
        (UNPAID, "не оплачен", True, False),
        (FORBIDDEN, "403", True, False),
        (BROKEN, "на стороне amoCRM", False, True),
        (PAGE, "на стороне amoCRM", False, True),
        ((200, b"<html>login</html>", {"Content-Type": "text/html"}), "JSON", False, False),
    ],
)
def test_the_check_says_what_is_wrong(service: Amocrm, trouble: Any, words: str, denied: bool, retry: bool) -> None:
    service.troubles.append(trouble)
    with pytest.raises(Failed, match=words) as refused:
        check()
    assert (refused.value.denied, refused.value.retry) == (denied, retry)


def test_a_token_that_was_taken_back_needs_attention(service: Amocrm) -> None:
    with pytest.raises(Failed, match="Подключите аккаунт заново") as refused:
        check("eyJ0eXAi.another.token")
    assert refused.value.denied


def test_a_code_becomes_a_token_that_is_renewed_with_a_new_refresh_token(service: Amocrm) -> None:
    first = KIND.agreed(OAUTH, service.agreed("clinic"), service.redirect, Http())
    assert (first.access in service.access, first.refresh in service.refresh, first.lasts) == (True, True, 86400)
    second = KIND.renew(OAUTH, first, Http())
    assert {second.refresh} == service.refresh
    assert service.used == {first.refresh}
    with pytest.raises(Failed, match="больше не принимает") as refused:
        KIND.renew(OAUTH, first, Http())
    assert (refused.value.denied, refused.value.retry) == (True, False)


def test_what_a_person_brings_back_may_be_wrong_in_many_ways(service: Amocrm) -> None:
    service.accounts["other"] = type(service.account)("other")
    expired = service.agreed("clinic")
    service.codes[expired["code"]] = "clinic", 0.0
    for brought, words in (
        ({"error": "access_denied"}, "отказано в доступе"),
        ({}, "не прислала код"),
        (service.agreed("other"), "other.amocrm.ru"),
        (expired, "20 минут"),
        (service.agreed("clinic") | {"code": "def502-made-up"}, "больше не принимает"),
    ):
        with pytest.raises(Failed, match=words):
            KIND.agreed(OAUTH, brought, service.redirect, Http())
    with pytest.raises(Failed, match="адрес перенаправления"):
        KIND.agreed(OAUTH, service.agreed("clinic"), "https://elsewhere.example/", Http())
    with pytest.raises(Failed, match="не знает эту интеграцию"):
        KIND.agreed(OAUTH | {"client_secret": "wrong"}, service.agreed("clinic"), service.redirect, Http())


def test_the_secret_goes_to_no_address_that_somebody_else_names(service: Amocrm) -> None:
    with pytest.raises(Failed):
        KIND.agreed(OAUTH, {"code": "x", "referer": "evil.example"}, service.redirect, Http())
    assert service.target.requests == []


def test_without_a_token_the_person_is_told_to_connect() -> None:
    with pytest.raises(Failed, match="Подключить amoCRM") as refused:
        KIND.renew(OAUTH, None, Http())
    assert refused.value.denied


def test_the_services_page_is_asked_for_this_integration() -> None:
    url = KIND.consent_url(OAUTH, "state-1", "https://webjack.example/connections/authorised/")
    assert url == f"https://www.amocrm.ru/oauth?client_id={CLIENT}&state=state-1&mode=popup"
    assert KIND.consent_url(OAUTH | {"address": "shop.kommo.com"}, "s", "").startswith("https://www.kommo.com/oauth?")


def test_a_request_carries_one_token_only() -> None:
    request = Outgoing("GET", "https://clinic.amocrm.ru/api/v4/account", [], [("authorization", "Basic x")], None)
    KIND.authorise(OAUTH, request, Token("fresh"))
    assert request.headers == [("Authorization", "Bearer fresh")]
