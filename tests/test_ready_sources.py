"""«GetCourse» and «Klientiks»: the address to paste, and what comes when it is called as these services call it."""

import html
import re
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from django.test import Client

from history.models import Operation, Status
from processings.models import Processing, State
from sources import klientiks
from sources.capture import capture
from sources.example import send
from sources.models import Source
from tests.conftest import Person
from tests.factories import SourceFactory
from webjack import kinds

pytestmark = pytest.mark.django_db

GETCOURSE = {
    "getcourse.user": ("Пользователи", {"email": "{object.email}", "phone": "{object.phone}"}),
    "getcourse.order": ("Заказы", {"number": "{object.number}", "user_email": "{object.user.email}"}),
    "getcourse.purchase": ("Покупки", {"start_at": "{object.start_at}", "user_phone": "{object.user.phone}"}),
}


@pytest.fixture
def source(processing: Processing, request: pytest.FixtureRequest) -> Source:
    Processing.objects.update(state=State.RUNNING)
    return SourceFactory(processing=processing, kind=request.param, fields=[], sample={})


def page(owner: Person, source: Source, tail: str = "") -> str:
    return html.unescape(owner.get(f"/sources/{source.pk}/{tail}").content.decode())


def call(source: Source, address: str, values: dict[str, str]) -> Any:
    """As GetCourse does: puts the values in and calls the address."""
    filled = re.sub(r"\{+([^{}]+)\}+", lambda found: quote(values.get(found[1], "")), address)
    assert urlsplit(address).path == f"/webhooks/{source.kind.split('.')[0]}/{source.key}/"
    return Client().get(f"{urlsplit(filled).path}?{urlsplit(filled).query}")


@pytest.mark.parametrize("source", GETCOURSE, indirect=True)
def test_getcourse_gets_an_address_with_its_variables(source: Source, owner: Person) -> None:
    object_type, some = GETCOURSE[source.kind]
    shown = page(owner, source)
    assert f">{source.ready_url}</textarea>" in shown
    assert f"«{object_type}»" in shown
    parameters = dict(parse_qsl(urlsplit(source.ready_url).query))
    assert some.items() <= parameters.items()
    assert all(value.startswith("{object.") for value in parameters.values())
    card = owner.get(f"/processings/{source.processing_id}/").content.decode()
    assert f'data-copy-text="{html.escape(source.ready_url)}"' in card


@pytest.mark.parametrize("source", GETCOURSE, indirect=True)
def test_what_getcourse_sends_runs_and_has_russian_labels(source: Source) -> None:
    answer = call(
        source, source.ready_url, {"object.email": "anna@example.com", "object.user.email": "anna@example.com"}
    )
    assert answer.status_code == 200
    assert Operation.objects.get().status == Status.QUEUED
    fields = capture(source).fields
    assert {row["sample"] for row in fields} >= {"" if source.kind == "getcourse.purchase" else "anna@example.com"}
    assert all(re.search("[А-я]", row["label"]) for row in fields)


@pytest.mark.parametrize("source", ["getcourse.order"], indirect=True)
def test_a_parameter_of_ones_own_goes_into_the_address(source: Source, owner: Person) -> None:
    rows = "how=getcourse&parameter-name=dopros&parameter-value=" + quote("{object.Моё поле}")
    shown = page(owner, source, f"address/?{rows}")
    assert f">{source.url}?dopros={{object.{quote('Моё поле')}}}</textarea>" in shown


@pytest.mark.parametrize("source", ["klientiks"], indirect=True)
def test_klientiks_of_its_own_has_the_events_of_the_guide(source: Source, owner: Person) -> None:
    for event in klientiks.EVENTS:
        whole = klientiks.SENDER.address(source.url, [(one.name, one.value) for one in event.parameters])
        assert f">{whole}</textarea>" in page(owner, source, f"guide/?event={event.key}")
        assert call(source, whole, {}).status_code == 200
    capture(source)
    assert {"client_id": "Номер клиента", "appointment_paid": "Оплачено"}.items() <= {
        row["name"]: row["label"] for row in source.fields
    }.items()


@pytest.mark.parametrize("source", [*GETCOURSE, "klientiks", "tilda"], indirect=True)
def test_every_example_gives_fields_that_people_have_names_for(source: Source) -> None:
    for example in source.spec.examples:
        send(source, example.key)
        capture(source)
        assert any(row["sample"] for row in source.fields)
        assert sum(bool(row["label"]) for row in source.fields) >= 3


@pytest.mark.parametrize("source", [*GETCOURSE, "klientiks"], indirect=True)
def test_a_label_that_was_taken_away_stays_away(source: Source) -> None:
    send(source, "")
    capture(source)
    source.fields = [row | {"label": ""} for row in source.fields]
    source.write("fields")
    capture(source)
    assert not any(row["label"] for row in source.fields)


def test_the_catalogue_finds_them_by_their_russian_names(owner: Person, processing: Processing) -> None:
    for word, kind in (("геткурс", "getcourse.order"), ("тильда", "tilda"), ("клиентикс", "klientiks")):
        found = owner.get(f"/processings/{processing.pk}/sources/add/?q={word}").content.decode()
        assert f"?kind={kind}" in found
        assert kinds.get("source", kind).icon_path.is_file()
