"""«Подключить …»: to the service's own page and back, whose answer counts, and what becomes of the tokens."""

import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection as database
from django.urls import reverse
from django.utils import timezone

from connections import consent, renewing, tokens, vault
from connections.models import Connection, State
from connections.opened import Opened
from tenants.models import Role, Tenant
from tests.conftest import Person
from tests.factories import ConnectionFactory, MembershipFactory
from tests.fakes.amocrm import CLIENT, SECRET, Amocrm, amocrm
from tests.fakes.target import Received
from webjack.http import Failed, Http

pytestmark = pytest.mark.django_db(transaction=True)
CONFIG = {"address": "clinic.amocrm.ru", "way": "oauth", "client_id": CLIENT}
BACK = reverse("connections:authorised")


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amocrm]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with amocrm() as fake:
        monkeypatch.setenv("AMOCRM_URL", fake.target.url)
        fake.redirect = consent.back()
        yield fake


@pytest.fixture
def row(tenant: Tenant, service: Amocrm) -> Connection:
    sealed = vault.seal({"client_secret": SECRET})
    found: Connection = ConnectionFactory(tenant=tenant, kind="amocrm", name="CRM", config=CONFIG, sealed=sealed)
    return found


def leave(person: Person, row: Connection) -> str:
    """The state that the person carries to the service."""
    answer = person.get(reverse("connections:authorise", args=[row.pk]))
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer["Location"]).query)["state"][0]


def back(person: Person, **brought: str) -> str:
    """The page that the person sees then."""
    answer = person.get(f"{BACK}?{urlencode(brought)}", follow=True)
    assert "code=" not in answer.redirect_chain[-1][0]
    page: str = answer.content.decode()
    return page


def connected(person: Person, row: Connection, service: Amocrm) -> Connection:
    back(person, state=leave(person, row), **service.agreed("clinic"))
    row.refresh_from_db()
    return row


def test_a_person_lets_us_in_and_the_account_is_named(owner: Person, row: Connection, service: Amocrm) -> None:
    page = owner.get(reverse("connections:detail", args=[row.pk])).content.decode()
    assert "Подключить amoCRM" in page
    assert consent.back() in page
    page = back(owner, state=leave(owner, row), **service.agreed("clinic"))
    assert "Клиника «Ромашка»" in page
    row.refresh_from_db()
    token = tokens.kept(row)
    assert token is not None
    assert (token.access in service.access, {token.refresh}) == (True, service.refresh)
    assert token.access not in row.token + page
    assert (row.state, row.awaited) == (State.WORKS, False)
    assert service.renewals == 0  # the check went by the token that was just got


def test_saving_a_connection_leads_to_its_button(owner: Person, service: Amocrm) -> None:
    told = {"own-name": "CRM", "client_secret": SECRET} | CONFIG
    page = owner.post(reverse("connections:new") + "?kind=amocrm", told, follow=True).content.decode()
    assert "Подключить amoCRM" in page
    assert SECRET not in page
    assert "Доступ ещё не разрешён" in owner.get(reverse("connections:list")).content.decode()


@pytest.mark.parametrize("state", ["", "made-up"])
def test_a_state_that_was_not_given_here_stores_nothing(
    owner: Person, row: Connection, service: Amocrm, state: str
) -> None:
    leave(owner, row)
    assert "не относится" in back(owner, state=state, **service.agreed("clinic"))
    row.refresh_from_db()
    assert row.token == ""
    assert not [request for request in service.target.requests if "access_token" in request.path]


def test_a_state_counts_once(owner: Person, row: Connection, service: Amocrm) -> None:
    state = leave(owner, row)
    back(owner, state=state, **service.agreed("clinic"))
    before = Connection.objects.get().token
    assert "не относится" in back(owner, state=state, **service.agreed("clinic"))
    assert Connection.objects.get().token == before


def test_a_state_counts_for_nobody_else_and_in_no_other_session(
    owner: Person, stranger: Person, tenant: Tenant, row: Connection, service: Amocrm
) -> None:
    colleague, other_window = Person(tenant, Role.OWNER), Person(tenant, Role.OWNER)
    other_window.force_login(owner.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    state = leave(owner, row)
    for person in (stranger, colleague, other_window):
        assert "не относится" in back(person, state=state, **service.agreed("clinic"))
    assert Connection.objects.get().token == ""


def test_a_state_counts_in_no_other_company_of_the_same_person(owner: Person, row: Connection, service: Amocrm) -> None:
    state = leave(owner, row)
    session = owner.session
    session["tenant"] = str(MembershipFactory(user=owner.user).tenant.pk)
    session.save()
    assert "не относится" in back(owner, state=state, **service.agreed("clinic"))
    assert Connection.objects.get().token == ""


def test_a_state_of_yesterday_counts_no_more(
    owner: Person, row: Connection, service: Amocrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = leave(owner, row)
    monkeypatch.setattr(consent, "GOOD_SECONDS", 0)
    assert "не относится" in back(owner, state=state, **service.agreed("clinic"))


def test_a_refusal_or_another_account_leaves_what_was_there(owner: Person, row: Connection, service: Amocrm) -> None:
    kept = connected(owner, row, service).token
    assert "отказано в доступе" in back(owner, state=leave(owner, row), error="access_denied")
    service.accounts["other"] = type(service.account)("other")
    assert "other.amocrm.ru" in back(owner, state=leave(owner, row), **service.agreed("other"))
    row.refresh_from_db()
    assert (row.token, row.state) == (kept, State.WORKS)


def test_settings_that_changed_meanwhile_need_another_yes(owner: Person, row: Connection, service: Amocrm) -> None:
    state = leave(owner, row)
    Connection.objects.update(updated_at=timezone.now())
    assert "настройки изменили" in back(owner, state=state, **service.agreed("clinic"))
    assert Connection.objects.get().token == ""


def test_only_an_editor_of_the_company_may_connect(
    viewer: Person, stranger: Person, row: Connection, tenant: Tenant
) -> None:
    url = reverse("connections:authorise", args=[row.pk])
    assert (viewer.get(url).status_code, stranger.get(url).status_code) == (403, 404)
    plain = ConnectionFactory(tenant=tenant)
    assert Person(tenant, Role.OWNER).get(reverse("connections:authorise", args=[plain.pk])).status_code == 404


# Renewal


def stale(row: Connection) -> None:
    """The access token that is kept has run out."""
    token = tokens.kept(row)
    assert token is not None
    Connection.objects.filter(pk=row.pk).update(token=vault.seal(asdict(replace(token, issued=0.0))))
    row.refresh_from_db()


def ask(row: Connection) -> int:
    """What a request through the connection is answered."""
    opened = Opened(Connection.objects.get(pk=row.pk))
    url = f"{opened.config and service_url(row)}/api/v4/account"
    return Http().through(opened).request("GET", url).status


def service_url(row: Connection) -> str:
    from connections.kinds.amocrm.address import root

    return root(row.config["address"])


def test_the_refresh_token_changes_with_each_renewal_and_the_newest_is_kept(
    owner: Person, row: Connection, service: Amocrm
) -> None:
    connected(owner, row, service)
    for count in (1, 2):
        stale(row)
        assert ask(row) == 200
        row.refresh_from_db()
        token = tokens.kept(row)
        assert token is not None
        assert (service.renewals, {token.refresh}) == (count, service.refresh)
    assert service.refused_renewals == 0


def test_many_at_once_renew_once(owner: Person, row: Connection, service: Amocrm) -> None:
    connected(owner, row, service)
    stale(row)
    answers: list[int] = []

    def work() -> None:
        try:
            answers.append(ask(row))
        finally:
            database.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    service.per_second = 100
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8
    assert (service.renewals, service.refused_renewals) == (1, 0)


def test_a_token_that_was_lost_with_its_worker_is_told_as_that(owner: Person, row: Connection, service: Amocrm) -> None:
    connected(owner, row, service)
    stale(row)

    class PowerCut(BaseException):
        pass

    def cut(*_: Any) -> None:
        raise PowerCut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "keep", cut)
        patch.setattr(tokens, "give_up", lambda *_: None)
        with pytest.raises(PowerCut):
            ask(row)
    Connection.objects.update(renewing_until=timezone.now())  # the lease of the dead one ends
    renewing._refusals.clear()
    with pytest.raises(Failed, match="потерян") as lost:
        ask(row)
    assert (lost.value.denied, lost.value.retry) == (True, False)


def test_an_answer_that_never_came_whole_is_asked_for_again_with_the_old_token(
    owner: Person, row: Connection, service: Amocrm
) -> None:
    connected(owner, row, service)
    stale(row)
    whole = service.answer
    answers = [(502, b"<html>")]

    def answer(request: Received) -> Any:
        return answers.pop() if answers and "access_token" in request.path else whole(request)

    service.target.answer = answer
    with pytest.raises(Failed) as failed:
        ask(row)
    assert (failed.value.retry, failed.value.unknown) == (True, False)
    renewing._refusals.clear()
    assert ask(row) == 200
