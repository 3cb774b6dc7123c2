"""Every action of Bitrix24 on a portal's bad days: what is tried again, what is not, and no secret in anything said."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes import bitrix24 as fake
from tests.fakes.bitrix24 import SECRET, Bitrix24, on_this_machine, opened
from webjack import kinds
from webjack.http import Failed, Http

CONFIGS: dict[str, dict[str, Any]] = {
    "bitrix24.lead": {"title": "Заявка", "name": "Анна", "phone": "+79161234567", "client": "use"},
    "bitrix24.deal": {"title": "Приём", "name": "Анна", "phone": "+79161234567", "find": "update"},
    "bitrix24.contact": {"name": "Анна", "email": "anna@example.com"},
    "bitrix24.company": {"title": "Ромашка"},
    "bitrix24.task": {"title": "Позвонить", "responsible": "7"},
    "bitrix24.comment": {"record": "lead", "record_id": "1", "comment": "Текст"},
    "bitrix24.notify": {"user": "7", "message": "Текст"},
    "bitrix24.item": {"type": "1268", "title": "Договор"},
    "bitrix24.method": {"method": "crm.lead.add", "written": "json", "json": "{}"},
    "bitrix24.batch": {"commands": '{"a": {"method": "profile"}}'},
    "bitrix24.record": {"entity": "deal", "record_id": "1"},
}
PASSES = [fake.LIMIT, fake.BUSY_METHOD, fake.BROKEN, fake.PAGE]
STAYS = [fake.UNPAID, fake.NO_REST, fake.DELETED]


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def refused(portal: Bitrix24, kind: str, trouble: Any) -> Failed:
    http, connection = Http(key="step"), opened(portal)
    portal.troubles = [trouble]
    with pytest.raises(Failed) as found:
        kinds.get("action", kind).execute({"connection": connection} | CONFIGS[kind], http)
    assert SECRET not in str(found.value) + str(http.exchanges)
    return found.value


def test_all_actions_are_here() -> None:
    assert set(CONFIGS) == {key for key in kinds.catalogue("action") if key.startswith("bitrix24.")}


@pytest.mark.parametrize("kind", CONFIGS)
def test_what_passes_is_tried_again_and_what_needs_a_person_is_not(portal: Bitrix24, kind: str) -> None:
    told = [refused(portal, kind, trouble) for trouble in PASSES]
    assert [(one.retry, one.denied) for one in told] == [(True, False)] * len(PASSES)
    told = [refused(portal, kind, trouble) for trouble in STAYS]
    assert [(one.retry, one.denied) for one in told] == [(False, True)] * len(STAYS)


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_wrong_answer_is_no_success(portal: Bitrix24, kind: str) -> None:
    for body in (b"<html></html>", b"", b"[1]", b'{"error": "", "error_description": "Odd"}'):
        assert not refused(portal, kind, (200, body, {})).denied
