"""Pages of a data source, through the edge: who may, what is shown, what is kept."""

import html
import re
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.test import Client

from history.models import Operation, Status
from processings.models import Processing, State
from sources import klientiks
from sources.example import USER_AGENT
from sources.models import Source
from sources.parameters import Event
from tests.conftest import Person
from tests.factories import ProcessingFactory, SourceFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def source(processing: Processing) -> Source:
    return SourceFactory(processing=processing, fields=[], sample={})


def add(processing: Processing, kind: str = "http") -> str:
    return f"/processings/{processing.pk}/sources/add/" + (f"?kind={kind}" if kind else "")


def page(source: Source, tail: str = "") -> str:
    return f"/sources/{source.pk}/{tail}"


def call(source: Source, query: str = "a=1", method: str = "GET") -> None:
    Client().generic(method, f"/webhooks/http/{source.key}/?{query}")


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def fields(source: Source) -> list[tuple[str, str, bool]]:
    source.refresh_from_db()
    return [(field["name"], field["label"], field["hidden"]) for field in source.fields]


def test_the_catalogue_shows_the_webhook_and_finds_it_by_its_words(owner: Person, processing: Processing) -> None:
    assert f'href="{add(processing)}"' in text(owner.get(add(processing, "")))
    assert f'href="{add(processing)}"' in text(owner.get(add(processing, "") + "?q=КЛИЕНТИКС"))
    assert f'href="{add(processing)}"' not in text(owner.get(add(processing, "") + "?q=nonsense"))


def test_saving_with_nothing_changed_makes_the_address(owner: Person, processing: Processing, settings: Any) -> None:
    settings.PUBLIC_URL = "https://hooks.example.com"
    shown = owner.get(add(processing))
    assert shown.status_code == 200
    response = owner.post(add(processing), as_shown(shown))
    source = processing.sources.get()
    assert response.headers["Location"] == page(source)
    assert (source.kind, source.tenant) == ("http", owner.tenant)
    assert source.config["methods"] == ["GET", "POST"]
    assert source.config["response"] == {"status": 200, "reason": "", "headers": [], "body": "", "wait": 0}
    address = f"https://hooks.example.com/webhooks/http/{source.key}/"
    assert re.fullmatch(r"[0-9a-f]{32}", source.key)
    assert f'value="{address}"' in text(owner.get(page(source)))


def as_shown(response: Any) -> dict[str, Any]:
    """What a browser posts when nothing is changed: the values of the inputs of the page's form."""
    posted: dict[str, Any] = {}
    for tag in re.findall(
        r"<input[^>]*>", response.content.decode().partition("data-guard")[2].partition("</form>")[0]
    ):
        found = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if found.get("type") != "checkbox" or " checked" in tag:
            posted.setdefault(found["name"], []).append(found.get("value", ""))
    return posted


def test_a_wrong_setting_is_refused_at_its_field_and_nothing_is_lost(owner: Person, processing: Processing) -> None:
    posted = {
        "own-name": "Заявки с сайта",
        "methods": ["POST"],
        "response__status": "99",
        "response__headers-name": ["Set-Cookie"],
        "response__headers-value": ["a=b"],
        "response__body": "{{ name",
    }
    response = owner.post(add(processing), posted)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"response__status", "response__headers", "response__body"}
    assert "Заявки с сайта" in text(response)
    assert '<details class="fold" open>' in text(response)
    assert not processing.sources.exists()


@pytest.mark.parametrize("kind", ["nonsense", "http.request"])
def test_an_unknown_kind_is_404(owner: Person, processing: Processing, kind: str) -> None:
    assert owner.get(add(processing, kind)).status_code == 404


def test_settings_are_kept(owner: Person, source: Source) -> None:
    posted = {
        "own-name": "Касса",
        "methods": ["PUT"],
        "response__status": "201",
        "response__reason": "Принято",
        "response__headers-name": ["X-Mine", ""],
        "response__headers-value": ["{{ client_id }}", ""],
        "response__body": "ok {{ client_id }}",
        "response__wait": "5",
    }
    assert owner.post(page(source), posted).status_code == 302
    source.refresh_from_db()
    assert (source.name, source.title) == ("Касса", "Касса")
    assert source.config == {
        "methods": ["PUT"],
        "response": {
            "status": 201,
            "reason": "Принято",
            "headers": [{"name": "X-Mine", "value": "{{ client_id }}"}],
            "body": "ok {{ client_id }}",
            "wait": 5,
        },
        "duplicates": {"by": "off", "name": "", "minutes": 1440},
        "decoding": {"form": "", "charset": "", "names": ""},
    }
    shown = text(owner.get(page(source)))
    assert "Касса" in shown
    assert "ok {{ client_id }}" in shown


def test_the_answers_placeholders_are_previewed_on_the_sample(owner: Person, source: Source) -> None:
    call(source, "client_id=7")
    owner.post(page(source, "capture/"))
    response = owner.post(page(source, "preview/"), {"response__body": "id {{ client_id }} {{ clint_id }}"})
    preview = response.json()["previews"]["response__body"]
    assert preview["text"] == "id 7 "
    assert len(preview["unknown"]) == 1
    new = owner.post(f"/processings/{source.processing_id}/sources/preview/?kind=http", {"response__body": "x{{"})
    assert new.json()["previews"]["response__body"]["error"]


def test_a_page_that_waits_gets_nothing_until_a_request_comes_and_then_the_fields(
    owner: Person, source: Source
) -> None:
    waiting = owner.get(page(source))
    assert 'hx-trigger="every' in text(waiting)
    assert owner.post(page(source, "capture/"), {"waiting": "1"}, headers=HTMX).status_code == 204
    call(source, "client_name=%D0%90%D0%BD%D0%BD%D0%B0&appointment.time=14:30")
    response = owner.post(page(source, "capture/"), {"waiting": "1"}, headers=HTMX)
    assert response.status_code == 200
    shown = text(response)
    assert "<html" not in shown
    assert "client_name" in shown
    assert "Анна" in shown
    assert "14:30" in shown
    assert 'hx-trigger="every' not in shown
    assert fields(source) == [("client_name", "", False), ("appointment.time", "", False)]


def test_get_without_any_request_says_so(owner: Person, source: Source) -> None:
    shown = owner.post(page(source, "capture/"), headers=HTMX)
    assert 'role="alert"' in text(shown)
    assert 'hx-trigger="every' in text(shown)
    plain = owner.post(page(source, "capture/"), follow=True)
    assert [message.level_tag for message in plain.context["messages"]] == ["warning"]


def test_get_takes_also_a_refused_request_and_says_that_it_was_refused(owner: Person, source: Source) -> None:
    call(source, "good=1")
    call(source, "refused=1", method="PUT")
    shown = text(owner.post(page(source, "capture/"), headers=HTMX))
    assert fields(source) == [("refused", "", False)]
    assert Operation.objects.get(status=Status.REJECTED).error in shown


def test_another_of_the_last_requests_can_be_chosen(owner: Person, source: Source) -> None:
    call(source, "first=1")
    call(source, "second=1")
    first = Operation.objects.earliest("id")
    owner.post(page(source, "capture/"), {"operation": first.pk}, headers=HTMX)
    assert fields(source) == [("second", "", False)]
    owner.post(page(source, "capture/"), {"operation": first.pk, "choose": "1"}, headers=HTMX)
    assert fields(source) == [("first", "", False)]
    assert "selected" in text(owner.get(page(source)))


def test_a_request_of_somebody_else_cannot_be_chosen(owner: Person, source: Source) -> None:
    other = SourceFactory(processing=ProcessingFactory(), fields=[], sample={})
    call(other, "theirs=1")
    posted = {"operation": Operation.objects.get().pk, "choose": "1"}
    assert 'role="alert"' in text(owner.post(page(source, "capture/"), posted, headers=HTMX))
    for wrong in ("nonsense", "0"):
        posted["operation"] = wrong
        assert owner.post(page(source, "capture/"), posted, headers=HTMX).status_code == 200
    assert fields(source) == []


def test_fields_are_renamed_hidden_removed_and_added(owner: Person, source: Source) -> None:
    call(source, "a=1&b=2&c=3")
    owner.post(page(source, "capture/"))
    posted = {
        "fields": "1",
        "field-name": ["a", "c", " mine ", "", "a"],
        "field-label": ["Первое", "", "Моё", "no name", "twice"],
        "field-shown": ["a"],
        "methods": ["GET"],
    }
    owner.post(page(source), posted)
    assert fields(source) == [("a", "Первое", False), ("c", "", True), ("mine", "Моё", False)]
    assert [field.get("added", False) for field in source.fields] == [False, False, True]
    assert [field["sample"] for field in source.fields] == ["1", "3", ""]
    shown = text(owner.get(page(source)))
    assert 'value="Первое"' in shown


def test_get_does_not_lose_what_was_typed_and_not_yet_saved(owner: Person, source: Source) -> None:
    call(source, "a=1&b=2")
    owner.post(page(source, "capture/"))
    call(source, "a=10&b=20&c=30")
    typed = {
        "fields": "1",
        "field-name": ["a", "b", "mine"],
        "field-label": ["Первое", "", "Моё"],
        "field-shown": ["a"],
    }
    shown = text(owner.post(page(source, "capture/"), typed, headers=HTMX))
    assert 'value="Первое"' in shown
    assert fields(source) == [("a", "Первое", False), ("b", "", True), ("c", "", False), ("mine", "Моё", False)]


def test_settings_saved_without_the_table_leave_the_fields(owner: Person, source: Source) -> None:
    call(source, "a=1")
    owner.post(page(source, "capture/"))
    owner.post(page(source), {"methods": ["GET"]})
    assert fields(source) == [("a", "", False)]


def test_a_problem_of_decoding_is_told_in_words(owner: Person, source: Source) -> None:
    Client().post(f"/webhooks/http/{source.key}/", b"{broken", content_type="application/json")
    shown = text(owner.post(page(source, "capture/"), headers=HTMX))
    assert "JSON" in shown
    assert "{broken" in shown


@pytest.mark.parametrize("event", klientiks.EVENTS, ids=lambda event: event.key)
def test_a_test_request_is_kept_like_a_real_one_and_gives_the_fields(
    owner: Person, source: Source, event: Event
) -> None:
    shown = owner.post(page(source, "example/"), {"example": event.key}, headers=HTMX)
    kept = Operation.objects.get()
    assert (kept.status, kept.method, kept.headers["User-Agent"]) == (Status.HELD, "GET", USER_AGENT)
    assert dict(parse_qsl(kept.query)) == {one.name: one.sample for one in event.parameters}
    assert [name for name, _label, _hidden in fields(source)] == [one.name for one in event.parameters]
    assert event.parameters[0].sample in text(shown)


def test_a_test_request_to_a_running_processing_is_processed(owner: Person, source: Source) -> None:
    Processing.objects.update(state=State.RUNNING)
    source.config = {"methods": ["POST"]}
    source.save()
    owner.post(page(source, "example/"), {"example": "nonsense"})
    assert (Operation.objects.get().status, Operation.objects.get().method) == (Status.QUEUED, "POST")


ADDRESSES = {
    "client": "?client_id={{id}}&client_phone={{phone}}&client_name={{name}}&client_first_name={{first_name}}"
    "&client_patron_name={{patron_name}}&client_second_name={{second_name}}&client_deleted={{deleted}}"
    "&client_email={{email}}",
    "appointment": "?client_id={{client.id}}&client_phone={{client.phone}}&client_name={{client.name}}"
    "&appointment_id={{appointment.id}}&appointment_date={{appointment.date}}&appointment.time={{appointment_time}}"
    "&executor_name={{executor_name}}&executor_phone={{executor_phone}}&services={{services}}"
    "&appointment_total_cost={{appointment.total_cost}}&user_position={{user.position}}",
    "invoice": "?client_id={{client_id}}&client_name={{client.name}}&client_phone={{client.phone}}"
    "&appointment_id={{object_id}}&appointment_amount={{amount}}&appointment_paid={{paid}}"
    "&appointment_name={{name}}&appointment_description={{description}}&appointment_paid_sum={{paid_sum}}"
    "&appointment_left_to_pay={{left_to_pay}}",
    "paid": "?client_id={{client_id}}&appointment_id={{appointment.id}}"
    "&appointment_account_id={{appointment.account_id}}&appointment_created={{appointment.created}}"
    "&appointment_appointment_id={{appointment.appointment_id}}&appointment_status={{appointment.status}}"
    "&appointment_paid={{appointment.paid}}",
}


@pytest.mark.parametrize("key", ADDRESSES)
def test_the_klientiks_guide_gives_the_whole_address_of_an_event(owner: Person, source: Source, key: str) -> None:
    shown = text(owner.get(page(source, f"guide/?how=klientiks&event={key}")))
    assert f">{source.url}{ADDRESSES[key]}</textarea>" in shown
    assert klientiks.SENDER.event(key).title in shown


def test_the_page_opens_with_the_klientiks_guide_and_has_the_others(owner: Person, source: Source) -> None:
    assert f">{source.url}{ADDRESSES['client']}</textarea>" in text(owner.get(page(source)))
    assert "curl" in text(owner.get(page(source, "guide/?how=curl")))
    assert source.url in text(owner.get(page(source, "guide/?how=other")))
    assert f">{source.url}{ADDRESSES['client']}</textarea>" in text(owner.get(page(source, "guide/?how=nonsense")))


def test_the_address_follows_the_editor_of_parameters(owner: Person, source: Source) -> None:
    rows = {
        "parameter-name": ["client id", "Имя", "", "status", "constant", "dotted.name"],
        "parameter-value": ["{{id}}", "{{ name }}", "{{nobody}}", "{appointment.status}}", "a&b=c+d", ""],
    }
    shown = text(owner.get(page(source, "address/"), rows))
    query = "client%20id={{id}}&%D0%98%D0%BC%D1%8F={{name}}&status={{appointment.status}}"
    assert f">{source.url}?{query}&constant=a%26b%3Dc%2Bd&dotted.name=</textarea>" in shown
    assert f">{source.url}</textarea>" in text(owner.get(page(source, "address/")))


def test_a_source_is_deleted_and_its_history_stays(owner: Person, source: Source) -> None:
    call(source)
    response = owner.post(page(source, "delete/"))
    assert response.headers["Location"] == f"/processings/{source.processing_id}/"
    assert not Source.objects.exists()
    assert Operation.objects.count() == 1
    assert Client().get(f"/webhooks/http/{source.key}/").status_code == 404


GETS = ("", "guide/", "address/")
POSTS = ("", "capture/", "example/", "preview/", "delete/")


def test_a_viewer_sees_everything_and_changes_nothing(viewer: Person, source: Source, processing: Processing) -> None:
    call(source)
    for tail in GETS:
        assert viewer.get(page(source, tail)).status_code == 200
    shown = text(viewer.get(page(source)))
    assert source.url in shown
    assert "<fieldset disabled" in shown
    assert 'id="capture"' not in shown
    for tail in POSTS:
        assert viewer.post(page(source, tail)).status_code == 403
    assert viewer.get(add(processing)).status_code == 403
    assert viewer.post(add(processing)).status_code == 403
    assert Source.objects.count() == 1
    assert fields(source) == []


def test_a_stranger_gets_404(stranger: Person, source: Source, processing: Processing) -> None:
    for tail in GETS:
        assert stranger.get(page(source, tail)).status_code == 404
    for tail in POSTS:
        assert stranger.post(page(source, tail)).status_code == 404
    assert stranger.get(add(processing)).status_code == 404
    assert stranger.post(add(processing)).status_code == 404
    assert stranger.post(f"/processings/{processing.pk}/sources/preview/?kind=http").status_code == 404


def test_who_is_not_logged_in_is_sent_to_log_in(client: Client, source: Source, processing: Processing) -> None:
    for path in (add(processing), *(page(source, tail) for tail in GETS)):
        assert client.get(path).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("tail", ["capture/", "example/", "preview/", "delete/"])
def test_what_changes_something_cannot_be_a_link(owner: Person, source: Source, tail: str) -> None:
    assert owner.get(page(source, tail)).status_code == 405


def test_a_source_of_a_deleted_processing_is_gone(owner: Person, source: Source) -> None:
    Processing.objects.update(deleted_at="2026-01-01T00:00:00Z")
    assert owner.get(page(source)).status_code == 404
    assert owner.get(add(source.processing)).status_code == 404


def test_hostile_values_are_shown_as_text(owner: Person, source: Source) -> None:
    call(source, "%3Cscript%3E=%3Cimg%20src=x%20onerror=alert(1)%3E")
    shown = owner.post(page(source, "capture/"), headers=HTMX).content.decode()
    assert "<script>" not in shown
    assert "<img" not in shown
    assert "&lt;img" in shown
