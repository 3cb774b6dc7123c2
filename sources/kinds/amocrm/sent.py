"""What amoCRM sends when something happens (amocrm.ru/developers, webhooks-format, read in January 2026).

A form with brackets: `leads[status][0][id]=…`. What is taken out of it here: the event, the first record's own fields,
its custom fields by their names, and its phone and e-mail.
"""

from typing import Any

Fields = dict[str, Any]
RECORDS = ("leads", "contacts", "companies", "customers", "task", "unsorted", "message", "talk", "catalogs")
REACH = {"PHONE": "phone", "EMAIL": "email"}

ACCOUNT = {
    "account[subdomain]": "clinic",
    "account[id]": "28805383",
    "account[_links][self]": "https://clinic.amocrm.ru",
}
LEAD = {
    "leads[add][0][id]": "25399013",
    "leads[add][0][name]": "Заявка с сайта",
    "leads[add][0][status_id]": "32392159",
    "leads[add][0][price]": "20000",
    "leads[add][0][responsible_user_id]": "504141",
    "leads[add][0][last_modified]": "1795509000",
    "leads[add][0][date_create]": "1795509000",
    "leads[add][0][pipeline_id]": "3177727",
    "leads[add][0][account_id]": "28805383",
    "leads[add][0][custom_fields][0][id]": "294471",
    "leads[add][0][custom_fields][0][name]": "Комментарий",
    "leads[add][0][custom_fields][0][values][0][value]": "Перезвоните после обеда",
    "leads[add][0][custom_fields][1][id]": "294473",
    "leads[add][0][custom_fields][1][name]": "Услуги",
    "leads[add][0][custom_fields][1][values][0][value]": "Массаж",
    "leads[add][0][custom_fields][1][values][0][enum]": "867971",
    "leads[add][0][custom_fields][1][values][1][value]": "Консультация",
    "leads[add][0][custom_fields][1][values][1][enum]": "867972",
    "leads[add][0][custom_fields][2][id]": "294474",
    "leads[add][0][custom_fields][2][name]": "Дата визита",
    "leads[add][0][custom_fields][2][values][0]": "1795595400",
    **ACCOUNT,
}
STATUS = {
    "leads[status][0][id]": "25399013",
    "leads[status][0][name]": "Заявка с сайта",
    "leads[status][0][status_id]": "142",
    "leads[status][0][old_status_id]": "32392159",
    "leads[status][0][price]": "20000",
    "leads[status][0][responsible_user_id]": "504141",
    "leads[status][0][last_modified]": "1795512600",
    "leads[status][0][date_create]": "1795509000",
    "leads[status][0][pipeline_id]": "3177727",
    "leads[status][0][account_id]": "28805383",
    **ACCOUNT,
}
CONTACT = {
    "contacts[add][0][id]": "7143599",
    "contacts[add][0][name]": "Анна Петрова",
    "contacts[add][0][responsible_user_id]": "504141",
    "contacts[add][0][date_create]": "1795509000",
    "contacts[add][0][last_modified]": "1795509000",
    "contacts[add][0][account_id]": "28805383",
    "contacts[add][0][custom_fields][0][id]": "66192",
    "contacts[add][0][custom_fields][0][name]": "Телефон",
    "contacts[add][0][custom_fields][0][code]": "PHONE",
    "contacts[add][0][custom_fields][0][values][0][value]": "+79161234567",
    "contacts[add][0][custom_fields][0][values][0][enum]": "193226",
    "contacts[add][0][custom_fields][1][id]": "66194",
    "contacts[add][0][custom_fields][1][name]": "Email",
    "contacts[add][0][custom_fields][1][code]": "EMAIL",
    "contacts[add][0][custom_fields][1][values][0][value]": "anna@example.com",
    "contacts[add][0][custom_fields][1][values][0][enum]": "193240",
    "contacts[add][0][type]": "contact",
    **ACCOUNT,
}


def taken(data: Fields) -> Fields:
    """The fields of a call; what is no event of amoCRM stays as it came."""
    for entity in RECORDS:
        actions = data.get(entity)
        for action, told in actions.items() if isinstance(actions, dict) else ():
            rows = [row for row in listed(told) if isinstance(row, dict)]
            if rows:
                return _event(entity, action, rows) | _account(data)
    return data


def _event(entity: str, action: str, rows: list[Fields]) -> Fields:
    records = [record(row) for row in rows]
    if entity == "contacts" and records[0].get("type") == "company":
        entity = "companies"
    told = {"event": f"{entity}.{action}", "entity": entity, "action": action, **records[0]}
    return told | ({"records": records} if len(records) > 1 else {})


def record(row: Fields) -> Fields:
    """Its own fields; `fields`: the custom ones by name, a list where one has several values."""
    own = {name: value for name, value in row.items() if name not in ("custom_fields", "tags")}
    custom: Fields = {}
    for field in listed(row.get("custom_fields")):
        if not isinstance(field, dict):
            continue
        values = [value(one) for one in listed(field.get("values"))]
        if not values:
            continue
        custom[str(field.get("name") or field.get("id") or "")] = values[0] if len(values) == 1 else values
        reach = REACH.get(str(field.get("code") or ""))
        if reach:
            own.setdefault(reach, values[0])
    tags = [tag.get("name") for tag in listed(row.get("tags")) if isinstance(tag, dict)]
    return own | ({"fields": custom} if custom else {}) | ({"tags": tags} if tags else {})


def value(one: Any) -> Any:
    """`values[0]=…` and `values[0][value]=…` are both sent."""
    return one.get("value", one) if isinstance(one, dict) else one


def listed(told: Any) -> list[Any]:
    """A list; an object is one whose numbers have gaps."""
    if isinstance(told, list):
        return told
    if isinstance(told, dict):
        return list(told.values()) if all(str(name).isdigit() for name in told) else [told]
    return [] if told in (None, "") else [told]


def _account(data: Fields) -> Fields:
    found = data.get("account")
    if not isinstance(found, dict):
        return {}
    return {"account": {name: found[name] for name in ("id", "subdomain") if found.get(name)}}
