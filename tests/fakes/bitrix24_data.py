"""What a portal of tests.fakes.bitrix24 holds, and what its methods do with it."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
MULTI = ("PHONE", "EMAIL", "WEB", "IM")
PAGE = 50
CONTRACTS = 1268  # entityTypeId of a smart process
SYSTEM = {1: "lead", 2: "deal", 3: "contact", 4: "company"}
SCOPES = (
    (r"profile|scope|app\.info|methods|batch|server\.time", ""),
    (r"crm\..+", "crm"),
    (r"tasks?\..+", "task"),
    (r"im\..+", "im"),
    (r"user\..+", "user"),
)


class Refused(Exception):
    """An error as the portal tells it; more: what else stands in the answer."""

    def __init__(self, status: int, code: str, description: str, **more: Any) -> None:
        super().__init__(description)
        self.status, self.code, self.description, self.more = status, code, description, more


def scope_of(method: str) -> str:
    for pattern, scope in SCOPES:
        if re.fullmatch(pattern, method):
            return scope
    raise Refused(400, "ERROR_METHOD_NOT_FOUND", "Method not found!")


def _field(kind: str, title: str, **more: Any) -> Record:
    told = {"type": kind, "isRequired": False, "isReadOnly": False, "isImmutable": False, "isMultiple": False}
    return told | {"isDynamic": False, "title": title} | more


def _own(kind: str, title: str, code: str, **more: Any) -> Record:
    labels = {"listLabel": title, "formLabel": title, "filterLabel": title}
    return _field(kind, code, isDynamic=True) | labels | more


COLOURS = [{"ID": "44", "VALUE": "Красный"}, {"ID": "45", "VALUE": "Синий"}]
OWN = {
    "UF_CRM_1700000001": _own("enumeration", "Цвет", "UF_CRM_1700000001", items=COLOURS),
    "UF_CRM_1700000002": _own("enumeration", "Цвета", "UF_CRM_1700000002", items=COLOURS, isMultiple=True),
    "UF_CRM_1700000003": _own("date", "Дата приёма", "UF_CRM_1700000003"),
    "UF_CRM_1700000004": _own("datetime", "Начало приёма", "UF_CRM_1700000004"),
    "UF_CRM_1700000005": _own("boolean", "Первый визит", "UF_CRM_1700000005"),
    "UF_CRM_1700000006": _own("money", "Скидка", "UF_CRM_1700000006"),
    "UF_CRM_1700000007": _own("string", "Услуги", "UF_CRM_1700000007", isMultiple=True),
    "UF_CRM_1700000008": _own("double", "Оценка", "UF_CRM_1700000008"),
    "UF_CRM_1700000009": _own("integer", "Номер визита", "UF_CRM_1700000009"),
}
PERSON = {
    "NAME": _field("string", "Имя"),
    "SECOND_NAME": _field("string", "Отчество"),
    "LAST_NAME": _field("string", "Фамилия"),
    "BIRTHDATE": _field("date", "Дата рождения"),
    "POST": _field("string", "Должность"),
}
WAYS = {name: _field("crm_multifield", name, isMultiple=True) for name in MULTI}
ANY = {
    "ID": _field("integer", "ID", isReadOnly=True),
    "DATE_CREATE": _field("datetime", "Дата создания", isReadOnly=True),
    "ASSIGNED_BY_ID": _field("user", "Ответственный"),
    "SOURCE_ID": _field("crm_status", "Источник", statusType="SOURCE"),
    "SOURCE_DESCRIPTION": _field("string", "Дополнительно об источнике"),
    "COMMENTS": _field("string", "Комментарий"),
    "OPENED": _field("char", "Доступен для всех"),
    "ORIGINATOR_ID": _field("string", "Внешний источник"),
    "ORIGIN_ID": _field("string", "Идентификатор элемента во внешнем источнике"),
} | {f"UTM_{name}": _field("string", name) for name in ("SOURCE", "MEDIUM", "CAMPAIGN", "CONTENT", "TERM")}
SUM = {
    "TITLE": _field("string", "Название"),
    "OPPORTUNITY": _field("double", "Сумма"),
    "CURRENCY_ID": _field("crm_currency", "Валюта"),
    "COMPANY_ID": _field("crm_company", "Компания"),
    "CONTACT_ID": _field("crm_contact", "Контакт", isDeprecated=True),
    "CONTACT_IDS": _field("crm_contact", "Контакты", isMultiple=True),
}
FIELDS: dict[str, dict[str, Record]] = {
    "lead": ANY | PERSON | WAYS | SUM | OWN | {
        "STATUS_ID": _field("crm_status", "Стадия", statusType="STATUS"),
        "STATUS_SEMANTIC_ID": _field("string", "Состояние статуса", isReadOnly=True),
        "COMPANY_TITLE": _field("string", "Название компании"),
    },
    "deal": ANY | SUM | OWN | {
        "CATEGORY_ID": _field("crm_category", "Воронка", isImmutable=True),
        "STAGE_ID": _field("crm_status", "Стадия сделки", statusType="DEAL_STAGE"),
        "CLOSED": _field("char", "Закрыта"),
        "TYPE_ID": _field("crm_status", "Тип", statusType="DEAL_TYPE"),
    },
    "contact": ANY | PERSON | WAYS | OWN | {
        "TYPE_ID": _field("crm_status", "Тип контакта", statusType="CONTACT_TYPE"),
        "COMPANY_ID": _field("crm_company", "Компания"),
    },
    "company": ANY | WAYS | OWN | {
        "TITLE": _field("string", "Название компании"),
        "COMPANY_TYPE": _field("crm_status", "Тип компании", statusType="COMPANY_TYPE"),
    },
}  # fmt: skip
CONTRACT = {
    "id": _field("integer", "ID", isReadOnly=True, upperName="ID"),
    "title": _field("string", "Название", upperName="TITLE"),
    "stageId": _field("crm_status", "Стадия", statusType="DYNAMIC_1268_STAGE_52", upperName="STAGE_ID"),
    "categoryId": _field("crm_category", "Воронка", upperName="CATEGORY_ID"),
    "assignedById": _field("user", "Ответственный", upperName="ASSIGNED_BY_ID"),
    "xmlId": _field("string", "Внешний код", upperName="XML_ID"),
    "contactIds": _field("crm_contact", "Контакты", isMultiple=True, upperName="CONTACT_IDS"),
    "ufCrm9Number": _own("string", "Номер договора", "UF_CRM_9_NUMBER", upperName="UF_CRM_9_NUMBER"),
    "ufCrm9Colour": _own("enumeration", "Цвет", "UF_CRM_9_COLOUR", upperName="UF_CRM_9_COLOUR", items=COLOURS),
}
STATUSES = {
    "STATUS": {"NEW": "Новый", "IN_PROCESS": "В работе", "PROCESSED": "Обработан", "JUNK": "Некачественный",
               "CONVERTED": "Качественный"},
    "SOURCE": {"CALL": "Звонок", "WEB": "Веб-сайт", "ADVERTISING": "Реклама", "OTHER": "Другое"},
    "DEAL_STAGE": {"NEW": "Новая", "PREPARATION": "Подготовка", "EXECUTING": "В работе", "WON": "Успешна",
                   "LOSE": "Провалена"},
    "DEAL_STAGE_9": {"C9:NEW": "Запись", "C9:VISIT": "Визит", "C9:WON": "Оплачен"},
    "DYNAMIC_1268_STAGE_52": {"DT1268_52:NEW": "Черновик", "DT1268_52:SUCCESS": "Подписан"},
    "CONTACT_TYPE": {"CLIENT": "Клиенты", "OTHER": "Другое"},
    "COMPANY_TYPE": {"CUSTOMER": "Клиент", "OTHER": "Другое"},
    "DEAL_TYPE": {"SALE": "Продажа", "SERVICES": "Услуги"},
}  # fmt: skip
SEMANTICS = {"CONVERTED": "S", "WON": "S", "JUNK": "F", "LOSE": "F"}
USERS = [
    {"ID": "1", "ACTIVE": True, "NAME": "Иван", "LAST_NAME": "Петров", "EMAIL": "ivan@example.org"},
    {"ID": "7", "ACTIVE": True, "NAME": "Мария", "LAST_NAME": "Соколова", "EMAIL": "maria@example.org"},
    {"ID": "8", "ACTIVE": False, "NAME": "Пётр", "LAST_NAME": "Уволен", "EMAIL": "petr@example.org"},
]


@dataclass
class Store:
    """records: leads, deals and so on by their kind and id, as they are read."""

    records: dict[str, dict[int, Record]] = field(default_factory=lambda: defaultdict(dict))
    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 100))

    def call(self, method: str, asked: Record) -> Record:
        kind = re.fullmatch(r"crm\.(lead|deal|contact|company)\.(add|update|get|list|fields)", method)
        if kind:
            told: Record = getattr(self, f"_{kind[2]}")(kind[1], asked)
            return told
        found: Callable[[Record], Record] | None = getattr(self, f"_{method.replace('.', '_')}", None)
        if found is None:
            raise Refused(400, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        return found(asked)

    def number(self, kind: str) -> int:
        self.numbers[kind] += 1
        return self.numbers[kind]

    def put(self, kind: str, **values: Any) -> int:
        """A record that is there already."""
        id: int = self._add(kind, {"fields": values})["result"]
        return id

    # The four old kinds

    def _add(self, kind: str, asked: Record) -> Record:
        fields = _fields(asked)
        id = self.number(kind)
        usual = {"lead": {"STATUS_ID": "NEW"}, "deal": {"STAGE_ID": "NEW", "CATEGORY_ID": "0", "CLOSED": "N"}}
        record: Record = {"ID": str(id)} | usual.get(kind, {})
        self._take(kind, record, fields)
        self.records[kind][id] = record
        return {"result": id}

    def _update(self, kind: str, asked: Record) -> Record:
        record = self._one(kind, asked)
        self._take(kind, record, _fields(asked))
        return {"result": True}

    def _get(self, kind: str, asked: Record) -> Record:
        return {"result": self._one(kind, asked)}

    def _list(self, kind: str, asked: Record) -> Record:
        found = [one for one in self.records[kind].values() if _fits(kind, one, asked.get("filter") or {})]
        for name, way in (asked.get("order") or {"ID": "ASC"}).items():
            found.sort(key=lambda one: _order(one.get(name)), reverse=str(way).upper() == "DESC")
        select = asked.get("select") or []
        return _page([_selected(one, select) for one in found], asked)

    def _fields(self, kind: str, asked: Record) -> Record:
        return {"result": FIELDS[kind]}

    def _one(self, kind: str, asked: Record) -> Record:
        id = asked.get("id", asked.get("ID"))
        if not str(id or "").isdigit():
            raise Refused(400, "", "ID is not defined or invalid.")
        record = self.records[kind].get(int(str(id)))
        if record is None:
            raise Refused(400, "", "Not found")
        return record

    def _take(self, kind: str, record: Record, fields: Record) -> None:
        """Names that are not known are left out without a word, as the portal does."""
        for name, value in fields.items():
            known = FIELDS[kind].get(name)
            if known is None or known["isReadOnly"]:
                continue
            if known["type"] == "crm_multifield":
                self._take_ways(record, name, value)
            elif known["type"] == "enumeration":
                record[name] = _enumerated(known, value)
            else:
                record[name] = value if isinstance(value, list | dict) else "" if value is None else str(value)
        if str(record.get("CURRENCY_ID", "RUB")) not in ("", "RUB", "USD", "EUR"):
            raise Refused(400, "", 'Invalid value for the "Currency" field')

    def _take_ways(self, record: Record, name: str, values: Any) -> None:
        if not isinstance(values, list):
            raise Refused(400, "", f"Parameter '{name}' must be array.")
        there: list[Record] = record.setdefault(name, [])
        for one in values:
            value, id = str(one.get("VALUE", "")), str(one.get("ID", ""))
            if name == "EMAIL" and value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
                raise Refused(400, "ERROR_CORE", f"Некорректный e-mail: {value}<br>")
            known = next((way for way in there if way["ID"] == id), None) if id else None
            if known and (one.get("DELETE") == "Y" or not value):
                there.remove(known)
            elif known:
                known["VALUE"] = value
            elif value:
                told = {"ID": str(self.number("way")), "VALUE_TYPE": one.get("VALUE_TYPE", "WORK"), "VALUE": value}
                there.append(told | {"TYPE_ID": name})

    # Other methods of the CRM

    def _crm_duplicate_findbycomm(self, asked: Record) -> Record:
        if asked.get("type") not in ("PHONE", "EMAIL"):
            raise Refused(400, "Communication type is not defined", "Parameter 'type' is required.")
        values = asked.get("values")
        if not values or not isinstance(values, list):
            raise Refused(400, "Communication values is not defined", "Parameter 'values' is required.")
        wanted = {str(value).lower() for value in values[:20]}
        kinds = [asked["entity_type"]] if asked.get("entity_type") else ["LEAD", "CONTACT", "COMPANY"]
        found = {kind: self._having(kind.lower(), asked["type"], wanted) for kind in kinds}
        return {"result": {kind: ids for kind, ids in found.items() if ids} or []}

    def _having(self, kind: str, way: str, values: set[str]) -> list[int]:
        return [
            id
            for id, record in self.records[kind].items()
            if any(one["VALUE"].lower() in values for one in record.get(way, []))
        ][:20]

    def _crm_status_list(self, asked: Record) -> Record:
        wanted = (asked.get("filter") or {}).get("ENTITY_ID")
        told = [
            {"ID": str(number), "ENTITY_ID": entity, "STATUS_ID": id, "NAME": name, "SORT": str(number * 10)}
            for entity, statuses in STATUSES.items()
            if wanted in (None, entity)
            for number, (id, name) in enumerate(statuses.items(), 1)
        ]
        return {"result": told, "total": len(told)}

    def _crm_category_list(self, asked: Record) -> Record:
        by_kind = {2: [(0, "Общая"), (9, "Приёмы")], CONTRACTS: [(52, "Общая")]}
        found = by_kind.get(int(asked.get("entityTypeId") or 0))
        if found is None:
            raise Refused(400, "NOT_FOUND", "Entity type is not found")
        told = [{"id": id, "name": name, "sort": 100, "isDefault": "N"} for id, name in found]
        return {"result": {"categories": told}, "total": len(told)}

    def _crm_currency_list(self, asked: Record) -> Record:
        told = [{"CURRENCY": "RUB", "FULL_NAME": "Рубль", "BASE": "Y"}, {"CURRENCY": "USD", "FULL_NAME": "Доллар США"}]
        return {"result": told, "total": len(told)}

    def _crm_type_list(self, asked: Record) -> Record:
        return {"result": {"types": [{"id": 5, "entityTypeId": CONTRACTS, "title": "Договоры"}]}, "total": 1}

    def _crm_item_fields(self, asked: Record) -> Record:
        _contracts(asked)
        return {"result": {"fields": CONTRACT}}

    def _crm_item_add(self, asked: Record) -> Record:
        kind, fields = _contracts(asked), _fields(asked)
        id = self.number(kind)
        self.records[kind][id] = {"id": id, "stageId": "DT1268_52:NEW", "categoryId": 52} | _known(fields)
        return {"result": {"item": self.records[kind][id]}}

    def _crm_item_update(self, asked: Record) -> Record:
        kind = _contracts(asked)
        record = self._item(kind, asked)
        record |= _known(_fields(asked))
        return {"result": {"item": record}}

    def _crm_item_get(self, asked: Record) -> Record:
        return {"result": {"item": self._item(_contracts(asked), asked)}}

    def _crm_item_list(self, asked: Record) -> Record:
        wanted = asked.get("filter") or {}
        for name in wanted:
            if name.lstrip("<>=!@%") not in CONTRACT:
                raise Refused(400, "INVALID_ARG_VALUE", f"Invalid filter: field '{name}' is not allowed in filter")
        kind = _contracts(asked)
        found = [
            one
            for one in self.records[kind].values()
            if all(str(one.get(name.lstrip("="))) == str(value) for name, value in wanted.items())
        ]
        if "DESC" in str(asked.get("order")):
            found.reverse()
        told = _page(found, asked)
        return told | {"result": {"items": told["result"]}}

    def _item(self, kind: str, asked: Record) -> Record:
        record = self.records[kind].get(int(asked.get("id") or 0))
        if record is None:
            raise Refused(400, "NOT_FOUND", "Элемент не найден")
        return record

    def _crm_timeline_comment_add(self, asked: Record) -> Record:
        fields = _fields(asked)
        kind, id = str(fields.get("ENTITY_TYPE") or ""), str(fields.get("ENTITY_ID") or "")
        if not fields.get("COMMENT"):
            raise Refused(400, "", "Empty comment message")
        if kind.startswith("dynamic_"):
            kind = kind.removeprefix("dynamic_")
        if not id.isdigit() or int(id) not in self.records[kind]:
            raise Refused(400, "", "Access denied.")
        number = self.number("comment")
        self.records["comment"][number] = fields
        return {"result": number}

    # Tasks, notifications, people

    def _tasks_task_add(self, asked: Record) -> Record:
        if not isinstance(asked.get("fields"), dict):
            raise Refused(400, "100", "Could not find value for parameter {fields} (internal error)")
        fields = asked["fields"]
        if not str(fields.get("TITLE") or "").strip():
            raise Refused(400, "ERROR_CORE", "Task title is not specified<br>")
        if str(fields.get("RESPONSIBLE_ID")) not in [user["ID"] for user in USERS]:
            raise Refused(400, "ERROR_CORE", "Responsible person not specified<br>")
        id = self.number("task")
        self.records["task"][id] = fields
        told = {"id": str(id), "title": fields["TITLE"], "status": "2", "deadline": fields.get("DEADLINE")}
        told |= {"responsibleId": str(fields["RESPONSIBLE_ID"]), "ufCrmTask": fields.get("UF_CRM_TASK", False)}
        return {"result": {"task": told}}

    def _tasks_task_get(self, asked: Record) -> Record:
        record = self.records["task"].get(int(asked.get("taskId") or 0))
        if record is None:
            raise Refused(400, "1048582", "TASKS_ERROR_EXCEPTION_#8; Action failed; not found or not accessible")
        return {"result": {"task": {name.lower(): value for name, value in record.items()}}}

    def _im_notify(self, asked: Record) -> Record:
        if not str(asked.get("USER_ID") or "").isdigit():
            raise Refused(400, "USER_ID_EMPTY", "User ID can't be empty")
        if not str(asked.get("MESSAGE") or "").strip():
            raise Refused(400, "MESSAGE_EMPTY", "Message can't be empty")
        if str(asked["USER_ID"]) not in [user["ID"] for user in USERS]:
            return {"result": False}
        same = [id for id, one in self.records["notice"].items() if asked.get("TAG") and one.get("TAG") == asked["TAG"]]
        for id in same:
            del self.records["notice"][id]
        number = self.number("notice")
        self.records["notice"][number] = asked
        return {"result": number}

    def _user_get(self, asked: Record) -> Record:
        wanted = {**asked.get("FILTER", {}), **asked.get("filter", {})}
        active = str(wanted.get("ACTIVE", "")).lower() in ("true", "1", "y")
        return _page([user for user in USERS if user["ACTIVE"] or not active], asked)

    def _profile(self, asked: Record) -> Record:
        return {"result": {"ID": "1", "ADMIN": True, "NAME": "Иван", "LAST_NAME": "Петров", "PERSONAL_GENDER": ""}}

    def _methods(self, asked: Record) -> Record:
        return {"result": ["batch", "crm.deal.add", "crm.lead.add", "profile", "scope"]}

    def _app_info(self, asked: Record) -> Record:
        return {"result": {"ID": None, "CODE": None, "VERSION": None, "STATUS": "L", "LICENSE": "ru_project"}}

    def _server_time(self, asked: Record) -> Record:
        return {"result": "2026-11-24T18:35:32+03:00"}


def _fields(asked: Record) -> Record:
    fields = asked.get("fields")
    if not isinstance(fields, dict):
        raise Refused(400, "", "Parameter 'fields' must be array.")
    return fields


def _contracts(asked: Record) -> str:
    if str(asked.get("entityTypeId")) != str(CONTRACTS):
        raise Refused(400, "NOT_FOUND", "Смарт-процесс не найден")
    return str(CONTRACTS)


def _known(fields: Record) -> Record:
    return {
        name: _enumerated(CONTRACT[name], value) if CONTRACT[name]["type"] == "enumeration" else value
        for name, value in fields.items()
        if name in CONTRACT and not CONTRACT[name]["isReadOnly"]
    }


def _enumerated(known: Record, value: Any) -> Any:
    """A value that is no id of the list is lost without a word."""
    ids = [item["ID"] for item in known["items"]]
    if known["isMultiple"]:
        return [int(one) for one in (value if isinstance(value, list) else [value]) if str(one) in ids]
    return str(value) if str(value) in ids else ""


def _fits(kind: str, record: Record, wanted: Record) -> bool:
    return all(_agrees(record, name, value) for name, value in wanted.items())


def _agrees(record: Record, name: str, value: Any) -> bool:
    sign, plain = re.fullmatch(r"([<>=!@%]*)(.*)", name).groups()  # type: ignore[union-attr]
    held = record.get(plain)
    if plain == "STATUS_SEMANTIC_ID":
        held = SEMANTICS.get(str(record.get("STATUS_ID")), "P")
    if plain == "CLOSED":
        held = "Y" if str(record.get("STAGE_ID")).split(":")[-1] in SEMANTICS else "N"
    if plain == "CONTACT_ID" and held is None:
        held = record.get("CONTACT_IDS")
    each = [str(one.get("VALUE") if isinstance(one, dict) else one) for one in held] if isinstance(held, list) else []
    values = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    equal = any(one in values for one in each or ["" if held is None else str(held)])
    if sign.startswith("!"):
        return not equal
    if sign in (">", "<"):
        return int(str(held)) > int(values[0]) if sign == ">" else int(str(held)) < int(values[0])
    return equal


def _order(value: Any) -> Any:
    return (0, int(value), "") if str(value).isdigit() else (1, 0, str(value))


def _selected(record: Record, select: list[str]) -> Record:
    if not select or "*" in select:
        return {name: value for name, value in record.items() if name not in MULTI or name in select}
    return {name: record.get(name) for name in select if name in record}


def _page(found: list[Record], asked: Record) -> Record:
    start = int(asked.get("start") or 0)
    told: Record = {"result": found[max(start, 0) : max(start, 0) + PAGE], "total": len(found)}
    if start < 0:
        return {"result": told["result"]}
    return told | ({"next": start + PAGE} if start + PAGE < len(found) else {})
