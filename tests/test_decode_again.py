"""«Декодировать заново»: a request read another way, for one operation or from now on."""

import pytest
from pytest_httpserver import HTTPServer

from history.drain import drain
from history.models import Operation, Status
from processings.models import Processing
from tenants.models import Tenant
from tests.conftest import Person
from tests.factories import OperationFactory, ProcessingFactory, SourceFactory
from tests.test_engine import local_targets, received, sends, target
from webjack.decode import Raw, Wish, decode

__all__ = ["local_targets", "target"]

pytestmark = pytest.mark.django_db(transaction=True)

KOI = "имя=Анна".encode("koi8-r")
PLAIN = {"form": "", "charset": "", "names": ""}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def running(tenant: Tenant) -> Processing:
    processing = ProcessingFactory(tenant=tenant, state="running")
    SourceFactory(processing=processing)
    return processing


def raw(body: bytes, content_type: str = "") -> Raw:
    return Raw("POST", "", content_type, body)


def test_a_wish_comes_before_the_header_and_the_looks() -> None:
    assert decode(raw(KOI, "text/plain"), Wish("form", "koi8-r")).data == {"имя": "Анна"}
    assert decode(raw(b'{"a": 1}', "application/json"), Wish("text")).data == {"text": '{"a": 1}'}
    assert decode(raw(b"a[b]=1&a[b]=2"), Wish(names="flat")).data == {"a[b]": ["1", "2"]}
    assert decode(raw(b"a[b]=1"), Wish()).data == {"a": {"b": "1"}}
    assert decode(raw(b"hello", "image/png"), Wish("binary")).data["size"] == 5
    assert decode(Raw("GET", "a=%C1", "", b""), Wish(charset="koi8-r")).data == {"a": "а"}


@pytest.mark.parametrize("form", ["json", "xml", "multipart"])
def test_what_cannot_be_read_as_wished_is_kept_with_the_problem(form: str) -> None:
    decoded = decode(raw(b"no such thing"), Wish(form))

    assert decoded.problem is not None
    assert decoded.problem.code == form
    assert decoded.data == {"text": "no such thing"}


def test_the_fields_are_seen_beside_the_bytes_before_anything_is_applied(owner: Person, running: Processing) -> None:
    operation = received(running, body=KOI, content_type="application/x-www-form-urlencoded")
    place = f"/history/{operation.pk}/decode/"

    whole = owner.get(place).content.decode()
    part = owner.get(place, PLAIN | {"charset": "koi8-r"}, headers=HTMX).content.decode()

    assert "Декодировать заново" in whole
    assert "Анна" not in whole
    assert "Анна" in part
    assert "c9 cd d1 3d" in part
    assert "<html" not in part
    operation.refresh_from_db()
    assert operation.decoding is None


def test_it_is_applied_once_and_the_operation_is_repeated_with_it(
    owner: Person, running: Processing, target: HTTPServer
) -> None:
    target.expect_request("/in").respond_with_data("ok")
    sends(running, target, body="{{ source['имя'] }}")
    operation = received(running, body=KOI, content_type="application/x-www-form-urlencoded")
    drain()

    answer = owner.post(f"/history/{operation.pk}/decode/once/", PLAIN | {"charset": "koi8-r"})
    drain()

    operation.refresh_from_db()
    assert answer["Location"] == f"/history/{operation.pk}/"
    assert (operation.run, operation.status, operation.data) == (2, Status.SUCCEEDED, {"имя": "Анна"})
    assert [request.get_data(as_text=True) for request, _ in target.log][-1] == "Анна"
    assert running.sources.get().config.get("decoding") is None
    assert "Анна" in owner.get(f"/history/{operation.pk}/").content.decode()


def test_an_operation_that_failed_as_unreadable_gets_through(owner: Person, running: Processing) -> None:
    operation = received(running, body=b'{"a": ', content_type="application/json")
    drain()
    operation.refresh_from_db()
    assert operation.status == Status.FAILED
    page = owner.get(f"/history/{operation.pk}/").content.decode()
    assert f"/history/{operation.pk}/decode/" in page

    owner.post(f"/history/{operation.pk}/decode/once/", PLAIN | {"form": "text"})
    drain()

    operation.refresh_from_db()
    assert (operation.status, operation.data) == (Status.SUCCEEDED, {"text": '{"a": '})


def test_from_now_on_it_is_a_setting_of_the_source(owner: Person, running: Processing) -> None:
    source = running.sources.get()
    operation = received(running, body=b"a[b]=1", content_type="application/x-www-form-urlencoded")

    answer = owner.post(f"/history/{operation.pk}/decode/always/", PLAIN | {"names": "flat"})
    drain()
    later = received(running, body=b"a[b]=2", content_type="application/x-www-form-urlencoded")
    drain()

    assert answer["Location"] == f"/sources/{source.pk}/"
    assert Operation.objects.get(pk=later.pk).data == {"a[b]": "2"}
    page = owner.get(f"/sources/{source.pk}/").content.decode()
    assert '<option value="flat" selected>' in page


def test_what_is_under_way_and_what_is_nobodys_stays(
    owner: Person, viewer: Person, stranger: Person, running: Processing
) -> None:
    operation = OperationFactory(processing=running, status="rejected", source_id=running.sources.get().pk)
    place = f"/history/{operation.pk}/decode/"

    owner.post(f"{place}once/", PLAIN | {"form": "text"})

    operation.refresh_from_db()
    assert (operation.status, operation.decoding) == (Status.REJECTED, None)
    assert viewer.get(place).status_code == 200
    assert viewer.post(f"{place}once/", PLAIN).status_code == 403
    assert stranger.get(place).status_code == 404
    assert stranger.post(f"{place}always/", PLAIN).status_code == 404


def test_a_choice_that_is_none_is_refused(owner: Person, running: Processing) -> None:
    operation = received(running, body=KOI)

    page = owner.post(f"/history/{operation.pk}/decode/once/", PLAIN | {"charset": "klingon"})

    assert page.status_code == 200
    operation.refresh_from_db()
    assert operation.decoding is None
