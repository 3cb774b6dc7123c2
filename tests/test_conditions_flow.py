"""«Условие» and «Ветвление»: by the real drain and a real target, on the pages and by the API."""

import html
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_httpserver import HTTPServer

from actions import arrange
from actions.models import Action
from actions.tree import TOP
from history.drain import drain
from history.models import Operation, Status, Step
from processings.copy import copy
from processings.models import Processing
from tests.api import Program
from tests.conftest import Person
from tests.factories import MembershipFactory, SourceFactory
from tests.test_engine import local_targets, received, running, target

__all__ = ["local_targets", "running", "target"]

pytestmark = pytest.mark.django_db(transaction=True)

BOOKED = {"match": "all", "rules": [{"left": "{{ status }}", "operator": "equals", "right": "Записан"}]}


def group(left: str, operator: str, right: Any = None) -> dict[str, Any]:
    return {"match": "all", "rules": [{"left": left, "operator": operator, "right": right}]}


def condition(processing: Processing, rules: Any = BOOKED, otherwise: str = "stop", inside: Any = TOP) -> Action:
    return arrange.add(processing, "flow.condition", {"rules": rules, "otherwise": otherwise}, inside=inside)


def branch(processing: Processing, *branches: tuple[str, str, Any]) -> Action:
    config = {"branches": [{"key": key, "title": title, "rules": rules} for key, title, rules in branches]}
    return arrange.add(processing, "flow.branch", config)


def posts(processing: Processing, target: HTTPServer, body: str, inside: Any = TOP) -> Action:
    config = {"method": "POST", "url": target.url_for("/in"), "body": body, "success_codes": "2**"}
    return arrange.add(processing, "http.request", config, inside=inside)


def run(processing: Processing, **data: Any) -> Operation:
    operation = received(processing, body=json.dumps(data).encode())
    drain()
    return Operation.objects.get(pk=operation.pk)


def bodies(target: HTTPServer) -> list[str]:
    return [request.get_data(as_text=True) for request, _answer in target.log]


@pytest.fixture(autouse=True)
def answers(target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("ok")


def test_what_does_not_meet_the_condition_is_filtered_out_with_the_reason(
    running: Processing, target: HTTPServer
) -> None:
    SourceFactory(processing=running, fields=[{"name": "status", "sample": "Записан", "label": "Статус"}])
    condition(running)
    posts(running, target, "sent")

    good, bad = run(running, status="записан "), run(running, status="Отменён")

    assert (good.status, bad.status) == (Status.SUCCEEDED, Status.FILTERED)
    assert bodies(target) == ["sent"]
    assert bad.error == "Не выполнено условие: Статус равняется «Записан». Пришло: Статус = «Отменён»"
    step = Step.objects.get(operation=bad)
    assert (step.status, step.output["met"], step.output["why"]) == ("succeeded", False, "Статус = «Отменён»")


def test_inside_a_list_only_the_element_is_left_out(running: Processing, target: HTTPServer) -> None:
    each = arrange.add(running, "flow.foreach", {"items": "{{ services }}", "limit": 9, "on_error": "stop"})
    condition(running, group("{{ steps.each.item }}", "not_equals", "Окраска"), "leave", inside=(each.pk, "each"))
    posts(running, target, "{{ steps.each.item }}", inside=(each.pk, "each"))
    posts(running, target, "behind")

    operation = run(running, services=["Стрижка", "Окраска", "Укладка"])

    assert operation.status == Status.SUCCEEDED
    assert bodies(target) == ["Стрижка", "Укладка", "behind"]


def test_at_the_top_the_rest_is_left_out_and_all_went_well(running: Processing, target: HTTPServer) -> None:
    condition(running, otherwise="leave")
    posts(running, target, "x")

    assert (run(running, status="нет").status, bodies(target)) == (Status.SUCCEEDED, [])


def test_a_condition_with_places_goes_one_way_and_then_on(running: Processing, target: HTTPServer) -> None:
    block = condition(running, otherwise="else")
    for slot in ("then", "else"):
        posts(running, target, slot, inside=(block.pk, slot))
    posts(running, target, "{{ steps.condition.met }}")

    run(running, status="Записан")
    run(running, status="нет")

    assert bodies(target) == ["then", "true", "else", "false"]


def test_the_first_branch_that_fits_is_gone(running: Processing, target: HTTPServer) -> None:
    block = branch(
        running,
        ("big", "Большой заказ", group("{{ sum }}", "at_least", "10 000")),
        ("some", "Обычный", group("{{ sum }}", "greater", "0")),
    )
    for slot in ("big", "some", "else"):
        posts(running, target, slot, inside=(block.pk, slot))
    posts(running, target, "{{ steps.branch.title }}")

    for amount in ("15 000,50", 500, ""):
        assert run(running, sum=amount).status == Status.SUCCEEDED

    assert bodies(target) == ["big", "Большой заказ", "some", "Обычный", "else", "Иначе"]
    assert Step.objects.filter(kind="flow.branch").latest("started_at").output["why"].splitlines() == [
        "Большой заказ: sum — пусто",
        "Обычный: sum — пусто",
    ]


def test_values_too_large_to_compare_end_with_a_sentence(running: Processing) -> None:
    condition(running, group("{{ some }}", "in_list", "{{ others }}"))

    operation = run(running, some=list(range(4000)), others=list(range(4000, 8000)))

    assert (operation.status, operation.error) == (Status.FAILED, "Значения слишком велики для условия")


def test_the_pages_say_met_or_not_met_and_why(running: Processing, target: HTTPServer, client: Client) -> None:
    each = arrange.add(running, "flow.foreach", {"items": "{{ services }}", "limit": 9, "on_error": "stop"})
    condition(running, group("{{ steps.each.item }}", "equals", "a"), "leave", inside=(each.pk, "each"))
    condition(running)
    operation = run(running, services=["a", "b"], status="Отменён")
    client.force_login(MembershipFactory(tenant=running.tenant).user)

    page = html.unescape(client.get(f"/history/{operation.pk}/", headers={"Accept-Language": "ru"}).content.decode())
    listed = html.unescape(client.get("/history/", headers={"Accept-Language": "ru"}).content.decode())

    reason = "Не выполнено условие: status равняется «Записан». Пришло: status = «Отменён»"
    assert (reason in page, reason in listed) == (True, True)
    words = [one.split("</span>")[0] for one in page.split("</svg>")[1:]]
    assert [words.count(word) for word in ("Выполнено", "Не выполнено")] == [1, 2]


def test_the_card_shows_the_sentence_and_each_branch_its_own(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing, fields=[{"name": "status", "sample": "", "label": "Статус записи"}])
    condition(processing)
    branch(processing, ("a", "Записи", BOOKED))

    page = html.unescape(owner.get(reverse("processings:detail", args=[processing.pk])).content.decode())

    sentence = '<span class="chip">Статус записи</span> равняется «Записан»'
    assert page.count(sentence) == 2
    assert '>Записи<span class="slot-about">' in page


def form(rules: Any = BOOKED, **more: str) -> dict[str, str]:
    return {"rules": json.dumps(rules), "otherwise": "stop", "own-alias": "condition"} | more


def test_rules_are_saved_and_shown_again(owner: Person, processing: Processing) -> None:
    rules = {"match": "any", "rules": [BOOKED, *group("{{ sum }}", "between", "5")["rules"]]}
    rules["rules"][1]["to"] = "10"
    url = reverse("actions:add", args=[processing.pk], query={"kind": "flow.condition"})

    assert owner.post(url, form(rules)).status_code == 302

    action = processing.actions.get()
    assert action.config == {"rules": rules, "otherwise": "stop"}
    page = owner.get(reverse("actions:detail", args=[action.pk])).content.decode()
    assert [
        page.count(text) for text in ('value="{{ status }}"', 'value="{{ sum }}"', 'name="rules-to" value="10"')
    ] == [1, 1, 1]
    assert page.count('<option value="between" data-takes="two" selected>') == 1


def test_an_error_stands_at_its_rule_and_keeps_what_was_typed(owner: Person, processing: Processing) -> None:
    rules = {"rules": [{"left": "{{ sum }}", "operator": "less", "right": "много"}, BOOKED]}
    url = reverse("actions:add", args=[processing.pk], query={"kind": "flow.condition"})

    page = html.unescape(owner.post(url, form(rules)).content.decode())

    assert "Правило 1: «много» — не число" in page
    rule = page[page.index('value="много"') :]
    assert rule.index('<p class="rule-problem"') < rule.index('value="Записан"')
    assert not processing.actions.exists()


@pytest.mark.parametrize("posted", ["", "x", "[]", "7", "null", "[" * 100_000, '{"rules": 7}', '{"rules": [[[]]]}'])
def test_what_is_no_rules_is_refused_with_a_sentence(owner: Person, processing: Processing, posted: str) -> None:
    for kind, name in (("flow.condition", "rules"), ("flow.branch", "branches")):
        url = reverse("actions:add", args=[processing.pk], query={"kind": kind})
        answer = owner.post(url, form() | {name: posted})
        assert answer.status_code == 200
        assert "field-errors" in answer.content.decode()
        preview = reverse("actions:preview_new", args=[processing.pk], query={"kind": kind})
        assert owner.post(preview, {name: posted}).status_code == 200


def test_the_preview_tells_what_the_rules_mean_and_come_to(owner: Person, processing: Processing) -> None:
    SourceFactory(
        processing=processing,
        sample={"status": "Отменён", "sum": "1 200"},
        fields=[{"name": "status", "sample": "Отменён", "label": "Статус"}, {"name": "sum", "sample": "1 200"}],
    )
    rules = {"rules": [*BOOKED["rules"], {"rules": group("{{ sum }}", "less", "2000")["rules"]}, {"left": "{{ sum }}"}]}
    url = reverse("actions:preview_new", args=[processing.pk], query={"kind": "flow.condition"})
    posted = {"rules": json.dumps(rules), "rules-left": ["{{ status }}", "{{ sum }}", "{{ no }}"]}

    told = owner.post(url, posted).json()["previews"]

    (whole,) = told["rules"]["groups"]
    assert (whole["sentence"], whole["met"]) == ("Статус равняется «Записан» и sum меньше 2000", False)
    assert whole["told"] == "На образце: не выполнено, Статус = «Отменён»"
    assert [(one["looks"], one["met"]) for one in told["rules"]["rules"]] == [
        ("text", False),
        ("number", True),
        ("number", None),
    ]
    assert [one["text"] for one in told["rules-left"]] == ["Отменён", "1 200", ""]


def test_an_unknown_name_is_marked_with_its_rule(owner: Person, processing: Processing) -> None:
    SourceFactory(processing=processing)
    action = condition(processing, group("{{ client_phon }}", "filled"))

    page = html.unescape(owner.get(reverse("actions:detail", args=[action.pk])).content.decode())

    assert "Условие, строка 1: нет «client_phon» (возможно, client_phone)" in page


def test_a_branch_with_actions_inside_is_never_lost(owner: Person, processing: Processing, program: Program) -> None:
    block = branch(processing, ("a", "Первая", BOOKED), ("b", "Вторая", BOOKED))
    arrange.add(processing, "flow.delay", {"amount": 1, "unit": "hours"}, inside=(block.pk, "b"))
    kept = [{"key": "a", "title": "Первая", "rules": BOOKED}]
    url = reverse("actions:detail", args=[block.pk])

    page = html.unescape(owner.post(url, {"branches": json.dumps(kept)}).content.decode())
    program.change(f"actions/{block.pk}/", {"config": {"branches": kept}}, 400)

    assert "«Вторая»: сначала перенесите или удалите действия этой ветки" in page
    assert 'data-key="b"' in page
    block.refresh_from_db()
    assert [one["key"] for one in block.config["branches"]] == ["a", "b"]
    renamed = [{"key": "b", "title": "Другая", "rules": BOOKED}, {"title": "Новая", "rules": BOOKED}]
    assert owner.post(url, {"branches": json.dumps(renamed)}).status_code == 302
    block.refresh_from_db()
    assert [one["title"] for one in block.config["branches"]] == ["Другая", "Новая"]
    assert Action.objects.get(parent=block).slot == "b"


def test_places_that_hold_actions_stay_whatever_the_condition_does(program: Program, processing: Processing) -> None:
    block = condition(processing, otherwise="else")
    arrange.add(processing, "flow.delay", {"amount": 1, "unit": "hours"}, inside=(block.pk, "else"))

    program.change(f"actions/{block.pk}/", {"config": {"rules": BOOKED, "otherwise": "stop"}}, 409)

    assert Action.objects.get(pk=block.pk).config["otherwise"] == "else"


def test_the_api_takes_and_checks_rules(program: Program, processing: Processing) -> None:
    branches = {"branches": [{"key": "vip", "rules": BOOKED}]}
    made = program.send("actions/", {"processing": str(processing.pk), "kind": "flow.branch", "config": branches}, 201)
    assert made["config"]["branches"] == [{"key": "vip", "title": "Ветка 1", "rules": BOOKED}]
    inner = {"processing": str(processing.pk), "parent": made["id"], "kind": "flow.delay", "config": {}}
    program.send("actions/", inner | {"slot": "vip"}, 201)
    program.send("actions/", inner | {"slot": "nobody"}, 400)

    wrong = {"rules": {"rules": [BOOKED, {"left": "a", "operator": "like"}]}}
    asked = {"processing": str(processing.pk), "kind": "flow.condition", "config": wrong}
    assert "Правило 2: Нет оператора «like»" in json.dumps(program.send("actions/", asked, 400), ensure_ascii=False)


def test_copies_keep_rules_and_what_stands_in_branches(processing: Processing) -> None:
    block = branch(processing, ("a", "Первая", BOOKED))
    arrange.add(processing, "flow.delay", {"amount": 1, "unit": "hours"}, inside=(block.pk, "a"))

    copied = copy(processing)
    arrange.duplicate(block)

    for whose in (copied, processing):
        places = whose.actions.exclude(parent=None).values_list("parent__config", "slot")
        assert all(config == block.config and slot == "a" for config, slot in places)
    assert (copied.actions.count(), processing.actions.count()) == (2, 4)
