"""Whatever is written into an address or a form, nothing breaks and nothing of it becomes code."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from actions.kinds.http.form import RequestForm
from sources.kinds.http.webhook import WebhookForm
from tenants.models import Role
from tests.addresses import Address, Company
from tests.api import Program
from tests.conftest import Person
from tests.factories import TenantFactory, UserFactory
from tests.watching import undone

pytestmark = pytest.mark.django_db

Tries = Iterator[tuple[str, str, str, str]]

usual_and_long = pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.fuzz_long)])
"""One in five of all tries; over the pages each value and each name has its turn. The long form leaves none out."""

SCRIPT = "\"'></script><script>alert(1)</script><img src=x onerror=alert(1)>"
# Percent-encoded already where the bytes are no UTF-8.
HOSTILE = {
    "NUL": quote("a\0b"),
    "emoji": quote("😀" * 300),
    "long": "x" * 100_000,
    "half a surrogate pair": "%ED%A0%80",
    "broken UTF-8": "%ff%fe%80",
    "markup": quote(SCRIPT),
    "a header": quote("a\r\nSet-Cookie: a=1\r\n\r\n<script>"),
    "placeholders": quote("{{ a | b: }} {% if %} {{ '"),
    "a path": quote("../../../etc/passwd"),
    "a huge number": "9" * 400,
    "a negative number": "-1",
    "the first day": "0001-01-01",
    "the last day": "9999-12-31",
    "no id": "0198c1d2-7f3a-7c41-9d52",
    "an id of nobody": "0198c1d2-7f3a-7c41-9d52-2f60a1b3c4d5",
    "another name": "list",
    "a site": quote("//evil.example/"),
    "nothing": "",
}
QUERY = """
q state kind after before shown grow processing period since until status how event parameter-name parameter-value
version next page cursor limit search received_after received_before source from e o p all
""".split()
ROWS = [
    f"{rows}-{column}"
    for rows in ("query", "headers", "body_fields", "fields", "response__headers")
    for column in ("name", "value", "type")
]
FORM = [
    *RequestForm.base_fields,
    *WebhookForm.base_fields,
    *ROWS,
    *("name", "own-name", "own-alias", "fields", "field-name", "field-label", "field-shown", "operation", "choose"),
    *("example", "waiting", "enabled", "running", "from", "order", "do", "id", "next", "send", "language"),
    *("key-name", "time_zone", "notify", "notice_emails", "email", "login", "password", "password1", "password2"),
    *("remember", "action", "action_add", "action_send", "select_across", "_selected_action", "oldpassword"),
]
FORMS = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
DOORS = f"/ /accounts/login/ /history/ /admin/ /api/v1/processings/ /webhooks/http/{'0' * 32}/ /i18n/setlang/".split()
KEYS = "name kind processing config fields alias enabled actions ids filter from operation notice_emails dry".split()
JSON = ["a\0b", "\ud800", SCRIPT, "9" * 400, 10**30, None, [], {}, [{"": None}]]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PERIOD = {"period": "own", "kind": "http.request"}
NEW = ("add/", "actions/preview/", "actions/check/", "sources/preview/")
ALONE = {"name", "own-name", "own-alias", "field-name", "operation", "from", "order", "do", "id", "next", "language"}
BASIS = {
    "method": "POST",
    "url": "https://example.com/",
    "name": "Имя",
    "response__status": "200",
    "methods": "POST",
    "do": "repeat",
    "choose": "1",
    "time_zone": "Europe/Moscow",
    "notify": "on",
    "period": "own",
    "email": "new@example.com",
    "password1": "correct horse battery",
    "password2": "correct horse battery",
}


@pytest.fixture
def company() -> Company:
    return Company(TenantFactory())


@pytest.fixture
def owner(company: Company) -> Person:
    found = Person(company.tenant, Role.OWNER)
    found.raise_request_exception = False
    return found


@pytest.fixture
def operator(db: None) -> Client:
    found = Client()
    found.force_login(UserFactory(is_staff=True, is_superuser=True), backend=BACKEND)
    found.raise_request_exception = False
    return found


def broken(client: Client, tries: Tries, every: int, content_type: str = FORMS) -> list[Any]:
    """What answers 500 of (what is tried, method, path, form); a form that is not taken is not tried again."""
    found, closed = [], set()
    for what, method, path, form in islice(tries, 0, None, every):
        if (method, path) in closed:
            continue
        with undone(client):
            answer = client.generic(method, path, form, content_type=content_type)
        if answer.status_code == 500:
            found.append((what, method, path[:100], form[:200]))
        elif answer.status_code == 405:
            closed.add((method, path))
    return found


def everywhere(value: str, names: list[str]) -> str:
    return "&".join(f"{name}={value}" for name in (names if len(value) < 1000 else names[:12]))


def alone(name: str, value: str, basis: dict[str, str]) -> str:
    """This field is hostile and the others are right, so that it is really looked at."""
    return urlencode({key: right for key, right in basis.items() if key != name}) + f"&{name}={value}"


def fields_of(answer: Any) -> set[str]:
    """The names of the inputs on a page."""
    page = b"" if answer.streaming else answer.content
    found = set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page.decode("utf-8", "replace")))
    return found - {"csrfmiddlewaretoken"}


def pages(company: Company) -> Iterator[tuple[Address, str]]:
    """Every page and what must be asked of it to show its form."""
    for address in company.addresses():
        if not address.route.startswith(("admin/", "api/v1/", "webhooks/", "readyz")):
            kind = "data.json" if "actions/preview" in address.route else "http.request"
            new = {"sources": "?kind=http", "actions": f"?kind={kind}"}
            yield address, new.get(address.route.split("/")[-3], "") if address.route.endswith(NEW) else ""


@usual_and_long
def test_no_query_breaks_a_page(company: Company, owner: Person, every: int) -> None:
    def tries() -> Tries:
        for address, _kind in pages(company):
            for label, value in HOSTILE.items():
                if len(value) < 10_000:  # the web server takes no longer address
                    yield label, "GET", f"{address.path}?{everywhere(value, QUERY)}", ""
            for name in QUERY:
                yield f"NUL as {name}", "GET", f"{address.path}?{alone(name, HOSTILE['NUL'], PERIOD)}", ""
            for name in ("since", "until", "received_after", "received_before"):
                for label in ("the first day", "the last day"):
                    yield f"{label} as {name}", "GET", f"{address.path}?{alone(name, HOSTILE[label], PERIOD)}", ""

    assert broken(owner, tries(), every) == []


@usual_and_long
def test_no_form_breaks_a_page(company: Company, owner: Person, every: int) -> None:
    def tries() -> Tries:
        for address, kind in pages(company):
            for label, value in HOSTILE.items():
                yield label, "POST", address.path + kind, everywhere(value, FORM)
            for name in ALONE | fields_of(owner.get(address.path + kind)):
                yield f"NUL as {name}", "POST", address.path + kind, alone(name, HOSTILE["NUL"], BASIS)

    assert broken(owner, tries(), every) == []


def test_no_form_of_parts_breaks_a_page(company: Company, owner: Person) -> None:
    """Multipart, with letters that are no UTF-8, files where texts are expected, and a body that breaks off."""
    part = b'--x\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n\xff\xfe\x00\xed\xa0\x80\r\n'
    names = [name.encode() for name in FORM]
    bodies = [
        b"".join(part % (name, b"") for name in names) + b"--x--",
        b"".join(part % (name, b'; filename="a\x00/../b"') for name in names) + b"--x--",
        part % (b"name", b""),
        b"no parts",
    ]
    for address, kind in pages(company):
        for number, body in enumerate(bodies):
            with undone(owner):
                answer = owner.generic(
                    "POST", address.path + kind, body, content_type="multipart/form-data; boundary=x"
                )
            assert answer.status_code != 500, (str(address), number, answer.exc_info)  # type: ignore[attr-defined]


@usual_and_long
def test_no_query_breaks_the_admin(company: Company, operator: Client, every: int) -> None:
    names = [
        *QUERY,
        "_changelist_filters",
        "status__exact",
        "processing__id__exact",
        "received_at__gte",
        "is_active__exact",
    ]

    def tries() -> Tries:
        for address in company.addresses():
            if address.route.startswith("admin/") and "<" not in address.route:
                for label, value in HOSTILE.items():
                    if len(value) < 10_000:
                        yield label, "GET", f"{address.path}?{everywhere(value, names)}", ""
                for name in names:
                    yield f"NUL as {name}", "GET", f"{address.path}?{name}={HOSTILE['NUL']}", ""

    assert broken(operator, tries(), every) == []


@usual_and_long
def test_no_query_or_body_breaks_the_api(company: Company, every: int) -> None:
    program = Program(company.tenant)
    program.raise_request_exception = False
    basis = {"name": "x", "kind": "http", "processing": str(company.processing.pk)}

    def tries() -> Tries:
        for address in company.addresses():
            if address.route.startswith("api/v1/"):
                for label, value in HOSTILE.items():
                    yield label, "GET", f"{address.path}?{everywhere(value[:4000], QUERY)}", ""
                for name in QUERY:
                    yield f"NUL as {name}", "GET", f"{address.path}?{name}={HOSTILE['NUL']}", ""
                for odd in JSON:
                    bodies = [odd, dict.fromkeys(KEYS, odd), *(basis | {key: odd} for key in KEYS)]
                    for body in bodies:
                        for method in ("POST", "PATCH"):
                            yield "", method, address.path, json.dumps(body)

    assert broken(program, tries(), every, "application/json") == []


PATHS = [
    "/%00",
    "/%ff%fe/",
    "/static/%00",
    "/static/../../etc/passwd",
    "/history/%00/",
    "/api/v1/%ff/",
    "/" + "a/" * 5000,
    "/admin/%00/",
    "/admin/tenants/user/%00/change/",
    "/admin/r/%00/%00/",
    "/accounts/confirm-email/%D0%B0/",
    "/accounts/password/reset/key/zzzzzzzzzzzzzzzz-%00/",
]


@pytest.mark.parametrize(
    "path",
    PATHS,
)
def test_no_address_breaks(owner: Person, operator: Client, path: str) -> None:
    for client in (Client(raise_request_exception=False), owner, operator):
        for method in ("GET", "POST"):
            assert client.generic(method, path).status_code in (200, 301, 302, 400, 403, 404, 405), path


@pytest.mark.parametrize(
    "header",
    [
        {"Cookie": 'sessionid="\\000aaaaaaaaaaaaaaaa"'},
        {"Cookie": "sessionid=" + "a" * 10_000},
        {"Cookie": 'sessionid=\xff; csrftoken="\\000"; messages="\\000"; django_language="\\000"'},
        {"Accept-Language": "ru;q=0.5," * 20_000},
        {"Accept-Language": "\xff, \0;q=nan"},
        {"Accept": "a/b;q=x," * 5000},
        {"Host": "evil.example:99999999"},
        {"Referer": "\xff\0"},
        {"Authorization": "Bearer \xff\0"},
        {"Authorization": "Bearer " + "x" * 100_000},
        {"X-Forwarded-For": "\0, ::1%eth0, 999.1.1.1"},
        {"HX-Request": "true", "HX-Current-URL": "\xff\0"},
        {"Content-Type": "multipart/form-data; boundary=\xff"},
        {"Content-Type": "application/x-www-form-urlencoded; charset=undefined"},
        {"Content-Type": "application/x-www-form-urlencoded; charset=idna"},
    ],
)
def test_no_header_breaks(db: None, header: dict[str, str]) -> None:
    for method in ("GET", "POST"):
        for path in DOORS:
            client = Client(raise_request_exception=False)
            answer = client.generic(method, path, "a=1", headers=header)
            assert answer.status_code < 500, (method, path, answer.exc_info)  # type: ignore[attr-defined]
