"""OpenAPI: complete, valid, and kept to whatever is sent."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import schemathesis.specs.openapi.adapter  # now: later, beside threads, Python 3.11 may fail to parse it
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from actions.models import Table, TableRow
from sources.models import Upload
from tenants import journal
from tenants.models import Invitation, Tenant, Verb
from tests.api import Program
from tests.factories import (
    ActionFactory,
    ConnectionFactory,
    MembershipFactory,
    OperationFactory,
    SourceFactory,
    StepFactory,
)
from webjack.wsgi import application

EXAMPLES = 8  # for each endpoint, well formed and malformed
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def openapi() -> Iterator[Any]:
    """Over the real WSGI application, which must leave the test's transaction open, as Django's own client does."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/schema/", application)
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def ids(tenant: Tenant) -> dict[str, str]:
    """One row of each resource, with everything in it."""
    source = SourceFactory(processing__tenant=tenant)
    action = ActionFactory(processing=source.processing)
    shared = {"processing": source.processing, "source_id": source.pk}
    operation = OperationFactory(status="failed", **shared)
    StepFactory(operation=operation, action_id=action.pk)
    rows = {"processings": source.processing, "sources": source, "actions": action, "operations": operation}
    others = {"accounts": str(action.lane_id), "connections": str(ConnectionFactory(tenant=tenant).pk)}
    table = Table.objects.create(tenant=tenant, name="Филиалы", columns=["имя"])
    TableRow.objects.create(table=table, key="1024", values={"имя": "Анна", "цена": 5})
    others["tables"] = str(table.pk)
    others["members"] = str(MembershipFactory(tenant=tenant, role="editor").pk)
    told = {"email": "new@example.com", "role": "viewer", "hash": "0" * 64}
    others["invitations"] = str(Invitation.objects.create(tenant=tenant, **told).pk)
    others["uploads"] = str(Upload.objects.create(tenant=tenant, source=source, name="a.csv", total=2).pk)
    journal.note(source.processing, Verb.ADDED)
    others["audit"] = str(tenant.changes.get().pk)
    return {name: str(row.pk) for name, row in rows.items()} | others


def meant(case: schemathesis.Case[Any], ids: dict[str, str]) -> None:
    """Points a made-up request at rows that there are, as often as not, so that it gets further than a 404."""
    if "id" in case.path_parameters:
        case.path_parameters["id"] = ids[case.path.split("/")[3]]
    if "key" in case.path_parameters:
        case.path_parameters["key"] = "1024"
    if isinstance(case.body, dict) and "processing" in case.body:
        case.body["processing"] = ids["processings"]
    if case.path.endswith("/test/"):
        case.body = {"dry": True}  # no test reaches the network


@pytest.mark.django_db
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_any_request_gets_an_answer_that_openapi_names(
    openapi: Any, mode: GenerationMode, tenant: Tenant, ids: dict[str, str]
) -> None:
    headers = {"Authorization": f"Bearer {Program(tenant).text}"}
    tried = 0
    for operation in (found.ok() for found in openapi.get_all_operations()):

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def fits(case: schemathesis.Case[Any]) -> None:
            if case.method != "DELETE":  # the rows are needed for the next examples
                meant(case, ids)
            case.call_and_validate(headers=headers, checks=CHECKS)

        if mode == GenerationMode.POSITIVE or operation.body or operation.query or operation.path_parameters:
            fits()
            tried += 1
    assert tried > 15


def test_openapi_is_valid_and_leaves_nothing_out(tmp_path: Any) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yaml"))


def test_openapi_is_open_to_all_and_names_keys_and_problems() -> None:
    response = Client().get("/api/schema/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    schema = response.json()
    assert schema["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert "errors" in schema["components"]["schemas"]["Problem"]["properties"]
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], f"{method} {path}"
            assert operation["security"] == [{"key": []}], f"{method} {path}"
            assert "application/problem+json" in operation["responses"]["401"]["content"], f"{method} {path}"


def test_yaml_is_to_be_had_too() -> None:
    response = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi"})
    assert response.content.startswith(b"openapi: 3")


def test_the_reference_runs_no_inline_script_and_loads_nothing_from_elsewhere() -> None:
    response = Client().get("/api/docs/")
    page = response.content.decode()
    assert "<script>" not in page
    assert "://" not in page.replace("http://testserver/", "")
    directives = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert directives["style-src"] == "'self' 'unsafe-inline'"
    assert directives["default-src"] == "'self'"
    assert "script-src" not in directives
    assert "SwaggerUIBundle" in Client().get("/api/docs/?script=").content.decode()
    assert "style-src" not in Client().get("/api/schema/")["Content-Security-Policy"]
