"""The fake of amoCRM is one that a public client of its API v4 can use: tokens, records, pages, errors."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from amocrm.v2 import Company, Contact, Lead, Pipeline, exceptions
from amocrm.v2.interaction import GenericInteraction
from amocrm.v2.tokens import MemoryTokensStorage, default_token_manager

from tests.fakes.amocrm import CLIENT, SECRET, Amocrm, amocrm
from tests.fakes.amocrm_account import BORIS, TALKS
from tests.fakes.amocrm_refused import FORBIDDEN

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Amocrm]:
    with amocrm() as fake:
        fake.per_second = 100
        send = requests.Session.request

        def here(self: requests.Session, method: Any, url: Any, *rest: Any, **more: Any) -> requests.Response:
            plain = str(url).replace("https://clinic.amocrm.ru", f"{fake.target.url}/clinic")
            return send(self, method, plain, *rest, **more)

        monkeypatch.setattr(requests.Session, "request", here)
        monkeypatch.setattr(default_token_manager, "_storage", None)
        default_token_manager(CLIENT, SECRET, "clinic", fake.redirect, MemoryTokensStorage())
        default_token_manager.init(fake.agreed("clinic")["code"])
        yield fake


def test_a_code_is_exchanged_once(service: Amocrm) -> None:
    assert len(service.refresh) == 1
    with pytest.raises(Exception, match="has been revoked"):
        default_token_manager.init("def502-code-1")


def test_records_are_added_changed_and_found(service: Amocrm) -> None:
    lead = Lead.objects.create(name="Заявка", price=500)
    Lead.objects.update(lead.id, price=700, status_id=TALKS, responsible_user_id=BORIS)
    found = Lead.objects.get(lead.id)
    assert (found.name, found.price) == ("Заявка", 700)
    phone = [{"field_code": "PHONE", "values": [{"value": "+79161234567", "enum_code": "WORK"}]}]
    Contact.objects.create(name="Анна", custom_fields_values=phone)
    Company.objects.create(name="ООО «Рога и копыта»")
    assert Contact.objects.get(query="9161234567").name == "Анна"
    assert [company.name for company in Company.objects.all()] == ["ООО «Рога и копыта»"]


def test_an_empty_search_finds_nothing_and_a_missing_record_is_told(service: Amocrm) -> None:
    assert list(Lead.objects.filter(query="нет такой")) == []
    with pytest.raises(exceptions.NotFound):
        Lead.objects.get(404404)


def test_reference_data_are_read_page_by_page(service: Amocrm) -> None:
    assert [pipeline.name for pipeline in Pipeline.objects.all()] == ["Воронка", "Повторные"]
    fields = GenericInteraction(path="leads/custom_fields", field="custom_fields")
    assert len(list(fields.get_all())) == 55


def test_a_token_that_ran_out_is_renewed_by_the_client_and_the_old_one_dies(service: Amocrm) -> None:
    service.lasts = -1
    default_token_manager.init(service.agreed("clinic")["code"])
    service.lasts = 3600
    Lead.objects.create(name="Заявка")
    assert (service.renewals, len(service.used)) == (1, 1)


def test_errors_are_those_that_the_client_knows(service: Amocrm) -> None:
    with pytest.raises(exceptions.ValidationError, match="NotSupportedChoice"):
        Lead.objects.create(name="Заявка", status_id=1)
    service.troubles.append(FORBIDDEN)
    with pytest.raises(exceptions.PermissionsDenyException):
        Lead.objects.create(name="Заявка")
    service.revoke()
    with pytest.raises(exceptions.UnAuthorizedException):
        Lead.objects.create(name="Заявка")
    assert service.account.leads == []
