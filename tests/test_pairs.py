"""The catalogue of the help, and the guides «источник → действие»."""

import random

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import Person
from tests.factories import ConnectionFactory, ProcessingFactory, SourceFactory
from webjack import kinds

SOURCES, ACTIONS = list(kinds.catalogue("source")), list(kinds.catalogue("action"))


def pair(source: str, action: str) -> str:
    return reverse("sources:pair", args=[source, action])


@pytest.mark.django_db
def test_every_kind_stands_in_guides_and_anybody_may_read_them(client: Client) -> None:
    chance = random.Random(0)
    pairs = [(source, chance.choice(ACTIONS)) for source in SOURCES]
    pairs += [(chance.choice(SOURCES), action) for action in ACTIONS]
    for source, action in pairs:
        answer = client.get(pair(source, action))
        assert answer.status_code == 200, (source, action)
        page = answer.content.decode()
        assert f"{kinds.get('source', source).title} → {kinds.get('action', action).title}" in page


@pytest.mark.django_db
def test_what_there_is_not_has_no_guide(client: Client) -> None:
    assert client.get("/help/klientiks/no.such/").status_code == 404
    assert client.get("/help/nonsense/http.request/").status_code == 404
    assert client.get("/help/catalogue/?source=nonsense").status_code == 404


@pytest.mark.django_db
def test_a_guide_has_the_parameters_of_each_event(client: Client) -> None:
    page = client.get(pair("klientiks", "telegram.message")).content.decode()
    assert "адрес вашего источника" in page
    assert "client_phone={{" in page


def test_who_is_logged_in_finds_their_own_address_and_account(owner: Person, stranger: Person, client: Client) -> None:
    processing = ProcessingFactory(tenant=owner.tenant, name="Заявки клиники")
    source = SourceFactory(processing=processing, kind="klientiks")
    ConnectionFactory(tenant=owner.tenant, kind="telegram", name="Бот клиники")
    mine = owner.get(pair("klientiks", "telegram.message")).content.decode()
    assert source.url in mine
    assert "Бот клиники" in mine
    for somebody in (stranger, client):
        page = somebody.get(pair("klientiks", "telegram.message")).content.decode()
        assert source.key not in page
        assert "Бот клиники" not in page
        assert "Заявки клиники" not in somebody.get("/help/catalogue/").content.decode()
    assert "Заявки клиники" in owner.get("/help/catalogue/").content.decode()


@pytest.mark.django_db
def test_the_catalogue_is_searched_and_leads_to_the_chosen_sources_guides(owner: Person, client: Client) -> None:
    page = client.get("/help/catalogue/?source=tilda&q=лид").content.decode()
    assert pair("tilda", "bitrix24.lead") in page
    assert pair("tilda", "telegram.message") not in page
    assert (
        reverse("sources:catalogue") in client.get("/help/").content.decode() or client.get("/help/").status_code == 302
    )
