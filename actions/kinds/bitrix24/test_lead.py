"""«Битрикс24: лид»: what is sent, whom it finds, and that twice the same gives one lead."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.bitrix24.lead import LeadForm, SaveLead
from tests.fakes import bitrix24 as fake
from tests.fakes.bitrix24 import SECRET, Bitrix24, offered, on_this_machine, opened, perform
from webjack.config import bind, errors
from webjack.http import DryRun, Failed, Http

CLIENT = {"name": "Анна", "last_name": "Петрова", "phone": "8 (916) 123-45-67", "email": "Anna@Example.com"}


@pytest.fixture
def portal(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bitrix24]:
    with on_this_machine(settings, monkeypatch) as started:
        yield started


def save(portal: Bitrix24, **config: Any) -> dict[str, Any]:
    return perform(portal, SaveLead(), **CLIENT | config)


def lead(portal: Bitrix24, id: int) -> dict[str, Any]:
    return portal.store.records["lead"][id]


def test_a_lead_is_added_with_its_client_inside(portal: Bitrix24) -> None:
    output = save(portal, title="Заявка", status="IN_PROCESS", source="WEB", assigned="7", amount="12 500,50")
    assert output == {
        "id": 101,
        "link": f"{portal.target.url}/crm/lead/details/101/",
        "created": True,
        "updated": False,
        "contact_id": None,
        "contact_created": False,
        "left_out": [],
    }
    told = lead(portal, 101)
    assert (told["TITLE"], told["NAME"], told["LAST_NAME"]) == ("Заявка", "Анна", "Петрова")
    assert (told["STATUS_ID"], told["SOURCE_ID"], told["ASSIGNED_BY_ID"]) == ("IN_PROCESS", "WEB", "7")
    assert told["OPPORTUNITY"] == "12500.5"
    assert [way["VALUE"] for way in told["PHONE"] + told["EMAIL"]] == ["+79161234567", "anna@example.com"]
    assert "COMMENTS" not in portal.asked("crm.lead.add")[0]["fields"]


def test_its_client_becomes_a_contact_that_is_found_the_next_time(portal: Bitrix24) -> None:
    first = save(portal, title="Первая", client="use")
    second = save(portal, title="Вторая", client="use", phone="+7 916 123 45 67", email="")
    assert (first["contact_created"], second["contact_created"]) == (True, False)
    assert first["contact_id"] == second["contact_id"]
    assert len(portal.store.records["contact"]) == 1
    assert lead(portal, second["id"])["CONTACT_IDS"] == [first["contact_id"]]
    assert "PHONE" not in lead(portal, second["id"])


@pytest.mark.parametrize(
    "held", ["89161234567", "79161234567", "9161234567", "+7 (916) 123-45-67", "8-916-123-45-67", "8 916 123 45 67"]
)
def test_a_contact_is_found_however_its_phone_was_typed(portal: Bitrix24, held: str) -> None:
    id = portal.store.put("contact", NAME="Аня", PHONE=[{"VALUE": held}])
    assert save(portal, client="update", email="")["contact_id"] == id
    contact = portal.store.records["contact"][id]
    assert contact["NAME"] == "Анна"
    assert [way["VALUE"] for way in contact["PHONE"]] == [held]


def test_of_several_contacts_the_one_that_fits_both_is_taken(portal: Bitrix24) -> None:
    portal.store.put("contact", NAME="Телефон", PHONE=[{"VALUE": "+79161234567"}])
    both = portal.store.put(
        "contact", NAME="Оба", PHONE=[{"VALUE": "+79161234567"}], EMAIL=[{"VALUE": "anna@example.com"}]
    )
    portal.store.put("contact", NAME="Почта", EMAIL=[{"VALUE": "anna@example.com"}])
    assert save(portal, client="use")["contact_id"] == both


def test_the_clients_lead_in_work_is_updated_and_a_closed_one_is_not(portal: Bitrix24) -> None:
    phone = [{"VALUE": "+79161234567"}]
    portal.store.put("lead", TITLE="Закрыт", STATUS_ID="JUNK", PHONE=phone)
    assert save(portal, find="update", title="Новая")["created"]
    work = portal.store.put("lead", TITLE="В работе", STATUS_ID="IN_PROCESS", PHONE=phone)
    output = save(portal, find="update", title="Ещё раз")
    assert (output["id"], output["created"], output["updated"]) == (work, False, True)
    assert lead(portal, work)["TITLE"] == "Ещё раз"
    assert [way["VALUE"] for way in lead(portal, work)["PHONE"]] == ["+79161234567"]
    assert (save(portal, find="use", title="Не тронет")["id"], lead(portal, work)["TITLE"]) == (work, "Ещё раз")


def test_the_lead_of_a_found_contact_is_found(portal: Bitrix24) -> None:
    first = save(portal, client="use", find="use")
    again = save(portal, client="use", find="use")
    assert (again["id"], again["created"]) == (first["id"], False)


def test_another_attempt_of_the_same_step_adds_no_second_lead(portal: Bitrix24) -> None:
    first = save(portal, title="Заявка", key="0198-step")
    again = save(portal, title="Заявка", key="0198-step")
    other = save(portal, title="Заявка", key="0198-another")
    assert (again["id"], again["created"], other["id"] != first["id"]) == (first["id"], True, True)
    assert len(portal.store.records["lead"]) == 2
    assert SaveLead().harmless({})


def test_fields_of_ones_own_are_written_as_the_portal_takes_them(portal: Bitrix24) -> None:
    rows = {
        "UF_CRM_1700000001": "синий",
        "UF_CRM_1700000002": "Красный, Синий",
        "UF_CRM_1700000003": "24.11.2026",
        "UF_CRM_1700000004": "24.11.2026 14:30",
        "UF_CRM_1700000005": "да",
        "UF_CRM_1700000006": "1 500",
        "UF_CRM_1700000007": "Чистка, осмотр\nСнимок",
        "UF_CRM_1700000008": "4,5",
        "UTM_SOURCE": "yandex",
        "SOURCE_DESCRIPTION": "",
        "WEB": "https://example.com",
    }
    id = save(portal, fields=[{"name": name, "value": value} for name, value in rows.items()])["id"]
    told = lead(portal, id)
    assert [told[f"UF_CRM_170000000{number}"] for number in range(1, 9)] == [
        "45", [44, 45], "2026-11-24", "2026-11-24T14:30:00+03:00", "1", "1500|RUB",
        ["Чистка, осмотр", "Снимок"], "4.5",
    ]  # fmt: skip
    assert (told["UTM_SOURCE"], told["WEB"][0]["VALUE"]) == ("yandex", "https://example.com")
    assert "SOURCE_DESCRIPTION" not in told


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("UF_CRM_404", "x", "нет поля «UF_CRM_404»"),
        ("DATE_CREATE", "24.11.2026", "менять"),
        ("UF_CRM_1700000001", "Зелёный", "«Цвет».*«Зелёный».*Красный, Синий"),
        ("UF_CRM_1700000003", "когда-нибудь", "Дата приёма"),
        ("UF_CRM_1700000008", "много", "Оценка"),
    ],
)
def test_what_the_portal_would_drop_silently_is_an_error(portal: Bitrix24, name: str, value: str, words: str) -> None:
    with pytest.raises(Failed, match=words) as refused:
        save(portal, fields=[{"name": name, "value": value}])
    assert not refused.value.retry
    assert portal.store.records["lead"] == {}


def test_an_address_that_is_none_does_not_lose_the_lead(portal: Bitrix24) -> None:
    output = save(portal, email="anna@, +7999, anna@example.com")
    assert output["left_out"] == ["anna@", "+7999"]
    assert [way["VALUE"] for way in lead(portal, output["id"])["EMAIL"]] == ["anna@example.com"]


@pytest.mark.parametrize(
    ("config", "words"),
    [({"assigned": "Мария"}, "«Ответственный» — число"), ({"amount": "даром"}, "Сумма")],
)
def test_what_is_no_number_is_said_before_anything_is_sent(
    portal: Bitrix24, config: dict[str, str], words: str
) -> None:
    with pytest.raises(Failed, match=words):
        save(portal, **config)
    assert portal.target.requests == []


def test_a_refusal_of_the_portal_is_told(portal: Bitrix24) -> None:
    with pytest.raises(Failed, match="Currency"):
        save(portal, currency="DOGE")


def test_after_a_limit_in_the_middle_the_next_attempt_goes_on(portal: Bitrix24) -> None:
    portal.troubles = [(200, b'{"result": {"result": [], "result_error": []}}', {}), fake.LIMIT]
    with pytest.raises(Failed) as refused:
        save(portal, client="use", key="0198-step")
    assert refused.value.retry
    save(portal, client="use", key="0198-step")
    assert (len(portal.store.records["contact"]), len(portal.store.records["lead"])) == (1, 1)


def test_a_dry_run_shows_what_would_be_written_and_writes_nothing(portal: Bitrix24) -> None:
    http = Http(dry=True)
    http.hide(opened(portal).hidden)
    with pytest.raises(DryRun):
        SaveLead().execute({"connection": opened(portal), "title": "Заявка", "client": "use"} | CLIENT, http)
    urls = [exchange["request"]["url"].rsplit("/", 1)[1] for exchange in http.exchanges]
    assert urls == ["crm.contact.add.json", "crm.lead.add.json"]
    assert portal.target.requests == []
    assert SECRET not in str(http.exchanges)


def test_the_form_offers_what_the_portal_has(portal: Bitrix24) -> None:
    kind = SaveLead()
    assert offered(portal, kind, "users")["7"].label == "Соколова Мария"
    assert "8" not in offered(portal, kind, "users")
    assert offered(portal, kind, "statuses")["NEW"].label == "Новый"
    assert offered(portal, kind, "sources")["WEB"].label == "Веб-сайт"
    assert offered(portal, kind, "currencies")["RUB"].label == "Рубль"
    fields = offered(portal, kind, "fields")
    assert "DATE_CREATE" not in fields
    assert (fields["UF_CRM_1700000001"].label, fields["UF_CRM_1700000001"].about) == ("Цвет", "одно из: Красный, Синий")
    assert fields["UF_CRM_1700000007"].about == "текст, несколько"


def test_a_form_without_a_portal_is_not_taken() -> None:
    assert set(errors(bind(LeadForm, {}))) == {"connection"}
