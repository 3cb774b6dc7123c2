"""«Битрикс24» as a source: its events and robots, its token, and the record that is read afterwards."""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from connections import vault
from history.accept import Call
from history.drain import drain
from history.models import Operation, Status, Step
from processings.models import Processing, State
from sources.capture import capture
from sources.example import send
from sources.kind import FORM, form_body, raw
from sources.kinds.bitrix24 import sent
from sources.kinds.bitrix24.portal import Portal, PortalForm
from sources.models import Source
from tests.conftest import Person
from tests.factories import ActionFactory, ConnectionFactory, SourceFactory
from tests.fakes.bitrix24 import SECRET, TOKEN, USER, Bitrix24, on_this_machine
from webjack.config import bind, errors, initial, nest
from webjack.http import MASK
from webjack.kinds import get

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(processing: Processing) -> Source:
    Processing.objects.update(state=State.RUNNING)
    return SourceFactory(processing=processing, kind="bitrix24", fields=[], sample={})


@pytest.fixture
def guarded(source: Source) -> Source:
    form = bind(PortalForm, {"token": TOKEN})
    assert errors(form) == {}
    source.config = nest(form.cleaned_data)
    source.save()
    return source


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def call(source: Source, body: bytes, tail: str = "") -> Any:
    return Client().post(f"/webhooks/bitrix24/{source.key}/{tail}", body, content_type=FORM)


def read(source: Source) -> dict[str, Any]:
    return Portal().read(Operation.objects.latest("pk"), source.config).data


@pytest.mark.parametrize(
    ("event", "entity", "action"),
    [
        ("ONCRMLEADADD", "lead", "add"),
        ("ONCRMDEALUPDATE", "deal", "update"),
        ("ONCRMCONTACTDELETE", "contact", "delete"),
        ("ONCRMCOMPANYADD", "company", "add"),
        ("ONTASKADD", "task", "add"),
        ("ONTASKDELETE", "task", "delete"),
        ("OnCrmDealUpdate", "deal", "update"),
    ],
)
def test_an_event_says_what_happened_to_what(
    guarded: Source, portal: Bitrix24, event: str, entity: str, action: str
) -> None:
    assert call(guarded, portal.event(event, 662)).status_code == 200
    data = read(guarded)
    assert (data["entity"], data["action"], data["id"], data["event"]) == (entity, action, "662", event)
    assert data["auth"]["domain"] == "example.bitrix24.ru"


def test_an_event_of_a_smart_process_names_it(source: Source) -> None:
    fields = {"event": "ONCRMDYNAMICITEMADD_1268", "data[FIELDS][ID]": 12, "data[FIELDS][ENTITY_TYPE_ID]": 1268}
    call(source, urlencode(fields).encode())
    assert (read(source)["entity"], read(source)["id"]) == ("dynamic_1268", "12")


@pytest.mark.parametrize(
    ("document", "entity", "id"),
    [("DEAL_662", "deal", "662"), ("LEAD_3465", "lead", "3465"), ("DYNAMIC_1268_12", "dynamic_1268", "12")],
)
def test_a_robot_says_what_it_is_about_and_what_was_typed(guarded: Source, document: str, entity: str, id: str) -> None:
    names = {"document_id[0]": "crm", "document_id[1]": "CCrmDocument", "document_id[2]": document}
    body = urlencode(names | {"auth[domain]": "example.bitrix24.ru"}).encode()
    assert call(guarded, body).status_code == 401
    assert call(guarded, body, f"?phone=79161234567&token={TOKEN}").status_code == 200
    data = read(guarded)
    assert (data["entity"], data["action"], data["id"], data["phone"]) == (entity, "robot", id, "79161234567")
    assert "token" not in data


def test_what_is_no_event_is_taken_as_it_is(source: Source) -> None:
    assert call(source, b"event=ONSOMETHING&data=undefined&auth=x&document_id[]=crm").status_code == 200
    assert read(source) == {"event": "ONSOMETHING", "data": "undefined", "auth": "x", "document_id": ["crm"]}


@pytest.mark.parametrize(
    ("token", "words"), [("another0token0of0another0portal0", "Неверный токен"), ("", "Нет токена")]
)
def test_another_portal_is_refused_and_kept_as_rejected(guarded: Source, owner: Person, token: str, words: str) -> None:
    body = form_body(sent.call("ONCRMDEALADD", 1)) + f"&auth[application_token]={token}".encode()
    assert call(guarded, body).status_code == 401
    kept = Operation.objects.get()
    assert (kept.status, words in kept.error) == (Status.REJECTED, True)
    assert not token or token.encode() not in bytes(kept.body)


def test_the_token_is_in_no_history_and_its_hash_alone_in_the_settings(
    guarded: Source, portal: Bitrix24, owner: Person
) -> None:
    call(guarded, portal.event("ONCRMDEALUPDATE", 662))
    call(guarded, b"", f"?event=ONCRMDEALADD&token={TOKEN}")
    for kept in Operation.objects.all():
        page = owner.get(f"/history/{kept.pk}/").content.decode()
        assert TOKEN not in page + kept.query + bytes(kept.body).decode() + json.dumps(kept.headers)
    capture(guarded)
    shown = owner.get(f"/sources/{guarded.pk}/").content.decode()
    assert TOKEN not in shown + json.dumps(guarded.config) + json.dumps(guarded.sample)


def test_a_source_without_a_token_keeps_none_either(source: Source, portal: Bitrix24) -> None:
    assert call(source, portal.event("ONCRMDEALUPDATE", 662)).status_code == 200
    assert TOKEN.encode() not in bytes(Operation.objects.get().body)


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress])
def test_a_packed_call_keeps_no_token_either(source: Source, portal: Bitrix24, packed: Any) -> None:
    name = "gzip" if packed is gzip.compress else "deflate"
    headers = {"Content-Encoding": name}
    body = packed(portal.event("ONCRMDEALUPDATE", 662))
    Client().post(f"/webhooks/bitrix24/{source.key}/", body, content_type=FORM, headers=headers)
    kept = Operation.objects.get()
    assert TOKEN.encode() not in raw(kept).body
    assert MASK.encode() in raw(kept).body or quote(MASK).encode() in raw(kept).body
    assert (read(source)["entity"], read(source)["id"]) == ("deal", "662")


@pytest.mark.parametrize("token", ["1", "6     62", "k" * 513])
def test_what_is_no_token_by_its_length_is_not_looked_for(source: Source, token: str) -> None:
    """One character would be taken out of every number; a megabyte of them, in all its forms, takes many seconds."""
    body = form_body(sent.call("ONCRMDEALUPDATE", 662)) + urlencode({"auth[application_token]": token}).encode()
    assert Portal().meet(Call("POST", content_type=FORM, body=body), {}, {}).hidden == ()
    assert (
        call(
            source, form_body(sent.call("ONCRMDEALUPDATE", 112)), f"?phone=111&{urlencode({'token': token})}"
        ).status_code
        == 200
    )
    assert (read(source)["id"], read(source)["phone"]) == ("112", "111")


def test_the_guide_says_where_the_address_goes_and_leads_to_what_comes_next(source: Source, owner: Person) -> None:
    shown = owner.get(f"/sources/{source.pk}/").content.decode()
    assert "Исходящий вебхук" in shown
    assert source.url in shown
    place = f"/processings/{source.processing_id}/actions/add/?kind=bitrix24.record&amp;after=start"
    assert place in shown
    assert "{{ entity }}" in owner.get(place.replace("&amp;", "&")).content.decode()
    assert "?token=…" in owner.get(f"/sources/{source.pk}/guide/?how=bitrix24_robot").content.decode()


def test_every_example_gives_fields_that_people_have_names_for(source: Source) -> None:
    for example in source.spec.examples:
        send(source, example.key)
        fields = {row["name"]: row for row in capture(source).fields}
        assert all(fields[name]["sample"] and fields[name]["label"] for name in ("entity", "action", "id"))


def test_the_examples_are_of_the_shape_that_the_portal_sends(portal: Bitrix24) -> None:
    for mine, theirs in (
        (form_body(sent.call("ONCRMDEALUPDATE", 662)), portal.event("ONCRMDEALUPDATE", 662)),
        (form_body(sent.call("ONTASKADD", 5, task=True)), portal.event("ONTASKADD", 5)),
    ):
        names = [part.split("=")[0] for part in theirs.decode().split("&")]
        assert [part.split("=")[0] for part in mine.decode().split("&")] == names[:-1]


def test_the_record_of_an_event_is_read_through_a_connection(guarded: Source, portal: Bitrix24) -> None:
    contact = portal.store.put("contact", NAME="Анна", PHONE=[{"VALUE": "+79161234567"}])
    deal = portal.store.put("deal", TITLE="Приём", CONTACT_ID=contact)
    row = ConnectionFactory(
        tenant=guarded.tenant,
        kind="bitrix24",
        config={"portal": portal.portal},
        sealed=vault.seal({"webhook": f"{USER}/{SECRET}"}),
    )
    config = initial(get("action", "bitrix24.record").form) | {"connection": str(row.pk)}
    ActionFactory(processing=guarded.processing, kind="bitrix24.record", alias="record", config=config)
    call(guarded, portal.event("ONCRMDEALUPDATE", deal))
    drain()
    step = Step.objects.get()
    assert (step.error, Operation.objects.get().status) == ("", Status.SUCCEEDED)
    assert step.output["record"]["TITLE"] == "Приём"
    assert (step.output["name"], step.output["phone"]) == ("Анна", "+79161234567")
    assert SECRET not in json.dumps(step.exchanges)
