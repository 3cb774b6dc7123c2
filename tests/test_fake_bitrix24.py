"""The fake of Bitrix24 is one that Bitrix24's own client can use, errors included."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from b24pysdk import BitrixWebhook, Client, Config
from b24pysdk.errors import (
    BitrixAPIError,
    BitrixAPIInsufficientScope,
    BitrixAPIInvalidCredentials,
    BitrixAPIOperationTimeLimit,
    BitrixResponse500JSONDecodeError,
)

from tests.fakes import bitrix24 as fake
from tests.fakes.bitrix24 import SECRET, USER, Bitrix24, bitrix24


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    send = requests.Session.request

    def plainly(self: requests.Session, method: Any, url: Any, *rest: Any, **more: Any) -> requests.Response:
        return send(self, method, str(url).replace("https://127.0.0.1", "http://127.0.0.1"), *rest, **more)

    monkeypatch.setattr(requests.Session, "request", plainly)
    Config().configure(default_max_retries=1)
    with bitrix24() as started:
        yield started


def client(portal: Bitrix24, secret: str = SECRET) -> Any:
    return Client(BitrixWebhook(domain=portal.portal, webhook_token=f"{USER}/{secret}"))


def test_it_adds_finds_reads_and_lists(portal: Bitrix24) -> None:
    b24 = client(portal)
    phones = [{"VALUE": "+79161234567", "VALUE_TYPE": "WORK"}]
    id = b24.crm.contact.add(fields={"NAME": "Анна", "PHONE": phones, "UF_CRM_1700000001": "44"}).result
    assert b24.crm.contact.get(id).result["PHONE"][0]["VALUE"] == "+79161234567"
    found = b24.crm.duplicate.findbycomm(type="PHONE", values=["+79161234567"], entity_type="CONTACT").result
    assert found == {"CONTACT": [id]}
    assert b24.crm.duplicate.findbycomm(type="EMAIL", values=["nobody@example.org"]).result == []
    assert b24.crm.contact.update(id, fields={"LAST_NAME": "Петрова"}).result is True
    assert b24.crm.contact.list(select=["ID", "LAST_NAME"]).result == [{"ID": str(id), "LAST_NAME": "Петрова"}]
    assert b24.crm.lead.fields().result["UF_CRM_1700000001"]["items"][0]["VALUE"] == "Красный"
    assert b24.user.get().result[0]["NAME"] == "Иван"


def test_it_pages_a_long_list(portal: Bitrix24) -> None:
    for number in range(60):
        portal.store.put("lead", TITLE=f"Лид {number}")
    assert len(list(client(portal).crm.lead.list(select=["ID"]).as_list().result)) == 60


def test_it_executes_a_batch(portal: Bitrix24) -> None:
    b24 = client(portal)
    requests_ = [b24.crm.contact.add(fields={"NAME": "Анна & Ко"}), b24.crm.deal.add(fields={"TITLE": "Приём"})]
    assert b24.call_batch(requests_).result.result == [101, 101]
    assert portal.store.records["contact"][101]["NAME"] == "Анна & Ко"


def test_it_adds_a_task_and_a_notification(portal: Bitrix24) -> None:
    b24 = client(portal)
    assert b24.tasks.task.add(fields={"TITLE": "Позвонить", "RESPONSIBLE_ID": 7}).result["task"]["id"] == "101"
    with pytest.raises(BitrixAPIError, match="Task title"):
        b24.tasks.task.add(fields={"RESPONSIBLE_ID": 7}).result  # noqa: B018


def test_its_errors_are_those_that_the_client_knows(portal: Bitrix24) -> None:
    with pytest.raises(BitrixAPIInvalidCredentials):
        client(portal, "another0secret").profile().result  # noqa: B018
    portal.scopes = ["im"]
    with pytest.raises(BitrixAPIInsufficientScope):
        client(portal).crm.lead.fields().result  # noqa: B018
    portal.troubles = [fake.BUSY_METHOD, (500, b"<html></html>", {"Content-Type": "text/html"})]
    with pytest.raises(BitrixAPIOperationTimeLimit):
        client(portal).profile().result  # noqa: B018
    with pytest.raises(BitrixResponse500JSONDecodeError):
        client(portal).profile().result  # noqa: B018
