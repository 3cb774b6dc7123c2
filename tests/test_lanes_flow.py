"""From the webhook to the target and back to the page: a service falls silent, an operation gets stuck, people help."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connections.models import Lane
from history.drain import drain
from history.lanes import BREAK_AFTER
from history.models import Operation
from processings.models import Processing, State
from tests.conftest import Person
from tests.factories import ActionFactory, ProcessingFactory, SourceFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def target(settings: Any) -> Iterator[HTTPServer]:
    settings.EGRESS_ALLOW = ["127.0.0.1"]
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        yield server


@pytest.fixture
def running(owner: Person, target: HTTPServer) -> Processing:
    """A processing of the owner's company that sends on what it gets."""
    processing = ProcessingFactory(tenant=owner.tenant, state=State.RUNNING)
    SourceFactory(processing=processing)
    ActionFactory(processing=processing, config={"method": "POST", "url": target.url_for("/in"), "body": "{{ n }}"})
    return processing


def send(processing: Processing, **fields: Any) -> str:
    """The operation's id."""
    path = f"/webhooks/http/{processing.sources.get().key}/"
    answer = Client().post(path, fields, content_type="application/json")
    return str(json.loads(answer.content)["id"])


def sent(target: HTTPServer) -> list[str]:
    return [request.get_data(as_text=True) for request, _answer in target.log]


def page(person: Person, place: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", person.get(place).content.decode()).split())


def test_a_silent_service_is_seen_and_tried_by_hand(owner: Person, running: Processing, target: HTTPServer) -> None:
    target.expect_request("/in").respond_with_data("broken", status=500)
    Lane.objects.update(most_in_flight=1)
    place = f"/processings/{running.pk}/"
    ids = [send(running, n=number) for number in range(BREAK_AFTER + 3)]
    drain()
    assert "не отвечает, ждут 3 операции, следующая проба в" in page(owner, place)
    assert "не отвечает" in page(owner, f"/history/{ids[-1]}/")

    target.clear()
    target.expect_request("/in").respond_with_data("ok")
    assert drain() == 0
    owner.post(f"/connections/accounts/{Lane.objects.get().pk}/probe/")
    drain()
    assert sent(target) == [str(number) for number in range(BREAK_AFTER, BREAK_AFTER + 3)]
    assert "не отвечает" not in page(owner, place)


def test_a_stuck_operation_is_passed_by_hand(owner: Person, running: Processing, target: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        return Response(status=500 if request.get_data() == b"1" else 200)

    target.expect_request("/in").respond_with_handler(answer)
    owner.post(f"/processings/{running.pk}/order/", {"ordering": "key", "ordering_field": "phone"})
    stuck, second, third = (send(running, n=number, phone="+7916") for number in (1, 2, 3))
    send(running, n=4, phone="+7917")
    drain()
    assert sorted(sent(target)) == ["1", "4"]
    assert "Ждёт своей очереди" in page(owner, f"/history/{second}/")
    assert "За ней по очереди ждут 2 операции" in page(owner, f"/history/{stuck}/")

    owner.post(f"/history/{third}/skip/")
    drain()
    assert sent(target)[2:] == ["3"]
    owner.post(f"/history/{stuck}/skip/")
    drain()
    assert sent(target)[3:] == ["2"]
    assert Operation.objects.get(pk=stuck).status == "waiting"


def test_cancelling_the_first_lets_the_rest_of_a_strict_order_go(
    owner: Person, running: Processing, target: HTTPServer
) -> None:
    target.expect_request("/in").respond_with_handler(
        lambda request: Response(status=500 if request.get_data() == b"1" else 200)
    )
    owner.post(f"/processings/{running.pk}/order/", {"ordering": "strict"})
    first, *_others = [send(running, n=number) for number in (1, 2, 3)]
    drain()
    assert sent(target) == ["1"]
    owner.post(f"/history/{first}/cancel/")
    drain()
    assert sent(target) == ["1", "2", "3"]
