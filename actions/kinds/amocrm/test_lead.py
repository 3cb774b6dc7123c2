"""«amoCRM: сделка»: what is sent, custom fields by their types, the open lead of a contact, what refusals become."""

from collections.abc import Iterator
from typing import Any

import pytest

from actions.kinds.amocrm.lead import LeadForm, SaveLead
from tests.fakes.amocrm import LONG_LIVED, Amocrm, on_this_machine, perform
from tests.fakes.amocrm_account import BORIS, LOST, NEW, SECOND, TALKS, WON
from tests.fakes.amocrm_refused import BROKEN, FORBIDDEN, PAGE, UNPAID, Refused
from webjack.config import bind, errors
from webjack.http import DryRun, Failed, Http


@pytest.fixture
def amo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amocrm]:
    with on_this_machine(settings, monkeypatch) as service:
        yield service


def save(**config: Any) -> dict[str, Any]:
    return perform(SaveLead(), **{"name": "Заявка от Анны"} | config)


def rows(**values: Any) -> list[dict[str, Any]]:
    return [{"name": name[1:].replace("_", ":", 1), "value": value} for name, value in values.items()]


def values(amo: Amocrm) -> dict[str, list[Any]]:
    """The custom fields of the newest lead, by name."""
    kept = amo.account.leads[-1]["custom_fields_values"] or []
    return {one["field_name"]: [value["value"] for value in one["values"]] for one in kept}


def test_a_lead_is_added_where_and_to_whom_it_belongs(amo: Amocrm) -> None:
    contact = amo.account.add("contacts", name="Анна")
    output = save(
        price="12 500,6", pipeline=str(SECOND), status="42392162", responsible=BORIS, tags="сайт; vip", contact=contact
    )
    [lead] = amo.account.leads
    link = f"https://clinic.amocrm.ru/leads/detail/{lead['id']}"
    assert output == {"id": lead["id"], "link": link, "created": True}
    assert (lead["name"], lead["price"]) == ("Заявка от Анны", 12501)
    assert (lead["pipeline_id"], lead["status_id"], lead["responsible_user_id"]) == (SECOND, 42392162, BORIS)
    assert [tag["name"] for tag in lead["_embedded"]["tags"]] == ["сайт", "vip"]
    assert lead["_embedded"]["contacts"] == [{"id": contact}]


def test_what_is_empty_is_not_sent(amo: Amocrm) -> None:
    save(fields_of_lead=rows(f294471_textarea="", f294472_select=None))
    sent = amo.target.requests[-1].body.decode()
    assert "custom_fields_values" not in sent
    assert "price" not in sent
    assert amo.account.leads[0]["status_id"] == NEW


def test_custom_fields_are_converted_by_their_types(amo: Amocrm) -> None:
    told = {
        "294471:textarea": 17,
        "294472:select": "Звонок",
        "294473:multiselect": "Массаж, Консультация",
        "294474:date_time": "24.11.2026 14:30",
        "294475:checkbox": "да",
        "294476:numeric": "1 200,50",
        "294477:birthday": "1990-05-01",
        "UTM_SOURCE": "yandex",
        "Сайт": "https://clinic.example",
        "294480": 1795000000,
    }
    save(fields_of_lead=[{"name": name, "value": value} for name, value in told.items()], zone="Asia/Omsk")
    assert values(amo) == {
        "Комментарий": ["17"],
        "Источник": ["Звонок"],
        "Услуги": ["Массаж", "Консультация"],
        "Дата визита": ["2026-11-24T14:30:00+06:00"],
        "Первичный": [True],
        "Скидка": ["1200.5"],
        "День рождения": ["1990-05-01T00:00:00+07:00"],
        "utm_source": ["yandex"],
        "Сайт": ["https://clinic.example"],
        "Дата договора": ["2026-11-18T17:06:40+06:00"],
    }


def test_a_field_with_its_type_costs_no_request_and_a_value_of_digits_may_be_an_id(amo: Amocrm) -> None:
    save(fields_of_lead=[{"name": "294472:select", "value": "Сайт"}])
    assert amo.calls == [("POST", "/leads")]
    save(fields_of_lead=[{"name": "294472:select", "value": "867969"}])
    assert values(amo) == {"Источник": ["Звонок"]}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"name": "999", "value": "x"}, "нет дополнительного поля «999»"),
        ({"name": "294474:date_time", "value": "скоро"}, "не дата"),
        ({"name": "294475:checkbox", "value": "может быть"}, "ни «да», ни «нет»"),
        ({"name": "294476:numeric", "value": "много"}, "не число"),
        ({"name": "294472:select", "value": "Нет такого"}, r"Дополнительное поле «294472».*выберите из списка"),
    ],
)
def test_a_wrong_value_is_told_by_the_fields_name(amo: Amocrm, row: Any, words: str) -> None:
    with pytest.raises(Failed, match=words) as refused:
        save(fields_of_lead=[row])
    assert not refused.value.retry
    assert amo.account.leads == []


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"status": "1"}, r"Этап \(status_id\): такого значения"),
        ({"pipeline": "1"}, r"Воронка \(pipeline_id\)"),
        ({"responsible": "1"}, "Ответственный"),
        ({"status": "Переговоры"}, "«Этап» — число"),
        ({"price": "дорого"}, "Бюджет"),
    ],
)
def test_a_wrong_choice_is_told_by_the_forms_words(amo: Amocrm, config: Any, words: str) -> None:
    with pytest.raises(Failed, match=words):
        save(**config)


@pytest.mark.parametrize("filters", [True, False])
def test_the_open_lead_of_a_contact_is_added_to_with_and_without_the_paid_filter(amo: Amocrm, filters: bool) -> None:
    account = amo.account
    account.filters = filters
    contact = account.add("contacts", name="Анна")
    leads = [account.add("leads", name=f"Сделка {status}", status_id=status) for status in (LOST, TALKS, WON)]
    for lead in leads:
        account.link("contacts", contact, "leads", lead)
    account.add("leads", name="Чужая", status_id=TALKS)
    output = save(existing="contact", contact=str(contact), price=700, tags="ещё раз", status=str(NEW))
    assert (output["id"], output["created"]) == (leads[1], False)
    row = account.rows["leads"][leads[1]]
    assert (row["name"], row["status_id"], row["price"]) == (f"Сделка {TALKS}", TALKS, 700)
    assert [tag["name"] for tag in row["_embedded"]["tags"]] == ["ещё раз"]
    output = save(existing="contact", contact=str(contact), pipeline=str(SECOND))
    assert output["created"]


def test_a_lead_that_was_deleted_meanwhile_is_passed_over(amo: Amocrm) -> None:
    account = amo.account
    contact = account.add("contacts", name="Анна")
    older, newer = account.add("leads", name="Первая", status_id=TALKS), account.add("leads", status_id=TALKS)
    for lead in (older, newer):
        account.link("contacts", contact, "leads", lead)
    del account.rows["leads"][newer]
    answer, asked = amo.target.answer, f"/leads/{newer}"
    amo.target.answer = lambda request: (404, b"{}") if request.path.endswith(asked) else answer(request)
    assert save(existing="contact", contact=str(contact))["id"] == older


def test_an_account_that_is_not_there_any_more_is_no_missing_record(amo: Amocrm) -> None:
    contact = amo.account.add("contacts", name="Анна")
    amo.troubles.append((404, b'{"error_code": 101}', {"Content-Type": "application/json"}))
    with pytest.raises(Failed, match="не знает аккаунта"):
        save(existing="contact", contact=str(contact))
    assert amo.account.leads == []


def test_a_lead_is_changed_by_its_number(amo: Amocrm) -> None:
    lead, contact = amo.account.add("leads", name="Старое имя", price=5), amo.account.add("contacts", name="Анна")
    output = save(existing="id", lead=lead, name="", status=str(WON), contact=contact)
    assert (output["id"], output["created"]) == (lead, False)
    row = amo.account.rows["leads"][lead]
    assert (row["name"], row["status_id"], row["price"]) == ("Старое имя", WON, 5)
    assert row["_embedded"]["contacts"] == [{"id": contact}]
    with pytest.raises(Failed, match="нет такой карточки"):
        save(existing="id", lead="404404")


@pytest.mark.parametrize(
    ("trouble", "retry", "after", "denied"),
    [
        (Refused(429, "Too Many Requests", retry_after=300), True, 300.0, False),
        ((429, b"<html>slow down</html>", {"Retry-After": "7"}), True, 7.0, False),
        (BROKEN, True, None, False),
        (PAGE, True, None, False),
        (UNPAID, False, None, True),
        (FORBIDDEN, False, None, True),
        (Refused(422, "Unprocessable Entity", "Limit 250 per page"), False, None, False),
    ],
)
def test_only_what_passes_is_repeated(
    amo: Amocrm, trouble: Any, retry: bool, after: float | None, denied: bool
) -> None:
    amo.troubles.append(trouble)
    with pytest.raises(Failed) as refused:
        save()
    assert (refused.value.retry, refused.value.after, refused.value.denied) == (retry, after, denied)
    assert amo.account.leads == []


def test_a_page_in_place_of_an_answer_is_told(amo: Amocrm) -> None:
    amo.troubles.append((200, b"<html>login</html>", {"Content-Type": "text/html"}))
    with pytest.raises(Failed, match="JSON"):
        save()


def test_the_token_shows_nowhere_and_a_dry_run_sends_nothing(amo: Amocrm) -> None:
    http = Http()
    save(http=http, name=f"Токен {LONG_LIVED}")
    assert http.exchanges
    assert LONG_LIVED not in str(http.exchanges)
    dry = Http(dry=True)
    with pytest.raises(DryRun):
        save(http=dry)
    assert len(amo.account.leads) == 1
    assert LONG_LIVED not in str(dry.exchanges)


def test_a_refused_token_needs_attention(amo: Amocrm) -> None:
    with pytest.raises(Failed, match="истёк или отозван") as refused:
        save(token="eyJ0eXAi.another.one")
    assert refused.value.denied


def test_the_form_needs_an_account_and_a_name() -> None:
    assert {"connection", "name"} == set(errors(bind(LeadForm, {"name": ""})))
