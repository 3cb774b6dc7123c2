"""Every address, tried by everybody whom it is no business of; made from the URL list, so that none is forgotten."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tenants.access import SESSION_KEY
from tenants.models import Membership, Role, Tenant, User
from tests.addresses import Address, Company, leads
from tests.api import Program
from tests.conftest import Person
from tests.factories import TenantFactory, UserFactory
from tests.watching import SAFE, ask, check_secrets, check_silence, snapshot, undone, untouched

pytestmark = pytest.mark.django_db

METHODS = (*SAFE, "POST", "PUT", "PATCH", "DELETE")
PAGES = (
    *(
        "tenants.views",
        "tenants.journal_pages",
        "sources.version_pages",
        "processings.views",
        "processings.ordering",
        "sources.views",
        "actions.views",
        "actions.help",
    ),
    "actions.filter_pages",
    *("history.views", "history.orders", "history.accounts", "history.rehearse_pages", "connections.views"),
    *("actions.tables.views", "actions.tables.loading"),
    *("history.compare_pages", "sources.decode_again"),
    *("connections.consent_views", "actions.offer_pages", "sources.uploads.views", "tenants.people_pages"),
)
# What is for everybody, with or without a log-in; each shows nothing of a company.
OPEN = """
webhooks/ healthz readyz metrics i18n/setlang/ api/schema/ api/docs/ api/ favicon.ico
accounts/login/ accounts/logout/ accounts/inactive/ accounts/signup/ accounts/confirm-email/ accounts/password/reset/
invitations/<str:token>/ invitations/<str:token>/accept/ invitations/<str:token>/sign-up/
accounts/login/code/confirm/ accounts/confirm-email/(?P<key>[-:\\w]+)/ accounts/password/reset/key/done/
accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/ accounts/password/reset/done/
""".split()
# For everybody as well, and who belongs to the company finds its own address there.
GUIDES = "help/catalogue/ help/<str:source>/<str:action>/".split()
# A person's own: behind the log-in, without ids.
OWN = "accounts/reauthenticate/ accounts/email/ accounts/password/change/ accounts/password/set/ company/new/".split()
# A member's own place, whatever the role is.
PLACE = ["company/leave/", "company/switch/<uuid:id>/"]
# POST only because many ids do not fit into an address: they change nothing, so a viewer may.
READING = ["history/download/"]
# What is open to who sees the history alone; the start page leads there.
SEEN = re.compile(
    r"history/(news/|download/|<uuid:id>/(watch/|body/|steps/.+)?)?|company/(members/|leave/|switch/<uuid:id>/)?"
    r"|help/(blocks/|answers/|filters/)?"
)
# Lead away at once: to a service's own page, and from it to one of ours.
AWAY = ["connections/authorised/", "connections/<uuid:id>/authorise/"]
WEBHOOK = "webhooks/(?P<service>[a-z0-9_-]+)/(?P<key>[0-9a-f]{32})/"


@pytest.fixture
def company() -> Company:
    return Company(TenantFactory(name="Тайная компания"))


@pytest.fixture
def addresses(company: Company, operator: Client) -> list[Address]:
    found = list(company.addresses())
    assert [str(one) for one in found if not leads(one)] == []
    return found


@pytest.fixture
def operator(db: None) -> Client:
    """Staff without a company and without rights."""
    return _browser(UserFactory(is_staff=True))


def test_every_address_is_of_a_known_sort(addresses: list[Address]) -> None:
    sorts = [_sort(one) for one in addresses]
    assert [str(one) for one, sort in zip(addresses, sorts, strict=True) if sort == "unknown"] == []
    assert {"page", "api", "admin", "open", "own", "webhook"} == set(sorts)
    assert {*OPEN, *GUIDES, *OWN} <= {one.route for one in addresses}


def test_pages_are_there_for_their_owner_alone(
    company: Company, addresses: list[Address], operator: Client, stranger: Person, capsys: Any
) -> None:
    owner = Person(company.tenant, Role.OWNER)
    others = {
        "anonymous": Client(),
        "inactive": _browser(_member(company, is_active=False)),
        "stranger": stranger,
        "former": _browser(_former(company)),
        "operator": operator,
        "viewer": Person(company.tenant, Role.VIEWER),
        "history": Person(company.tenant, Role.HISTORY),
    }
    for other in others.values():
        _choose(other, company.tenant)
    cells = changes = 0
    for address in _of(addresses, "page"):
        answers, changed = _control(owner, address.path)
        changes += changed
        away = (302, 404) if address.route in AWAY else ()
        assert answers["GET"] in (200, 204, 405, *away), (str(address), answers)
        assert answers["POST"] in (200, 204, 302, 404, 405, 409, 422), (str(address), answers)
        for who, other in others.items():
            inside = who in ("viewer", "history") and address.route in PLACE
            with undone(other) if inside else untouched(other, company, (who, str(address))):
                for method in METHODS:
                    answer = ask(other, method, address.path)
                    _check_page(who, method, address, answers[method], answer, company)
                    cells += 1
    assert changes > 15  # the snapshot does see what an owner does
    told(capsys, "pages", cells)


def _control(owner: Person, path: str) -> tuple[dict[str, int], bool]:
    """What the owner is answered by method, and whether one of them changed anything; all of it is undone."""
    answers, before, changed = {}, snapshot(owner.tenant), False
    for method in METHODS:
        with undone(owner):
            answers[method] = ask(owner, method, path).status_code
            changed |= snapshot(owner.tenant) != before
    return answers, changed


def _check_page(who: str, method: str, address: Address, owners: int, answer: Any, company: Company) -> None:
    cell, code = (who, method, str(address)), answer.status_code
    if owners == 405:
        assert code == 405, cell
        return
    if who in ("anonymous", "inactive"):
        assert code == 302, cell
        assert answer["Location"].startswith("/accounts/login/?next="), cell
    elif who == "operator":
        assert (code, answer["Location"]) == (302, "/admin/"), cell
    elif who == "former" or (who == "stranger" and address.parts):
        assert code == 404, cell
    elif who == "stranger":
        assert code in (200, 204, 302, 404, 422), cell
    elif who == "history" and not SEEN.fullmatch(address.route):
        assert code == (403 if address.route else 302), cell
    elif method == "POST" and address.route in PLACE:
        assert code in (302, 404), cell
    elif method == "POST" and address.route not in READING:
        assert code == 403, cell
    else:
        assert code in (200, 204, 403), cell
    if who not in ("viewer", "history"):
        check_silence(answer, company, cell, asked=address.path)


def test_a_stranger_has_the_api_of_his_own_company_only(
    company: Company, addresses: list[Address], stranger: Person, capsys: Any
) -> None:
    owner, programs = Program(company.tenant), _programs(stranger.tenant)
    cells = 0
    for address in _of(addresses, "api"):
        allowed = []
        for method in METHODS:
            with undone(owner):
                code = ask(owner, method, address.path).status_code
                allowed += [method] if code != 405 else []
                nothing = code == 404 and "/options/" in address.route  # no field of this action is loaded
                assert nothing or code not in (401, 403, 404, 500), (method, str(address))
        assert allowed, str(address)
        for who, program in programs.items():
            with untouched(program, company, (who, str(address))):
                for method in METHODS:
                    answer = ask(program, method, address.path)
                    _check_api(who, method, address, allowed, answer)
                    check_silence(answer, company, (who, method, str(address)), asked=address.path)
                    cells += 1
    told(capsys, "the API", cells)


def _check_api(who: str, method: str, address: Address, allowed: list[str], answer: Any) -> None:
    cell, code = (who, method, str(address)), answer.status_code
    if who != "another key":
        assert code == 401, cell
    elif method not in allowed:
        assert code == 405, cell
    elif address.parts:
        assert code == 404, cell
    else:
        assert code in (200, 201, 202, 400, 415), cell
    if code >= 400:
        assert answer["Content-Type"] == "application/problem+json", cell


def test_the_admin_opens_to_operators_alone_who_look_and_change_nothing(
    company: Company, addresses: list[Address], operator: Client, capsys: Any
) -> None:
    people = {"anonymous": Client(), "owner": Person(company.tenant, Role.OWNER), "operator": operator}
    cells = 0
    for address in _of(addresses, "admin"):
        for who, client in people.items():
            with untouched(client, company, (who, str(address))):
                for method in ("GET", "POST"):
                    answer = ask(client, method, address.path)
                    _check_admin(who, address, (who, method, str(address)), answer)
                    if who == "operator":
                        check_secrets(answer, company, (who, method, str(address)))
                    else:
                        check_silence(answer, company, (who, method, str(address)), asked=address.path)
                    cells += 1
    told(capsys, "the admin", cells)


def _check_admin(who: str, address: Address, cell: Any, answer: Any) -> None:
    code = answer.status_code
    if address.route == "admin/login/":
        assert code in (200, 302, 422), cell
    elif who != "operator":
        assert code == 302, cell
        assert answer["Location"] == "/admin/" or answer["Location"].startswith("/admin/login/?next="), cell
    else:  # his own pages, and for everything else he has no right
        assert code in (200, 302, 403, 404, 405), cell
        if "/<path:object_id>/" in address.route and code == 302:
            assert answer["Location"].endswith(("/change/", "/admin/")), cell


def test_what_is_open_tells_nobody_anything(
    company: Company, addresses: list[Address], operator: Client, stranger: Person, capsys: Any
) -> None:
    people = {
        "anonymous": Client(),
        "stranger": stranger,
        "operator": operator,
        "former": _browser(_former(company)),
        "viewer": Person(company.tenant, Role.VIEWER),
    }
    cells = 0
    for address in [*_of(addresses, "open"), *_of(addresses, "own")]:
        for who, client in people.items():
            with untouched(client, company, (who, str(address))):
                for method in METHODS:
                    answer = ask(client, method, address.path)
                    _check_open(who, address, (who, method, str(address)), answer)
                    if not (who == "viewer" and address.route in [*GUIDES, *OWN]):
                        check_silence(answer, company, (who, method, str(address)), asked=address.path)
                    cells += 1
    told(capsys, "what is open", cells)


def _check_open(who: str, address: Address, cell: Any, answer: Any) -> None:
    # No worker runs beside this test, and that is what readyz says.
    assert answer.status_code < 500 or (address.route, answer.status_code) == ("readyz", 503), cell
    if who == "anonymous" and address.route in OWN and answer.status_code != 405:
        assert answer["Location"].startswith("/accounts/login/"), cell


def test_a_webhook_takes_from_everybody_and_tells_nothing_but_the_number(company: Company, stranger: Person) -> None:
    path = f"/webhooks/http/{company.source.key}/"
    for client in (Client(), stranger):
        for method in METHODS:
            answer = ask(client, method, path)
            assert answer.status_code in (200, 204, 405), method
            check_silence(answer, company, method, asked=path)


def test_pages_take_no_ids_of_another_company(company: Company, stranger: Person) -> None:
    own = Company(stranger.tenant, "Своя")
    theirs = {name: str(row.pk) for name, row in company.rows.items()}
    source, processing, action = own.source.pk, own.processing.pk, own.actions[0].pk
    actions = [str(one.pk) for one in company.actions]

    def post(view: str, /, *ids: Any, query: str = "", **data: Any) -> int:
        path = reverse(view, args=ids) + query
        with untouched(stranger, company, (path, data)):
            answer = ask(stranger, "POST", path, data)
            check_silence(answer, company, (path, data), asked=path + str(data))
            check_silence(stranger.get(path), company, path, asked=path)
        return int(answer.status_code)

    assert post("history:many", id=[theirs["history/"]], do="repeat") == 302
    assert post("history:many", id=[theirs["history/"]], do="cancel") == 302
    assert post("actions:order", processing, order=actions) == 409
    assert post("actions:order", processing, order=[str(action), actions[0]]) == 409
    assert post("history:download", id=[theirs["history/"]]) == 200
    request = {"method": "GET", "url": "https://example.com"}
    for name in ("actions:add", "actions:preview_new", "actions:check_new"):
        assert post(name, processing, query=f"?kind=http.request&after={actions[0]}", **request) == 404
    assert post("actions:restore", processing, actions[0]) == 404
    assert post("sources:capture", source, choose="1", operation=theirs["history/"]) == 302
    assert post("processings:create", name="x", id=theirs["processings/"], tenant=str(company.tenant.pk)) == 302
    assert post("processings:rename", processing, name="x", tenant=str(company.tenant.pk)) == 302
    assert post("actions:detail", action, processing=theirs["processings/"], **request) in (302, 422)

    for query in (f"?processing={theirs['processings/']}", f"?q={theirs['history/']}", f"?before={theirs['history/']}"):
        answer = stranger.get(reverse("history:list") + query)
        check_silence(answer, company, query, asked=query)


def test_the_api_takes_no_ids_of_another_company(company: Company, tenant: Tenant) -> None:
    own, program = Company(tenant, "Своя"), Program(tenant)
    processing, operation = str(company.processing.pk), str(company.operation.pk)
    actions = [str(one.pk) for one in company.actions]
    tries: list[tuple[str, str, Any, tuple[int, ...]]] = [
        ("POST", "sources/", {"processing": processing, "kind": "http"}, (404,)),
        ("POST", "actions/", {"processing": processing, "kind": "data.json", "config": {}}, (404,)),
        ("POST", f"processings/{own.processing.pk}/reorder/", {"actions": actions}, (404,)),
        ("POST", f"sources/{own.source.pk}/capture/", {"operation": operation}, (404,)),
        ("POST", "operations/repeat/", {"ids": [operation], "from": "start"}, (404,)),
        ("POST", "operations/repeat/", {"filter": {"processing": processing}, "from": "start"}, (202,)),
        ("POST", "operations/repeat/", {"filter": {"search": operation}, "from": "start"}, (202,)),
        ("PATCH", f"sources/{own.source.pk}/", {"processing": processing}, (404,)),
        ("PATCH", f"actions/{own.actions[0].pk}/", {"processing": processing}, (404,)),
        ("PATCH", f"sources/{own.source.pk}/", {"tenant": str(company.tenant.pk), "name": "x"}, (200,)),
        ("PATCH", f"processings/{own.processing.pk}/", {"id": processing, "name": "x"}, (200,)),
        ("GET", f"operations/?processing={processing}", None, (200,)),
        ("GET", f"operations/?source={company.source.pk}", None, (200,)),
        ("GET", f"operations/?search={operation}", None, (200,)),
        ("GET", f"sources/?processing={processing}", None, (200,)),
        ("GET", f"actions/?processing={processing}", None, (200,)),
    ]
    for method, path, data, codes in tries:
        with untouched(program, company, (method, path)):
            answer = ask(program, method, f"/api/v1/{path}", data)
        assert answer.status_code in codes, (method, path, answer.content)
        check_silence(answer, company, (method, path), asked=path + str(data))
        if answer.status_code == 202:
            assert answer.json() == {"repeated": 0}


def test_who_lost_his_place_works_in_the_company_he_has_left(company: Company) -> None:
    person = Person(company.tenant, Role.EDITOR)
    _choose(person, company.tenant)
    assert person.get(f"/processings/{company.processing.pk}/").status_code == 200
    own = Company(TenantFactory())
    Membership.objects.create(tenant=own.tenant, user=person.user)
    Membership.objects.filter(tenant=company.tenant, user=person.user).delete()
    assert person.get(f"/processings/{company.processing.pk}/").status_code == 404
    assert person.get(f"/processings/{own.processing.pk}/").status_code == 200


def test_a_key_that_was_revoked_opens_nothing(company: Company) -> None:
    program = Program(company.tenant)
    program.read("processings/")
    program.key.delete()
    program.read("processings/", code=401)


def _sort(address: Address) -> str:
    if address.route == WEBHOOK:
        return "webhook"
    for sort, routes in (("open", OPEN + GUIDES), ("own", OWN)):
        if address.route in routes:
            return sort
    for sort, beginning in (("api", "api/v1/"), ("admin", "admin/")):
        if address.route.startswith(beginning):
            return sort
    return "page" if address.view.__module__ in PAGES else "unknown"


def _of(addresses: list[Address], sort: str) -> list[Address]:
    return [one for one in addresses if _sort(one) == sort]


def _browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _member(company: Company, **values: Any) -> User:
    user = UserFactory(**values)
    Membership.objects.create(tenant=company.tenant, user=user)
    return user


def _former(company: Company) -> User:
    user = _member(company)
    Membership.objects.filter(user=user).delete()
    return user


def _choose(client: Client, tenant: Tenant) -> None:
    """As if this company had been chosen to work in, rightly or not."""
    session = client.session
    if session.session_key:
        session[SESSION_KEY] = str(tenant.pk)
        session.save()


def _programs(tenant: Tenant) -> dict[str, Program]:
    programs = {"no key": Program(tenant), "a wrong key": Program(tenant), "another key": Program(tenant)}
    programs["no key"].defaults.pop("HTTP_AUTHORIZATION")
    programs["a wrong key"].defaults["HTTP_AUTHORIZATION"] = "Bearer wj_" + "A" * 43
    return programs


def told(capsys: Any, what: str, cells: int) -> None:
    assert cells
    with capsys.disabled():
        print(f"\n{what}: {cells} cells")
