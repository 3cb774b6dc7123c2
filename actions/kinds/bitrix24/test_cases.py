"""How tests/test_kinds.py tries these kinds."""

import json

from tests.fakes.service import Case

COMMANDS = {"lead": {"method": "crm.lead.add", "params": {"fields": {"TITLE": "Заявка"}}}}
CASES = {
    "bitrix24.lead": Case({"title": "Заявка", "name": "Анна", "phone": "+79161234567"}),
    "bitrix24.deal": Case({"title": "Приём", "name": "Анна", "phone": "+79161234567"}),
    "bitrix24.contact": Case({"name": "Анна", "phone": "+79161234567"}),
    "bitrix24.company": Case({"title": "ООО «Ромашка»"}),
    "bitrix24.item": Case({"type": "1268", "title": "Договор"}, refused={"type": "404", "title": "Договор"}),
    "bitrix24.task": Case(
        {"title": "Позвонить", "responsible": "7"}, refused={"title": "Позвонить", "responsible": "404"}
    ),
    "bitrix24.comment": Case(
        {"record": "deal", "record_id": "101", "comment": "Перезвонить"},
        refused={"record": "deal", "record_id": "404", "comment": "Перезвонить"},
        arrange=lambda portal: portal.store.put("deal", TITLE="Приём"),
    ),
    "bitrix24.notify": Case({"user": "7", "message": "Заявка"}, refused={"user": "404", "message": "Заявка"}),
    "bitrix24.record": Case(
        {"entity": "deal"},
        refused={"entity": "deal", "record_id": "404"},
        arrange=lambda portal: {"record_id": str(portal.store.put("deal", TITLE="Приём"))},
    ),
    "bitrix24.method": Case({"method": "profile"}, refused={"method": "crm.no.such"}),
    "bitrix24.batch": Case({"commands": json.dumps(COMMANDS)}),
}
