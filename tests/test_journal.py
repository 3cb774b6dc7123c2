"""«Журнал изменений»: whatever changes settings leaves an entry, by whichever way; made from the URL list."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions import arrange
from actions.models import TableRow
from connections.models import Lane
from history import retention
from processings.models import Processing
from tenants import journal
from tenants.changes import By, Change, Verb
from tenants.models import ApiKey, Membership, Role, Tenant
from tests.addresses import Address, Company
from tests.api import Program
from tests.conftest import Person
from tests.factories import (
    ActionFactory,
    ConnectionFactory,
    SourceFactory,
    TenantFactory,
    UserFactory,
)
from tests.watching import ask, undone
from webjack.fields import first_uuid7

pytestmark = pytest.mark.django_db

# What is no setting: the work itself and what the machinery keeps about it.
WORK = {
    "history_operation", "history_step", "history_answer", "history_tally", "history_notice", "history_trial",
    "sources_upload", "sources_mark", "sources_timer", "tenants_change", "sources_version", "connections_lane",
}  # fmt: skip
# Columns that are no settings: what was seen of a sender, a service or an answer, and when.
MACHINERY = """
updated_at last_used_at last_login hook sample sampled_at captured_id state_since since reason checked_at token
renewing_until lane_id position
""".split()
TABLE_ROWS = "t.table_id IN (SELECT id FROM actions_table WHERE tenant_id = %s)"
# Addresses that change a row without an entry, and why.
UNNOTED = {
    "connections/<uuid:id>/check/": "what a service said of a connection: its state, no setting",
    "api/v1/connections/(?P<pk>{id})/check/": "the same by the API",
    "company/invitations/<uuid:id>/resend/": "the same invitation by another link",
    "api/v1/invitations/(?P<pk>{id})/resend/": "the same by the API",
    "tables/<uuid:id>/rows/add/": "rows of a table are data; processings write them too",
    "tables/<uuid:id>/rows/<int:row_id>/": "data",
    "tables/<uuid:id>/rows/<int:row_id>/remove/": "data",
    "api/v1/tables/(?P<pk>{id})/rows/": "data",
    "api/v1/tables/(?P<pk>{id})/rows/(?P<key>.+)/": "data",
}
PAGES = ("tenants.", "processings.", "sources.", "actions.", "connections.", "history.")
HTTP = {"method": "POST", "url": "https://example.com/new", "kind": "http.request"}
# What makes an address change something, where an empty form does not.
POSTED: dict[str, dict[str, Any]] = {
    "company/change/": {"name": "Новое имя", "time_zone": "Asia/Omsk"},
    "company/keys/add/": {"key-name": "Касса"},
    "company/members/<int:id>/role/": {"role": "viewer"},
    "company/invitations/add/": {"invite-email": "new@example.com", "invite-role": "viewer"},
    "processings/create/": {"name": "Новая"},
    "processings/<uuid:id>/rename/": {"name": "Другая"},
    "processings/<uuid:id>/notices/": {"notice_emails": "a@example.com"},
    "processings/<uuid:id>/order/": {"ordering": "strict"},
    "processings/<uuid:id>/retries/": {"retries-choice": "usual", "retries-deadline": "1 ч"},
    "actions/<uuid:id>/": HTTP | {"own-name": "Иначе", "own-alias": "http", "alias": "http"},
    "connections/<uuid:id>/": {"own-name": "Другое", "auth": "bearer", "bearer": "another-secret", "hosts": "a.ru"},
    "tables/create/": {"name": "Ещё таблица"},
    "history/<uuid:id>/decode/always/": {"form": "json"},
}
SENT: dict[tuple[str, str], Any] = {
    ("POST", "processings/"): {"name": "Новая"},
    ("PATCH", "processings/"): {"name": "Другая"},
    ("POST", "processings/import/"): {"name": "Чужая", "sources": [{"kind": "http"}]},
    ("PATCH", "sources/"): {"name": "Другой"},
    ("PATCH", "actions/"): {"name": "Другое"},
    ("PATCH", "connections/"): {"name": "Другое"},
    ("PATCH", "members/"): {"role": "viewer"},
    ("POST", "invitations/"): {"email": "new@example.com", "role": "viewer"},
    ("POST", "tables/"): {"name": "Ещё"},
    ("PATCH", "tables/"): {"name": "Иначе"},
}


@pytest.fixture
def company() -> Company:
    return Company(TenantFactory())


def test_what_changes_a_row_leaves_an_entry(company: Company) -> None:
    person, program = Person(company.tenant, Role.OWNER), Program(company.tenant)
    noted: set[str] = set()
    silent: list[tuple[str, str, list[str]]] = []
    for address in company.addresses():
        for method, client, data in _tries(address, company, person, program):
            before, entries = _rows(company.tenant), Change.objects.count()
            with undone(client):
                ask(client, method, address.path, data)
                changed = [table for table, row in _rows(company.tenant).items() if row != before.get(table)]
                made = Change.objects.count() - entries
            if made:
                noted.add(f"{method} {address.route}")
            elif changed and _route(address) not in UNNOTED:
                silent.append((method, address.route, changed))
    assert silent == []
    assert len(noted) >= 35, sorted(noted)


def _tries(address: Address, company: Company, person: Person, program: Program) -> Any:
    if address.route.startswith("api/v1/"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            root = address.route.removeprefix("api/v1/").partition("(")[0]
            yield method, program, SENT.get((method, root if "(" in address.route else _plain(address)), {})
    elif address.view.__module__.startswith(PAGES) and not address.route.startswith(("webhooks/", "admin/", "api/")):
        yield "POST", person, POSTED.get(address.route, {})


def _plain(address: Address) -> str:
    return address.route.removeprefix("api/v1/")


def _route(address: Address) -> str:
    return address.route.replace("[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}", "{id}")


def _rows(tenant: Tenant) -> dict[str, str]:
    """A hash of the company's settings in each table."""
    ways = [(Tenant._meta.db_table, "t.id = %s"), (TableRow._meta.db_table, TABLE_ROWS)]
    for model in apps.get_models():
        if any(field.name == "tenant" for field in model._meta.fields) and model._meta.db_table not in WORK:
            ways.append((model._meta.db_table, "t.tenant_id = %s"))
    parts = [
        f"SELECT '{table}', md5(string_agg((to_jsonb(t) - %s::text[])::text, '|' ORDER BY t.id))"
        f' FROM "{table}" t WHERE {where}'
        for table, where in ways
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [value for _ in ways for value in (list(MACHINERY), tenant.pk)])
        return dict(cursor.fetchall())


def last(tenant: Tenant) -> Change:
    return Change.objects.filter(tenant=tenant).latest("id")


def test_a_person_is_named_with_what_was_and_what_is(owner: Person, processing: Processing) -> None:
    owner.post(reverse("processings:rename", args=[processing.pk]), {"name": "Лиды"})
    entry = last(owner.tenant)
    assert (entry.by, entry.who, entry.user) == (By.PERSON, owner.user.email, owner.user)
    assert (entry.verb, entry.what, entry.row) == (Verb.CHANGED, "processings.processing", str(processing.pk))
    assert entry.details == [{"field": "name", "old": "Заявки с сайта", "new": "Лиды"}]
    page = owner.get(reverse("tenants:journal")).content.decode()
    assert "<del>Заявки с сайта</del>" in page
    assert "<ins>Лиды</ins>" in page


def test_repeats_are_told_in_words(owner: Person, processing: Processing) -> None:
    form = {"retries-choice": "own", "retries-repeats": "2", "retries-delays": "10 с, 1 мин", "retries-codes": "5**"}
    owner.post(reverse("processings:retries", args=[processing.pk]), form | {"retries-deadline": "1 ч"})
    assert "через 10 с, 1 мин; ответы: 5**" in owner.get(reverse("tenants:journal")).content.decode().replace(
        "\u00a0", " "
    )


def test_a_key_is_named_by_name_and_beginning(program: Program, processing: Processing) -> None:
    program.change(f"processings/{processing.pk}/", {"notify": False})
    entry = last(program.tenant)
    assert (entry.by, entry.user, entry.who) == (By.KEY, None, f"CRM ({program.key.prefix}…)")
    assert program.text not in json.dumps([entry.who, entry.name, entry.details])


def test_what_nobody_asked_for_is_the_systems(processing: Processing) -> None:
    with journal.noted(processing):
        Processing.objects.filter(pk=processing.pk).update(notify=False)
    assert (last(processing.tenant).by, last(processing.tenant).who) == (By.SYSTEM, "")


def test_start_stop_delete_and_restore_are_called_so(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    ActionFactory(processing=processing)
    for way in ("start", "start", "stop", "delete", "restore"):  # the second changes nothing
        owner.post(reverse(f"processings:{way}", args=[processing.pk]))
    verbs = Change.objects.filter(tenant=owner.tenant).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == [Verb.STARTED, Verb.STOPPED, Verb.REMOVED, Verb.RESTORED]


def test_secrets_of_a_connection_are_never_written_down(owner: Person) -> None:
    connection = ConnectionFactory(tenant=owner.tenant, name="CRM")
    form = {"own-name": "CRM", "auth": "bearer", "bearer": "new-and-very-secret"}
    assert owner.post(reverse("connections:detail", args=[connection.pk]), form).status_code == 302
    entry = last(owner.tenant)
    assert {"field": "config.bearer", "secret": True} in entry.details
    assert "secret-token" not in json.dumps(entry.details)
    assert "new-and-very-secret" not in json.dumps(entry.details)
    assert "секрет изменён" in owner.get(reverse("tenants:journal")).content.decode()


def test_secrets_typed_into_an_action_are_masked(owner: Person, processing: Processing) -> None:
    action = ActionFactory(processing=processing)
    action.config |= {
        "headers": [{"name": "X-Api-Key", "value": "abc-secret-def"}],
        "url": "https://a.ru/?token=t0ken-one",
    }
    arrange.change(action)
    action.config |= {
        "headers": [{"name": "X-Api-Key", "value": "other-secret"}],
        "url": "https://a.ru/?token=t0ken-two",
    }
    arrange.change(action)
    entries = json.dumps(list(Change.objects.values_list("details", flat=True)))
    assert not [secret for secret in ("abc-secret", "other-secret", "t0ken") if secret in entries]
    assert {"field": "config.headers", "secret": True} in last(owner.tenant).details


def test_actions_added_moved_and_removed_are_noted(owner: Person, processing: Processing) -> None:
    first, second = (ActionFactory(processing=processing, name=name) for name in ("Первое", "Второе"))
    arrange.reorder(processing, [second.pk, first.pk])
    moved = last(owner.tenant)
    assert (moved.verb, moved.row) == (Verb.MOVED, str(processing.pk))
    assert moved.details == [{"field": "actions", "old": ["Первое", "Второе"], "new": ["Второе", "Первое"]}]
    kept = arrange.remove(second)
    assert (last(owner.tenant).verb, last(owner.tenant).name) == (Verb.REMOVED, "Второе")
    arrange.restore(processing, kept)
    assert (last(owner.tenant).verb, last(owner.tenant).row) == (Verb.RESTORED, str(second.pk))
    arrange.turn(first, on=False)
    assert last(owner.tenant).details == [{"field": "enabled", "old": True, "new": False}]
    assert last(owner.tenant).processing_id == processing.pk


def test_an_entry_goes_back_with_its_change(processing: Processing) -> None:
    def fail() -> None:
        with journal.noted(processing):
            Processing.objects.filter(pk=processing.pk).update(name="Другая")
            raise ValidationError("no")

    with pytest.raises(ValidationError):
        fail()
    assert not Change.objects.exists()


def test_an_operator_is_named_for_limits_and_roles(tenant: Tenant, owner: Person) -> None:
    lane = Lane.objects.create(tenant=tenant, key="example.com")
    operator = Client()
    user = UserFactory(is_staff=True, is_superuser=True)
    operator.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    place = owner.user.memberships.get()
    inline: dict[str, Any] = {
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": place.pk,
    }
    inline |= {"memberships-0-tenant": tenant.pk, "memberships-0-user": owner.user.pk, "memberships-0-role": "viewer"}
    form = {"name": tenant.name, "time_zone": "Europe/Moscow", "most_in_flight": 7, "retention_days": ""}
    answer = operator.post(reverse("admin:tenants_tenant_change", args=[tenant.pk]), form | inline)
    assert answer.status_code == 302, answer.content.decode()
    limits, role = Change.objects.filter(tenant=tenant).order_by("id")
    if limits.what != "tenants.tenant":
        limits, role = role, limits
    assert (limits.by, limits.who) == (By.OPERATOR, user.email)
    assert limits.details == [{"field": "most_in_flight", "old": None, "new": 7}]
    assert (role.name, role.details) == (owner.user.email, [{"field": "role", "old": "owner", "new": "viewer"}])
    lane_form = {"most_in_flight": 3, "per_second": ""}
    assert operator.post(reverse("admin:connections_lane_change", args=[lane.pk]), lane_form).status_code == 302
    assert last(tenant).details == [{"field": "most_in_flight", "old": None, "new": 3}]
    for path in (reverse("admin:tenants_change_changelist"), reverse("admin:tenants_change_change", args=[role.pk])):
        assert owner.user.email in operator.get(path).content.decode()


def test_members_are_noted_by_one_line(tenant: Tenant) -> None:
    place = Membership(tenant=tenant, user=UserFactory(email="new@example.com"), role=Role.EDITOR)
    with journal.noted(place):
        place.save()
    assert (last(tenant).verb, last(tenant).name) == (Verb.ADDED, "new@example.com")
    assert last(tenant).details == [{"field": "role", "old": None, "new": "editor"}]
    with journal.noted(place):
        place.delete()
    assert last(tenant).verb == Verb.REMOVED


def test_people_filter_and_leaf_through_the_journal(owner: Person, processing: Processing) -> None:
    with transaction.atomic():
        for number in range(60):
            processing.name = f"Имя {number}"
            with journal.noted(processing):
                processing.save()
    ConnectionFactory(tenant=owner.tenant)
    key, _text = ApiKey.make(owner.tenant, "Касса")
    owner.post(reverse("tenants:revoke_key", args=[key.pk]))
    place = reverse("tenants:journal")
    page = owner.get(place)
    assert "Касса" in page.content.decode()
    older = owner.get(place + page.context["older"])
    assert len(older.context["entries"]) == 11
    newer = owner.get(place + older.context["newer"])
    assert [one.pk for one, _ in newer.context["entries"]] == [one.pk for one, _ in page.context["entries"]]
    for query, count in (
        ({"who": f"person:{owner.user.email}"}, 1),
        ({"who": "system:"}, 50),
        ({"what": "tenants.apikey"}, 1),
        ({"object": str(key.pk)}, 1),
        ({"object": "nothing", "before": "x"}, 0),
    ):
        assert len(owner.get(place, query).context["entries"]) == count, query


def test_a_stranger_sees_nothing_of_it(stranger: Person, processing: Processing) -> None:
    with journal.noted(processing):
        Processing.objects.filter(pk=processing.pk).update(name="Тайное")
    assert "Тайное" not in stranger.get(reverse("tenants:journal"), {"object": str(processing.pk)}).content.decode()
    theirs = Program(stranger.tenant)
    assert theirs.read("audit/")["results"] == []
    theirs.read(f"audit/{last(processing.tenant).pk}/", code=404)


def test_the_api_gives_the_journal(program: Program, processing: Processing) -> None:
    program.change(f"processings/{processing.pk}/", {"name": "Иначе"})
    program.send("connections/", {"kind": "http", "name": "CRM", "config": {"auth": "bearer", "bearer": "x" * 20}}, 201)
    newest, first = program.read("audit/")["results"]
    assert (newest["verb"], newest["what"], newest["name"]) == ("added", "connections.connection", "CRM")
    assert first["details"] == [{"field": "name", "old": "Заявки с сайта", "new": "Иначе"}]
    assert [one["id"] for one in program.read("audit/", {"processing": str(processing.pk)})["results"]] == [first["id"]]
    assert program.post(f"audit/{first['id']}/", {}).status_code == 405


def test_old_entries_go_with_the_upkeep(processing: Processing) -> None:
    with journal.noted(processing):
        Processing.objects.filter(pk=processing.pk).update(name="Давно")
    with journal.noted(processing):
        Processing.objects.filter(pk=processing.pk).update(name="Недавно")
    old = Change.objects.earliest("id")
    Change.objects.filter(pk=old.pk).update(id=first_uuid7(timezone.now() - timedelta(days=configured.AUDIT_DAYS + 1)))
    retention.forget()
    assert [one.details[0]["new"] for one in Change.objects.all()] == ["Недавно"]


def test_an_import_and_a_copy_are_one_entry_each(program: Program, processing: Processing) -> None:
    SourceFactory(processing=processing)
    ActionFactory(processing=processing)
    exported = program.read(f"processings/{processing.pk}/export/")
    program.send("processings/import/", exported, 201)
    assert [one.verb for one in Change.objects.all()] == [Verb.IMPORTED]
    program.send(f"processings/{processing.pk}/copy/", code=201)
    assert [one.verb for one in Change.objects.all()] == [Verb.COPIED, Verb.IMPORTED]


def test_a_renamed_table_notes_the_actions_that_name_it(owner: Person, processing: Processing) -> None:
    table = owner.tenant.tables.create(name="Менеджеры", columns=["Телефон"])
    action = ActionFactory(processing=processing, kind="data.lookup", alias="lookup", config={"table": "Менеджеры"})
    form = {"name": "Люди", "was": "Телефон", "column": "Телефон"}
    assert owner.post(reverse("tables:settings", args=[table.pk]), form).status_code == 302
    noted = {(one.what, one.row) for one in Change.objects.all()}
    assert noted == {("actions.table", str(table.pk)), ("actions.action", str(action.pk))}


def test_webhooks_leave_before_anybody_asks_who_is_at_work() -> None:
    order = configured.MIDDLEWARE
    assert order.index("sources.webhooks.Shortcut") < order.index("tenants.acting.Acting")
