"""Fields that offer what an account has: asked once a day, for the settings as they stand in the form."""

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.urls import reverse
from django.utils import timezone

from actions import offers
from actions.fields import ConnectionField, LoadedField, LoadedRowsField
from actions.kind import ActionKind, Data, Option
from actions.models import Action
from connections import places
from connections.models import Connection, Offer
from processings.models import Processing
from tenants.models import Tenant
from tests.actions import new, of
from tests.api import Program
from tests.conftest import Person
from tests.factories import ActionFactory, ConnectionFactory
from tests.fakes.target import Target, target_server
from webjack import kinds
from webjack import schema as schemas
from webjack.config import Config
from webjack.http import Failed, Http

TOKEN = "very-secret-token"
PIPELINES = [{"id": 1, "name": "Продажи"}, {"id": 2, "name": "Сервис"}]


class DealForm(forms.Form):
    connection = ConnectionField("http")
    pipeline = LoadedField(options="pipelines", label="Воронка", required=False)
    stage = LoadedField(options="stages", depends=("pipeline",), label="Этап", required=False)
    fields_of_deal = LoadedRowsField(options="fields", label="Поля")


class AddDeal(ActionKind):
    """Adds a deal to a service that exists in these tests only. url: where it is."""

    key = "pipes.deal"
    alias = "pipes"
    title = "Сделка"
    form = DealForm
    url = ""

    def execute(self, config: Config, http: Http) -> Data:
        return {}

    def options(self, name: str, config: Config, http: Http) -> Sequence[Option]:
        answer = http.request("GET", f"{self.url}/{name}", query=[("pipeline", str(config.get("pipeline", "")))])
        if answer.status != 200:
            raise Failed(f"Сервис ответил {answer.status} на {config['connection'].config['bearer']}", denied=True)
        about = {"fields": "список"}.get(name, "")
        return [Option(str(one["id"]), one["name"], group=name, about=about) for one in answer.json()]

    def summary(self, config: Config) -> str:
        return f"{config['pipeline']} → {config['stage']}"


def said(status: int, told: Any) -> Any:
    return lambda request: (status, json.dumps(told).encode())


@pytest.fixture
def service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with target_server() as server:
        spec = AddDeal()
        spec.url = server.url
        monkeypatch.setitem(kinds.catalogue("action"), "pipes.deal", spec)
        server.answer = said(200, PIPELINES)
        yield server


@pytest.fixture
def account(tenant: Tenant) -> Connection:
    row: Connection = ConnectionFactory(tenant=tenant, name="CRM продаж")
    return row


@pytest.fixture
def deal(processing: Processing, account: Connection, service: Target) -> Action:
    row: Action = ActionFactory(
        processing=processing,
        kind="pipes.deal",
        config={"connection": str(account.pk), "pipeline": "2", "stage": "{{ stage }}", "fields_of_deal": []},
    )
    return row


def posted(account: Connection, field: str = "pipeline", **more: str) -> dict[str, str]:
    return {"connection": str(account.pk), "options-field": field, **more}


def test_the_list_comes_from_the_account_and_is_asked_for_once(
    owner: Person, processing: Processing, account: Connection, service: Target
) -> None:
    address = new(processing, "options_new", kind="pipes.deal")
    page = owner.post(address, posted(account)).content.decode()
    assert 'data-value="2" data-label="Сервис"' in page
    assert "Обновить" in page
    assert service.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
    owner.post(address, posted(account))
    assert len(service.requests) == 1
    service.answer = said(200, [{"id": 3, "name": "Новая"}])
    assert "Новая" in owner.post(address, posted(account) | {"options-refresh": "1"}).content.decode()
    Offer.objects.update(asked_at=timezone.now() - timedelta(days=2))
    Connection.objects.update(updated_at=timezone.now() - timedelta(days=3))
    owner.post(address, posted(account))
    assert len(service.requests) == 3


def test_it_depends_on_the_choices_that_the_field_names_and_on_no_others(
    owner: Person, deal: Action, account: Connection, service: Target
) -> None:
    for pipeline, stage in (("1", ""), ("1", "9"), ("2", "9"), ("{{ which }}", "")):
        owner.post(of(deal, "options"), posted(account, "stage", pipeline=pipeline, stage=stage))
    asked = [request.path for request in service.requests]
    assert asked == ["/stages?pipeline=1", "/stages?pipeline=2", "/stages?pipeline=%7B%7B%20which%20%7D%7D"]


def test_another_key_may_belong_to_another_account_so_what_is_kept_counts_no_more(
    owner: Person, deal: Action, account: Connection, service: Target
) -> None:
    owner.post(of(deal, "options"), posted(account))
    changed = {"own-name": "Имя", "auth": "bearer", "bearer": "another"}
    owner.post(reverse("connections:detail", args=[account.pk]), changed)
    owner.post(of(deal, "options"), posted(account))
    assert [request.headers["Authorization"] for request in service.requests] == [f"Bearer {TOKEN}", "Bearer another"]


def test_a_silent_service_is_said_without_secrets_and_the_last_list_stays(
    owner: Person, deal: Action, account: Connection, service: Target
) -> None:
    service.answer = said(401, {})
    page = owner.post(of(deal, "options"), posted(account)).content.decode()
    assert "Сервис ответил 401" in page
    assert "можно ввести" in page
    assert TOKEN not in page
    service.answer = said(200, PIPELINES)
    owner.post(of(deal, "options"), posted(account))
    service.answer = said(503, {})
    page = owner.post(of(deal, "options"), posted(account) | {"options-refresh": "1"}).content.decode()
    assert "Сервис ответил 503" in page
    assert "Сервис" in page
    assert 'data-value="2"' in page


def test_without_a_connection_nothing_is_asked(owner: Person, deal: Action, service: Target) -> None:
    page = owner.post(of(deal, "options"), {"connection": "", "options-field": "stage"}).content.decode()
    assert "Сначала выберите подключение" in page
    assert service.requests == []


def test_what_is_not_the_companys_is_not_there(
    owner: Person, stranger: Person, viewer: Person, deal: Action, account: Connection, service: Target
) -> None:
    foreign = ConnectionFactory()
    assert owner.post(of(deal, "options"), posted(foreign)).status_code == 404
    assert owner.post(of(deal, "options"), posted(account, "name")).status_code == 404
    assert stranger.post(of(deal, "options"), posted(account)).status_code == 404
    assert viewer.post(of(deal, "options"), posted(account)).status_code == 403
    assert Program(stranger.tenant).post(f"actions/{deal.pk}/options/stage/").status_code == 404
    asked = {"config": {"connection": str(foreign.pk)}}
    Program(owner.tenant).send(f"actions/{deal.pk}/options/stage/", asked, 404)
    assert service.requests == []


def test_form_and_card_say_what_the_chosen_id_is_called(
    owner: Person, viewer: Person, deal: Action, account: Connection, service: Target
) -> None:
    page = reverse("processings:detail", args=[deal.processing_id])
    assert "2 → " in owner.get(page).content.decode()
    owner.post(of(deal, "options"), posted(account))
    assert "Сервис → " in viewer.get(page).content.decode()
    assert "data-loaded-label>Сервис</output>" in viewer.get(of(deal)).content.decode()
    assert deal.config["pipeline"] == "2"


def test_rows_take_their_names_from_the_account(
    owner: Person, deal: Action, account: Connection, service: Target
) -> None:
    service.answer = said(200, [{"id": 77, "name": "Город"}])
    owner.post(of(deal, "options"), posted(account, "fields_of_deal"))
    rows = {"fields_of_deal-name": ["77"], "fields_of_deal-value": ["{{ city }}"]}
    saved = {"connection": str(account.pk), "pipeline": "", "stage": "", **rows}
    assert owner.post(of(deal), saved).status_code == 302
    deal.refresh_from_db()
    assert deal.config["fields_of_deal"] == [{"name": "77", "value": "{{ city }}"}]
    assert "data-loaded-label>Город</output>" in owner.get(of(deal)).content.decode()


def test_a_program_asks_the_same(program: Program, deal: Action, account: Connection, service: Target) -> None:
    address = f"actions/{deal.pk}/options/stage/"
    told = program.read(address)
    assert told["options"][0] == {"value": "1", "label": "Продажи", "group": "stages", "about": ""}
    assert service.requests[-1].path == "/stages?pipeline=2"
    program.send(address, {"config": {"connection": str(account.pk), "pipeline": "1"}})
    assert service.requests[-1].path == "/stages?pipeline=1"
    program.send(address, {"refresh": True})
    assert len(service.requests) == 3
    service.answer = said(500, {})
    told = program.send(address, {"refresh": True})
    assert "Сервис ответил 500" in told["error"]
    assert len(told["options"]) == 2
    program.read(f"actions/{deal.pk}/options/connection/", code=404)


def test_few_may_wait_for_services_at_once(
    owner: Person, deal: Action, account: Connection, service: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_places", threading.BoundedSemaphore(1))
    with places.place():
        page = owner.post(of(deal, "options"), posted(account)).content.decode()
    assert "Попробуйте ещё раз" in page
    assert service.requests == []


def test_all_requests_of_one_list_have_a_time_together(
    owner: Person, deal: Action, account: Connection, service: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "ALL_SECONDS", 0.0)
    page = owner.post(of(deal, "options"), posted(account)).content.decode()
    assert "слишком долго" in page
    assert service.requests == []


def test_an_answer_of_no_sense_is_a_sentence_and_told_to_us(
    owner: Person, program: Program, deal: Action, account: Connection, service: Target, caplog: Any
) -> None:
    for odd in ([{"name": "без номера"}], {"error": TOKEN}, 7, ["x"]):
        service.answer = said(200, odd)
        page = owner.post(of(deal, "options"), posted(account))
        assert page.status_code == 200
        assert "неожиданный ответ" in page.content.decode()
        told = program.send(f"actions/{deal.pk}/options/pipeline/", {"refresh": True})
        assert "неожиданный ответ" in told["error"]
    assert "pipes.deal" in caplog.text
    assert TOKEN not in caplog.text


def test_a_connection_of_another_kind_is_not_asked(
    owner: Person, program: Program, deal: Action, service: Target
) -> None:
    mail = ConnectionFactory(tenant=owner.tenant, kind="email", config={"host": "smtp.example.com"})
    assert owner.post(of(deal, "options"), posted(mail)).status_code == 404
    asked = {"config": {"connection": str(mail.pk)}}
    program.send(f"actions/{deal.pk}/options/stage/", asked, 404)
    assert service.requests == []


def test_the_catalogue_says_which_fields_offer_something(program: Program, service: Target) -> None:
    schema = schemas.of(DealForm)["properties"]
    assert schema["stage"]["x-options"]
    assert schema["fields_of_deal"]["x-options"]
    assert "x-options" not in schema["connection"]
