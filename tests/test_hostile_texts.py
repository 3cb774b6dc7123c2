"""Markup in everything that a customer, a sender or a target can write: it is shown, and never becomes a page."""

import gzip
import json
from typing import Any

import pytest
from django.test import Client

from history.models import Notice
from history.notices import message
from tenants.models import ApiKey, Role, Tenant
from tests.conftest import Person
from tests.factories import (
    ActionFactory,
    OperationFactory,
    ProcessingFactory,
    SourceFactory,
    StepFactory,
    TenantFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

RETRIES = ("retries-repeats", "retries-delays", "retries-codes", "retries-deadline")
EVIL = "\"'></script></textarea><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 | times: 7 }}"
CODE = ("<script>alert", "<img src=x", 'href="javascript:', "href='javascript:")
EXCHANGE = {
    "request": {
        "method": "POST",
        "url": f"javascript:alert(1)//{EVIL}",
        "headers": [
            {"name": EVIL, "value": EVIL},
            {"name": "Content-Type", "value": "application/x-www-form-urlencoded"},
        ],
        "body": f"a={EVIL}",
        "size": 4,
    },
    "response": {"status": 200, "reason": EVIL, "headers": [{"name": EVIL, "value": EVIL}], "body": EVIL, "size": 4},
    "error": EVIL,
    "started_at": "2026-01-01T00:00:00Z",
    "duration_ms": 5,
}


class Evil:
    """A company all of whose texts are hostile."""

    def __init__(self) -> None:
        row = {"name": EVIL, "value": EVIL}
        self.tenant: Tenant = TenantFactory(name=EVIL)
        ApiKey.make(self.tenant, EVIL)
        self.processing = ProcessingFactory(tenant=self.tenant, name=EVIL)
        self.source = SourceFactory(
            processing=self.processing,
            name=EVIL,
            fields=[{"name": EVIL, "sample": EVIL, "label": EVIL, "hidden": False}],
            sample={EVIL: EVIL},
            config={"response": {"status": 200, "reason": "OK", "headers": [row], "body": EVIL}},
        )
        config = {
            "method": "POST",
            "url": f"https://example.com/{EVIL}",
            "body": EVIL,
            "headers": [row],
            "query": [row],
        }
        self.action = ActionFactory(processing=self.processing, name=EVIL, config=config)
        self.builder = ActionFactory(
            processing=self.processing, name=EVIL, kind="data.json", alias="json", config={"fields": [row]}
        )
        self.operation = OperationFactory(
            processing=self.processing,
            source_id=self.source.pk,
            data={EVIL: EVIL, "list": {EVIL: [EVIL]}},
            query=EVIL,
            headers={EVIL: EVIL},
            content_type=EVIL,
            method="<script>alert",
            body=json.dumps({EVIL: EVIL}).encode(),
            error=EVIL,
            status="failed",
        )
        told = {"method": EVIL, "url": EVIL, "body": EVIL}
        self.steps = [
            StepFactory(
                operation=self.operation,
                action_id=self.action.pk,
                attempt=attempt,
                title=EVIL,
                exchanges=[EXCHANGE],
                output={EVIL: EVIL},
                error=EVIL,
                status="failed",
                config=told,
            )
            for attempt in (1, 2)
        ]
        self.notice = Notice.objects.create(
            tenant=self.tenant,
            processing=self.processing,
            fingerprint="x",
            action_title=EVIL,
            final=True,
            cause=EVIL,
            operation_id=self.operation.pk,
            pending=1,
            total=1,
        )


def code_in(answer: Any) -> list[str]:
    assert answer.status_code in (200, 422), answer
    html = answer.content.decode()
    return [mark for mark in CODE if mark in html]


def test_no_text_becomes_a_part_of_a_page() -> None:
    evil = Evil()
    owner = Person(evil.tenant, Role.OWNER)
    processing, operation, source = evil.processing.pk, evil.operation.pk, evil.source.pk
    paths = [
        *("/", "/company/", "/history/", f"/?q={EVIL}", f"/history/?q={EVIL}", f"/history/{operation}/"),
        *(f"/history/{operation}/watch/", f"/history/{operation}/steps/{evil.steps[0].pk}/"),
        *(f"/processings/{processing}/", f"/processings/{processing}/notices/", f"/processings/{processing}/last/"),
        f"/processings/{processing}/retries/",
        *(f"/sources/{source}/", f"/sources/{source}/guide/", f"/sources/{source}/address/?parameter-name={EVIL}"),
        *(f"/actions/{evil.action.pk}/", f"/actions/{evil.builder.pk}/"),
        *(
            f"/processings/{processing}/actions/add/?kind=http.request",
            f"/processings/{processing}/actions/add/?q={EVIL}",
        ),
    ]
    assert [path for path in paths if code_in(owner.get(path))] == []


def test_no_text_that_was_just_typed_becomes_one() -> None:
    evil = Evil()
    owner = Person(evil.tenant, Role.OWNER)
    form = {"method": "POST", "url": f"https://example.com/{EVIL}", "body": EVIL, "own-name": EVIL}
    source = {"own-name": EVIL, "methods": "POST", "field-name": EVIL, "field-label": EVIL, "fields": "1"}
    for path, data in (
        (f"/actions/{evil.action.pk}/check/", form),
        (f"/actions/{evil.action.pk}/", form),
        (f"/actions/{evil.builder.pk}/remove/", {}),
        (f"/sources/{evil.source.pk}/", source),
        (f"/processings/{evil.processing.pk}/notices/", {"notice_emails": EVIL}),
        (f"/processings/{evil.processing.pk}/retries/", dict.fromkeys(RETRIES, EVIL) | {"retries-choice": "own"}),
        ("/company/change/", {"name": EVIL, "time_zone": EVIL}),
        ("/company/keys/add/", {"key-name": EVIL}),
        (f"/sources/{evil.source.pk}/delete/", {}),
        (f"/processings/{evil.processing.pk}/delete/", {}),
    ):
        assert code_in(owner.post(path, data, follow=True)) == [], path


def test_no_text_becomes_a_part_of_a_mail() -> None:
    mail = message(Evil().notice, ["owner@example.com"])
    assert [mark for mark in CODE if mark in str(mail.alternatives[0][0])] == []
    assert "\n" not in mail.subject


def test_no_text_becomes_a_part_of_the_admin() -> None:
    evil = Evil()
    admin = Client()
    admin.force_login(
        UserFactory(is_staff=True, is_superuser=True), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    rows = [evil.tenant, evil.processing, evil.source, evil.action, evil.operation, evil.notice]
    for row in rows:
        place = f"/admin/{row._meta.app_label}/{row._meta.model_name}/"
        assert code_in(admin.get(place)) == [], place
        assert code_in(admin.get(f"{place}{row.pk}/change/")) == [], place


def test_what_came_compressed_is_not_unpacked_for_a_list() -> None:
    processing = ProcessingFactory()
    bomb = gzip.compress(json.dumps([{"a": 1}] * 100_000).encode())
    for _number in range(3):
        OperationFactory(
            processing=processing,
            status="held",
            data=None,
            query="name=Anna",
            content_type="application/json",
            headers={"Content-Encoding": "gzip"},
            body=bomb,
        )
    html = Person(processing.tenant, Role.OWNER).get("/history/").content.decode()
    assert html.count("Anna") >= 3
    assert "items" not in html
