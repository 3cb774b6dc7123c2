"""The contract over the whole catalogue: what every kind of source, action and connection must have and must do."""

import ast
import json
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import translation

from actions.connected import Known
from actions.fields import ConnectionField
from actions.models import Action
from actions.perform import Outcome, perform
from actions.placeholders import Context
from connections import editing
from connections.checking import check
from connections.models import Connection
from sources.kind import SourceKind
from tenants.models import Tenant
from tests.factories import ConnectionFactory
from tests.fakes.service import Case, Service, services
from webjack import config as configs
from webjack import kinds, schema
from webjack.http import Http

KINDS = [(family, key) for family in ("source", "action", "connection") for key in kinds.catalogue(family)]
SENDING = [key for key, spec in kinds.catalogue("action").items() if spec.network]
OTHERWISE_TRIED = {"http.request", "email.send"}
"""Whatever a server answers may be right for one, the other speaks no HTTP: their tests lie beside them."""
OWED: set[str] = set()
"""Kinds without their case, whose tests lie beside them. To become empty."""
MODULES = [
    module.name
    for family in ("source", "action", "connection")
    for module in pkgutil.walk_packages(import_module(project.KINDS[family]).__path__, project.KINDS[family] + ".")
    if not module.name.rsplit(".", 1)[-1].startswith("test_")
]
FORBIDDEN = re.compile(r"(.+\.)?models(\..+)?|time|django\.conf(\..+)?|django\.utils\.timezone|django\.db(\..+)?")
ABOUT_THE_CLOCK = {
    "actions.kinds.flow.delay": {"django.utils.timezone"},
    "actions.kinds.http.paging": {"time"},
    "actions.kinds.amocrm.unsorted": {"time"},
}
"""What these are about: a moment, to stop in time, when the form was sent."""
CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


@cache
def cases() -> dict[str, Case]:
    found: dict[str, Case] = {}
    package = import_module(project.KINDS["action"])
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name.endswith(".test_cases"):
            found |= import_module(module.name).CASES
    return found


# What it says of itself


@pytest.mark.parametrize(("family", "key"), KINDS)
def test_a_kind_says_in_russian_what_it_is(family: str, key: str) -> None:
    spec = kinds.get(family, key)
    with translation.override("ru"):
        title, about = str(spec.title), str(spec.about)
        labels = [str(field.label or "") for field in spec.form.base_fields.values()]
    assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9_]+)?", key)
    assert title
    assert CYRILLIC.search(about), "says in `about` what it is for"
    assert all(labels), "each field has a label"
    assert spec.icon_path.read_text().lstrip().startswith("<svg")


@pytest.mark.parametrize(("family", "key"), KINDS)
def test_a_kind_has_a_form_a_schema_and_a_sample(family: str, key: str) -> None:
    spec = kinds.get(family, key)
    form = spec.form(initial=configs.initial(spec.form))
    assert all(str(form[name]) for name in form.fields)
    told = json.loads(json.dumps(schema.of(spec.form)))
    assert told["type"] == "object"
    json.dumps(spec.sample)
    if family == "action":
        assert spec.sample, "an output that later actions are set up by"
        assert spec.alias
        assert isinstance(spec.summary(configs.nest(configs.initial(spec.form))), str)
    if family == "connection":
        assert set(spec.secrets) <= set(spec.form.base_fields)


@pytest.mark.parametrize("name", MODULES)
def test_a_kind_knows_no_model_no_clock_and_no_settings(name: str) -> None:
    tree = ast.parse(Path(str(import_module(name).__file__)).read_text())
    imported: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported += [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
    assert {one for one in imported if FORBIDDEN.fullmatch(one)} <= ABOUT_THE_CLOCK.get(name, set())


# Sources


@pytest.mark.parametrize("key", kinds.catalogue("source"))
def test_a_sources_examples_can_be_read(key: str) -> None:
    spec: SourceKind = kinds.get("source", key)
    config = configs.nest(configs.initial(spec.form))
    for example in spec.examples:
        request = _Asked(example.query, example.content_type, example.body)
        decoded = spec.read(request, config)
        assert decoded.problem is None
        assert decoded.data


class _Asked:
    """A request as a source reads it."""

    method = "POST"

    def __init__(self, query: str, content_type: str, body: bytes) -> None:
        self.query, self.content_type, self.body = query, content_type, body
        self.headers = {"Content-Type": content_type}


# Actions and connections, each against its local server


@pytest.fixture
def here(settings: Any, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nobody waits for a turn or for a task here."""
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    monkeypatch.setattr(Http, "pause", lambda self, seconds: None)
    monkeypatch.setattr("connections.pace.wait", lambda *asked: 0.0)
    return monkeypatch


@pytest.fixture
def served(here: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[tuple[Service, Any]]:
    """The local server of the service that the test's `key` belongs to."""
    service = services()[request.getfixturevalue("key").split(".")[0]]
    with service.serve() as fake:
        for name, value in service.environment(fake).items():
            here.setenv(name, value)
        yield service, fake


def connected(service: Service, fake: Any, kind: str, tenant: Tenant) -> Connection:
    config = service.account(fake)
    row: Connection = ConnectionFactory.build(tenant=tenant, kind=kind)
    editing.put(row, config)
    return row


def secrets_of(row: Connection) -> list[str]:
    whole = row.whole
    return [
        text for text in [*(str(whole.get(name) or "") for name in row.spec.secrets), *row.spec.hidden(whole)] if text
    ]


def done(row: Connection, key: str, config: dict[str, Any]) -> Outcome:
    """What an action does with these settings."""
    spec = kinds.get("action", key)
    names = [name for name, field in spec.form.base_fields.items() if isinstance(field, ConnectionField)]
    form = configs.bind(spec.form, config | {name: str(row.pk) for name in names})
    for name in names:
        form.fields[name].offer([(str(row.pk), str(row))])  # type: ignore[attr-defined]
    assert form.is_valid(), configs.errors(form)
    action = Action(tenant_id=row.tenant_id, kind=key, config=configs.nest(form.cleaned_data))
    nothing = Context(source={}, steps={}, operation={}, company={"time_zone": "Europe/Moscow"}, request={})
    return perform(action, nothing, Http(key="step"), known=Known({str(row.pk): row}))


@pytest.mark.django_db
@pytest.mark.parametrize("key", sorted(set(SENDING) - OTHERWISE_TRIED - OWED))
def test_an_action_works_fails_and_keeps_its_secrets(key: str, served: tuple[Service, Any], tenant: Tenant) -> None:
    service, fake = served
    case, spec = cases()[key], kinds.get("action", key)
    kind = next(field.connection for field in spec.form.base_fields.values() if isinstance(field, ConnectionField))
    row = connected(service, fake, kind, tenant)
    more = case.arrange(fake)
    works = case.works | (more if isinstance(more, dict) else {})
    outcomes = {"works": done(row, key, works)}
    assert outcomes["works"].ok, outcomes["works"].error
    assert json.loads(json.dumps(outcomes["works"].output))
    assert set(spec.sample) & set(outcomes["works"].output or {}), "the sample shows what it gives"
    if case.refused is not None:
        outcomes["refused"] = done(row, key, case.refused)
    usual = fake.target.answer
    for status, text in ((401, b"{}"), (429, b"{}"), (503, b"{}"), (200, b"<html>no JSON</html>")):
        fake.target.answer = lambda request, said=(status, text): said
        outcomes[str(status)] = done(row, key, works)
    fake.target.answer = usual
    told = {name: (one.error, one.retry or one.status, one.denied) for name, one in outcomes.items()}
    assert not [name for name, one in outcomes.items() if one.ok and name != "works"], told
    assert [name for name, one in outcomes.items() if "на нашей стороне" in one.error] == [], told
    assert [name for name in ("429", "503") if not (outcomes[name].retry or outcomes[name].status)] == [], told
    assert not any(outcomes[name].retry for name in ("401", "refused") if name in outcomes), told
    assert outcomes["401"].denied, told
    shown = json.dumps([[one.exchanges, one.config, one.output, one.error] for one in outcomes.values()])
    assert [secret for secret in secrets_of(row) if secret in shown] == []


def test_every_action_that_sends_has_its_case() -> None:
    missing = set(SENDING) - OTHERWISE_TRIED - set(cases())
    assert missing == OWED, "declare them in test_cases.py of their folder"
    assert {key.split(".")[0] for key in cases()} <= set(services())


@pytest.mark.django_db
@pytest.mark.parametrize("key", sorted(set(kinds.catalogue("connection")) & set(services())))
def test_a_check_of_a_connection_says_who_it_is_or_what_is_wrong(
    key: str, served: tuple[Service, Any], tenant: Tenant
) -> None:
    service, fake = served
    row = connected(service, fake, key, tenant)
    verdict = check(row)
    assert verdict.ok, verdict.text
    for status, text in ((401, b"{}"), (429, b"{}"), (503, b"{}"), (200, b"<html>no JSON</html>")):
        fake.target.answer = lambda request, said=(status, text): said
        wrong = check(row)
        assert not wrong.ok, status
        assert "на нашей стороне" not in wrong.text
        assert not [secret for secret in secrets_of(row) if secret in verdict.text + wrong.text]


def test_local_services_have_ports_of_their_own() -> None:
    ports = [service.port for service in services().values()]
    assert len(set(ports)) == len(ports)
