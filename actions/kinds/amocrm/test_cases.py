"""How tests/test_kinds.py tries these kinds."""

from typing import Any

from tests.fakes.service import Case


def lead(amo: Any) -> dict[str, str]:
    return {"record": str(amo.account.add("leads", name="Заявка"))}


CASES = {
    "amocrm.lead": Case({"name": "Заявка", "price": "4900"}),
    "amocrm.complex": Case({"name": "Заявка", "contact_name": "Анна", "phone": "+79161234567"}),
    "amocrm.contact": Case({"name": "Анна", "phone": "+79161234567"}),
    "amocrm.company": Case({"name": "ООО «Ромашка»"}),
    "amocrm.task": Case({"text": "Перезвонить"}, arrange=lead),
    "amocrm.note": Case({"text": "Пришла заявка"}, refused={"text": "Заявка", "record": "404404"}, arrange=lead),
    "amocrm.tags": Case({"added": "новый"}, refused={"added": "новый", "record": "404404"}, arrange=lead),
    "amocrm.unsorted": Case({"name": "Заявка", "contact_name": "Анна", "phone": "+79161234567"}),
    "amocrm.method": Case({"path": "account"}, refused={"path": "no/such"}),
}
