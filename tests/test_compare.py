"""«Сравнить»: stored requests by the new settings against what was sent, or by the saved ones."""

import re
from typing import Any

import pytest

from actions import arrange
from actions.models import Action
from history import compare_run
from history.compare import difference
from history.models import Operation, Step
from processings.models import Processing
from tests.conftest import Person
from tests.factories import OperationFactory, SourceFactory, StepFactory

pytestmark = pytest.mark.django_db

URL = "https://example.com/in"
HTMX = {"HX-Request": "true"}
Told = dict[str, Any]


@pytest.fixture
def sends(processing: Processing) -> Action:
    SourceFactory(processing=processing)
    arrange.add(processing, "data.json", {"fields": [{"name": "who", "value": "{{ client_name }}", "type": "text"}]})
    config: Told = {"method": "POST", "url": URL, "body": "{{ steps.json.text }}", "success_codes": "2**"}
    config["headers"] = [{"name": "Content-Type", "value": "application/json"}, {"name": "X-Key", "value": "a"}]
    return arrange.add(processing, "http.request", config)


def came(action: Action, *names: str, body: str = '{{"who": "{}"}}') -> list[Operation]:
    """Stored requests, each with what the action sent for it."""
    source = action.processing.sources.get()
    found = []
    for name in names:
        operation = OperationFactory(
            processing=action.processing, source_id=source.pk, body=f'{{"client_name": "{name}"}}'.encode(), data=None
        )
        headers = [{"name": "Content-Type", "value": "application/json"}, {"name": "X-Key", "value": "a"}]
        request = {"method": "POST", "url": URL, "headers": headers, "body": body.format(name), "size": 1}
        exchange = {"request": request, "response": None, "error": None, "duration_ms": 1}
        StepFactory(operation=operation, action_id=action.pk, kind=action.kind, exchanges=[exchange], position=2)
        found.append(operation)
    return found


def form(action: Action, **changed: str) -> Told:
    rows = action.config["headers"]
    return {
        "method": "POST", "url": URL, "body": "{{ steps.json.text }}", "success_codes": "2**", "own-alias": "http",
        "headers-name": [row["name"] for row in rows], "headers-value": [row["value"] for row in rows],
    } | changed  # fmt: skip


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def test_what_would_be_sent_as_it_was_is_only_counted(owner: Person, sends: Action) -> None:
    came(sends, "Анна", "Борис")

    page = words(owner.get(f"/processings/{sends.processing_id}/test/compare/", {"check-count": "10"}, headers=HTMX))

    assert "Сравнено: 2. Отличаются: 0, такие же: 2" in page
    assert "Анна" not in page


def test_saved_settings_are_laid_beside_what_was_really_sent(owner: Person, viewer: Person, sends: Action) -> None:
    came(sends, "Анна", "Борис")
    sends.config |= {"url": f"{URL}?v=2"}
    sends.save()

    page = owner.get(f"/processings/{sends.processing_id}/test/compare/", {"check-count": "10"}, headers=HTMX)

    assert "Отличаются: 2, такие же: 0" in words(page)
    assert "?v=2" in page.content.decode()
    assert viewer.get(f"/processings/{sends.processing_id}/test/compare/").status_code == 200
    assert Operation.objects.count() == 2
    assert Step.objects.count() == 2


def test_a_form_that_is_not_saved_is_compared_with_what_is(owner: Person, sends: Action) -> None:
    came(sends, "Анна", body='{{"name": "{}", "old": 1}}')
    place = f"/actions/{sends.pk}/compare/"

    same = owner.post(place, form(sends), headers=HTMX)
    changed = owner.post(place, form(sends, body="Имя {{ client_name }}"), headers=HTMX)
    sent = owner.post(place, form(sends) | {"check-old": "sent"}, headers=HTMX)
    wrong = owner.post(place, form(sends, url=""), headers=HTMX)

    assert "Отличаются: 0, такие же: 1" in words(same)
    assert "Имя Анна" in words(changed)
    assert "who" in words(changed)
    assert "old" in words(sent)
    assert "Сначала исправьте" in words(wrong)
    sends.refresh_from_db()
    assert sends.config["body"] == "{{ steps.json.text }}"


def test_a_new_action_is_compared_as_one_that_was_not_sent_before(owner: Person, sends: Action) -> None:
    came(sends, "Анна")
    place = f"/processings/{sends.processing_id}/actions/compare/?kind=http.request"

    page = owner.post(place, form(sends, url="https://example.com/new") | {"own-alias": "http_2"}, headers=HTMX)

    assert "Раньше не отправлялся" in words(page)
    assert "example.com/new" in words(page)
    assert sends.processing.actions.count() == 2


def test_a_hundred_requests_are_compared_piece_by_piece(
    owner: Person, sends: Action, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_run, "PIECE", 4)
    came(sends, *(f"N{number}" for number in range(11)), body="other {}")
    place = f"/processings/{sends.processing_id}/test/compare/?check-count=10"
    seen: list[str] = []

    while place:
        page = owner.get(place, headers=HTMX).content.decode()
        seen += re.findall(r"\bother (?:<del>)?(N\d+)", page.replace("<del>", "").replace("</del>", ""))
        found = re.search(r'hx-get="([^"]+)"', page)
        place = found[1].replace("&amp;", "&") if found else ""

    assert seen == [f"N{number}" for number in range(10, 0, -1)]
    assert "Сравнено: 10. Отличаются: 10, такие же: 0" in page


def test_secrets_stay_masked_and_are_no_difference(owner: Person, sends: Action) -> None:
    sends.config |= {"headers": [{"name": "Authorization", "value": "Bearer very-secret-token-1"}]}
    sends.save()
    came(sends, "Анна")

    page = owner.post(
        f"/actions/{sends.pk}/compare/",
        form(sends, url=f"{URL}/x") | {"headers-name": ["Authorization"], "headers-value": ["Bearer very-secret-2"]},
        headers=HTMX,
    ).content.decode()

    assert "very-secret" not in page
    assert "••••" in page


def test_strangers_and_viewers(stranger: Person, viewer: Person, sends: Action) -> None:
    place = f"/actions/{sends.pk}/compare/"
    assert stranger.post(place, form(sends)).status_code == 404
    assert viewer.post(place, form(sends)).status_code == 403


def test_only_what_differs_in_a_line_is_marked() -> None:
    headers = [{"name": "Idempotency-Key", "value": "1"}]
    old = {"method": "POST", "url": "https://a.ru/x?n=1", "headers": headers, "body": '{"a": 1, "b": [1, 2]}'}
    new = old | {"headers": [], "url": "https://a.ru/x?n=2", "body": '{"a":1,"b":[1,3]}'}

    found = difference(1, "HTTP", "", old, new)

    assert found is not None
    changed = [(line.old.differs, line.new.differs) for line in found.lines if line.changed and line.old and line.new]
    assert changed == [("1", "2"), ("2", "3")]
    assert difference(1, "HTTP", "", old, old | {"headers": [], "body": '{"a":1,"b":[1,2]}'}) is None


def test_what_differs_far_behind_in_a_line_is_found_and_shown_with_what_is_around_it() -> None:
    old = {"method": "POST", "url": "https://example.com/", "headers": [], "body": "a" * 5000 + "b" + "c" * 5000}
    found = difference(1, "HTTP", "", old, old | {"body": "a" * 5000 + "d" + "c" * 5000})
    assert found
    (line,) = [line for line in found.lines if line.changed]
    assert line.old
    assert line.new
    assert (line.old.differs, line.new.differs) == ("b", "d")
    assert line.old.before == "…" + "a" * 500
    assert line.new.after == "c" * 500 + "…"


def test_files_that_differ_only_in_their_bytes_differ() -> None:
    picture = {"body": None, "size": 2048, "binary": "image/png"}
    old = {"method": "PUT", "url": "https://example.com/", "headers": [], "sha256": "0a"} | picture
    assert difference(1, "HTTP", "", old, dict(old)) is None
    found = difference(1, "HTTP", "", old, old | {"sha256": "0b"})
    assert found
    assert [line.new.before + line.new.differs for line in found.lines if line.changed and line.new] == ["SHA-256 0b"]
