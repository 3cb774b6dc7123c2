"""The operators' admin, as an operator, a customer and somebody from the street meet it."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success
from pytest_django import DjangoAssertNumQueries

from connections.models import Lane
from history.admin import moment
from history.models import Heartbeat, Notice, Status
from processings.models import Processing, State
from tenants import journal
from tenants.models import ApiKey, Role, Tenant, User, Verb
from tests.conftest import Person
from tests.factories import (
    PASSWORD,
    ActionFactory,
    MembershipFactory,
    OperationFactory,
    ProcessingFactory,
    SourceFactory,
    StepFactory,
    TenantFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
MODELS = list(admin.site._registry)
NAMES = [f"{model._meta.app_label}_{model._meta.model_name}" for model in MODELS]
READ_ONLY = [name for name in NAMES if name.split("_")[0] in ("sources", "actions", "history", "django", "account")]
MOST_QUERIES = 16


def operator_with(**rights: bool) -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, **rights), backend=BACKEND)
    return client


@pytest.fixture
def superuser() -> Client:
    return operator_with(is_superuser=True)


@pytest.fixture
def looker() -> Client:
    """An operator without further rights."""
    return operator_with()


@pytest.fixture
def rows(tenant: Tenant) -> dict[str, Any]:
    """One row of each model by its admin name, each with a few neighbours."""
    made: dict[str, Any] = {}
    for number in range(3):
        processing = ProcessingFactory(tenant=tenant, name=f"Заявки {number}")
        operation = OperationFactory(processing=processing, source_id=SourceFactory(processing=processing).pk)
        StepFactory.create_batch(3, operation=operation, exchanges=[EXCHANGE])
        notice = Notice.objects.create(
            tenant=tenant,
            processing=processing,
            fingerprint="f" * 64,
            final=True,
            cause="401",
            operation_id=operation.pk,
        )
        made = {
            "processings_processing": processing,
            "sources_source": processing.sources.get(),
            "actions_action": processing.actions.first(),
            "connections_lane": Lane.objects.get(tenant=tenant),
            "history_operation": operation,
            "history_notice": notice,
            "tenants_user": MembershipFactory(tenant=tenant, role=Role.EDITOR).user,
            "tenants_apikey": ApiKey.make(tenant, f"CRM {number}")[0],
            "history_heartbeat": Heartbeat.objects.create(host=f"worker-{number}", seen_at=timezone.now()),
            "django_q_schedule": Schedule.objects.create(name=f"clean-{number}", func="history.notices.send"),
            "django_q_success": task(f"good-{number}", success=True),
            "django_q_failure": task(f"bad-{number}", success=False),
            "django_q_ormq": OrmQ.objects.create(key="app", payload="", lock=timezone.now()),
        }
    address = EmailAddress.objects.create(user=made["tenants_user"], email=made["tenants_user"].email)
    journal.note(made["processings_processing"], Verb.ADDED)
    made["tenants_change"] = tenant.changes.get()
    return made | {"tenants_tenant": tenant, "account_emailaddress": address}


EXCHANGE = {
    "request": {
        "method": "POST",
        "url": "https://crm.example/hook",
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "body": '{"имя":"Анна"}',
        "size": 20,
        "truncated": False,
    },
    "response": {
        "status": 401,
        "reason": "Unauthorized",
        "headers": [],
        "body": "нет\x00ключа",
        "size": 9,
        "truncated": False,
    },
    "error": None,
    "started_at": "2025-01-01T00:00:00.000Z",
    "duration_ms": 7,
}


def task(name: str, success: bool) -> Success | Failure:
    model = Success if success else Failure
    now = timezone.now()
    found: Success | Failure = model.objects.create(
        id=name,
        name=name,
        func="history.notices.send",
        args=(1,),
        kwargs={},
        result="готово",
        started=now,
        stopped=now,
        success=success,
        cluster="app",
    )
    return found


def page(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(f"admin:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_model_of_the_menu_has_rows_here(rows: dict[str, Any]) -> None:
    assert set(rows) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_list_opens_with_few_queries_and_is_searchable(
    name: str, superuser: Client, rows: dict[str, Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(MOST_QUERIES):
        text = page(superuser, f"{name}_changelist")
    assert reverse(f"admin:{name}_change", args=[rows[name].pk]) in text
    page(superuser, f"{name}_changelist", q="что-нибудь")


@pytest.mark.parametrize("name", NAMES)
def test_a_row_opens_with_few_queries(
    name: str, superuser: Client, rows: dict[str, Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(MOST_QUERIES):
        page(superuser, f"{name}_change", rows[name].pk)


@pytest.mark.parametrize("name", NAMES)
def test_an_operator_without_further_rights_looks_and_changes_nothing(
    name: str, looker: Client, rows: dict[str, Any]
) -> None:
    address = reverse(f"admin:{name}_change", args=[rows[name].pk])
    text = page(looker, f"{name}_changelist") + page(looker, f"{name}_change", rows[name].pk)
    assert 'name="_save"' not in text
    assert looker.post(address, {"name": "Другое"}).status_code == 403
    assert looker.post(reverse(f"admin:{name}_delete", args=[rows[name].pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", READ_ONLY)
def test_nobody_changes_what_is_only_looked_at(name: str, superuser: Client, rows: dict[str, Any]) -> None:
    address = reverse(f"admin:{name}_change", args=[rows[name].pk])
    text = page(superuser, f"{name}_change", rows[name].pk)
    assert 'name="_save"' not in text
    assert "/delete/" not in text
    assert "/add/" not in page(superuser, f"{name}_changelist")
    assert superuser.post(address, {"status": "queued"}).status_code == 403
    assert superuser.post(address.replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
    assert superuser.get(reverse(f"admin:{name}_add")).status_code == 403


@pytest.mark.parametrize("name", NAMES)
def test_customers_and_strangers_are_sent_to_the_log_in(
    name: str, owner: Person, client: Client, rows: dict[str, Any]
) -> None:
    for visitor in (owner, client):
        for address in (
            reverse("admin:index"),
            reverse(f"admin:{name}_changelist"),
            reverse(f"admin:{name}_change", args=[rows[name].pk]),
        ):
            answer = visitor.get(address)
            assert answer.status_code == 302
            assert answer["Location"].startswith(reverse("admin:login"))


def test_a_customer_at_the_operators_log_in_sees_no_data(owner: Person) -> None:
    text = owner.get(reverse("admin:login")).content.decode()
    assert owner.tenant.name not in text
    assert reverse("admin:tenants_tenant_changelist") not in text


@pytest.mark.parametrize("term", ["id", "Ромашка", "Возвраты", "+79161234567", "АННА петрова", "9161234567"])
def test_an_operation_is_found_by(term: str, superuser: Client) -> None:
    processing = ProcessingFactory(tenant=TenantFactory(name="ООО «Ромашка»"), name="Возвраты")
    wanted = OperationFactory(processing=processing)
    other = OperationFactory(data={"client": "Борис"}, body=b"{}")
    text = page(superuser, "history_operation_changelist", q=str(wanted.pk) if term == "id" else term)
    assert str(wanted.pk) in text
    assert str(other.pk) not in text


def test_an_operation_that_was_never_decoded_is_found_by_its_raw_request(superuser: Client) -> None:
    wanted = OperationFactory(data=None, body=b"phone=%2B7916", status=Status.HELD)
    assert str(wanted.pk) in page(superuser, "history_operation_changelist", q="+7916")


def test_a_search_of_the_newest_operations_says_how_far_it_looked(
    superuser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("history.search.WINDOW", 2)
    old, *new = OperationFactory.create_batch(3)
    text = page(superuser, "history_operation_changelist", q="client_name")
    assert all(str(operation.pk) in text for operation in new)
    assert str(old.pk) not in text
    assert moment(new[0].received_at)[:-3] in text


def test_operations_are_filtered_by_status_company_processing_and_time(superuser: Client) -> None:
    wanted, other = OperationFactory(status=Status.FAILED), OperationFactory()
    for query in (
        {"status__exact": "failed"},
        {"tenant__id__exact": str(wanted.tenant_id)},
        {"processing__id__exact": str(wanted.processing_id)},
    ):
        text = page(superuser, "history_operation_changelist", **query)
        assert str(wanted.pk) in text
        assert str(other.pk) not in text
    assert str(wanted.pk) in page(superuser, "history_operation_changelist", received="1")


def test_an_operation_shows_request_and_steps_as_text(superuser: Client) -> None:
    operation = OperationFactory(
        body="имя=Анна\x00".encode() + b"\xff<script>",
        query="a=%D0%B0",
        headers={"X-Sender": "Klientiks"},
        data={"имя": "Анна\x00"},
    )
    StepFactory(operation=operation, title="В Битрикс", error="Неверный ключ", exchanges=[EXCHANGE])
    text = page(superuser, "history_operation_change", operation.pk)
    assert "POST ?a=%D0%B0\nX-Sender: Klientiks\n\nимя=Анна\\x00\\xff&lt;script&gt;" in text
    assert "имя&quot;: &quot;Анна\\u0000" in text
    assert (
        "POST https://crm.example/hook\nContent-Type: application/json\n\n{\n  &quot;имя&quot;: &quot;Анна&quot;\n}"
        in text
    )
    assert "401 Unauthorized\n\nнет\\x00ключа" in text
    assert "Неверный ключ" in text


def test_steps_stand_in_the_order_in_which_they_ran(superuser: Client) -> None:
    operation = OperationFactory()
    for position, title in enumerate(("Первое", "Второе", "Третье"), 1):
        StepFactory(operation=operation, position=position, title=title)
    text = page(superuser, "history_operation_change", operation.pk)
    assert text.index("1. Первое") < text.index("2. Второе") < text.index("3. Третье")


def test_a_huge_body_is_cut(superuser: Client) -> None:
    operation = OperationFactory(body="ы".encode() * 500_000, data={"text": "ы" * 500_000})
    assert len(page(superuser, "history_operation_change", operation.pk)) < 300_000


def test_an_operation_whose_source_and_data_are_gone_still_opens(superuser: Client) -> None:
    operation = OperationFactory(data=None, source_id=None, status=Status.REJECTED, error="405")
    assert "405" in page(superuser, "history_operation_change", operation.pk)


def test_secrets_are_not_shown(superuser: Client, looker: Client, tenant: Tenant) -> None:
    key, text = ApiKey.make(tenant, "CRM")
    user = UserFactory()
    action = ActionFactory(
        config={
            "url": "https://x.example/?api_key=verysecret1",
            "headers": [{"name": "Authorization", "value": "verysecret2"}],
        }
    )
    for operator in (superuser, looker):
        shown = page(operator, "tenants_apikey_change", key.pk) + page(operator, "tenants_apikey_changelist")
        assert key.prefix in shown
        assert key.hash not in shown
        assert text not in shown
        assert user.password.split("$")[-1][:4] not in page(operator, "tenants_user_change", user.pk)
        assert "verysecret" not in page(operator, "actions_action_change", action.pk)


def test_a_superuser_takes_a_key_away(superuser: Client, tenant: Tenant) -> None:
    key, _ = ApiKey.make(tenant, "CRM")
    superuser.post(reverse("admin:tenants_apikey_delete", args=[key.pk]), {"post": "yes"})
    assert not ApiKey.objects.exists()


def test_a_superuser_stops_a_processing_but_cannot_give_it_away(superuser: Client) -> None:
    processing, other = ProcessingFactory(state=State.RUNNING), TenantFactory()
    told = {"name": processing.name, "state": "stopped", "notify": "on", "tenant": str(other.pk)}
    answer = superuser.post(reverse("admin:processings_processing_change", args=[processing.pk]), told)
    assert answer.status_code == 302
    after = Processing.objects.get()
    assert (after.state, after.tenant_id) == (State.STOPPED, processing.tenant_id)


def test_a_superuser_makes_a_user_who_can_log_in(superuser: Client) -> None:
    told = {"email": "new@example.com", "name": "", "password1": "ocean of tea 7", "password2": "ocean of tea 7"}
    assert superuser.post(reverse("admin:tenants_user_add"), told).status_code == 302
    assert User.objects.get(email="new@example.com").check_password("ocean of tea 7")


def test_a_superuser_renames_a_company(superuser: Client, tenant: Tenant) -> None:
    members = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    told = {"name": "Новое имя", "time_zone": "Asia/Omsk", **members}
    assert superuser.post(reverse("admin:tenants_tenant_change", args=[tenant.pk]), told).status_code == 302
    tenant.refresh_from_db()
    assert (tenant.name, tenant.time_zone) == ("Новое имя", "Asia/Omsk")
    assert superuser.post(reverse("admin:tenants_tenant_delete", args=[tenant.pk]), {"post": "yes"}).status_code == 403


def test_a_superuser_limits_a_company(superuser: Client, tenant: Tenant) -> None:
    url = reverse("admin:tenants_tenant_change", args=[tenant.pk])
    no_members = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    told = {"name": "Ромашка", "time_zone": "Europe/Moscow", "retention_days": "7", "most_in_flight": "5", **no_members}
    assert superuser.post(url, told).status_code == 302
    tenant.refresh_from_db()
    assert (tenant.retention_days, tenant.most_in_flight) == (7, 5)
    superuser.post(url, told | {"retention_days": "", "most_in_flight": ""})
    tenant.refresh_from_db()
    assert (tenant.retention_days, tenant.most_in_flight) == (None, None)


@pytest.mark.parametrize("address", ["/admin/login/?next=/admin/", "/accounts/login/?next=/admin/"])
def test_an_operator_logs_in_by_e_mail_at_either_door(address: str, client: Client) -> None:
    cache.clear()
    user = UserFactory(is_staff=True)
    field = "username" if "admin/login" in address else "login"
    answer = client.post(address, {field: user.email.upper(), "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_a_wrong_password_and_a_customer_do_not_get_in(client: Client, tenant: Tenant) -> None:
    cache.clear()
    operator, customer = UserFactory(is_staff=True), MembershipFactory(tenant=tenant).user
    for email, password in ((operator.email, "wrong"), (customer.email, PASSWORD)):
        assert client.post("/admin/login/", {"username": email, "password": password}).status_code == 200
        assert client.get("/admin/").status_code == 302


def test_guessing_at_the_operators_door_is_limited(client: Client) -> None:
    cache.clear()
    operator = UserFactory(is_staff=True)
    for _ in range(12):
        client.post("/admin/login/", {"username": operator.email, "password": "wrong"})
    client.post("/admin/login/", {"username": operator.email, "password": PASSWORD})
    assert client.get("/admin/").status_code == 302
    cache.clear()


def test_an_operator_without_a_company_lands_on_the_operators_pages(looker: Client) -> None:
    answer = looker.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_the_policy_is_relaxed_for_operators_alone(superuser: Client, client: Client) -> None:
    for answer in (superuser.get("/admin/"), client.get("/admin/login/")):
        policy = answer["Content-Security-Policy"]
        assert "script-src 'self' 'unsafe-eval'" in policy
        assert "style-src 'self' 'unsafe-inline'" in policy
    strict = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "unsafe" not in strict


def test_pages_load_nothing_from_elsewhere(superuser: Client, rows: dict[str, Any]) -> None:
    for name in ("index", "tenants_tenant_changelist", "history_operation_changelist"):
        text = page(superuser, name)
        assert 'src="http' not in text
        assert 'href="https:' not in text


def test_the_language_switch_changes_the_menu(superuser: Client) -> None:
    assert "Успешные задачи" in page(superuser, "index")
    superuser.post("/i18n/setlang/", {"language": "en", "next": "/admin/"})
    assert "Successful tasks" in page(superuser, "index")
