"""What an account at the local amoCRM holds: reference data, entities, and which values its API takes.

After reference/apis/amocrm.md, sections 3 to 6.
"""

import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MAIN, SECOND = 3177727, 3177730
NEW, TALKS, WON, LOST = 32392159, 32392162, 142, 143
ANNA, BORIS = 504141, 504142
ENTITIES = ("leads", "contacts", "companies")


def _status(id: int, name: str, sort: int, pipeline: int, kind: int = 0) -> Json:
    return {"id": id, "name": name, "sort": sort, "is_editable": id > 200, "pipeline_id": pipeline, "type": kind}


def _pipeline(id: int, name: str, first: int, main: bool) -> Json:
    statuses = [
        _status(first - 3, "Неразобранное", 10, id, 1),
        _status(first, "Первичный контакт", 20, id),
        _status(first + 3, "Переговоры", 30, id),
        _status(WON, "Успешно реализовано", 10000, id),
        _status(LOST, "Закрыто и не реализовано", 11000, id),
    ]
    told = {"id": id, "name": name, "sort": 1, "is_main": main, "is_unsorted_on": True, "is_archive": False}
    return told | {"_embedded": {"statuses": statuses}}


def _custom(id: int, name: str, kind: str, code: str | None = None, enums: dict[int, str] | None = None) -> Json:
    listed = [{"id": key, "value": value, "sort": 500, "code": value} for key, value in (enums or {}).items()]
    return {"id": id, "name": name, "code": code, "type": kind, "sort": 500, "enums": listed or None}


PHONES = dict(enumerate(("WORK", "WORKDD", "MOB", "FAX", "HOME", "OTHER"), 193226))
EMAILS = dict(enumerate(("WORK", "PRIV", "OTHER"), 193240))
PEOPLE = [
    _custom(66192, "Телефон", "multitext", "PHONE", PHONES),
    _custom(66194, "Email", "multitext", "EMAIL", EMAILS),
]
FIELDS: dict[str, list[Json]] = {
    "leads": [
        _custom(294471, "Комментарий", "textarea"),
        _custom(294472, "Источник", "select", enums={867968: "Сайт", 867969: "Звонок"}),
        _custom(294473, "Услуги", "multiselect", enums={867971: "Массаж", 867972: "Консультация"}),
        _custom(294474, "Дата визита", "date_time"),
        _custom(294475, "Первичный", "checkbox"),
        _custom(294476, "Скидка", "numeric"),
        _custom(294477, "День рождения", "birthday"),
        _custom(294478, "Сайт", "url"),
        _custom(294479, "utm_source", "tracking_data", "UTM_SOURCE"),
        _custom(294480, "Дата договора", "date"),
        *(_custom(295000 + number, f"Поле {number}", "text") for number in range(45)),
    ],
    "contacts": [*PEOPLE, _custom(66200, "Должность", "text", "POSITION")],
    "companies": [*PEOPLE, _custom(66210, "Web", "url", "WEB"), _custom(66211, "Адрес", "textarea", "ADDRESS")],
}
USERS = [
    {"id": ANNA, "name": "Анна Менеджер", "email": "anna@clinic.example", "rights": {"is_active": True}},
    {"id": BORIS, "name": "Борис Директор", "email": "boris@clinic.example", "rights": {"is_active": True}},
]
TASK_TYPES = [{"id": 1, "name": "Связаться", "code": "FOLLOW_UP"}, {"id": 2, "name": "Встреча", "code": "MEETING"}]
KNOWN = {
    "name", "first_name", "last_name", "price", "status_id", "pipeline_id", "created_by", "updated_by", "score",
    "loss_reason_id", "closed_at", "created_at", "updated_at", "responsible_user_id", "custom_fields_values",
    "tags_to_add", "is_main", "tags_to_delete", "_embedded", "request_id", "id", "visitor_uid",
}  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)")


@dataclass
class Account:
    """fields: custom ones by entity. rows: leads, contacts and companies by id. filters: the paid package is there.
    rights: of the token's user, by entity; "D" is denied. appends: PATCH adds values of a field and replaces none."""

    subdomain: str = "clinic"
    name: str = "Клиника «Ромашка»"
    id: int = 28805383
    pipelines: list[Json] = field(
        default_factory=lambda: [_pipeline(MAIN, "Воронка", NEW, True), _pipeline(SECOND, "Повторные", 42392159, False)]
    )
    users: list[Json] = field(default_factory=lambda: deepcopy(USERS))
    fields: dict[str, list[Json]] = field(default_factory=lambda: deepcopy(FIELDS))
    rows: dict[str, dict[int, Json]] = field(default_factory=lambda: {name: {} for name in ENTITIES})
    tasks: list[Json] = field(default_factory=list)
    notes: list[Json] = field(default_factory=list)
    unsorted: list[Json] = field(default_factory=list)
    links: list[Json] = field(default_factory=list)
    rights: Json = field(default_factory=dict)
    filters: bool = True
    appends: bool = False
    newest: int = 10_000_000

    @property
    def leads(self) -> list[Json]:
        return list(self.rows["leads"].values())

    @property
    def contacts(self) -> list[Json]:
        return list(self.rows["contacts"].values())

    @property
    def companies(self) -> list[Json]:
        return list(self.rows["companies"].values())

    def number(self) -> int:
        self.newest += 1
        return self.newest

    def add(self, entity: str, **told: Any) -> int:
        """A row as if it had always been there."""
        id = self.number()
        linked: Json = {"tags": [], "contacts": [], "companies": [], "leads": []}
        row = {"id": id, "name": "", "custom_fields_values": None, "account_id": self.id, "_embedded": linked}
        if entity == "leads":
            pipeline = told.get("pipeline_id") or MAIN
            row |= {"price": 0, "pipeline_id": pipeline, "status_id": self.first(pipeline)}
        self.rows[entity][id] = row | {"responsible_user_id": ANNA}
        self.change(entity, id, told)
        return id

    def first(self, pipeline: int) -> int:
        found = next(one for one in self.pipelines if one["id"] == pipeline)
        status: int = found["_embedded"]["statuses"][1]["id"]
        return status

    def change(self, entity: str, id: int, told: Json) -> None:
        row = self.rows[entity][id]
        own = {name: value for name, value in told.items() if name in row and name not in ("id", "_embedded")}
        own |= {name: value for name, value in told.items() if name in ("first_name", "last_name")}
        values = own.pop("custom_fields_values", None)
        row.update(own)
        for one in values or ():
            self._put(entity, row, one)
        tags = row["_embedded"]["tags"]
        gone = [tag.get("name") for tag in told.get("tags_to_delete") or ()]
        tags[:] = [tag for tag in tags if tag["name"] not in gone]
        inside = told.get("_embedded") or {}
        for tag in [*(told.get("tags_to_add") or ()), *(inside.get("tags") or ())]:
            if tag["name"] not in [known["name"] for known in tags]:
                tags.append({"id": self.number(), "name": tag["name"]})
        for name in ("contacts", "companies"):
            for other in inside.get(name) or ():
                self.link(entity, id, name, other["id"])

    def link(self, entity: str, id: int, to: str, other: int) -> None:
        for here, one, there, two in ((entity, id, to, other), (to, other, entity, id)):
            known = self.rows[here][one]["_embedded"].setdefault(there, [])
            if two not in [row["id"] for row in known]:
                known.append({"id": two})

    def custom(self, entity: str, one: Json) -> Json | None:
        for known in self.fields[entity]:
            if known["id"] == one.get("field_id") or (one.get("field_code") and known["code"] == one["field_code"]):
                return known
        return None

    def _put(self, entity: str, row: Json, one: Json) -> None:
        known = self.custom(entity, one)
        assert known is not None
        values = []
        for value in one["values"] or ():
            if known["enums"] and "enum_id" not in value:
                wanted = value.get("enum_code") or value.get("value")
                value = value | {"enum_id": next(e["id"] for e in known["enums"] if wanted in (e["value"], e["code"]))}
            if known["enums"]:
                enum = next(e for e in known["enums"] if e["id"] == value["enum_id"])
                value = {"value": enum["value"]} | value | {"enum_code": enum["code"]}
            values.append(value)
        kept = row["custom_fields_values"] = row["custom_fields_values"] or []
        old = next((entry for entry in kept if entry["field_id"] == known["id"]), None)
        if old is None:
            old = {"field_id": known["id"], "field_name": known["name"], "field_code": known["code"]}
            old |= {"field_type": known["type"], "values": []}
            kept.append(old)
        old["values"] = [*old["values"], *values] if self.appends else values

    def problems(self, entity: str, told: Any) -> list[Json]:
        """What its API would not take in one entity: codes, paths and words."""
        if not isinstance(told, dict):
            return [_problem("InvalidType", "", "This value should be of type object.")]
        found = [_problem("NotExpected", name, "This field was not expected.") for name in told.keys() - KNOWN]
        for name in ("name", "first_name", "last_name"):
            if name in told and not isinstance(told[name], str):
                found.append(_problem("InvalidType", name, "This value should be of type string."))
        for name in ("price", "status_id", "pipeline_id", "responsible_user_id"):
            if name in told and (not isinstance(told[name], int) or isinstance(told[name], bool)):
                found.append(_problem("InvalidType", name, "This value should be of type int."))
                return found
        found += self._unknown(told)
        for number, one in enumerate(told.get("custom_fields_values") or ()):
            found += self._values(entity, number, one)
        return found

    def _unknown(self, told: Json) -> list[Json]:
        pipelines = {pipeline["id"]: pipeline for pipeline in self.pipelines}
        pipeline = told.get("pipeline_id")
        if "pipeline_id" in told and pipeline not in pipelines:
            return [_choice("pipeline_id")]
        chosen = [pipelines[pipeline]] if pipeline else self.pipelines
        known = {status["id"] for one in chosen for status in one["_embedded"]["statuses"] if not status["type"]}
        found = [_choice("status_id")] if "status_id" in told and told["status_id"] not in known else []
        users = {user["id"] for user in self.users} | {0}
        wrong = "responsible_user_id" in told and told["responsible_user_id"] not in users
        return [*found, *([_choice("responsible_user_id")] if wrong else [])]

    def _values(self, entity: str, number: int, one: Json) -> list[Json]:
        place = f"custom_fields_values.{number}"
        known = self.custom(entity, one)
        if known is None:
            return [_choice(f"{place}.field_id")]
        if not isinstance(one.get("values"), list):
            return [_problem("InvalidType", f"{place}.values", "This value should be of type array.")]
        found = []
        for index, value in enumerate(one["values"]):
            words = _wrong(known, value)
            if words:
                found.append(_problem(words[0], f"{place}.values.{index}.{words[1]}", words[2]))
        return found


def _wrong(known: Json, value: Json) -> tuple[str, str, str] | None:
    """Code, key and words of what is wrong with a value of a field."""
    kind, given = known["type"], value.get("value")
    if known["enums"]:
        ids, names = [e["id"] for e in known["enums"]], [e["value"] for e in known["enums"]]
        if "enum_id" in value and value["enum_id"] not in ids:
            return "NotSupportedChoice", "enum_id", "The value you selected is not a valid choice."
        if kind == "multitext":
            named = "enum_id" in value or value.get("enum_code") in names
            return (
                None if named else ("NotSupportedChoice", "enum_code", "The value you selected is not a valid choice.")
            )
        if "enum_id" not in value and given not in names and value.get("enum_code") not in names:
            return "NotSupportedChoice", "value", "The value you selected is not a valid choice."
        return None
    if kind == "checkbox":
        return None if isinstance(given, bool) else ("InvalidType", "value", "This value should be of type bool.")
    if kind in ("date", "date_time", "birthday"):
        good = isinstance(given, int) or (isinstance(given, str) and MOMENT.fullmatch(given))
        return None if good else ("DateTime", "value", "This value is not a valid datetime.")
    if not isinstance(given, str):
        return "InvalidType", "value", "This value should be of type string."
    if kind == "numeric" and not re.fullmatch(r"-?\d+(\.\d+)?", given):
        return "NumericFormat", "value", "This value should be a number."
    return None


def _problem(code: str, path: str, detail: str) -> Json:
    return {"code": code, "path": path, "detail": detail}


def _choice(path: str) -> Json:
    return _problem("NotSupportedChoice", path, "The value you selected is not a valid choice.")
