"""«Подключения»: pages, the API, what becomes of secrets, and what happens when a service refuses one."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from actions.models import Action
from connections import vault
from connections.kinds.http.authorization import HttpAuthorization
from connections.models import Connection, State
from history import notices
from history.drain import drain
from history.models import Notice, Operation, Status
from processings.models import Processing
from processings.models import State as Run
from tenants.models import Role, Tenant
from tests.actions import REQUEST, new, of
from tests.api import Program
from tests.conftest import Person
from tests.factories import ActionFactory, ConnectionFactory, MembershipFactory, OperationFactory, SourceFactory
from tests.fakes.oauth import SECRET, Service, oauth_service
from tests.fakes.target import Target, target_server

TOKEN = "very-secret-token"
NEW = reverse("connections:new") + "?kind=http"
LIST = reverse("connections:list")


@pytest.fixture
def target(settings: Any) -> Iterator[Target]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with target_server() as server:
        yield server


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with oauth_service() as started:
        yield started


@pytest.fixture
def crm(tenant: Tenant) -> Connection:
    row: Connection = ConnectionFactory(tenant=tenant, name="CRM продаж")
    return row


def at(row: Connection, name: str = "detail") -> str:
    return reverse(f"connections:{name}", args=[row.pk])


# Pages


def test_a_connection_is_added_and_its_secret_is_kept_encrypted_and_never_shown(owner: Person) -> None:
    assert "Добавить подключение" in owner.get(LIST).content.decode()
    assert 'name="bearer"' in owner.get(NEW).content.decode()
    answer = owner.post(NEW, {"own-name": "CRM", "auth": "bearer", "bearer": TOKEN})
    assert answer["Location"] == LIST
    row = Connection.objects.get()
    assert (row.name, row.config["auth"], row.secrets) == ("CRM", "bearer", {"bearer": TOKEN})
    assert TOKEN not in row.sealed + json.dumps(row.config)
    page = owner.get(at(row)).content.decode()
    assert TOKEN not in page + owner.get(LIST).content.decode()
    assert "задано" in page
    assert owner.get(LIST).content.decode().count("ещё не используется") == 1


def test_an_empty_secret_keeps_the_old_one_and_a_new_one_replaces_it(owner: Person, crm: Connection) -> None:
    owner.post(at(crm), {"own-name": "Другое имя", "auth": "bearer", "bearer": ""})
    crm = Connection.objects.get()
    assert (crm.name, crm.secrets) == ("Другое имя", {"bearer": TOKEN})
    owner.post(at(crm), {"own-name": "Другое имя", "auth": "bearer", "bearer": "another"})
    assert Connection.objects.get().secrets == {"bearer": "another"}
    owner.post(at(crm), {"own-name": "Другое имя", "auth": "basic", "user": "anna", "password": ""})
    assert Connection.objects.get().secrets == {}


def test_a_secret_that_was_typed_is_not_given_back_with_an_error(owner: Person) -> None:
    answer = owner.post(NEW, {"own-name": "", "auth": "key", "key": TOKEN, "key_name": ""})
    assert TOKEN not in answer.content.decode()
    assert not Connection.objects.exists()


def test_a_new_secret_forgets_what_was_known_of_the_old_one(owner: Person, crm: Connection) -> None:
    Connection.objects.update(state=State.ATTENTION, reason="отказ", token="x", checked_at=timezone.now())
    owner.post(at(crm), {"own-name": "Имя", "auth": "bearer", "bearer": ""})
    assert Connection.objects.get().state == State.ATTENTION
    owner.post(at(crm), {"own-name": "Имя", "auth": "bearer", "bearer": "another"})
    row = Connection.objects.get()
    assert (row.state, row.reason, row.token, row.checked_at) == (State.WORKS, "", "", None)


def test_the_list_says_who_uses_it_and_asks_by_name_before_deleting(
    owner: Person, viewer: Person, crm: Connection, processing: Processing
) -> None:
    ActionFactory(processing=processing, config={"method": "GET", "url": "https://a.ru", "connection": str(crm.pk)})
    page = owner.get(LIST).content.decode()
    assert "Удалить подключение «CRM продаж»?" in page
    assert "Его используют: Заявки с сайта" in page
    assert "Удалить" not in viewer.get(LIST).content.decode()
    owner.post(at(crm, "delete"))
    assert not Connection.objects.exists()
    assert "удалено" in owner.get(LIST).content.decode()


def test_checking_asks_the_service_and_keeps_what_it_said(owner: Person, tenant: Tenant, service: Service) -> None:
    row = ConnectionFactory(tenant=tenant, config=service.config, sealed=vault.seal({"client_secret": SECRET}))
    assert "статусом 200" in owner.post(at(row, "check"), follow=True).content.decode()
    assert service.let_in == 1
    service.secret = "another"
    page = owner.post(at(row, "check"), follow=True).content.decode()
    assert "Нужно внимание" in page
    assert SECRET not in page
    row.refresh_from_db()
    assert row.state == State.ATTENTION
    assert "401" in row.reason


def test_a_viewer_and_a_stranger_change_nothing(viewer: Person, stranger: Person, crm: Connection) -> None:
    for name, code in (("detail", 403), ("check", 403), ("delete", 403)):
        assert viewer.post(at(crm, name)).status_code == code
        assert stranger.post(at(crm, name)).status_code == 404
    assert str(crm.pk) not in stranger.get(reverse("connections:options") + "?kind=http").content.decode()


# In an action


def test_an_action_offers_the_companys_connections_and_takes_no_others(
    owner: Person, processing: Processing, crm: Connection
) -> None:
    foreign = ConnectionFactory()
    page = owner.get(new(processing)).content.decode()
    assert "CRM продаж" in page
    assert foreign.name not in page
    assert owner.post(new(processing), REQUEST | {"connection": str(foreign.pk)}).status_code in (200, 422)
    assert not Action.objects.exists()
    owner.post(new(processing), REQUEST | {"connection": str(crm.pk)})
    assert Action.objects.get().config["connection"] == str(crm.pk)
    options = owner.get(
        reverse("connections:options"), {"kind": "http", "name": "connection", "connection": str(crm.pk)}
    )
    assert f'value="{crm.pk}" selected' in options.content.decode()


def test_a_check_of_an_action_goes_through_the_connection_and_a_dry_one_hides_the_key(
    owner: Person, processing: Processing, crm: Connection, target: Target
) -> None:
    config = {"method": "POST", "url": target.url, "connection": str(crm.pk), "body": f"key {TOKEN}"}
    action = ActionFactory(processing=processing, config=config)
    dry = owner.post(of(action, "check"), config | {"own-alias": "http"}).content.decode()
    assert target.requests == []
    assert "••••" in dry
    sent = owner.post(of(action, "check"), config | {"own-alias": "http", "send": "1"}).content.decode()
    assert target.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
    for page in (dry, sent):
        assert f"Bearer {TOKEN}" not in page
        assert f"key {TOKEN}" not in page.partition('id="check"')[2]


# The API


def test_the_api_takes_secrets_and_never_gives_them_back(program: Program, service: Service) -> None:
    config = service.config | {"client_secret": SECRET}
    made = program.send("connections/", {"kind": "http", "name": "CRM", "config": config}, 201)
    assert made["secrets"] == ["client_secret"]
    assert "client_secret" not in made["config"]
    assert program.send(f"connections/{made['id']}/check/")["ok"] is True
    changed = program.change(f"connections/{made['id']}/", {"name": "Склад", "config": service.config})
    assert (changed["name"], changed["secrets"]) == ("Склад", ["client_secret"])
    assert program.send(f"connections/{made['id']}/check/")["ok"] is True
    program.change(f"connections/{made['id']}/", {"config": config | {"client_secret": "wrong"}})
    refused = program.send(f"connections/{made['id']}/check/")
    assert refused["ok"] is False
    shown = program.read(f"connections/{made['id']}/")
    assert (shown["state"], shown["reason"]) == ("attention", refused["text"])
    told = json.dumps([made, changed, refused, shown, program.read("connections/")])
    assert SECRET not in told
    assert program.delete(f"connections/{made['id']}/").status_code == 204


def test_the_api_refuses_what_the_page_refuses(program: Program) -> None:
    bad = program.send("connections/", {"kind": "http", "name": "x", "config": {"auth": "bearer"}}, 400)
    assert "bearer" in json.dumps(bad)
    program.send("connections/", {"kind": "nonsense", "name": "x", "config": {}}, 400)
    program.send("connections/", {"kind": "http", "name": "x", "config": {"nonsense": 1}}, 400)


def test_another_companys_connection_is_as_wrong_as_an_unknown_one(
    program: Program, processing: Processing, crm: Connection
) -> None:
    def refused(id: str) -> Any:
        config = {"method": "GET", "url": "https://a.ru", "connection": id}
        told = {"processing": str(processing.pk), "kind": "http.request", "config": config}
        return program.send("actions/", told, 400)

    foreign = ConnectionFactory()
    assert refused(str(foreign.pk)) == refused("0198c1d2-7f3a-7c41-9d52-2f60a1b3c4d5") == refused("nonsense")
    config = {"method": "GET", "url": "https://a.ru", "connection": str(crm.pk)}
    made = program.send("actions/", {"processing": str(processing.pk), "kind": "http.request", "config": config}, 201)
    assert made["config"]["connection"] == str(crm.pk)


def test_a_processing_taken_to_another_company_leaves_its_connections_behind(
    program: Program, processing: Processing, crm: Connection, stranger: Person
) -> None:
    ActionFactory(processing=processing, config={"method": "GET", "url": "https://a.ru", "connection": str(crm.pk)})
    exported = program.read(f"processings/{processing.pk}/export/")
    program.send("processings/import/", exported, 201)
    Program(stranger.tenant).send("processings/import/", exported, 201)
    assert Action.objects.get(tenant=stranger.tenant).config["connection"] == ""
    assert [one.config["connection"] for one in Action.objects.filter(tenant=program.tenant)] == [str(crm.pk)] * 2


def test_the_catalogue_has_the_kinds_of_connections(program: Program) -> None:
    found = {one["kind"]: one for one in program.read("kinds/", {"family": "connection"})}
    kind = found["http"]
    assert kind["schema"]["properties"]["bearer"]["writeOnly"] is True


# Keys


def test_rotation_encrypts_all_anew_so_that_the_old_key_can_go(crm: Connection, settings: Any) -> None:
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = ["a new long random key", *old]
    call_command("rotate_secrets", stdout=StringIO())
    settings.ENCRYPTION_KEYS = ["a new long random key"]
    assert Connection.objects.get().secrets == {"bearer": TOKEN}
    settings.ENCRYPTION_KEYS = ["a third one"]
    with pytest.raises(CommandError, match=str(crm.pk)):
        call_command("rotate_secrets", stdout=StringIO())


def test_without_the_key_the_secret_is_asked_for_again(
    owner: Person, crm: Connection, processing: Processing, settings: Any
) -> None:
    settings.ENCRYPTION_KEYS = ["a key that is not the one"]
    assert "задано" not in owner.get(at(crm)).content.decode()
    config = {"method": "GET", "url": "https://a.ru", "connection": str(crm.pk)}
    action = ActionFactory(processing=processing, config=config)
    page = owner.post(of(action, "check"), config | {"own-alias": "http", "send": "1"}).content.decode()
    assert "введите их заново" in page
    settings.ENCRYPTION_KEYS = []
    answer = owner.post(NEW, {"own-name": "CRM", "auth": "bearer", "bearer": TOKEN})
    assert "ENCRYPTION_KEYS" in answer.content.decode()
    assert Connection.objects.count() == 1


# When a service refuses it


@pytest.fixture
def failing(processing: Processing, crm: Connection, target: Target) -> Processing:
    """Two actions' worth of processings that go through one connection, which the service refuses."""
    target.answer = lambda request: (401, b"{}")
    Processing.objects.filter(pk=processing.pk).update(state=Run.RUNNING)
    SourceFactory(processing=processing)
    config = {"method": "POST", "url": target.url, "connection": str(crm.pk)}
    ActionFactory(processing=processing, config=config)
    MembershipFactory(tenant=processing.tenant, role=Role.OWNER, user__email="owner@clinic.example")
    return processing


def runs(processing: Processing, count: int = 1) -> None:
    for _ in range(count):
        OperationFactory(processing=processing, status=Status.QUEUED, due_at=timezone.now(), data=None)
    drain()


@pytest.mark.django_db(transaction=True)
def test_a_refused_connection_needs_attention_and_its_owner_is_told_once(
    failing: Processing, crm: Connection, mailoutbox: Any
) -> None:
    Processing.objects.update(notify=False)
    runs(failing, 5)
    crm.refresh_from_db()
    assert (crm.state, "401" in crm.reason) == (State.ATTENTION, True)
    since = crm.since
    Processing.objects.update(notify=True)
    runs(failing, 3)
    assert notices.send() == 1
    [mail] = mailoutbox
    assert "owner@clinic.example" in mail.recipients()
    assert "«CRM продаж»" in mail.body
    assert TOKEN not in mail.body
    crm.refresh_from_db()
    assert crm.since == since
    assert Notice.objects.filter(due_at__gt=timezone.now()).exists()  # the others come with the next summary


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_works_again_says_so(failing: Processing, crm: Connection, target: Target) -> None:
    runs(failing)
    target.answer = lambda request: (200, b"{}")
    runs(failing)
    crm.refresh_from_db()
    assert (crm.state, crm.reason) == (State.WORKS, "")


@pytest.mark.django_db(transaction=True)
def test_a_refusal_of_settings_that_were_changed_since_counts_for_nothing(
    failing: Processing, crm: Connection, target: Target
) -> None:
    def change_meanwhile(request: Any) -> tuple[int, bytes]:
        Connection.objects.update(updated_at=timezone.now())
        from django.db import connection

        connection.close()
        return 401, b"{}"

    target.answer = change_meanwhile
    runs(failing)
    crm.refresh_from_db()
    assert crm.state == State.WORKS
    assert Operation.objects.get().status == Status.FAILED


@pytest.mark.django_db(transaction=True)
def test_an_action_whose_connection_was_deleted_says_so(failing: Processing, crm: Connection, target: Target) -> None:
    crm.delete()
    runs(failing)
    assert "удалено" in Operation.objects.get().error
    assert target.requests == []


@pytest.mark.django_db(transaction=True)
def test_an_operation_sends_through_its_connection_by_the_worker(
    failing: Processing, crm: Connection, target: Target
) -> None:
    target.answer = lambda request: (200, json.dumps({"you": request.headers["Authorization"]}).encode())
    runs(failing)
    operation = Operation.objects.get()
    assert operation.status == Status.SUCCEEDED
    step = operation.steps.get()
    assert step.output["body"] == {"you": "Bearer ••••"}
    assert step.config["connection"] == "CRM продаж"
    assert TOKEN not in json.dumps([step.config, step.exchanges, step.output])


def test_a_check_whose_answer_makes_no_sense_is_a_sentence(
    owner: Person, crm: Connection, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def broken(*_asked: Any) -> str:
        raise KeyError(TOKEN)

    monkeypatch.setattr(HttpAuthorization, "check", broken)
    assert "неожиданный ответ" in owner.post(at(crm, "check"), follow=True).content.decode()
    assert Connection.objects.get().state == State.ATTENTION
    assert "not understood" in caplog.text
    assert TOKEN not in caplog.text


# Secrets stay where they belong

MAIL = {"host": "smtp.example.com", "encryption": "tls", "port": 465, "login": "a", "sender": "a@example.com"}
OAUTH = {"auth": "oauth2", "token_url": "https://id.example.com/token", "client_id": "a"}
PROXIED = {"auth": "none", "proxy": "http://proxy.example.com:3128", "proxy_user": "a"}
ONLY = {"auth": "bearer", "hosts": "api.example.com, crm.example.com"}
ELSEWHERE = [
    ("email", MAIL, "password", {"host": "smtp.evil.example"}),
    ("getcourse", {"account": "school.getcourse.ru"}, "key", {"account": "school.evil.example"}),
    ("bitrix24", {"portal": "clinic.bitrix24.ru"}, "webhook", {"portal": "evil.example"}),
    ("http", OAUTH, "client_secret", {"token_url": "https://evil.example/token"}),
    ("http", OAUTH, "client_secret", {"token_url": "http://id.example.com/token"}),
    ("http", OAUTH | {"hosts": "api.example.com"}, "client_secret", {"hosts": ""}),
    ("http", PROXIED, "proxy_password", {"proxy": "http://evil.example:3128"}),
    ("http", ONLY, "bearer", {"hosts": "evil.example"}),
    ("http", ONLY, "bearer", {"hosts": ""}),
]
NEAR = [
    ("email", MAIL, "password", {"sender": "b@example.com"}),
    ("http", OAUTH, "client_secret", {"token_url": "https://id.example.com/v2/token"}),
    ("http", ONLY, "bearer", {"hosts": "api.example.com"}),
    ("http", {"auth": "bearer"}, "bearer", {"hosts": "api.example.com"}),
]
KEPT = "1/abcdef0123456789"
ANEW = "введите заново"


def kept(tenant: Tenant, kind: str, config: dict[str, Any], secret: str) -> Connection:
    sealed = vault.seal({secret: KEPT})
    row: Connection = ConnectionFactory(tenant=tenant, kind=kind, name="CRM", config=config, sealed=sealed)
    return row


@pytest.mark.parametrize(("kind", "config", "secret", "changed"), ELSEWHERE)
def test_a_kept_secret_does_not_follow_to_another_host(
    owner: Person, program: Program, tenant: Tenant, kind: str, config: dict[str, Any], secret: str, changed: Any
) -> None:
    row = kept(tenant, kind, config, secret)
    page = owner.post(at(row), {"own-name": "CRM", **config, **changed, secret: ""}).content.decode()
    assert ANEW in page
    assert KEPT not in page
    told = program.change(f"connections/{row.pk}/", {"config": config | changed}, 400)
    assert ANEW in json.dumps(told, ensure_ascii=False)
    fresh = Connection.objects.get()
    assert (fresh.config, fresh.secrets) == (config, {secret: KEPT})

    answer = owner.post(at(row), {"own-name": "CRM", **config, **changed, secret: "2/fedcba9876543210"})
    assert answer.status_code == 302
    fresh = Connection.objects.get()
    assert (fresh.config | changed, fresh.secrets) == (fresh.config, {secret: "2/fedcba9876543210"})


@pytest.mark.parametrize(("kind", "config", "secret", "changed"), NEAR)
def test_it_stays_where_it_goes_no_further(
    owner: Person, program: Program, tenant: Tenant, kind: str, config: dict[str, Any], secret: str, changed: Any
) -> None:
    row = kept(tenant, kind, config, secret)
    assert owner.post(at(row), {"own-name": "CRM", **config, **changed, secret: ""}).status_code == 302
    program.change(f"connections/{row.pk}/", {"config": config | changed})
    fresh = Connection.objects.get()
    assert (fresh.config | changed, fresh.secrets) == (fresh.config, {secret: KEPT})


def test_a_webhook_pasted_anew_brings_its_portal_along(owner: Person, tenant: Tenant) -> None:
    row = kept(tenant, "bitrix24", {"portal": "clinic.bitrix24.ru"}, "webhook")
    pasted = {"webhook": "https://new.bitrix24.ru/rest/2/fedcba9876543210/", "portal": "clinic.bitrix24.ru"}
    assert owner.post(at(row), {"own-name": "CRM", **pasted}).status_code == 302
    fresh = Connection.objects.get()
    assert (fresh.config, fresh.secrets) == ({"portal": "new.bitrix24.ru"}, {"webhook": "2/fedcba9876543210"})
