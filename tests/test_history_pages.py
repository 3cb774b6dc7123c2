"""The history through the browser's requests: the list, one operation, and what people order there."""

import html
import re
import subprocess
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from history.live import PAGE
from history.models import Operation, Status, Step
from processings.models import Processing
from tests.conftest import Person
from tests.factories import ActionFactory, OperationFactory, ProcessingFactory, SourceFactory, StepFactory
from webjack.fields import first_uuid7

LIST = "/history/"
ID = r'id="row-([0-9a-f-]{36})"'


@pytest.fixture
def owner(owner: Person) -> Person:
    owner.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return owner


def page_of(operation: Operation, *more: str) -> str:
    return f"{LIST}{operation.pk}/" + "".join(f"{part}/" for part in more)


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def shown(answer: Any) -> list[str]:
    """Ids of the rows of a list, from top to bottom."""
    return re.findall(ID, text_of(answer))


def news_url(page: str) -> str:
    found = re.search(r'id="news"[^>]*hx-get="([^"]+)"', page)
    assert found
    return html.unescape(found[1])


def link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return html.unescape(found[1]) if found else ""


def exchange(**told: Any) -> dict[str, Any]:
    return {
        "request": {
            "method": "POST",
            "url": "https://crm.example.ru/lead?token=••••",
            "headers": [
                {"name": "Content-Type", "value": "application/json"},
                {"name": "Authorization", "value": "••••"},
            ],
            "body": '{"name": "Анна O\'Hara"}',
            "size": 25,
            "truncated": False,
        },
        "response": {
            "status": 401,
            "reason": "Unauthorized",
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "body": '{"error": "expired_token"}',
            "size": 26,
            "truncated": False,
        },
        "error": None,
        "started_at": "2025-11-24T11:05:31.120Z",
        "duration_ms": 38,
        **told,
    }


# The list


def test_the_list_is_newest_first_and_shows_three_main_values_of_the_data(
    owner: Person, processing: Processing
) -> None:
    source = SourceFactory(processing=processing)
    older, newer = (OperationFactory(processing=processing, source_id=source.pk) for _ in range(2))
    answer = owner.get(LIST)
    assert shown(answer) == [str(newer.pk), str(older.pk)]
    page = text_of(answer)
    for part in ("Анна Петрова", "Телефон", "+79161234567", "14:00", "Заявки с сайта", "Succeeded"):
        assert part in page
    assert "secret" not in page  # the value of a hidden field


def test_the_time_stands_in_the_companys_zone_with_the_offset_on_hover(owner: Person, processing: Processing) -> None:
    processing.tenant.time_zone = "Asia/Vladivostok"
    processing.tenant.save()
    operation = OperationFactory(processing=processing)
    page = text_of(owner.get(LIST))
    local = operation.received_at.astimezone(ZoneInfo("Asia/Vladivostok"))
    assert f"{local:%H:%M:%S}" in page
    assert "(Asia/Vladivostok, UTC+10:00)" in page


def test_a_request_that_no_worker_has_decoded_shows_its_fields_too(owner: Person, processing: Processing) -> None:
    OperationFactory(
        processing=processing,
        status=Status.HELD,
        data=None,
        method="GET",
        body=b"",
        query="client_name=%D0%9E%D0%BB%D1%8F",
    )
    page = text_of(owner.get(LIST))
    assert "Оля" in page
    assert "Not started" in page


def test_a_page_reads_operations_once_and_processings_once_and_counts_nothing(
    owner: Person, processing: Processing
) -> None:
    SourceFactory(processing=processing)
    for number in range(PAGE):
        data = None if number % 2 else {"name": "Анна"}
        OperationFactory(processing=processing, data=data, headers={"User-Agent": "x"}, body=b"x=" + b"1" * 9000)
    with CaptureQueriesContext(connection) as queries:
        assert len(shown(owner.get(LIST))) == PAGE
    ours = [
        one["sql"] for one in queries if "history_operation" in one["sql"] or "processings_processing" in one["sql"]
    ]
    assert len(ours) == 2
    assert not any("OFFSET" in sql or "COUNT(" in sql for sql in ours)


def test_two_hundred_operations_are_paged_through_without_a_gap_or_a_repeat(
    owner: Person, processing: Processing
) -> None:
    made = [str(OperationFactory(processing=processing).pk) for _ in range(200)]
    seen: list[str] = []
    url, pages = LIST, 0
    while url:
        answer = owner.get(url)
        seen += shown(answer)
        pages += 1
        following = link(text_of(answer), "next")
        last, url = url, following and LIST + following
    assert seen == sorted(made, reverse=True)
    assert pages == 4
    back = link(text_of(owner.get(last)), "prev")
    assert shown(owner.get(LIST + back)) == seen[100:150]


def test_filters_narrow_by_status_processing_and_text(owner: Person, processing: Processing) -> None:
    other = ProcessingFactory(tenant=owner.tenant)
    failed = OperationFactory(processing=processing, status=Status.FAILED)
    elsewhere = OperationFactory(processing=other, data={"name": "ООО «Вектор»"})
    held = OperationFactory(processing=other, status=Status.HELD, data=None, body="phone=1&name=ёж".encode())
    assert shown(owner.get(LIST, {"status": "failed"})) == [str(failed.pk)]
    assert shown(owner.get(LIST, {"processing": str(other.pk)})) == [str(held.pk), str(elsewhere.pk)]
    assert shown(owner.get(LIST, {"q": "вектор"})) == [str(elsewhere.pk)]
    assert shown(owner.get(LIST, {"q": "ёж"})) == [str(held.pk)]
    assert shown(owner.get(LIST, {"q": str(failed.pk)})) == [str(failed.pk)]
    assert "Nothing fits" in text_of(owner.get(LIST, {"q": "no such word"}))


def test_tests_are_shown_alone_or_left_out(owner: Person, processing: Processing) -> None:
    real = OperationFactory(processing=processing)
    test = OperationFactory(processing=processing, test=True)
    assert shown(owner.get(LIST)) == [str(test.pk), str(real.pk)]
    assert shown(owner.get(LIST, {"test": "true"})) == [str(test.pk)]
    assert shown(owner.get(LIST, {"test": "false"})) == [str(real.pk)]
    assert shown(owner.get(LIST, {"test": "true", "q": "no such word"})) == []


def test_a_search_finds_quotes_percents_and_escaped_bytes(owner: Person, processing: Processing) -> None:
    quoted = OperationFactory(processing=processing, data={"name": 'ООО "Век_тор" 100%'})
    escaped = OperationFactory(
        processing=processing, data=None, method="GET", body=b"", query="name=%D0%9E%D0%BB%D1%8F"
    )
    old = OperationFactory(processing=processing, data=None, body="имя=Зоя".encode("cp1251"))
    assert shown(owner.get(LIST, {"q": '"Век_тор" 100%'})) == [str(quoted.pk)]
    assert shown(owner.get(LIST, {"q": "Оля"})) == [str(escaped.pk)]
    assert shown(owner.get(LIST, {"q": "Зоя"})) == [str(old.pk)]
    assert shown(owner.get(LIST, {"q": "Век%тор"})) == []


def test_a_search_looks_through_a_bounded_part_and_offers_to_go_on(
    owner: Person, processing: Processing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("history.search.WINDOW", 5)
    wanted = OperationFactory(processing=processing, data={"name": "needle"})
    for _ in range(6):
        OperationFactory(processing=processing)
    page = text_of(owner.get(LIST, {"q": "needle"}))
    assert str(wanted.pk) not in page
    found = re.search(r'href="(\?[^"]+)">Look further back', page)
    assert found
    assert shown(owner.get(LIST + html.unescape(found[1]))) == [str(wanted.pk)]


def test_a_search_goes_on_while_there_is_time(
    owner: Person, processing: Processing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("history.search.FIRST", 2)
    monkeypatch.setattr("history.search.SECONDS", 60.0)
    wanted = [OperationFactory(processing=processing, data={"name": "needle"}) for _ in range(2)]
    for _ in range(5):
        OperationFactory(processing=processing)
    wanted.append(OperationFactory(processing=processing, data={"name": "Needle"}))
    ids = [str(one.pk) for one in reversed(wanted)]
    assert shown(owner.get(LIST, {"q": "needle"})) == ids

    monkeypatch.setattr("history.search.SECONDS", -1.0)
    page = owner.get(LIST, {"q": "needle"})
    assert shown(page) == ids[:1]
    assert "Look further back" in text_of(page)


def test_an_empty_search_finds_what_comes_later(
    owner: Person, processing: Processing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("history.search.FIRST", 2)
    OperationFactory(processing=processing, data={"name": "needle"})
    for _ in range(3):
        OperationFactory(processing=processing)
    news = {"q": "needle", "shown": "", "grow": "1"}
    assert owner.get(LIST + "news/", news).status_code == 204, "looks each few seconds, so only at the newest"
    OperationFactory(processing=processing, data={"name": "needle"})
    assert owner.get(LIST + "news/", news)["HX-Refresh"] == "true"


def test_the_period_is_counted_in_days_of_the_companys_zone(owner: Person, processing: Processing) -> None:
    now = timezone.now()
    today = OperationFactory(processing=processing)
    long_ago = OperationFactory(
        id=first_uuid7(now - timedelta(days=10)), processing=processing, received_at=now - timedelta(days=10)
    )
    assert shown(owner.get(LIST, {"period": "today"})) == [str(today.pk)]
    assert shown(owner.get(LIST, {"period": "week"})) == [str(today.pk)]
    day = timezone.localtime(long_ago.received_at, ZoneInfo("Europe/Moscow")).date().isoformat()
    assert shown(owner.get(LIST, {"period": "own", "since": day, "until": day})) == [str(long_ago.pk)]


def test_a_wrong_filter_says_what_is_wrong_and_shows_the_rest(owner: Person, processing: Processing) -> None:
    operation = OperationFactory(processing=processing)
    answer = owner.get(
        LIST, {"period": "own", "since": "2025-02-01", "until": "2025-01-01", "status": "nonsense", "before": "x"}
    )
    assert "The last day is before the first" in text_of(answer)
    assert shown(owner.get(LIST, {"status": "nonsense", "processing": "x", "before": "x"})) == [str(operation.pk)]


def test_an_empty_history_says_what_will_appear_here(owner: Person) -> None:
    assert "No operations yet" in text_of(owner.get(LIST))


def test_the_page_speaks_russian_first(viewer: Person, processing: Processing) -> None:
    OperationFactory(processing=processing, status=Status.HELD)
    page = text_of(viewer.get(LIST))
    for words in ("История операций", "Любой статус", "За всё время", "Не запущена", "Длительность"):
        assert words in page


# Live


def test_nothing_new_costs_an_empty_answer(owner: Person, processing: Processing) -> None:
    OperationFactory(processing=processing)
    url = news_url(text_of(owner.get(LIST)))
    assert owner.get(url).status_code == 204


def test_what_is_newer_comes_on_top_and_changed_rows_are_drawn_again(owner: Person, processing: Processing) -> None:
    still = OperationFactory(processing=processing)
    running = OperationFactory(processing=processing, status=Status.RUNNING)
    url = news_url(text_of(owner.get(LIST)))
    Operation.objects.filter(pk=running.pk).update(status=Status.FAILED, error="Broken")
    fresh = OperationFactory(processing=processing)
    page = text_of(owner.get(url))
    assert re.findall(ID + " data-item data-new", page) == [str(fresh.pk)]
    assert re.findall(ID + ' data-item hx-swap-oob="true"', page) == [str(running.pk)]
    assert str(still.pk) not in page
    assert owner.get(news_url(page)).status_code == 204


def test_an_operation_that_was_committed_late_is_not_missed(owner: Person, processing: Processing) -> None:
    OperationFactory(processing=processing, id=first_uuid7(timezone.now() - timedelta(seconds=9)))
    OperationFactory(processing=processing)
    url = news_url(text_of(owner.get(LIST)))
    late = OperationFactory(processing=processing, id=first_uuid7(timezone.now() - timedelta(seconds=2)))
    assert re.findall(ID, text_of(owner.get(url))) == [str(late.pk)]


def test_live_rows_obey_the_filter_and_an_older_page_gets_no_new_ones(owner: Person, processing: Processing) -> None:
    for _ in range(PAGE + 1):
        OperationFactory(processing=processing, status=Status.FAILED)
    first = text_of(owner.get(LIST, {"status": "failed"}))
    older = text_of(owner.get(LIST + link(first, "next")))
    OperationFactory(processing=processing)
    assert owner.get(news_url(first)).status_code == 204
    OperationFactory(processing=processing, status=Status.FAILED)
    assert owner.get(news_url(first)).status_code == 200
    assert owner.get(news_url(older)).status_code == 204


def test_the_first_operation_of_an_empty_list_reloads_it(owner: Person, processing: Processing) -> None:
    url = news_url(text_of(owner.get(LIST)))
    assert owner.get(url).status_code == 204
    OperationFactory(processing=processing)
    assert owner.get(url).headers["HX-Refresh"] == "true"


def test_the_address_of_a_look_for_news_fits_into_a_request_line(owner: Person, processing: Processing) -> None:
    for _ in range(PAGE):
        OperationFactory(processing=processing, data={"a": "я" * 100})
    page = text_of(owner.get(LIST, {"q": "я" * 100}))
    for _ in range(PAGE):
        OperationFactory(processing=processing, data={"a": "я" * 100})
    again = news_url(text_of(owner.get(news_url(page))))
    assert len(again) < 4000
    assert owner.get(again).status_code == 204


def test_a_made_up_word_of_shown_rows_is_404(owner: Person) -> None:
    assert owner.get("/history/news/", {"shown": "жжж"}).status_code == 404
    assert owner.get("/history/news/", {"shown": "abc"}).status_code == 404


# One operation


def failed(processing: Processing, **told: Any) -> Operation:
    """An operation that failed at its second step of three, at the third attempt."""
    actions = [ActionFactory(processing=processing, name=name) for name in ("Собрать", "Отправить в CRM", "Сообщить")]
    source = SourceFactory(processing=processing)
    sentence = "The server denied access (401): check the key or the password"
    fresh = {"status": Status.FAILED, "error": sentence, "attempts": 3, "address": "203.0.113.7"}
    operation: Operation = OperationFactory(processing=processing, source_id=source.pk, **fresh | told)
    StepFactory(operation=operation, action_id=actions[0].pk, title=actions[0].name, position=1)
    for attempt in (1, 2, 3):
        StepFactory(
            operation=operation,
            action_id=actions[1].pk,
            title=actions[1].name,
            position=2,
            attempt=attempt,
            status=Step.Status.FAILED,
            error=sentence,
            output=None,
            exchanges=[exchange()],
            config={"method": "POST", "url": "https://crm.example.ru/lead?token=••••"},
        )
    return operation


def test_a_failed_operation_says_where_why_and_what_to_do(owner: Person, processing: Processing) -> None:
    page = text_of(owner.get(page_of(failed(processing))))
    assert (
        "Error at step 2 of 3: Отправить в CRM. The server denied access (401): check the key or the password" in page
    )
    for words in (
        "Repeat from the error",
        "Repeat from the start",
        "Open the processing",
        "Open the action&#x27;s settings",
    ):
        assert words in page or html.unescape(words) in page
    assert "3. Сообщить" in page
    assert "not done" in page


def test_the_timeline_shows_what_came_what_was_sent_and_what_came_back(owner: Person, processing: Processing) -> None:
    page = html.unescape(text_of(owner.get(page_of(failed(processing)))))
    for part in (
        "203.0.113.7",
        "https://crm.example.ru/lead?token=••••",
        "Анна O'Hara",
        "expired_token",
        "401",
        "38 ms",
        '{"client_name": "Anna"}',
        "Keys and passwords are hidden",
    ):
        assert part in page
    assert re.findall(r"attempt (\d)</span>", page) == ["1", "3", "1", "2"]


def test_a_request_can_be_copied_as_a_command_that_a_shell_reads_back(owner: Person, processing: Processing) -> None:
    page = text_of(owner.get(page_of(failed(processing))))
    commands = [html.unescape(text) for text in re.findall(r'data-copy-text="([^"]+)"', page)]
    script = "curl() { printf '%s\\0' curl \"$@\"; }\n" + commands[-1]
    words = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout.decode().split("\0")
    assert words[:4] == ["curl", "--compressed", "-X", "POST"]
    assert "https://crm.example.ru/lead?token=••••" in words
    assert words[words.index("--data-raw") + 1] == '{"name": "Анна O\'Hara"}'


def test_an_earlier_attempt_is_fetched_when_it_is_unfolded(owner: Person, processing: Processing) -> None:
    operation = failed(processing)
    first = operation.steps.get(attempt=1, position=2)
    page = text_of(owner.get(page_of(operation)))
    url = page_of(operation, "steps", str(first.pk))
    assert f'hx-get="{url}"' in page
    assert "expired_token" in text_of(owner.get(url))


def test_earlier_runs_are_folded(owner: Person, processing: Processing) -> None:
    operation = failed(processing, run=2, status=Status.SUCCEEDED)
    page = text_of(owner.get(page_of(operation)))
    assert "Earlier run 1" in page
    assert "run 2" in page


def test_nasty_data_are_shown_escaped_and_never_expanded(owner: Person, processing: Processing) -> None:
    nasty = "<script>alert(1)</script>{{ company.name }}\0😀"
    operation = OperationFactory(
        processing=processing,
        status=Status.FAILED,
        data={"name": nasty, "deep": [{"x": nasty}], nasty: "key"},
        body=b"\xff\xfe\0<script>alert(2)</script>",
        content_type="text/plain<script>",
        headers={"X-Evil": "<script>"},
        error="<script>alert(3)</script>",
        query="a=<script>",
    )
    action = ActionFactory(processing=processing)
    StepFactory(
        operation=operation,
        action_id=action.pk,
        title="<script>",
        status=Step.Status.FAILED,
        error="<script>",
        output={"text": nasty},
        config={"body": nasty, "<script>": nasty},
        exchanges=[exchange(error="<script>")],
    )
    for url in (LIST, page_of(operation)):
        page = text_of(owner.get(url))
        assert "<script>alert" not in page
        assert "<script>" not in page.replace("<script src", "").replace('<script type="module"', "")
        assert "{{ company.name }}" in page
        assert "\0" not in page


def test_bytes_that_are_no_text_are_shown_as_escapes(owner: Person, processing: Processing) -> None:
    operation = OperationFactory(processing=processing, body=b"\x89PNG\xff\xfe\0<i>", content_type="image/png")
    page = html.unescape(text_of(owner.get(page_of(operation))))
    assert "\\x89PNG\\xff\\xfe\\x00<i>" in page


def test_the_raw_body_comes_as_a_file_byte_by_byte(owner: Person, processing: Processing) -> None:
    raw = bytes(range(256)) + b"<script>"
    operation = OperationFactory(processing=processing, body=raw, content_type="text/html")
    answer = owner.get(page_of(operation, "body"))
    assert answer.content == raw
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_long_body_is_shown_in_part_and_can_be_downloaded(owner: Person, processing: Processing) -> None:
    operation = OperationFactory(processing=processing)
    long = exchange()
    long["response"] |= {"body": "я" * 50_000, "size": 2_000_000, "truncated": True}
    step = StepFactory(operation=operation, exchanges=[long])
    page = text_of(owner.get(page_of(operation)))
    assert "Only the beginning was kept" in page
    assert "я" * 20_000 in page
    assert "я" * 20_001 not in page
    url = page_of(operation, "steps", str(step.pk), "0", "response")
    assert owner.get(url).content.decode() == "я" * 50_000
    assert owner.get(page_of(operation, "steps", str(step.pk), "7", "response")).status_code == 404
    assert owner.get(page_of(operation, "steps", str(step.pk), "0", "nonsense")).status_code == 404


def test_a_request_that_could_not_be_decoded_says_why(owner: Person, processing: Processing) -> None:
    operation = OperationFactory(processing=processing, status=Status.HELD, data=None, body=b'{"broken": ')
    assert "The body is not valid JSON" in text_of(owner.get(page_of(operation)))


def test_a_waiting_operation_tells_its_next_attempt_and_can_be_hurried(owner: Person, processing: Processing) -> None:
    due = timezone.now() + timedelta(minutes=4)
    operation = failed(processing, status=Status.WAITING, due_at=due)
    busy = exchange()
    busy["response"] |= {"status": 503}
    operation.steps.filter(position=2).update(exchanges=[busy])
    page = text_of(owner.get(page_of(operation)))
    assert "(4 of 8)" in page
    assert re.search(r"Next attempt <time[^>]+>in [34] min", page)
    assert owner.post(page_of(operation, "hurry"), follow=True).status_code == 200
    operation.refresh_from_db()
    assert operation.due_at is not None
    assert operation.due_at <= timezone.now()


def test_an_open_operation_looks_for_news_until_it_is_final(owner: Person, processing: Processing) -> None:
    operation = OperationFactory(processing=processing, status=Status.RUNNING)
    page = text_of(owner.get(page_of(operation)))
    found = re.search(r'hx-get="([^"]+/watch/[^"]+)"', page)
    assert found
    assert owner.get(found[1]).status_code == 204
    StepFactory(operation=operation, title="Готово")
    Operation.objects.filter(pk=operation.pk).update(status=Status.SUCCEEDED, duration_ms=2400)
    news = text_of(owner.get(found[1]))
    assert "Готово" in news
    assert "1 step done in 2.4 s" in news
    assert "/watch/" not in news


@pytest.mark.parametrize("status", Status.values)
def test_every_status_is_put_in_words(owner: Person, processing: Processing, status: str) -> None:
    operation = OperationFactory(processing=processing, status=status)
    page = text_of(owner.get(page_of(operation)))
    text = re.search(r'headline-text">([^<]+)<', page)
    assert text
    assert len(text[1]) > 10


def test_the_history_outlives_its_processing_and_source(owner: Person, processing: Processing) -> None:
    operation = failed(processing)
    processing.sources.all().delete()
    processing.deleted_at = timezone.now()
    processing.save()
    page = text_of(owner.get(page_of(operation)))
    assert "The processing is deleted" in page
    assert "the data source is deleted" in page
    assert "Repeat from" not in page
    assert "Заявки с сайта" in text_of(owner.get(LIST))


# Orders


@pytest.mark.parametrize(("begin", "run"), [("start", 2), ("failed", 1)])
def test_an_operation_is_repeated_from_its_start_or_from_the_error(
    owner: Person, processing: Processing, begin: str, run: int
) -> None:
    operation = failed(processing)
    answer = owner.post(page_of(operation, "repeat"), {"from": begin}, follow=True)
    assert "The operation runs again" in text_of(answer)
    operation.refresh_from_db()
    assert (operation.status, operation.run) == (Status.QUEUED, run)


def test_a_held_operation_is_processed_by_its_button(owner: Person, processing: Processing) -> None:
    operation = OperationFactory(processing=processing, status=Status.HELD)
    page = text_of(owner.get(page_of(operation)))
    assert "</svg>Process</button>" in page
    assert "The request goes into processing" in text_of(owner.post(page_of(operation, "repeat"), follow=True))
    operation.refresh_from_db()
    assert operation.status == Status.QUEUED


def test_a_key_in_the_list_repeats_without_leaving_it(owner: Person, processing: Processing) -> None:
    operation = failed(processing)
    answer = owner.post(page_of(operation, "repeat"), headers={"HX-Request": "true"})
    assert 'id="notices"' in text_of(answer)
    assert "<html" not in text_of(answer)


def test_an_open_operation_is_cancelled_and_a_final_one_is_not(owner: Person, processing: Processing) -> None:
    waiting = OperationFactory(processing=processing, status=Status.WAITING, due_at=timezone.now())
    done = OperationFactory(processing=processing)
    assert "The operation is cancelled" in text_of(owner.post(page_of(waiting, "cancel"), follow=True))
    assert "has already ended" in text_of(owner.post(page_of(done, "cancel"), follow=True))
    assert Operation.objects.get(pk=waiting.pk).status == Status.CANCELLED
    assert Operation.objects.get(pk=done.pk).status == Status.SUCCEEDED


def test_many_are_repeated_or_cancelled_and_the_filter_stays(
    owner: Person, stranger: Person, processing: Processing
) -> None:
    mine = [failed(ProcessingFactory(tenant=owner.tenant)) for _ in range(2)]
    theirs = failed(ProcessingFactory(tenant=stranger.tenant))
    ids = [str(one.pk) for one in [*mine, theirs]]
    answer = owner.post("/history/many/", {"id": ids, "do": "repeat", "next": "/history/?status=failed"})
    assert answer["Location"] == "/history/?status=failed"
    assert [Operation.objects.get(pk=one.pk).status for one in [*mine, theirs]] == ["queued", "queued", "failed"]
    page = text_of(
        owner.post("/history/many/", {"id": ids, "do": "cancel", "next": "https://evil.example/"}, follow=True)
    )
    assert "2 operations are cancelled" in page
    assert owner.post("/history/many/", {"id": ids, "do": "nonsense"}).status_code == 404
    assert owner.post("/history/many/", {"id": ["x"], "do": "repeat"}).status_code == 404


def test_all_that_came_while_stopped_is_processed_at_once(owner: Person, processing: Processing) -> None:
    for _ in range(3):
        OperationFactory(processing=processing, status=Status.HELD)
    page = text_of(owner.get(LIST, {"processing": str(processing.pk), "status": "held"}))
    url = reverse("history:release", args=[processing.pk])
    assert url in page
    assert "3 requests go into processing" in text_of(owner.post(url, follow=True))
    assert set(Operation.objects.values_list("status", flat=True)) == {"queued"}


# Who may


def addresses(operation: Operation, step: Step) -> list[tuple[str, str]]:
    return [
        ("get", page_of(operation)),
        ("get", page_of(operation, "watch")),
        ("get", page_of(operation, "body")),
        ("get", page_of(operation, "steps", str(step.pk))),
        ("get", page_of(operation, "steps", str(step.pk), "0", "response")),
        ("post", page_of(operation, "repeat")),
        ("post", page_of(operation, "hurry")),
        ("post", page_of(operation, "cancel")),
        ("post", reverse("history:release", args=[operation.processing_id])),
    ]


def test_a_stranger_gets_404_everywhere_and_sees_nothing_in_the_list(stranger: Person, processing: Processing) -> None:
    operation = failed(processing)
    step = operation.steps.get(position=2, attempt=1)
    for method, url in addresses(operation, step):
        assert getattr(stranger, method)(url).status_code == 404, url
    assert shown(stranger.get(LIST)) == []
    assert shown(stranger.get(LIST, {"processing": str(processing.pk)})) == []
    assert shown(stranger.get(LIST, {"q": str(operation.pk)})) == []
    operation.refresh_from_db()
    assert operation.status == Status.FAILED


def test_a_stranger_gets_no_news_of_rows_he_names(owner: Person, stranger: Person, processing: Processing) -> None:
    operation = OperationFactory(processing=processing, status=Status.RUNNING)
    url = news_url(text_of(owner.get(LIST)))
    Operation.objects.filter(pk=operation.pk).update(status=Status.SUCCEEDED)
    assert stranger.get(url).status_code == 204


def test_a_step_is_shown_only_below_its_own_operation(owner: Person, processing: Processing) -> None:
    step = StepFactory(operation=OperationFactory(processing=processing))
    other = OperationFactory(processing=processing)
    assert owner.get(page_of(other, "steps", str(step.pk))).status_code == 404


def test_a_viewer_sees_everything_and_may_order_nothing(viewer: Person, processing: Processing) -> None:
    operation = failed(processing)
    step = operation.steps.get(position=2, attempt=1)
    for method, url in addresses(operation, step):
        assert getattr(viewer, method)(url).status_code == (200 if method == "get" else 403), url
    assert viewer.post("/history/many/", {"id": [str(operation.pk)], "do": "repeat"}).status_code == 403
    page = text_of(viewer.get(page_of(operation))) + text_of(viewer.get(LIST))
    assert "/repeat/" not in page
    assert "/many/" not in page.replace('action="/history/many/"', "")


def test_orders_are_taken_by_post_only(owner: Person, processing: Processing) -> None:
    operation = failed(processing)
    for order in ("repeat", "hurry", "cancel"):
        assert owner.get(page_of(operation, order)).status_code == 405
    assert owner.get("/history/many/").status_code == 405


def test_who_is_not_logged_in_is_sent_to_the_log_in(client: Any, processing: Processing) -> None:
    operation = OperationFactory(processing=processing)
    for url in (LIST, page_of(operation)):
        assert client.get(url).status_code == 302
